"""Two-factor authentication of administrators."""

import contextlib
import re

import pyotp
import pytest

from app import create_app
from app.accounts import two_factor
from app.keys import Keys
from app.models import Audit, RecoveryCode, User
from app.models.base import digest
from app.sealed import decrypt, encrypt
from app.web.sessions import SECOND_FACTOR_ENDPOINTS
from tests.conftest import csrf_of
from tests.ledger import CUSTOMER, PUBLIC
from tests.people import PASSWORD
from tests.routes import ROUTES
from tests.support.mailbox import mails_to

PAGE, CODE = "/account/two-factor", "/login/code"
KEYS = Keys("a test key that is long enough to be accepted")


def send(client, path, on=PAGE, **fields):
    page = client.get(on, follow_redirects=True).get_data(as_text=True)
    password = {"password": PASSWORD} if path == PAGE else {}
    return client.post(path, data={"csrf_token": csrf_of(page), **password, **fields})


def seed_of(user):
    """As the database has it for this portal's key."""
    return decrypt(User.get_by_id(user.id).totp_secret, KEYS, two_factor.SEEDS)


@pytest.fixture
def device(cast, clock):
    """device() is the code that Ruth's device shows now; device(-1) the one before."""

    def _device(steps=0):
        return code_of(seed_of(cast.ruth), clock, steps)

    return _device


def code_of(secret, clock, steps=0):
    return pyotp.TOTP(secret).at(int(clock().timestamp()) + 30 * steps)


def shown_secret(client):
    """The secret that the page shows, to type into an app."""
    page = client.get(PAGE).get_data(as_text=True)
    return re.search(r'<code class="wrap-any">([A-Z2-7 ]+)<', page)[1].replace(" ", "")


@pytest.fixture
def codes(log_in, cast, clock):
    """Ruth has set it up: her recovery codes."""
    ruth = log_in(cast.ruth)
    assert "<svg" in ruth.get(PAGE).get_data(as_text=True)
    response = send(ruth, PAGE, code=code_of(shown_secret(ruth), clock))
    assert response.status_code == 200 and ruth.get("/setup").status_code == 200
    clock.advance(minutes=5)
    return re.findall("<code>(.{4}-.{5}-.{5})</code>", response.get_data(as_text=True))


@pytest.fixture
def halfway(codes, log_in, cast):
    """halfway() is Ruth's browser after the password."""
    return lambda: log_in(cast.ruth)


def test_the_secret_on_the_page_stays_and_is_kept_when_it_is_confirmed(log_in, cast, clock):
    ruth = log_in(cast.ruth)
    secret, again = shown_secret(ruth), shown_secret(ruth)
    assert secret == again and User.get_by_id(cast.ruth.id).totp_secret is None
    assert send(ruth, PAGE, code=code_of(secret, clock)).status_code == 200
    assert seed_of(cast.ruth) == secret
    assert "style=" not in ruth.get(PAGE).get_data(as_text=True).partition('class="qr"')[2].partition("</div>")[0]


def test_secret_is_hidden_from_a_second_login(log_in, cast):
    ruth, thief = log_in(cast.ruth), log_in(cast.ruth)
    assert shown_secret(ruth) != shown_secret(thief)


def test_a_new_password_makes_a_new_secret(log_in, cast):
    ruth = log_in(cast.ruth)
    before = shown_secret(ruth)
    fields = {"current_password": PASSWORD, "password": "Marble.tulip.93"}
    assert send(ruth, "/account/password", on="/account/password", **fields).status_code == 303
    assert shown_secret(ruth) != before


def test_first_of_two_concurrent_setups_is_kept(log_in, cast, clock):
    ruth, thief = log_in(cast.ruth), log_in(cast.ruth)
    secret, other = shown_secret(ruth), shown_secret(thief)
    assert send(ruth, PAGE, code=code_of(secret, clock)).status_code == 200
    clock.advance(minutes=5)
    assert send(thief, PAGE, on="/logout", code=code_of(other, clock)).status_code in (303, 404)
    assert seed_of(cast.ruth) == secret


def test_turning_it_on_needs_the_password(log_in, cast, clock):
    ruth = log_in(cast.ruth)
    code = code_of(shown_secret(ruth), clock)
    for password, words in (("", "Enter your password"), ("wrong", "The password is incorrect")):
        response = send(ruth, PAGE, code=code, password=password)
        assert response.status_code == 422 and words in response.get_data(as_text=True)
    assert User.get_by_id(cast.ruth.id).totp_confirmed_ms is None


def test_turning_it_on_ends_the_other_sessions(log_in, cast, clock):
    ruth, other = log_in(cast.ruth), log_in(cast.ruth)
    assert send(ruth, PAGE, code=code_of(shown_secret(ruth), clock)).status_code == 200
    assert other.get("/setup").location.startswith("/login?") and ruth.get("/setup").status_code == 200


@pytest.mark.parametrize("wish", ["codes", "device"])
def test_changing_it_ends_the_other_sessions(halfway, device, clock, wish):
    ruth, other = halfway(), halfway()
    send(ruth, CODE, on=CODE, code=device())
    clock.advance(minutes=1)
    send(ruth, f"{PAGE}/change", wish=wish, password=PASSWORD, code=device())
    assert other.get("/setup").location.startswith("/login?") and ruth.get("/setup").status_code == 200


def test_seeds_of_earlier_releases_are_encrypted_once(codes, cast):
    seed = pyotp.random_base32()
    User.update(totp_secret=seed).where(User.id == cast.ruth.id).execute()
    two_factor.encrypt_clear_seeds(KEYS)
    encrypted = User.get_by_id(cast.ruth.id).totp_secret
    two_factor.encrypt_clear_seeds(KEYS)
    assert seed not in encrypted and User.get_by_id(cast.ruth.id).totp_secret == encrypted
    assert seed_of(cast.ruth) == seed


def test_a_seed_of_another_secret_key_is_named(halfway, cast, caplog):
    User.update(totp_secret=encrypt("A" * 32, Keys("another key"), two_factor.SEEDS)).where(
        User.id == cast.ruth.id
    ).execute()
    response = send(halfway(), CODE, on=CODE, code="123456")
    assert response.status_code == 422 and "secret key has changed" in response.get_data(as_text=True)
    assert "encrypted with another secret key" in caplog.text


def test_recovery_codes_are_hashed_slowly_and_only_one_hash_is_compared(codes, cast):
    stored = {code.label: code.code_hash for code in RecoveryCode.select()}
    assert all(value.startswith("$2b$") for value in stored.values()) and codes[0][:4] in stored
    asked = []
    assert not RecoveryCode.matching(cast.ruth, codes[0][:4] + "xxxxxxxxxx", lambda *pair: asked.append(pair))
    assert not RecoveryCode.matching(cast.ruth, "nosuchcode", lambda *pair: asked.append(pair))
    assert asked == [("xxxxxxxxxx", stored[codes[0][:4]])]


@pytest.fixture
def full_queue(hasher):
    """`with full_queue():` every place in the queue for hashes is taken."""

    @contextlib.contextmanager
    def _full_queue():
        with contextlib.ExitStack() as places:
            for _ in range(4):
                places.enter_context(hasher.slot())
            patience_seconds, hasher._patience_seconds = hasher._patience_seconds, 0
            yield
            hasher._patience_seconds = patience_seconds

    return _full_queue


def test_making_codes_goes_through_the_queue_for_hashes_outside_transactions(hasher, codes):
    assert hasher.asked == ["verify", "verify"] + ["hash"] * 10  # to log in, to switch it on


def test_checking_a_code_goes_through_the_queue_too(hasher, halfway, codes):
    ruth = halfway()
    hasher.asked.clear()
    assert send(ruth, CODE, on=CODE, code=codes[0][:4] + "-xxxxx-xxxxx").status_code == 422
    assert send(ruth, CODE, on=CODE, code=codes[0]).status_code == 303
    assert hasher.asked == ["verify", "verify"]


def test_a_full_queue_uses_up_neither_a_code_nor_a_try(full_queue, halfway, codes, cast):
    ruth = halfway()
    with full_queue():
        for _ in range(6):
            assert send(ruth, CODE, on=CODE, code=codes[0]).status_code == 503
    assert RecoveryCode.left(cast.ruth.id) == 10
    assert send(ruth, CODE, on=CODE, code=codes[0]).status_code == 303


def test_one_person_cannot_have_codes_hashed_again_and_again(hasher, halfway, device, codes, clock):
    """Each time takes a new code from the device: nine wrong tries hash no codes."""
    ruth = halfway()
    send(ruth, CODE, on=CODE, code=device())
    clock.advance(minutes=1)
    code = device()
    hasher.asked.clear()
    statuses = [send(ruth, f"{PAGE}/change", wish="codes", password=PASSWORD, code=code).status_code for _ in range(9)]
    assert statuses[0] == 200 and set(statuses[1:]) <= {422, 429}
    assert hasher.asked.count("hash") == 10 and hasher.asked.count("verify") <= 9


def test_a_recovery_code_of_an_earlier_release_still_works_once(halfway, cast):
    RecoveryCode.create(user=cast.ruth, code_hash=digest(f"{cast.ruth.id}:k7m2p-x9w4r"))
    assert send(halfway(), CODE, on=CODE, code="K7M2P-X9W4R").status_code == 303
    assert send(halfway(), CODE, on=CODE, code="k7m2p-x9w4r").status_code == 422


def test_a_wrong_first_code_switches_nothing_on(log_in, cast, clock):
    ruth = log_in(cast.ruth)
    right = code_of(shown_secret(ruth), clock)
    response = send(ruth, PAGE, code="000000" if right != "000000" else "000001")
    assert response.status_code == 422 and User.get_by_id(cast.ruth.id).totp_confirmed_ms is None


def test_after_the_password_alone_nothing_is_reached(halfway, world):
    ruth = halfway()
    token = csrf_of(ruth.get(CODE).get_data(as_text=True))
    for route in ROUTES:
        if route.rule != PUBLIC and route.endpoint not in SECOND_FACTOR_ENDPOINTS:
            request = route.request(world, route.kinds[0])
            if route.method == "POST":
                request["data"] = {**(request["data"] or {}), "csrf_token": token}
            response = ruth.open(**request)
            asked = response.status_code == 303 and response.location.partition("?")[0] == CODE
            assert asked or (response.status_code == 403 and route.rule == CUSTOMER), route


def test_with_the_code_everything_is_as_before_in_a_new_session(halfway, device, cast):
    ruth = halfway()
    before = {session.token_hash for session in cast.ruth.sessions}
    assert ruth.get("/audit?kind=logins").location == f"{CODE}?next=/audit?kind%3Dlogins"
    response = send(ruth, CODE, on=CODE, code=f" {device()[:3]} {device()[3:]} ", next="/audit?kind=logins")
    assert response.location == "/audit?kind=logins" and ruth.get("/audit").status_code == 200
    assert {session.token_hash for session in cast.ruth.sessions} - before


def test_a_code_works_once(halfway, device):
    code = device()
    assert send(halfway(), CODE, on=CODE, code=code).status_code == 303
    assert send(halfway(), CODE, on=CODE, code=code).status_code == 422


@pytest.mark.parametrize(("steps", "status"), [(-2, 422), (-1, 303), (0, 303), (1, 303), (2, 422)])
def test_a_clock_may_be_half_a_minute_wrong(halfway, device, steps, status):
    assert send(halfway(), CODE, on=CODE, code=device(steps)).status_code == status


def test_a_recovery_code_works_once(halfway, codes):
    assert len(set(codes)) == 10
    assert send(halfway(), CODE, on=CODE, code=codes[3].upper()).status_code == 303
    assert Audit.last("recovery_code_used").actor == "ruth@harborpine.example"
    assert send(halfway(), CODE, on=CODE, code=codes[3]).status_code == 422
    assert send(halfway(), CODE, on=CODE, code=codes[4]).status_code == 303


def test_phones_offer_letters_where_a_recovery_code_is_taken(halfway, codes, log_in, cast):
    digits_alone = 'inputmode="numeric"'
    assert digits_alone in log_in(cast.alice).get(PAGE).get_data(as_text=True)  # a code of the app turns it on
    ruth = halfway()
    assert digits_alone not in ruth.get(CODE).get_data(as_text=True)
    send(ruth, CODE, on=CODE, code=codes[0])
    page = ruth.get(PAGE).get_data(as_text=True)
    assert "or one of your recovery codes" in page and digits_alone not in page


def test_five_wrong_codes_lock_it_for_half_an_hour(halfway, device, clock):
    statuses = [send(halfway(), CODE, on=CODE, code="12345x").status_code for _ in range(5)]
    assert statuses == [422, 422, 422, 422, 429]
    assert send(halfway(), CODE, on=CODE, code=device()).status_code == 429
    clock.advance(minutes=31)
    assert send(halfway(), CODE, on=CODE, code=device()).status_code == 303


def test_five_wrong_codes_are_mailed_to_the_owner_and_the_administrators(halfway, cast, clock):
    sam = User.create(email="sam@harborpine.example", is_administrator=True, created_ms=0)
    for _ in range(6):
        send(halfway(), CODE, on=CODE, code="12345x")
    for person in (cast.ruth, sam):
        (mail,) = [one for one in mails_to(person.email) if "wrong codes" in one.subject]
        assert mail.subject == "5 wrong codes for ruth@harborpine.example" and "from 127.0.0.1" in mail.text
    assert Audit.last("code_locked").subject == "user:ruth@harborpine.example"


def test_a_lock_covers_a_browser_that_gave_the_password_before(halfway, device, client, clock):
    before = halfway()
    for _ in range(5):
        send(client, "/login", on="/login", email="ruth@harborpine.example", password="wrong")
    answer = send(before, CODE, on=CODE, code=device())
    assert answer.status_code == 429 and "Too many attempts" in answer.get_data(as_text=True)
    clock.advance(minutes=31)
    assert send(before, CODE, on=CODE, code=device()).status_code == 303


def test_only_administrators_are_sent_to_the_server(halfway, log_in, cast, clock):
    alice = log_in(cast.alice)
    send(alice, PAGE, code=code_of(shown_secret(alice), clock))
    for browser, is_administrator in ((halfway(), True), (log_in(cast.alice), False)):
        for _ in range(6):
            answer = send(browser, CODE, on=CODE, code="12345x")
        text = answer.get_data(as_text=True)
        assert answer.status_code == 429 and "Too many attempts. Wait 30 minutes" in text
        assert ("flask reset-two-factor" in text) is is_administrator and ("contact us" in text) is not is_administrator


def test_a_right_password_is_not_called_wrong_while_it_is_locked(halfway, device, clock, client):
    ruth = halfway()
    send(ruth, CODE, on=CODE, code=device())
    clock.advance(minutes=1)
    for _ in range(5):
        send(client, "/login", on="/login", email="ruth@harborpine.example", password="wrong")
    pages = [
        send(ruth, f"{PAGE}/change", wish="codes", password=password, code=device()).get_data(as_text=True)
        for password in (PASSWORD, "wrong")
    ]
    for page in pages:
        assert "Too many attempts. Wait 30 minutes, or reset your password." in page
        assert "password is incorrect" not in page and "flask reset" not in page


def test_new_codes_and_another_device_need_password_and_code(halfway, device, codes, clock, cast):
    ruth = halfway()
    send(ruth, CODE, on=CODE, code=device())
    clock.advance(minutes=1)
    change = f"{PAGE}/change"
    assert send(ruth, change, wish="codes", password="wrong", code=device()).status_code == 422
    response = send(ruth, change, wish="codes", password=PASSWORD, code=device())
    assert response.status_code == 200 and codes[0] not in response.get_data(as_text=True)
    clock.advance(minutes=1)
    assert send(ruth, change, wish="device", password=PASSWORD, code=codes[5]).status_code == 422
    assert send(ruth, change, wish="device", password=PASSWORD, code=device()).status_code == 303
    assert User.get_by_id(cast.ruth.id).totp_secret is None and ruth.get("/setup").status_code == 200


def test_changing_the_password_asks_for_no_second_code(halfway, device):
    ruth = halfway()
    send(ruth, CODE, on=CODE, code=device())
    new = {"password": "Amber-Kettle-77-drums", "current_password": PASSWORD}
    assert send(ruth, "/account/password", on="/account/password", **new).status_code == 303
    assert ruth.get("/setup").status_code == 200


def test_outside_the_demo_it_is_set_up_before_anything_else(config, gateway, clock, cast):
    app = create_app(config.replace(environment="sandbox"), gateway=gateway, clock=clock)
    ruth = app.test_client()
    page = ruth.get("/login").get_data(as_text=True)
    ruth.post("/login", data={"csrf_token": csrf_of(page), "email": cast.ruth.email, "password": PASSWORD})
    for path in ("/setup", "/customers", "/account", "/audit.csv"):
        assert ruth.get(path).location == PAGE
    assert "Administrators need two-factor authentication" in ruth.get(PAGE).get_data(as_text=True)


def test_customers_are_asked_for_no_code(log_in, cast):
    assert log_in(cast.alice).get("/invoices").status_code == 200


def test_console_resets_a_lost_second_factor(app, halfway, cast, log_in):
    there = halfway()
    result = app.test_cli_runner().invoke(args=["reset-two-factor", "RUTH@harborpine.example"])
    assert result.exit_code == 0 and there.get("/setup").location.startswith("/login")
    assert log_in(cast.ruth).get("/setup").status_code == 200
    assert app.test_cli_runner().invoke(args=["reset-two-factor", "no@x.example"]).exit_code == 1


def test_change_or_use_of_a_recovery_code_is_emailed(codes, halfway, device, cast, app, clock):
    ruth = halfway()
    send(ruth, CODE, on=CODE, code=codes[0])
    clock.advance(minutes=5)
    send(ruth, f"{PAGE}/change", wish="codes", password=PASSWORD, code=device())
    app.test_cli_runner().invoke(args=["reset-two-factor", cast.ruth.email])
    assert [mail.subject.removesuffix(f" for {cast.ruth.email}") for mail in mails_to(cast.ruth.email)] == [
        "Two-factor authentication was turned on",
        "A recovery code was used",
        "New recovery codes were created",
        "Two-factor authentication was turned off",
    ]


def test_while_a_code_is_asked_for_one_can_ask_to_log_out(halfway):
    assert "Log out" in halfway().get("/logout").get_data(as_text=True)


def test_secrets_are_not_stored_in_clear_or_audited(codes, cast):
    secret = seed_of(cast.ruth)
    assert secret not in User.get_by_id(cast.ruth.id).totp_secret
    text = " ".join(line.detail + line.subject for line in Audit.select())
    assert secret not in text and not any(code in text for code in codes)
