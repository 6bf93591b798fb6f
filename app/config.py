"""Configuration from the environment. Wrong or missing settings are reported at start."""

import os
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from urllib.parse import urlsplit

from app.environment import LOCAL, LOOPBACK, without_password
from app.files import write_new
from app.gateway_settings import DEMO_KEYS, GatewaySettings
from app.keys import Keys
from app.mail_settings import MailSettings

ROOT = Path(__file__).resolve().parent.parent
PLACEHOLDERS = {"changeme", "change-me", "secret", "dev", "development", "password", "your-secret-key"}
# Public. It works for the demo company only.
DEMO_PASSWORD = "Lantern-Cove-58-oak"  # noqa: S105
POSTGRES = ("postgresql://", "postgres://")
SERVER_URL = re.compile(r"\w+://(?:[^@/?#]+@)?(?P<hosts>[^@/?#]*)/[^@/?#]+(?:\?[^#]*)?")
SERVER_HOST = re.compile(r"(?:[\w.%-]+|\[[0-9a-f:.%]+\])(?::[0-9]{1,5})?", re.IGNORECASE)
MAX_FALLBACKS = 5
WEB_THREADS = 64  # per web server; up to 52 of them may wait for a password hash


class ConfigError(Exception):
    """Settings are missing or wrong. `problems` has a sentence for each."""

    def __init__(self, problems: list[str]):
        self.problems = problems
        super().__init__("\n".join(problems))


class TryLater(ConfigError):
    """The settings are valid, but a server that they name can't be reached now."""


@dataclass(frozen=True)
class Config:
    """Every setting of the portal. Durations are in seconds. `merchant_accounts` is {ISO 4217 currency: Braintree
    merchant account id}; Braintree uses the merchant's default account if it is empty."""

    portal_url: str
    database_url: str
    secret_key: str = field(repr=False)
    environment: str
    merchant_id: str
    public_key: str
    private_key: str = field(repr=False)
    instance: Path
    secret_key_fallbacks: tuple[str, ...] = field(default=(), repr=False)
    gateway_url: str | None = None
    merchant_accounts: Mapping[str, str] = field(default_factory=dict)
    smtp_url: str | None = field(default=None, repr=False)
    smtp_tls: bool = True
    mail_from: str | None = None
    bounce_address: str | None = None
    bounce_mailbox: str | None = field(default=None, repr=False)
    host: str = LOCAL
    port: int = 8000
    web_processes: int = 1
    trusted_proxies: int = 0
    hsts_subdomains: bool = False
    logs_json: bool = False
    metrics_token: str | None = field(default=None, repr=False)
    three_d_secure_required: bool = False
    session_idle: int = 2 * 3600
    session_absolute: int = 12 * 3600
    bcrypt_rounds: int = 12
    testing: bool = False

    @property
    def demo(self) -> bool:
        return self.environment == "demo"

    @property
    def keys(self) -> Keys:
        return Keys(self.secret_key, self.secret_key_fallbacks)

    @property
    def secure(self) -> bool:
        return self.portal_url.startswith("https://")

    @property
    def database_name(self) -> str:
        """The path of SQLite's file, or PostgreSQL's URL without secrets."""
        url = self.database_url
        return shown_url(url) if is_postgres(url) else url.removeprefix("sqlite:///")

    @property
    def data_path(self) -> Path:
        """The path whose disk the portal fills: SQLite's file, or the instance folder with PostgreSQL."""
        return self.instance if is_postgres(self.database_url) else Path(self.database_name)

    @property
    def origin(self) -> str:
        """PORTAL_URL as browsers write it in a Referer: in lower case, without the default port."""
        url = urlsplit(self.portal_url.lower())
        return f"{url.scheme}://{url.netloc}".removesuffix(":443" if url.scheme == "https" else ":80")

    @property
    def public(self) -> bool:
        return urlsplit(self.portal_url).hostname not in LOOPBACK

    @property
    def has_mail(self) -> bool:
        """True if people receive emails, through a mail server or on the demo's page of emails."""
        return bool(self.smtp_url) or self.demo

    @property
    def gateway_configured(self) -> bool:
        return bool(self.merchant_id and self.public_key and self.private_key)

    @property
    def shared(self) -> dict[str, str]:
        """The settings that must be the same on all hosts of a portal."""
        return {"portal_url": self.portal_url, "environment": self.environment}

    @property
    def gateway_id(self) -> str:
        return f"{self.environment}:{self.merchant_id}"

    def replace(self, **changes) -> "Config":
        return replace(self, **changes)

    @classmethod
    def from_env(cls, env: Mapping[str, str] = os.environ, *, make_key: bool | None = None) -> "Config":
        """Read `env`. Raises ConfigError with every variable to set or correct. `make_key` says whether to generate a
        missing secret key; None generates it only for a new database."""
        return _Reader(env, make_key).read()


class _Reader(GatewaySettings, MailSettings):
    def __init__(self, env: Mapping[str, str], make_key: bool | None):
        super().__init__(env)
        self.make_key = make_key

    def read(self) -> Config:
        self.environment = self.choice("BRAINTREE_ENVIRONMENT", "demo", "sandbox", "production")
        self.is_demo = self.environment == "demo"
        self.is_production = self.environment == "production"
        self.host = self.get("HOST") or LOCAL
        self.port = self.integer("PORT", 8000, 1, 65535)
        instance = instance_of(self.env)
        database_url = self.database_url()
        if self.is_production:
            self.require("PORTAL_URL", "set it to the address customers open, like https://pay.example.com")
            self.require("SMTP_URL", "set it to your mail server, like smtp://user:password@mail.example.com:587")
        merchant_id, public_key, private_key = map(self.braintree_key, DEMO_KEYS)
        config = Config(
            portal_url=self.portal_url(),
            database_url=database_url,
            secret_key="",
            secret_key_fallbacks=self.secret_key_fallbacks(),
            environment=self.environment,
            merchant_id=merchant_id,
            public_key=public_key,
            private_key=private_key,
            instance=instance,
            gateway_url=self.gateway_url(),
            merchant_accounts=self.merchant_accounts(),
            smtp_url=self.smtp_url(),
            smtp_tls=self.smtp_tls(),
            mail_from=self.matching(
                "MAIL_FROM",
                r"([^<>@\r\n]+<)?[^\s<>@,]+@[^\s<>@,]+>?",
                "write it as accounts@example.com or Accounts <accounts@example.com>",
            ),
            bounce_address=self.matching(
                "BOUNCE_ADDRESS", r"[!-;=?A-~]+@[!-;=?A-~]+", "write it as bounces@example.com"
            ),
            bounce_mailbox=self.bounce_mailbox(),
            host=self.host,
            port=self.port,
            web_processes=self.integer("WEB_PROCESSES", 1, 1, 64),
            trusted_proxies=self.integer("TRUSTED_PROXIES", self.likely_proxies(), 0, 5),
            hsts_subdomains=self.choice("HSTS_SUBDOMAINS", "off", "on") == "on",
            logs_json=self.choice("LOG_FORMAT", "text", "json") == "json",
            metrics_token=self.metrics_token(),
            three_d_secure_required=self.choice("BRAINTREE_THREE_D_SECURE", "offered", "required") == "required",
            session_idle=60 * self.integer("SESSION_IDLE_MINUTES", 120, 1, 24 * 60),
            session_absolute=3600 * self.integer("SESSION_HOURS", 12, 1, 24 * 30),
        )
        if self.is_demo and self.host not in LOOPBACK:
            self.report(f"HOST is {self.host}: the demo has published passwords, so it listens on 127.0.0.1 only.")
        elif self.is_demo and config.public and not self.problems:
            self.report(
                f"PORTAL_URL is {without_password(config.portal_url)}, and BRAINTREE_ENVIRONMENT is demo, whose "
                "passwords and mail anyone can read: set BRAINTREE_ENVIRONMENT to sandbox or production, or leave "
                "PORTAL_URL out."
            )
        secret_key = self.secret_key(instance, database_url)  # last: no key is generated if there are other problems
        if self.problems:
            raise ConfigError(self.problems)
        return config.replace(secret_key=secret_key)

    def likely_proxies(self) -> int:
        # With an HTTPS URL and a portal that listens on loopback, there must be one proxy.
        return int(self.host in LOOPBACK and (self.get("PORTAL_URL") or "").startswith("https://"))

    def portal_url(self) -> str:
        url = self.url("PORTAL_URL", "https", "http")
        if url is None:
            return f"http://[{self.host}]:{self.port}" if ":" in self.host else f"http://{self.host}:{self.port}"
        if re.search("[/?#@]", url.partition("://")[2]):
            self.report(f"PORTAL_URL is {without_password(url)}: leave out everything but the host name and port.")
        if self.is_production and not url.startswith("https://"):
            self.report("PORTAL_URL must start with https:// when BRAINTREE_ENVIRONMENT is production.")
        return url

    def database_url(self) -> str:
        url = database_url_of(self.env)
        if is_postgres(url):
            return self.server_url(url)
        if url.removeprefix("sqlite:///") in (url, "", ":memory:"):
            self.report(
                f"DATABASE_URL is {without_password(url)}: set sqlite:///PATH or "
                "postgresql://user:password@host:5432/database, or leave it out."
            )
        return url

    def server_url(self, url: str) -> str:
        # libpq would read the text after an unescaped / or # in the password as the name of the database.
        found = SERVER_URL.fullmatch(url)
        hosts = found["hosts"].split(",") if found else []
        if not found or (hosts != [""] and not all(SERVER_HOST.fullmatch(host) for host in hosts)):
            self.report(
                f"DATABASE_URL is {shown_url(url)!r}: write it as postgresql://user:password@host:5432/database, with "
                "special characters of the user name and password as % and two digits (@ is %40, : is %3A, / is %2F, "
                "# is %23, ? is %3F)."
            )
        return f"{POSTGRES[0]}{url.partition('://')[2]}"

    def secret_key(self, instance: Path, database_url: str) -> str:
        key = self.get("SECRET_KEY")
        if key is None:
            return self.kept_secret(instance / "secret_key", database_url)
        if is_weak(key):
            self.report(
                "SECRET_KEY is a placeholder or shorter than 32 characters: "
                'make one with python3 -c "import secrets; print(secrets.token_urlsafe(48))", or leave it out.'
            )
        return key

    def secret_key_fallbacks(self) -> tuple[str, ...]:
        keys = tuple(key.strip() for key in (self.get("SECRET_KEY_FALLBACKS") or "").split(",") if key.strip())
        if any(map(is_weak, keys)) or len(keys) > MAX_FALLBACKS:
            self.report(
                "SECRET_KEY_FALLBACKS has a key that is a placeholder or shorter than 32 characters, or more than "
                f"{MAX_FALLBACKS}: write the secret keys before this one, with commas between them, or leave it out."
            )
        return keys

    def kept_secret(self, path: Path, database_url: str) -> str:
        # For PostgreSQL, Deployment.accepts finds out later whether the database has passwords.
        is_server = is_postgres(database_url)
        database = shown_url(database_url) if is_server else database_url.removeprefix("sqlite:///")
        try:
            if path.exists():
                key = path.read_text().strip()
            elif not (is_server or not Path(database).exists() if self.make_key is None else self.make_key):
                self.report(
                    f"{path} is missing: put the one back that the passwords in {database} were made with. If it is "
                    "lost: flask accept-secret-key, and everyone needs a new password."
                )
                return ""
            elif self.problems:
                return ""
            else:
                key = secrets.token_urlsafe(48)
                write_new(path, key)
        except OSError as error:
            self.report(
                f"{path} can't be used: {error.strerror}. INSTANCE_PATH must be a folder that the portal's user can "
                "write, on a disk with room."
            )
            return ""
        if len(key) < 32:
            raise ConfigError([f"{path} is too short to be a secret key: delete it and start again."])
        return key

    def metrics_token(self) -> str | None:
        token = self.get("METRICS_TOKEN")
        if token is not None and (len(token) < 16 or not token.isascii()):
            self.report(
                "METRICS_TOKEN is shorter than 16 characters, or has letters that a header can't have: make one with "
                'python3 -c "import secrets; print(secrets.token_urlsafe(24))", or leave it out.'
            )
        return token


def is_weak(key: str) -> bool:
    return key.lower() in PLACEHOLDERS or len(key) < 32


def is_postgres(url: str) -> bool:
    return url.startswith(POSTGRES)


def shown_url(url: str) -> str:
    """The URL of a PostgreSQL database without its user, password and parameters."""
    return without_password(url).strip("'").partition("?")[0]


def instance_of(env: Mapping[str, str]) -> Path:
    return Path((env.get("INSTANCE_PATH") or "").strip() or ROOT / "instance").resolve()


def database_url_of(env: Mapping[str, str]) -> str:
    return (env.get("DATABASE_URL") or "").strip() or f"sqlite:///{instance_of(env) / 'portal.sqlite3'}"
