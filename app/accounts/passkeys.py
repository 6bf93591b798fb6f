"""Passkeys as a second factor: adding one, and logging in with one (W3C Web Authentication)."""

from dataclasses import dataclass
from datetime import datetime
from ipaddress import ip_address
from urllib.parse import urlsplit

import webauthn
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from app.accounts.authentication import TRIES, Locked, Right, Wrong
from app.accounts.two_factor import count_wrong, record
from app.models import Company, Passkey, PasskeyChallenge, Throttle, User
from app.models.audit import Actor
from app.models.passkey import MAX_PASSKEYS

# What the library raises for a forged or damaged response.
UNREADABLE = (WebAuthnException, ValueError, LookupError, TypeError, OverflowError, RecursionError)


@dataclass(frozen=True)
class Site:
    """The site that passkeys belong to: the host name and origin of PORTAL_URL."""

    host: str
    origin: str

    @classmethod
    def of(cls, portal_url: str, origin: str) -> "Site | None":
        """None if the host is an IP address, for which browsers don't create passkeys."""
        host = urlsplit(portal_url).hostname or ""
        try:
            ip_address(host)
        except ValueError:
            return cls(host, origin)
        return None


def begin_adding(user: User, session_id: int, name: str, site: Site, company: Company, now: datetime) -> str:
    """What the browser is asked, as JSON."""
    challenge = PasskeyChallenge.issue(session_id, PasskeyChallenge.ADD, now, name)
    options = webauthn.generate_registration_options(
        rp_id=site.host,
        rp_name=company.name or "Customer Center",
        user_name=user.email,
        user_id=str(user.id).encode(),
        challenge=challenge.encode(),
        exclude_credentials=descriptors(user),
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.PREFERRED,
            user_verification=UserVerificationRequirement.PREFERRED,
        ),
    )
    return webauthn.options_to_json(options)


def add(user: User, session_id: int, credential: str, site: Site, actor: Actor, company: Company) -> Passkey | None:
    """Save the new passkey, with an audit line and an email. None if it doesn't answer this session's challenge on this
    site, or if the person has too many passkeys. Call it in a transaction."""
    challenge = PasskeyChallenge.take(session_id, PasskeyChallenge.ADD, actor.now)
    if challenge is None or len(Passkey.of(user.id)) >= MAX_PASSKEYS:
        return None
    try:
        made = webauthn.verify_registration_response(
            credential=credential,
            expected_challenge=challenge.challenge.encode(),
            expected_rp_id=site.host,
            expected_origin=site.origin,
        )
    except UNREADABLE:
        return None
    credential_id = bytes_to_base64url(made.credential_id)
    if Passkey.is_known(credential_id):
        return None
    passkey = Passkey.add(
        user, credential_id, bytes_to_base64url(made.credential_public_key), made.sign_count, challenge.name, actor.now
    )
    record(user, "passkey_added", actor, company, name=passkey.name)
    return passkey


def begin_login(user: User, session_id: int, site: Site, now: datetime) -> str:
    """What the browser is asked, as JSON."""
    challenge = PasskeyChallenge.issue(session_id, PasskeyChallenge.LOG_IN, now)
    options = webauthn.generate_authentication_options(
        rp_id=site.host, challenge=challenge.encode(), allow_credentials=descriptors(user)
    )
    return webauthn.options_to_json(options)


def check(
    user: User, session_id: int, credential: str, site: Site, actor: Actor, company: Company
) -> Right | Wrong | Locked:
    """Right if one of the user's passkeys answers this session's challenge. Anything else counts as a wrong attempt."""
    throttle, now = f"code:{user.id}", actor.now
    is_locked = Throttle.is_spent({Throttle.account(user.email): TRIES}, now)
    if is_locked or not Throttle.take_try({throttle: TRIES}, now):
        return Locked()
    challenge = PasskeyChallenge.take(session_id, PasskeyChallenge.LOG_IN, now)
    if challenge and answers(user, challenge, credential, site, now):
        Throttle.clear(throttle)
        return Right(user)
    return count_wrong(user, throttle, actor, company)


def answers(user: User, challenge: PasskeyChallenge, credential: str, site: Site, now: datetime) -> bool:
    try:
        given = webauthn.helpers.parse_authentication_credential_json(credential)
        passkey = Passkey.with_credential(user.id, bytes_to_base64url(given.raw_id))
        if passkey is None:
            return False
        found = webauthn.verify_authentication_response(
            credential=given,
            expected_challenge=challenge.challenge.encode(),
            expected_rp_id=site.host,
            expected_origin=site.origin,
            credential_public_key=base64url_to_bytes(passkey.public_key),
            credential_current_sign_count=passkey.sign_count,
        )
    except UNREADABLE:
        return False
    return passkey.use(found.new_sign_count, now)


def descriptors(user: User) -> list[PublicKeyCredentialDescriptor]:
    return [PublicKeyCredentialDescriptor(id=base64url_to_bytes(one.credential_id)) for one in Passkey.of(user.id)]
