"""The address that stops reminders with one click (RFC 8058): signed, so that it can't be made for others."""

from itsdangerous import BadSignature, URLSafeSerializer

from app.config import Config

KINDS = ("reminder",)
LONGEST = 1000


def url(config: Config, customer_public_id: str, email: str) -> str:
    return f"{config.portal_url}/reminders/{signer(config).dumps([customer_public_id, email])}"


def read(config: Config, token: str) -> tuple[str, str] | None:
    """(public id of the customer, address); None for a token that was not made here."""
    if len(token) > LONGEST:
        return None
    try:
        customer, email = signer(config).loads(token)
    except (BadSignature, ValueError, TypeError):
        return None
    return str(customer), str(email)


def signer(config: Config) -> URLSafeSerializer:
    return URLSafeSerializer(config.secret_key, salt="reminders")
