"""URLs that stop reminders and statements with one click (RFC 8058). They are signed, so that others can't make
them."""

from itsdangerous import BadSignature, URLSafeSerializer

from app.config import Config

# By kind of email: what the address stops. It is in the address, and signed with it.
STOPS = {"reminder": "reminders", "statement": "statements"}
LONGEST = 1000


def url(config: Config, what: str, customer_public_id: str, email: str) -> str:
    """`what` is a value of STOPS."""
    return f"{config.portal_url}/{what}/{signer(config, what).dumps([customer_public_id, email])}"


def read(config: Config, what: str, token: str) -> tuple[str, str] | None:
    """(public id of the customer, email address); None if the token wasn't made by this portal."""
    if len(token) > LONGEST:
        return None
    try:
        customer, email = signer(config, what).loads(token)
    except (BadSignature, ValueError, TypeError):
        return None
    return str(customer), str(email)


def signer(config: Config, what: str) -> URLSafeSerializer:
    return URLSafeSerializer(config.keys.for_signing("links in email"), salt=what)
