"""Configuration from the environment: what is missing or wrong is named, at start."""

import contextlib
import json
import os
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from urllib.parse import urlsplit

from app.files import give_to_owner_of

ROOT = Path(__file__).resolve().parent.parent
PLACEHOLDERS = {"changeme", "change-me", "secret", "dev", "development", "password", "your-secret-key"}
# Published: it opens the demo company, and nothing outside the demo.
DEMO_PASSWORD = "Lantern-Cove-58-oak"  # noqa: S105
LOOPBACK = {"127.0.0.1", "localhost", "::1"}
DEMO_KEYS = {
    "BRAINTREE_MERCHANT_ID": "demo_merchant",
    "BRAINTREE_PUBLIC_KEY": "demo_public_key",
    "BRAINTREE_PRIVATE_KEY": "demo_private_key",
}


class ConfigError(Exception):
    """One or more settings are missing or wrong. `problems` has a sentence for each."""

    def __init__(self, problems: list[str]):
        self.problems = problems
        super().__init__("\n".join(problems))


@dataclass(frozen=True)
class Config:
    """Every setting the portal has. Build it with `Config.from_env()`.

    Durations are in seconds. `merchant_accounts` maps an ISO 4217 currency to a Braintree
    merchant account id; an empty map lets Braintree use the merchant's default account.
    """

    portal_url: str
    database_url: str
    secret_key: str = field(repr=False)
    environment: str
    merchant_id: str
    public_key: str
    private_key: str = field(repr=False)
    instance: Path
    gateway_url: str | None = None
    merchant_accounts: Mapping[str, str] = field(default_factory=dict)
    smtp_url: str | None = field(default=None, repr=False)
    smtp_tls: bool = True
    mail_from: str | None = None
    bounce_address: str | None = None
    bounce_mailbox: str | None = field(default=None, repr=False)
    host: str = "127.0.0.1"
    port: int = 8000
    trusted_proxies: int = 0
    three_d_secure_required: bool = False
    session_idle: int = 2 * 3600
    session_absolute: int = 12 * 3600
    bcrypt_rounds: int = 12
    testing: bool = False

    @property
    def demo(self) -> bool:
        return self.environment == "demo"

    @property
    def secure(self) -> bool:
        """True when the portal is reached over HTTPS, so cookies must be Secure."""
        return self.portal_url.startswith("https://")

    @property
    def origin(self) -> str:
        """PORTAL_URL as browsers write it in a Referer: in lower case, without the port that goes without saying."""
        url = urlsplit(self.portal_url.lower())
        return f"{url.scheme}://{url.netloc}".removesuffix(":443" if url.scheme == "https" else ":80")

    @property
    def public(self) -> bool:
        """True when others than this machine's users can open the portal."""
        return urlsplit(self.portal_url).hostname not in LOOPBACK

    @property
    def has_mail(self) -> bool:
        """Whether mail reaches its readers: by a mail server, or on the demo's page of it."""
        return bool(self.smtp_url) or self.demo

    @property
    def gateway_configured(self) -> bool:
        return bool(self.merchant_id and self.public_key and self.private_key)

    @property
    def place(self) -> str:
        """The gateway that these settings mean: billing.gateway.Gateway.place."""
        return f"{self.environment}:{self.merchant_id}"

    def replace(self, **changes) -> "Config":
        return replace(self, **changes)

    @classmethod
    def from_env(cls, env: Mapping[str, str] = os.environ, *, make_key: bool | None = None) -> "Config":
        """Read `env`. Raises ConfigError that names every variable to set or correct. `make_key`: whether to make a
        secret key where there is none; None makes one for a new database only."""
        return _Reader(env, make_key).read()


class _Reader:
    def __init__(self, env: Mapping[str, str], make_key: bool | None):
        self.env, self.make_key = env, make_key
        self.problems: list[str] = []

    def read(self) -> Config:
        environment = self.choice("BRAINTREE_ENVIRONMENT", "demo", ("demo", "sandbox", "production"))
        instance = instance_of(self.env)
        host = self.get("HOST") or "127.0.0.1"
        port = self.integer("PORT", 8000, 1, 65535)
        database_url = self.database_url()
        keys = {name: self.braintree_key(name, environment) for name in DEMO_KEYS}
        config = Config(
            portal_url=self.portal_url(environment, host, port),
            database_url=database_url,
            secret_key=self.secret_key(instance, database_url),
            environment=environment,
            merchant_id=keys["BRAINTREE_MERCHANT_ID"],
            public_key=keys["BRAINTREE_PUBLIC_KEY"],
            private_key=keys["BRAINTREE_PRIVATE_KEY"],
            instance=instance,
            gateway_url=self.gateway_url(environment, port),
            merchant_accounts=self.merchant_accounts(),
            smtp_url=self.smtp_url(environment),
            smtp_tls=self.smtp_tls(),
            mail_from=self.mail_from(),
            bounce_address=self.bounce_address(),
            bounce_mailbox=self.bounce_mailbox(),
            host=host,
            port=port,
            trusted_proxies=self.integer("TRUSTED_PROXIES", self.likely_proxies(host), 0, 5),
            three_d_secure_required=self.choice("BRAINTREE_THREE_D_SECURE", "offered", ("offered", "required"))
            == "required",
            session_idle=60 * self.integer("SESSION_IDLE_MINUTES", 120, 1, 24 * 60),
            session_absolute=3600 * self.integer("SESSION_HOURS", 12, 1, 24 * 30),
        )
        if environment == "demo" and host not in LOOPBACK:
            self.problems.append(f"HOST is {host}: the demo has published passwords, so it listens on 127.0.0.1 only.")
        elif environment == "demo" and config.public and not self.problems:
            self.problems.append(
                f"PORTAL_URL is {shown(config.portal_url)}, and BRAINTREE_ENVIRONMENT is demo, whose passwords and "
                "mail anybody can read: set BRAINTREE_ENVIRONMENT to sandbox or production, or leave PORTAL_URL out."
            )
        if self.problems:
            raise ConfigError(self.problems)
        return config

    def get(self, name: str) -> str | None:
        return (self.env.get(name) or "").strip() or None

    def choice(self, name, default, allowed):
        value = self.get(name) or default
        if value not in allowed:
            self.problems.append(f"{name} is {value!r}: set it to one of {', '.join(allowed)}.")
            return default
        return value

    def integer(self, name, default, low, high):
        value = self.get(name)
        if value is None:
            return default
        if not re.fullmatch(r"[0-9]{1,9}", value) or not low <= int(value) <= high:
            self.problems.append(f"{name} is {value!r}: set it to a whole number from {low} to {high}.")
            return default
        return int(value)

    def url(self, name, schemes):
        value = self.get(name)
        if value is None:
            return None
        try:
            parts = urlsplit(value)
            valid = parts.scheme in schemes and parts.hostname and parts.port != 0
        except ValueError:
            valid = False
        if not valid:
            self.problems.append(f"{name} is {shown(value)}: set it to a URL that starts with {schemes[0]}://.")
            return None
        return value.rstrip("/")

    def likely_proxies(self, host):
        """HTTPS that ends before a portal that only this machine can reach: there is one proxy."""
        return int(host in LOOPBACK and (self.get("PORTAL_URL") or "").startswith("https://"))

    def portal_url(self, environment, host, port):
        url = self.url("PORTAL_URL", ("https", "http"))
        if url is None:
            if environment == "production" and not self.get("PORTAL_URL"):
                self.problems.append(
                    "PORTAL_URL is missing: set it to the address customers open, like https://pay.example.com."
                )
            return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
        if re.search("[/?#@]", url.partition("://")[2]):
            self.problems.append(f"PORTAL_URL is {shown(url)}: leave out everything but the host name and port.")
        if environment == "production" and not url.startswith("https://"):
            self.problems.append("PORTAL_URL must start with https:// when BRAINTREE_ENVIRONMENT is production.")
        return url

    def database_url(self):
        url = database_url_of(self.env)
        path = url.removeprefix("sqlite:///")
        if path in (url, "", ":memory:"):
            self.problems.append(
                f"DATABASE_URL is {shown(url)}: this version keeps its data in a SQLite file; "
                "set sqlite:///PATH, or leave it out."
            )
        return url

    def secret_key(self, instance, database_url):
        key = self.get("SECRET_KEY")
        if key is None:
            return self.kept_secret(instance, Path(database_url.removeprefix("sqlite:///")))
        if key.lower() in PLACEHOLDERS or len(key) < 32:
            self.problems.append(
                "SECRET_KEY is a placeholder or shorter than 32 characters: "
                'make one with python3 -c "import secrets; print(secrets.token_urlsafe(48))", or leave it out.'
            )
        return key

    def kept_secret(self, instance, database):
        path = instance / "secret_key"
        make = not database.exists() if self.make_key is None else self.make_key
        if not make and not path.exists():
            self.problems.append(
                f"{path} is missing: put the one back that the passwords in {database} were made with. If it is lost: "
                "flask accept-secret-key, and everyone needs a new password."
            )
            return ""
        try:
            return _kept_secret(path)
        except OSError as error:
            self.problems.append(
                f"{path} can't be used: {error.strerror}. INSTANCE_PATH must be a folder that the portal's user can "
                "write, on a disk with room."
            )
            return ""

    def braintree_key(self, name, environment):
        value = self.get(name)
        if environment == "demo":
            return value or DEMO_KEYS[name]
        if value is None:
            self.problems.append(
                f"{name} is missing: copy it from the Braintree Control Panel ({environment}), API Keys."
            )
            return ""
        if value == DEMO_KEYS[name]:
            self.problems.append(
                f"{name} is the demo gateway's: the demo gateway is refused when "
                f"BRAINTREE_ENVIRONMENT is {environment}."
            )
        return value

    def gateway_url(self, environment, port):
        url = self.url("BRAINTREE_GATEWAY_URL", ("http", "https"))
        if url is None:
            return f"http://127.0.0.1:{port + 1 if port < 65535 else port - 1}" if environment == "demo" else None
        parts = urlsplit(url)
        if environment == "production":
            self.problems.append("BRAINTREE_GATEWAY_URL is for local gateways: it is refused in production.")
        elif parts.hostname not in LOOPBACK:
            self.problems.append(
                f"BRAINTREE_GATEWAY_URL is {shown(url)}: a local gateway is on 127.0.0.1 or localhost."
            )
        elif parts.scheme != "http":
            self.problems.append("BRAINTREE_GATEWAY_URL must start with http://: a local gateway has no TLS.")
        elif parts.path:
            self.problems.append("BRAINTREE_GATEWAY_URL has a path: leave out everything after the port.")
        return url

    def merchant_accounts(self):
        """`USD=main,EUR=main_eur`, or a JSON object."""
        text = self.get("BRAINTREE_MERCHANT_ACCOUNTS")
        if text is None:
            return {}
        try:
            pairs = (
                json.loads(text)
                if text.startswith("{")
                else dict(re.split("[=:]", part.strip(), maxsplit=1) for part in text.split(",") if part.strip())
            )
            accounts = {str(k).strip().upper(): str(v).strip() for k, v in pairs.items()}
        except (ValueError, AttributeError):
            accounts = {"": ""}
        if not all(re.fullmatch("[A-Z]{3}", k) and v for k, v in accounts.items()):
            self.problems.append(
                f"BRAINTREE_MERCHANT_ACCOUNTS is {text!r}: write it as USD=main_account,EUR=other_account."
            )
        return accounts

    def smtp_url(self, environment):
        url = self.url("SMTP_URL", ("smtp", "smtps"))
        if url is None and environment == "production" and not self.get("SMTP_URL"):
            self.problems.append(
                "SMTP_URL is missing: set it to your mail server, like smtp://user:password@mail.example.com:587."
            )
        return url

    def smtp_tls(self):
        """Whether mail leaves this machine only encrypted. A password always does."""
        required = self.choice("SMTP_TLS", "required", ("required", "off")) == "required"
        url = self.get("SMTP_URL") or ""
        if not required and url.startswith("smtp://") and "@" in url and urlsplit(url).hostname not in LOOPBACK:
            self.problems.append(
                "SMTP_TLS is off, and SMTP_URL has a password: it would cross the network in the clear. "
                "Leave SMTP_TLS out, or use a relay that needs no password."
            )
        return required

    def bounce_address(self):
        value = self.get("BOUNCE_ADDRESS")
        if value is not None and not re.fullmatch(r"[!-;=?A-~]+@[!-;=?A-~]+", value):
            self.problems.append(f"BOUNCE_ADDRESS is {value!r}: write it as bounces@example.com.")
        return value

    def bounce_mailbox(self):
        """An IMAP folder with a user and a password, encrypted unless it is on this machine, or a Maildir."""
        value = self.get("BOUNCE_MAILBOX")
        if value is None or (value.startswith("/") and (Path(value) / "new").is_dir()):
            return value
        try:
            parts = urlsplit(value)
            valid = parts.hostname and parts.username and parts.password and parts.port != 0
            valid = valid and (parts.scheme == "imaps" or (parts.scheme == "imap" and parts.hostname in LOOPBACK))
        except ValueError:
            valid = False
        if not valid:
            self.problems.append(
                f"BOUNCE_MAILBOX is {shown(value)}: write it as imaps://user:password@host/INBOX, or "
                "as the path of a Maildir folder that exists."
            )
        return value

    def mail_from(self):
        value = self.get("MAIL_FROM")
        if value is not None and not re.fullmatch(r"([^<>@\r\n]+<)?[^\s<>@,]+@[^\s<>@,]+>?", value):
            self.problems.append(
                f"MAIL_FROM is {value!r}: write it as accounts@example.com or Accounts <accounts@example.com>."
            )
        return value


def instance_of(env: Mapping[str, str]) -> Path:
    return Path((env.get("INSTANCE_PATH") or "").strip() or ROOT / "instance").resolve()


def database_url_of(env: Mapping[str, str]) -> str:
    """Where the database is, by these settings alone."""
    return (env.get("DATABASE_URL") or "").strip() or f"sqlite:///{instance_of(env) / 'portal.sqlite3'}"


def shown(url: str) -> str:
    """The URL as it may be printed: without a user and password."""
    return repr(re.sub("//.*@", "//…@", url))


def _kept_secret(path: Path) -> str:
    """The secret kept at `path`, made on first use, whole or not at all, for its owner alone."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    if not path.exists():
        draft = path.with_name(f"{path.name}.{os.getpid()}")
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            file.write(secrets.token_urlsafe(48))
        give_to_owner_of(path.parent, draft)
        with contextlib.suppress(FileExistsError):
            os.link(draft, path)
        draft.unlink()
    key = path.read_text().strip()
    if len(key) < 32:
        raise ConfigError([f"{path} is too short to be a secret key: delete it and start again."])
    return key
