"""Commands to paste into a shell on the server, with the settings that make them open this portal's database."""

import shlex
from dataclasses import dataclass

from app.config import ROOT, Config, is_postgres
from app.gateway_settings import DEMO_KEYS


@dataclass(frozen=True)
class Command:
    """`text` can be pasted into a shell. `secrets` names the settings that must be set as well; their values are never
    shown."""

    text: str
    secrets: tuple[str, ...]


def command(arguments: str, config: Config) -> Command:
    """The command `flask ARGUMENTS` for this portal."""
    settings = " ".join(f"{name}={shlex.quote(value)}" for name, value in non_default_settings(config).items())
    flask = f"{settings} .venv/bin/flask {arguments}".strip()
    return Command(f"cd {shlex.quote(str(ROOT))} && {flask}", tuple(needed_secrets(config)))


def non_default_settings(config: Config) -> dict[str, str]:
    """{setting: value} of those that differ from their defaults, without secrets."""
    values = {
        "INSTANCE_PATH": (str(config.instance), str(ROOT / "instance")),
        "DATABASE_URL": (config.database_url, f"sqlite:///{config.instance / 'portal.sqlite3'}"),
        "PORTAL_URL": (config.portal_url, "http://127.0.0.1:8000"),
        "BRAINTREE_ENVIRONMENT": (config.environment, "demo"),
        "BRAINTREE_MERCHANT_ID": (config.merchant_id, DEMO_KEYS["BRAINTREE_MERCHANT_ID"]),
        "BRAINTREE_PUBLIC_KEY": (config.public_key, DEMO_KEYS["BRAINTREE_PUBLIC_KEY"]),
    }
    if is_postgres(config.database_url):
        del values["DATABASE_URL"]
    return {name: value for name, (value, default) in values.items() if value != default}


def needed_secrets(config: Config):
    """Names of the secret settings that the command needs to start and to use the portal's key."""
    if is_postgres(config.database_url):  # it may hold a password
        yield "DATABASE_URL"
    if not config.demo:
        yield "BRAINTREE_PRIVATE_KEY"
    if config.environment == "production":
        yield "SMTP_URL"
    kept = config.instance / "secret_key"
    if not kept.exists() or kept.read_text().strip() != config.secret_key:
        yield "SECRET_KEY"
