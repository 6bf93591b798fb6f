"""Five wrong tries, and what they cost."""

import contextlib
from concurrent.futures import ThreadPoolExecutor

import pytest

from app.clock import to_ms
from app.models import Audit, Session, Throttle
from app.web.ip import network, plain
from tests.accounts.conftest import NEW, ask_for_link, kinds_of_statements, send_form
from tests.people import PASSWORD
from tests.support.mailbox import mails_to

ALICE, UNKNOWN = "alice@cedarlane.example", "unknown@cedarlane.example"
LOCKED = "Too many attempts. Wait 30 minutes, or reset your password."


def tries(client, email, count, password="wrong"):
    return [send_form(client, "/login", email=email, password=password) for _ in range(count)]


@pytest.mark.parametrize("email", [ALICE, UNKNOWN])
def test_the_fifth_wrong_try_locks_known_and_unknown_alike(client, cast, email):
    answers = tries(client, email, 6)
    assert [answer.status_code for answer in answers] == [422] * 4 + [429] * 2
    assert answers[-1].get_data(as_text=True).count(LOCKED) == 2


def test_the_right_password_is_refused_while_locked(client, cast):
    tries(client, ALICE, 5)
    assert tries(client, ALICE, 1, PASSWORD)[0].status_code == 429
    assert Session.select().count() == 0


def test_the_lock_opens_after_thirty_minutes(client, cast, clock):
    tries(client, ALICE, 5)
    clock.advance(minutes=29, seconds=59)
    assert tries(client, ALICE, 1, PASSWORD)[0].status_code == 429
    clock.advance(seconds=1)
    assert tries(client, ALICE, 1, PASSWORD)[0].status_code == 303


def test_a_right_password_makes_the_count_start_again(client, app, cast):
    tries(client, ALICE, 4)
    tries(app.test_client(), ALICE, 1, PASSWORD)
    assert [answer.status_code for answer in tries(client, ALICE, 4)] == [422] * 4


def test_old_wrong_tries_are_forgotten(client, cast, clock):
    tries(client, ALICE, 4)
    clock.advance(minutes=30)
    assert [answer.status_code for answer in tries(client, ALICE, 4)] == [422] * 4


def test_one_persons_lock_is_not_anothers(client, cast):
    tries(client, ALICE, 5)
    assert tries(client, cast.bob.email, 1, PASSWORD)[0].status_code == 303


def test_the_account_is_one_however_it_is_written(client, cast):
    tries(client, " ALICE@cedarlane.example", 4)
    assert tries(client, ALICE, 1)[0].status_code == 429


def test_a_reset_link_opens_the_lock(client, app, cast):
    tries(client, ALICE, 5)
    link = ask_for_link(client, ALICE)
    client.get(link)
    send_form(client, "/reset", password=NEW)
    assert tries(app.test_client(), ALICE, 1, NEW)[0].status_code == 303


def test_administrators_are_mailed_once_when_an_account_locks(client, cast):
    tries(client, ALICE, 8)
    mails = mails_to(cast.ruth.email)
    assert [mail.subject for mail in mails] == [f"{ALICE} is locked out for 30 minutes"]
    assert "from 127.0.0.1" in mails[0].text and not mails_to(ALICE)


def test_unknown_account_sends_no_mail(client, cast):
    tries(client, UNKNOWN, 5)
    assert mails_to(cast.ruth.email) == []


def test_every_wrong_try_costs_the_same_statements_known_or_not(client, cast):
    """The fifth, which locks and mails, and the refused ones after it too; also for an administrator."""
    tries(client, "first@cedarlane.example", 1)  # makes the row of the throttle for this network
    counts = []
    for email in (ALICE, "unknown@cedarlane.example", cast.ruth.email, cast.nora.email):
        with kinds_of_statements() as done:
            tries(client, email, 6)
        counts.append(done)
    assert all(count == counts[0] for count in counts)
    assert len(mails_to(cast.ruth.email)) == 3


def test_lock_is_audited(client, cast):
    tries(client, ALICE, 5)
    assert Audit.get(Audit.event == "login_locked").subject == f"user:{ALICE}"


def test_an_address_has_fifty_wrong_tries_for_all_accounts_together(client, cast, hasher):
    answers = [tries(client, f"guess{n}@x.example", 1)[0].status_code for n in range(50)]
    assert answers == [422] * 50
    assert tries(client, ALICE, 1, PASSWORD)[0].status_code == 429
    assert len(hasher.asked) == 50


def test_another_address_is_not_affected(client, app, cast):
    for n in range(50):
        tries(client, f"guess{n}@x.example", 1)
    other = app.test_client()
    other.environ_base["REMOTE_ADDR"] = "192.0.2.7"
    assert tries(other, ALICE, 1, PASSWORD)[0].status_code == 303


def test_right_passwords_do_not_count_against_an_address(app, cast):
    for _ in range(3):
        tries(app.test_client(), ALICE, 1, PASSWORD)
    assert Throttle.get(Throttle.key == "address:127.0.0.1").tries == 0


@pytest.mark.parametrize("header", ["X-Forwarded-For", "X-Real-IP", "Forwarded"])
def test_a_header_does_not_make_another_address(client, cast, header):
    tries(client, ALICE, 1)
    client.environ_base[f"HTTP_{header.upper().replace('-', '_')}"] = "192.0.2.9"
    tries(client, ALICE, 1)
    assert Throttle.get(Throttle.key == "address:127.0.0.1").tries == 2


@pytest.mark.parametrize("email", [ALICE, UNKNOWN])
def test_a_wrong_try_costs_one_hash_and_a_locked_one_none(client, cast, hasher, email):
    tries(client, email, 5)
    assert hasher.asked == ["verify"] * 5
    tries(client, email, 3)
    assert hasher.asked == ["verify"] * 5


def test_user_without_a_password_costs_the_same_hash(client, cast, hasher):
    cast.alice.password_hash = None
    cast.alice.save()
    tries(client, ALICE, 1)
    assert hasher.asked == ["verify"]


def test_tries_at_the_same_moment_are_not_more_than_five(app, cast, clock):
    limits = {"account:x": 5}

    def one(_):
        with app.extensions["database"].connection_context():
            return Throttle.take_try(limits, clock())

    with ThreadPoolExecutor(8) as threads:
        assert sum(threads.map(one, range(24))) == 5


def test_old_rows_are_deleted_in_time(client, app, cast, clock):
    tries(client, UNKNOWN, 5)
    clock.advance(days=2)
    tries(client, ALICE, 1, PASSWORD)
    assert [row.key for row in Throttle.select()] == ["address:127.0.0.1"]
    assert Throttle.get().window_ms == to_ms(clock())


def test_a_lock_of_a_clock_that_was_ahead_is_over(client, cast, clock, log_in):
    clock.advance(days=3)
    for _ in range(5):
        send_form(client, "/login", email=cast.alice.email, password="wrong")
    clock.advance(days=-3)
    assert Throttle.spent_until(Throttle.account(cast.alice.email), 5, clock()) is None
    log_in(cast.alice)
    clock.advance(days=-3)
    Throttle.forget_old(clock())
    assert Throttle.select().count() == 0


def test_locked_out_caller_takes_no_place_in_the_queue(client, cast, hasher):
    tries(client, ALICE, 5)
    hasher._patience_seconds = 0
    with contextlib.ExitStack() as places:
        for _ in range(4):
            places.enter_context(hasher.slot())
        assert tries(client, ALICE, 1)[0].status_code == 429
        assert tries(client, UNKNOWN, 1)[0].status_code == 503


def test_an_ipv6_household_is_one_address():
    assert network("2001:db8:1:2::1") == network("2001:db8:1:2:ffff::9") != network("2001:db8:1:3::1")
    assert network("192.0.2.7") == network("::ffff:192.0.2.7") == network("::FFFF:c000:207") == "192.0.2.7"
    assert [plain(text) for text in ("2001:DB8::1", "::ffff:1.2.3.4", "x", "", None)] == [
        "2001:db8::1",
        "1.2.3.4",
        "x",
        "",
        "",
    ]


def test_an_ipv4_address_in_ipv6_is_that_ipv4_address(client, cast, log_in):
    """In the throttle, the audit trail and the list of one's sessions."""
    for form in ("192.0.2.7", "::ffff:192.0.2.7", "::FFFF:C000:207"):
        client.environ_base["REMOTE_ADDR"] = form
        tries(client, "unknown@cedarlane.example", 1)
    assert Throttle.get(Throttle.key == "address:192.0.2.7").tries == 3
    assert {line.address for line in Audit.select()} == {"192.0.2.7"}
