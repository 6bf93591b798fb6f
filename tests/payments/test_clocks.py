"""A clock that was wrong for a while: what it wrote must not stop any duty once it is right again."""

import json
import runpy
from datetime import timedelta

import pytest

from app.clock import to_ms
from app.database import MIGRATIONS
from app.mail.compose import Mail
from app.models import Attempt, Audit, Link, OutboxMail, Session, Throttle, User, Webhook, db
from app.worker import Worker

YEAR = timedelta(days=365)


@pytest.fixture
def work(app):
    """work("audit_daily") does those duties of the worker."""

    def _work(*names):
        with app.extensions["database"].connection_context():
            for name in names:
                getattr(Worker(app), name)()

    return _work


@pytest.fixture
def database(app):
    with app.extensions["database"].connection_context():
        yield


def wrongly(clock, act, ahead=YEAR):
    """`act()` while the clock is ahead."""
    clock.advance(days=ahead.days)
    act()
    clock.advance(days=-ahead.days)


def test_the_nightly_comparison_goes_on_after_it_ran_in_the_future(work, clock, cast, database):
    wrongly(clock, lambda: work("audit_daily"))
    work("audit_daily")
    work("audit_daily")
    assert [line.at_ms for line in Audit.since("payment.audited", 0)][1:] == [to_ms(clock())]
    clock.advance(days=1)
    work("audit_daily")
    assert len(list(Audit.since("payment.audited", 0))) == 3


def test_administrators_are_alerted_to_failing_comparisons_though_one_seems_to_have_run_in_the_future(
    work, clock, cast, database, demo_gateway
):
    work("audit_daily")
    wrongly(clock, lambda: work("audit_daily"))
    demo_gateway.faults.add("search_down", times=None)
    clock.advance(days=3)
    work("audit_daily")
    assert Audit.last("payment.not_audited")


@pytest.mark.parametrize("ahead", [timedelta(days=-3), timedelta(days=3), YEAR])
def test_an_alert_is_mailed_once_though_it_was_written_under_a_wrong_clock(work, clock, cast, database, ahead):
    facts = {"amount_minor": 100, "currency": "USD", "order_id": "cc-1"}
    wrongly(clock, lambda: Audit.write("payment.unmatched", to_ms(clock()), "transaction:t1", **facts), ahead)
    work("alert", "alert")
    (mail,) = OutboxMail.select()
    assert mail.kind == "alert" and mail.recipient == cast.ruth.email


def test_an_alert_is_mailed_once_though_the_clock_is_wrong_when_it_is_due(work, clock, cast, database):
    Audit.write("payment.unmatched", to_ms(clock()), "transaction:t1", amount_minor=100, currency="USD")
    wrongly(clock, lambda: work("alert"))
    work("alert")
    assert OutboxMail.select().count() == 1


def test_new_administrator_gets_no_earlier_alerts(work, clock, cast, database):
    Audit.write("payment.unmatched", to_ms(clock()), "transaction:t1", amount_minor=100, currency="USD")
    work("alert")
    User.update(is_administrator=True).where(User.id == cast.nora.id).execute()
    work("alert")
    assert [mail.recipient for mail in OutboxMail.select()] == [cast.ruth.email]


@pytest.mark.parametrize("ahead", [timedelta(days=-3), YEAR])
def test_other_shops_charges_are_mailed_once_though_the_clock_was_wrong(work, clock, cast, database, ahead):
    def night():
        Audit.write("payment.foreign", to_ms(clock()), "transaction:t1", amount_minor=100, currency="USD")
        Audit.write("payment.audited", to_ms(clock()), alerts=0)

    wrongly(clock, night, ahead)
    work("alert", "alert")
    assert [mail.kind for mail in OutboxMail.select()] == ["not_made_here"]


@pytest.mark.parametrize("noted", [True, False])
def test_what_an_earlier_release_mailed_is_not_mailed_again(work, clock, cast, database, noted):
    """It called these emails strangers, and at first kept no list."""
    Audit.write("payment.foreign", to_ms(clock()), "transaction:t1", amount_minor=100, currency="USD")
    Audit.write("payment.audited", to_ms(clock()), alerts=0)
    mailed, compared = (Audit.last(event).id for event in ("payment.foreign", "payment.audited"))
    OutboxMail.queue(f"strangers:{compared}:{cast.ruth.id}", cast.ruth.email, Mail("1", "1", "1"), clock())
    if noted:
        Audit.write("strangers_listed", to_ms(clock()), base=0, ids=[mailed], until=mailed, count=1)
    work("alert")
    Audit.write("payment.foreign", to_ms(clock()), "transaction:t2", amount_minor=100, currency="USD")
    Audit.write("payment.audited", to_ms(clock()), alerts=0)
    work("alert", "alert")
    assert OutboxMail.select().where(OutboxMail.kind == "strangers").count() == 1
    (mail,) = OutboxMail.select().where(OutboxMail.kind == "not_made_here")
    assert "t2" in mail.text and "t1" not in mail.text


def test_emails_of_an_earlier_release_get_their_kind_and_keep_their_key(clock, cast, database):
    OutboxMail.queue("strangers:1:2", cast.ruth.email, Mail("1", "1", "1"), clock())
    runpy.run_path(str(MIGRATIONS / "0054_kind_of_email.py"))["up"](None, db)
    assert [(mail.kind, mail.key) for mail in OutboxMail.select()] == [("not_made_here", "strangers:1:2")]


def test_an_address_that_cannot_be_mailed_keeps_no_alert_from_the_others(work, clock, cast, database):
    User.update(email="no address", is_administrator=True).where(User.id == cast.alice.id).execute()
    Audit.write("payment.unmatched", to_ms(clock()), "transaction:t1", amount_minor=100, currency="USD")
    work("alert", "alert")
    assert [mail.recipient for mail in OutboxMail.select()] == [cast.ruth.email]


def test_failed_emails_are_reported_after_a_clock_jump(work, clock, cast, database):
    def fail(key):
        OutboxMail.queue(key, cast.alice.email, Mail("s", "t", "h"), clock())
        OutboxMail.get(key=key).fail(OutboxMail.REFUSED, clock(), "550 no such user")
        work("alert")

    wrongly(clock, lambda: fail("receipt:1"))
    fail("receipt:2")
    assert OutboxMail.select().where(OutboxMail.kind == "undelivered").count() == 2


@pytest.mark.parametrize("fault", ["lost_request", "lost_response"])
def test_attempt_created_in_the_future_is_decided(portal, fault):
    portal.gateway.key_allowed = False
    portal.demo.faults.add(fault)
    wrongly(portal.clock, lambda: portal.pay(portal.invoice()))
    portal.demo.faults.add("search_lag", times=None, seconds=10 * 365 * 86_400)
    portal.demo.faults.add("lost_request", times=None)
    portal.recover(minutes=(2, 2, 200, 5, 5, 5, 10), audit=False)
    assert Attempt.get().state == Attempt.ABANDONED


def test_a_search_that_began_in_the_future_begins_now(portal):
    portal.gateway.key_allowed = False
    portal.demo.faults.add("lost_request", times=None)
    portal.pay(portal.invoice())
    wrongly(portal.clock, portal.reconcile)
    portal.recover(minutes=(2, 240, 5, 5, 10), audit=False)
    assert Attempt.get().state == Attempt.ABANDONED


def test_mail_that_seems_due_in_the_future_is_sent(app, cast, clock, database):
    wrongly(
        clock,
        lambda: OutboxMail.insert(
            key="x",
            recipient="a@b.example",
            subject="s",
            text="t",
            html="h",
            created_ms=to_ms(clock()),
            next_try_ms=to_ms(clock()),
        ).execute(),
    )
    assert [mail.key for mail in OutboxMail.due(clock())] == ["x"]


def test_mail_that_was_given_up_is_not_due(app, cast, clock, database):
    OutboxMail.insert(
        key="x", recipient="a@b.example", subject="s", text="t", html="h", created_ms=0, next_try_ms=OutboxMail.NEVER
    ).execute()
    assert list(OutboxMail.due(clock())) == []


def test_a_lock_set_in_the_future_does_not_last_until_then(app, cast, clock, database):
    limits = {"account:x": 1}

    def lock():
        assert Throttle.take_try(limits, clock()) and Throttle.lock_if_spent("account:x", 1, clock())

    wrongly(clock, lock)
    assert Throttle.take_try(limits, clock())
    assert not Throttle.take_try(limits, clock())


def test_a_link_made_in_the_future_does_not_work_until_then(app, cast, clock, database):
    tokens = []
    wrongly(clock, lambda: tokens.append(Link.issue(cast.alice, Link.RESET, clock(), timedelta(hours=1))))
    link = Link.find(tokens[0], Link.RESET)
    assert not link.is_live(clock()) and not link.use(clock())


def test_a_login_made_in_the_future_ends(app, cast, clock, database):
    wrongly(
        clock,
        lambda: Session.create(token_hash="x", user=cast.alice, created_ms=to_ms(clock()), seen_ms=to_ms(clock())),
    )
    Session.forget_old(clock(), 3600, 36_000)
    assert Session.select().count() == 0


def test_a_second_factor_used_in_the_future_does_not_refuse_all_others(app, cast, clock, database):
    step = to_ms(clock()) // 30_000
    assert cast.ruth.accept_step(step + 1_000_000)
    assert User.get_by_id(cast.ruth.id).accept_step(step)
    assert not User.get_by_id(cast.ruth.id).accept_step(step)


def test_a_notice_received_in_the_future_is_not_asked_about_for_ever(portal):
    portal.pay(portal.invoice())
    Webhook.store("one", "transaction_settled", portal.live()[0]["id"], "", to_ms(portal.clock() + YEAR))
    portal.demo.faults.add("error_503", on="find", times=None)
    portal.handle_webhooks()
    assert Webhook.unhandled().count() == 0


def late(event: str, line_id: int, **facts) -> None:
    """A line whose transaction ends after those with higher ids."""
    Audit.insert(
        id=line_id, event=event, at_ms=1, subject=f"transaction:t{line_id}", detail=json.dumps(facts)
    ).execute()


@pytest.mark.parametrize(
    ("event", "count", "kind"),
    [("payment.unmatched", 9, "alerts"), ("payment.foreign", 2, "not_made_here"), ("mail_failed", 2, "undelivered")],
)
def test_alert_committed_late_is_mailed_after_a_newer_list(work, clock, cast, database, event, count, kind):
    facts = {"amount_minor": 100, "currency": "USD", "kind": "receipt", "reason": "550"}
    for night in range(3):
        for number in range(count):
            late(event, 1_000 * (night + 1) + number, **facts)
        late("payment.audited", 1_000 * (night + 1) + 500)
        clock.advance(days=1)
        work("alert", "alert")
        late(event, 1_000 * (night + 1) - 1, **facts)
    work("alert")
    clock.advance(days=1)
    late("payment.audited", 9_000)
    work("alert", "alert")
    said = " ".join(mail.text for mail in OutboxMail.select().where(OutboxMail.kind.startswith(kind[:5])))
    for night in range(3):
        for line_id in (1_000 * (night + 1), 1_000 * (night + 1) - 1):
            assert said.count(f"t{line_id}") >= 1, line_id
    if kind != "alerts":
        assert said.count("t1000") == 1
