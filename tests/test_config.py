"""Configuration: everything that is missing or wrong is named, at start, and no secret is shown."""

import re
import stat
from pathlib import Path

import pytest

from app import create_app
from app.config import Config, ConfigError
from app.models import Audit

ROOT = Path(__file__).resolve().parent.parent
KEYS = {
    "BRAINTREE_MERCHANT_ID": "merchant",
    "BRAINTREE_PUBLIC_KEY": "public",
    "BRAINTREE_PRIVATE_KEY": "private",
}
LIVE = {
    **KEYS,
    "BRAINTREE_ENVIRONMENT": "production",
    "PORTAL_URL": "https://pay.harborpine.example",
    "SMTP_URL": "smtp://portal:pa%40ss@mail.harborpine.example:587",
    "SECRET_KEY": "k" * 48,
}


@pytest.fixture
def read(tmp_path):
    """read(PORT="1") is the configuration of an environment with just that."""

    def _read(base=None, **env):
        return Config.from_env({"INSTANCE_PATH": str(tmp_path / "instance"), **(base or {}), **env})

    return _read


@pytest.fixture
def problems(read):
    def _problems(base=None, **env):
        with pytest.raises(ConfigError) as caught:
            read(base, **env)
        return caught.value.problems

    return _problems


def test_empty_environment_is_a_local_demo(read, tmp_path):
    config = read()
    assert config.demo and config.host == "127.0.0.1" and config.port == 8000
    assert config.portal_url == "http://127.0.0.1:8000" and config.gateway_url == "http://127.0.0.1:8001"
    assert config.database_url == f"sqlite:///{tmp_path}/instance/portal.sqlite3"
    assert config.smtp_url is None and config.gateway_configured


def test_port_moves_everything_that_follows_from_it(read):
    config = read(PORT="9000")
    assert (config.portal_url, config.gateway_url) == ("http://127.0.0.1:9000", "http://127.0.0.1:9001")
    assert read(PORT="65535").gateway_url == "http://127.0.0.1:65534"


def test_a_complete_production_is_accepted(read):
    config = read(LIVE, BRAINTREE_MERCHANT_ACCOUNTS="USD=main,EUR=main_eur")
    assert not config.demo and config.secure and config.gateway_url is None
    assert config.merchant_accounts == {"USD": "main", "EUR": "main_eur"}


@pytest.mark.parametrize("missing", sorted(LIVE.keys() - {"BRAINTREE_ENVIRONMENT", "SECRET_KEY"}))
def test_missing_production_settings_are_named(problems, missing):
    found = problems({name: value for name, value in LIVE.items() if name != missing})
    assert len(found) == 1 and found[0].startswith(f"{missing} is missing: ")


@pytest.mark.parametrize("missing", sorted(KEYS))
def test_missing_sandbox_settings_are_named(problems, missing):
    (found,) = problems({**KEYS, missing: " "}, BRAINTREE_ENVIRONMENT="sandbox")
    assert found.startswith(f"{missing} is missing: ")


def test_everything_that_is_wrong_is_named_at_once(problems):
    found = problems(PORT="x", TRUSTED_PROXIES="9", BRAINTREE_ENVIRONMENT="production")
    named = {line.split()[0] for line in found}
    assert named == {"PORT", "TRUSTED_PROXIES", "PORTAL_URL", "SMTP_URL", *KEYS}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("BRAINTREE_ENVIRONMENT", "live"),
        ("BRAINTREE_THREE_D_SECURE", "sometimes"),
        ("PORT", "0"),
        ("PORT", "65536"),
        ("PORT", "-1"),
        ("PORT", "٨٠٠٠"),
        ("PORT", "8000.0"),
        ("PORT", "1e3"),
        ("TRUSTED_PROXIES", "many"),
        ("SESSION_IDLE_MINUTES", "0"),
        ("SESSION_HOURS", "9999"),
        ("PORTAL_URL", "pay.example.com"),
        ("PORTAL_URL", "ftp://pay.example.com"),
        ("PORTAL_URL", "https://"),
        ("PORTAL_URL", "https://pay.example.com/portal"),
        ("PORTAL_URL", "https://pay.example.com:99999"),
        ("PORTAL_URL", "http://[::1"),
        ("PORTAL_URL", "https://user:word@pay.example.com"),
        ("DATABASE_URL", "postgresql://user:word@db"),
        ("DATABASE_URL", "postgresql://user:wo/rd@db/portal"),
        ("DATABASE_URL", "mysql://user:word@db/portal"),
        ("DATABASE_URL", "portal.sqlite3"),
        ("SECRET_KEY", "changeme"),
        ("SECRET_KEY", "short"),
        ("SMTP_URL", "mail.example.com"),
        ("SMTP_URL", "http://mail.example.com"),
        ("SMTP_URL", "smtp://"),
        ("SMTP_URL", "smtp://user:p@ss/w#rd@mail.example.com"),
        ("PORTAL_URL", "https://pay example.com"),
        ("BRAINTREE_GATEWAY_URL", "http://gateway.example.com:80"),
        ("BRAINTREE_GATEWAY_URL", "https://127.0.0.1:1"),
        ("BRAINTREE_GATEWAY_URL", "http://127.0.0.1:1/path"),
        ("BRAINTREE_GATEWAY_URL", "127.0.0.1"),
        ("BRAINTREE_MERCHANT_ACCOUNTS", "USD"),
        ("BRAINTREE_MERCHANT_ACCOUNTS", "{]"),
        ("BRAINTREE_MERCHANT_ACCOUNTS", "dollars=main"),
        ("BRAINTREE_MERCHANT_ACCOUNTS", "[1]"),
        ("HOST", "0.0.0.0"),
        ("MAIL_FROM", "no-address"),
        ("MAIL_FROM", "a@x.example\r\nBcc: b@x.example"),
    ],
)
def test_a_wrong_value_is_named(problems, name, value):
    (found,) = problems(**{name: value})
    assert found.startswith(name)


def test_the_demo_is_for_this_machine_alone(problems, read):
    assert "published passwords" in problems(HOST="192.168.1.5")[0]
    assert read(HOST="localhost").portal_url == "http://localhost:8000"
    assert read({**LIVE, "HOST": "0.0.0.0"}).host == "0.0.0.0"


def test_the_demo_is_not_published_behind_a_proxy_either(problems, read):
    assert problems({}, PORTAL_URL="https://pay.example.com")[0].startswith("PORTAL_URL is 'https://pay.example.com'")
    assert read(PORTAL_URL="http://localhost:8000").demo


def test_ipv6_has_brackets_in_the_address(read):
    assert read(HOST="::1").portal_url == "http://[::1]:8000"


@pytest.mark.parametrize("environment", ["sandbox", "production"])
def test_the_demo_gateway_is_refused_where_money_may_move(problems, environment):
    found = problems(LIVE, BRAINTREE_ENVIRONMENT=environment, BRAINTREE_PUBLIC_KEY="demo_public_key")
    assert len(found) == 1 and "demo gateway" in found[0]


def test_production_takes_no_local_gateway_and_no_plain_http(problems):
    assert problems(LIVE, BRAINTREE_GATEWAY_URL="http://127.0.0.1:8001")[0].startswith("BRAINTREE_GATEWAY_URL")
    assert problems(LIVE, PORTAL_URL="http://pay.harborpine.example")[0].startswith("PORTAL_URL")


def test_the_secret_key_is_made_once_and_is_its_owners_alone(read, tmp_path):
    key = read().secret_key
    path = tmp_path / "instance/secret_key"
    assert len(key) >= 48 and read().secret_key == key
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [p.name for p in path.parent.iterdir()] == ["secret_key"]


def test_subdomains_are_left_alone_unless_the_setting_says_so(read, problems):
    assert not read(LIVE).hsts_subdomains and read(LIVE, HSTS_SUBDOMAINS="on").hsts_subdomains
    assert "HSTS_SUBDOMAINS" in problems(LIVE, HSTS_SUBDOMAINS="yes")[0]


def test_no_secret_key_is_made_beside_wrong_settings(problems, tmp_path):
    assert problems(PORT="none") and not (tmp_path / "instance").exists()


def test_a_kept_secret_key_that_was_emptied_is_refused(read, tmp_path):
    read()
    (tmp_path / "instance/secret_key").write_text("")
    with pytest.raises(ConfigError, match="secret_key is too short"):
        read()


def test_a_password_is_never_sent_to_a_mail_server_in_the_clear(read, problems):
    (problem,) = problems(**LIVE, SMTP_TLS="off")
    assert "SMTP_URL has a password" in problem and "pa%40ss" not in problem
    assert read({**LIVE, "SMTP_URL": "smtp://relay.harborpine.example:25", "SMTP_TLS": "off"}).smtp_tls is False
    assert read(LIVE).smtp_tls is True


def test_secrets_are_not_in_what_is_printed(read, problems):
    shown = repr(read(LIVE)) + "".join(
        problems(
            SMTP_URL="smtp://me:canary-1@[x",
            DATABASE_URL="postgresql://me:canary-2@db",
            PORTAL_URL="ftp://me:canary-3@x",
            BRAINTREE_GATEWAY_URL="http://me:canary-4@far.example:1",
        )
    )
    assert "canary" not in shown
    for secret in (LIVE["SECRET_KEY"], LIVE["BRAINTREE_PRIVATE_KEY"], "pa%40ss"):
        assert f"'{secret}'" not in shown and f":{secret}@" not in shown


def test_every_variable_is_in_the_readme():
    source, readme = (ROOT / "app/config.py").read_text(), (ROOT / "README.md").read_text()
    names = {*re.findall(r'self\.(?:get|choice|integer|url)\(\s*"([A-Z_]+)"', source), *KEYS}
    assert len(names) > 12, "the variables were not found"
    assert {name for name in names if f"`{name}`" not in readme} == set()


def test_https_before_a_portal_that_only_this_machine_reaches_means_one_proxy(read):
    assert read(LIVE).trusted_proxies == 1
    assert read(LIVE, HOST="0.0.0.0").trusted_proxies == read(LIVE, TRUSTED_PROXIES="0").trusted_proxies == 0
    assert read().trusted_proxies == 0


def test_the_demo_company_can_not_go_live(config, gateway, cast):
    live = config.replace(environment="production", portal_url="https://pay.harborpine.example")
    create_app(live, gateway=gateway)
    Audit.write("demo_loaded", 0)
    with pytest.raises(ConfigError, match="demo company"):
        create_app(live, gateway=gateway)


def test_a_password_that_is_not_escaped_is_explained_without_being_shown(problems):
    (problem,) = problems({**LIVE, "SMTP_URL": "smtp://user:p@ss/w#rd@mail.example.com"})
    assert "/ is %2F" in problem and "w#rd" not in problem
