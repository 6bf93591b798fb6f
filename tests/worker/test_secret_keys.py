"""The secret key is replaced, and dropped, while people are logged in."""

import re
from pathlib import Path

import pyotp
import pytest

from app import create_app
from app.health.live import checks
from app.keys import Keys
from app.mail import unsubscribe
from app.models import Audit, Deployment, User
from app.payments import connection_test
from app.worker.secret_keys import encrypt_again
from tests.conftest import csrf_of, entrance
from tests.people import PASSWORD

ROOT = Path(__file__).resolve().parent.parent.parent
NEW = "another test key that is long enough to be accepted"
PURPOSES = ("sessions", "forms", "pepper of passwords", "two-factor seeds", "uploads", "links in email", "gateway keys")


@pytest.fixture
def portal(config, gateway, clock, cast):
    """portal(secret_key=NEW) is the portal after a restart with these settings."""
    made = []

    def _portal(**settings):
        changed = config.replace(**settings)
        app = create_app(changed, gateway=gateway, clock=clock)
        with app.extensions["database"].connection_context():
            assert Deployment.accepts(changed.keys)
            Deployment.keep_pepper(changed.keys)
        made.append(app)
        return create_app(changed, gateway=gateway, clock=clock)

    yield _portal
    for app in made:
        app.extensions["database"].close_all()


@pytest.fixture
def rotated(portal, config):
    """rotated() is the portal with a new key and the one before."""
    return lambda: portal(secret_key=NEW, secret_key_fallbacks=(config.secret_key,))


@pytest.fixture
def dropped(rotated, portal, config, clock):
    """dropped() is the portal with the new key alone, after the worker has encrypted everything with it."""

    def _dropped():
        app = rotated()
        with app.extensions["database"].connection_context():
            encrypt_again(app.config["PORTAL"].keys, clock())
        return portal(secret_key=NEW)

    return _dropped


def browser_of(app, other):
    """The same browser, at the portal after its restart."""
    client = app.test_client()
    client.set_cookie("portal", other.get_cookie("portal").value)
    return client


def set_up_two_factor(app, cast, clock) -> str:
    """Ruth's seed."""
    client = entrance(app)(cast.ruth)
    page = client.get("/account/two-factor").get_data(as_text=True)
    seed = re.search(r'<code class="wrap-any">([A-Z2-7 ]+)<', page)[1].replace(" ", "")
    data = {"csrf_token": csrf_of(page), "password": PASSWORD, "code": pyotp.TOTP(seed).at(int(clock().timestamp()))}
    assert client.post("/account/two-factor", data=data).status_code == 200
    clock.advance(minutes=5)
    return seed


def test_people_stay_logged_in_and_open_forms_work(portal, rotated, cast):
    before = entrance(portal())(cast.alice)
    token = csrf_of(before.get("/account").get_data(as_text=True))
    after = browser_of(rotated(), before)
    assert after.get("/account").status_code == 200
    assert after.post("/account/theme", data={"csrf_token": token, "theme": "dark"}).status_code == 303


def test_cookie_of_a_key_that_is_gone_is_no_login(portal, dropped, cast):
    before = entrance(portal())(cast.alice)
    assert browser_of(dropped(), before).get("/account").status_code == 303


@pytest.mark.parametrize("restart", ["rotated", "dropped"])
def test_passwords_and_second_factors_still_work(portal, request, cast, clock, restart):
    seed = set_up_two_factor(portal(), cast, clock)
    app = request.getfixturevalue(restart)()
    assert entrance(app)(cast.alice).get("/invoices").status_code == 200
    ruth = entrance(app)(cast.ruth)
    data = {"csrf_token": csrf_of(ruth.get("/login/code").get_data(as_text=True))}
    code = pyotp.TOTP(seed).at(int(clock().timestamp()))
    assert ruth.post("/login/code", data={**data, "code": code}).location == "/setup"


def test_links_in_emails_work_until_the_key_is_dropped(config):
    url = unsubscribe.url(config, "reminders", "x8k2", "alice@cedarlane.example")
    token = url.rpartition("/")[2]
    after = config.replace(secret_key=NEW, secret_key_fallbacks=(config.secret_key,))
    assert unsubscribe.read(after, "reminders", token) == ("x8k2", "alice@cedarlane.example")
    assert unsubscribe.read(config.replace(secret_key=NEW), "reminders", token) is None


def test_links_of_releases_that_did_not_divide_the_key_still_work(config):
    from itsdangerous import URLSafeSerializer

    token = URLSafeSerializer(config.secret_key, salt="reminders").dumps(["x8k2", "alice@cedarlane.example"])
    assert unsubscribe.read(config, "reminders", token) == ("x8k2", "alice@cedarlane.example")


def test_test_of_the_connection_is_remembered(config):
    facts = {"environment": config.environment, "merchant": config.merchant_id}
    facts["keys"] = connection_test.fingerprints(config)[0]
    after = config.replace(secret_key=NEW, secret_key_fallbacks=(config.secret_key,))
    assert connection_test.is_about(after, facts)
    assert not connection_test.is_about(config.replace(private_key="other"), facts)


def test_pepper_of_an_installation_is_the_undivided_key_and_is_encrypted(portal, config, cast):
    portal()
    kept = Deployment.current().pepper
    assert config.secret_key not in kept and Deployment.pepper_for(config.keys) == config.secret_key


def test_pepper_of_a_new_installation_is_random(portal, config):
    User.update(password_hash=None).execute()
    portal()
    pepper = Deployment.pepper_for(config.keys)
    assert len(pepper) > 40 and pepper != config.secret_key


def test_accepted_key_has_a_pepper_of_its_own(portal, config, clock, cast):
    portal()
    Deployment.replace_key(Keys(NEW), clock())
    assert Deployment.pepper_for(Keys(NEW)) != config.secret_key
    response = portal(secret_key=NEW).test_client().get("/login")
    assert response.status_code == 200


def about_the_key(config, app, clock, **settings):
    database = app.extensions["database"]
    with database.connection_context():
        return next(one for one in checks(config.replace(**settings), database, clock()) if one.subject == "Secret key")


def test_doctor_says_when_the_earlier_key_can_be_dropped(portal, rotated, config, cast, clock):
    set_up_two_factor(portal(), cast, clock)
    both = {"secret_key": NEW, "secret_key_fallbacks": (config.secret_key,)}
    app = rotated()
    assert "still encrypted with an earlier key" in about_the_key(config, app, clock, **both).text
    with app.extensions["database"].connection_context():
        encrypt_again(app.config["PORTAL"].keys, clock())
    assert Audit.last("secret_key_changed") is not None
    assert "Keep SECRET_KEY_FALLBACKS until 2026-12-22" in about_the_key(config, app, clock, **both).text
    clock.advance(days=31)
    assert "Leave it out" in about_the_key(config, app, clock, **both).text
    assert about_the_key(config, app, clock, secret_key=NEW).level == "ok"
    assert about_the_key(config, app, clock).level == "problem"


def test_each_purpose_has_a_key_of_its_own():
    keys = Keys(NEW, ("x" * 40,))
    found = [key for purpose in PURPOSES for key in keys.of(purpose)]
    assert len(set(found)) == len(found) == 2 * len(PURPOSES) and NEW.encode() not in found
    assert NEW not in repr(keys) and "xxx" not in repr(keys)


def test_modules_use_derived_keys_only():
    """Reading, checking and naming the secret key is for these."""
    users = {
        str(path.relative_to(ROOT))
        for path in (ROOT / "app").rglob("*.py")
        if re.search(r"\.secret_key\b|keys\.secrets?\b", path.read_text())
    }
    assert users <= {
        "app/config.py",
        "app/keys.py",
        "app/health/live.py",
        "app/models/deployment.py",
        "app/payments/connection_test.py",
        "app/web/console.py",
        "app/worker/secret_keys.py",
    }
