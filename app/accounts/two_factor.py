"""Two-factor authentication: codes of authenticator apps (RFC 6238), and recovery codes."""

import hmac
import re
from datetime import datetime

import pyotp

from app.accounts import emails
from app.accounts.authentication import TRIES, Locked, Right, Wrong
from app.accounts.hashing import Busy, Hasher
from app.clock import to_ms
from app.keys import Keys
from app.models import Audit, Company, RecoveryCode, Throttle, User, one_transaction
from app.models.audit import Actor
from app.sealed import decrypt, encrypt

STEP_SECONDS = 30
SEEDS = "two-factor seeds"


def check_code(
    user: User, typed: str, actor: Actor, company: Company, *, hasher: Hasher, keys: Keys
) -> Right | Wrong | Locked:
    """Use up a code of the app or a recovery code. A wrong code counts as an attempt.

    Raises Busy, and then the attempt doesn't count, and Unreadable.
    """
    throttle, now = f"code:{user.id}", actor.now
    # Codes are not checked either while the account is locked for wrong passwords, not even in a browser where the
    # password was entered before the lock.
    is_locked = Throttle.is_spent({Throttle.account(user.email): TRIES}, now)
    if is_locked or not Throttle.take_try({throttle: TRIES}, now):
        return Locked()
    text = re.sub(r"\s", "", typed.lower())
    try:
        if re.fullmatch("[0-9]{6}", text):
            right = user.totp_secret is not None and use_app_code(user, text, now, keys)
        else:
            right = use_recovery_code(user, text, actor, company, hasher)
    except Busy:
        Throttle.give_back(throttle)
        raise
    if right:
        Throttle.clear(throttle)
        return Right(user)
    return count_wrong(user, throttle, actor, company)


def count_wrong(user: User, throttle: str, actor: Actor, company: Company) -> Wrong | Locked:
    """Record a wrong code or passkey, and lock the account if `throttle` allows no more attempts."""
    record(user, "code_failed", actor, company)
    if not Throttle.lock_if_spent(throttle, TRIES, actor.now):
        return Wrong()
    record(user, "code_locked", actor, company)
    return Locked()


def use_app_code(user: User, text: str, now: datetime, keys: Keys) -> bool:
    """True for the code of this half minute, or of the one before or after it. Each code works once."""
    step = to_ms(now) // 1000 // STEP_SECONDS
    device = pyotp.TOTP(decrypt(user.totp_secret, keys, SEEDS))
    return any(
        hmac.compare_digest(device.generate_otp(at), text) and user.accept_step(at) for at in (step, step - 1, step + 1)
    )


def use_recovery_code(user: User, text: str, actor: Actor, company: Company, hasher: Hasher) -> bool:
    def matches(part: str, code_hash: str) -> bool:
        with hasher.slot() as slot:
            return slot.verify(part, code_hash)

    code = RecoveryCode.matching(user, text, matches) if user.has_second_factor else None
    return code is not None and use_up(code, user, actor, company)


@one_transaction
def use_up(code: RecoveryCode, user: User, actor: Actor, company: Company) -> bool:
    used = code.use(actor.now)
    if used:
        record(user, "recovery_code_used", actor, company)
    return used


def new_recovery_codes(hasher: Hasher) -> dict[str, str]:
    """{code: hash}. Raises Busy."""
    # A quarter of the work for a password is enough: a code has 49 random bits, and ten are made at once.
    with hasher.slot() as slot:
        return {code: slot.hash(RecoveryCode.hashed_part(code), fewer_rounds=2) for code in RecoveryCode.draw()}


@one_transaction
def record(user: User, event: str, actor: Actor, company: Company, **facts) -> None:
    Audit.write_by(actor, event, f"user:{user.email}", **facts)
    if event in emails.SECOND_FACTOR:
        emails.second_factor(user, event, actor.now, company)
    if event == "code_locked":
        emails.code_locked(user, actor.address, actor.now, company)


def encrypt_clear_seeds(keys: Keys) -> None:
    # Earlier releases stored seeds unencrypted. Those have 32 characters, an encrypted one has 120.
    for user in User.with_clear_seed():
        user.replace_seed(encrypt(user.totp_secret, keys, SEEDS))
