"""Two requests, or two workers, at the same moment: what each must find, on both databases.

Threads with connections of their own stop before the statement that adds or changes a row until both have looked.
"""

import threading
from collections import Counter
from datetime import timedelta
from functools import partial

import click
import pytest

from app.accounts import cli, links
from app.bookkeeping import runs as export_runs
from app.bookkeeping.formats import FORMATS
from app.customers import access_grants
from app.extensions import db
from app.imports import runs as import_runs
from app.imports.context import ImportContext
from app.mail.compose import Mail
from app.mail.delivery import deliver_due
from app.mail.transport import Transport
from app.models import (
    Access,
    Attempt,
    Audit,
    Company,
    Customer,
    Duty,
    ExportLine,
    ExportRun,
    FirstRun,
    ImportRun,
    Invoice,
    InvoiceNotice,
    OutboxMail,
    Role,
    StatementNotice,
    Throttle,
    User,
    VoidedToken,
    one_transaction,
)
from app.models.audit import Actor
from app.models.duty import Run
from app.models.import_row import ImportRow
from app.notices import invoice_mail, statement_mail
from app.payments import settlement
from app.payments.checkout import BeingConfirmed, NotCharged, Paid
from app.worker.schedule import Schedule, Task
from tests.conftest import NOON
from tests.people import invoice
from tests.support.pages import csrf_of
from tests.support.races import at_once

ACTOR = Actor("ruth@harborpine.example", NOON, "http://localhost", "192.0.2.1")


def test_tries_at_once_are_not_more_than_the_limit(app):
    taken = at_once(*[lambda: Throttle.take_try({"account:x": 3}, NOON)] * 8, before='INSERT INTO "throttle"')
    assert Counter(taken) == {True: 3, False: 5}


def test_a_line_that_is_written_once_is_one_line(app):
    written = at_once(*[lambda: Audit.write_once("x", 1, "y", z=2)] * 4, before='INTO "audit"')
    assert Counter(written) == {True: 1, False: 3}
    with db.connection_context():
        assert Audit.select().where(Audit.event == "x").count() == 1


def test_access_that_two_give_at_once_is_one(cast):
    def give():
        customer, role = Customer.get_by_id(cast.cedar.id), Role.get(name=Role.DEFAULT)
        access_grants.grant_access(customer, "new@cedarlane.example", role, ACTOR, Company.current(), notify=True)

    assert at_once(give, give, before='INSERT INTO "user_account"') == [None, None]
    with db.connection_context():
        user = User.by_email("new@cedarlane.example")
        assert [access.given for access in user.accesses] == [True]
        assert Customer.get_by_id(cast.cedar.id).version == cast.cedar.version + 2


def test_person_that_two_customers_get_at_once_is_one(cast):
    def give(customer_id):
        customer, role = Customer.get_by_id(customer_id), Role.get(name=Role.DEFAULT)
        access_grants.grant_access(customer, "new@mill.example", role, ACTOR, Company.current(), notify=True)

    works = [lambda: give(cast.cedar.id), lambda: give(cast.fennel.id)]
    assert at_once(*works, before='INSERT INTO "user_account"') == [None, None]
    with db.connection_context():
        assert User.by_email("new@mill.example").accesses.count() == 2


def test_person_who_is_invited_and_given_access_at_once_is_one(cast):
    role = Role(id=1, name=Role.DEFAULT)

    def give():
        access_grants.grant_access(
            Customer.get_by_id(cast.fennel.id), "new@mill.example", role, ACTOR, Company.current(), notify=True
        )

    def invite():
        access_grants.offer(Customer.get_by_id(cast.cedar.id), "new@mill.example", role, ACTOR, Company.current())

    assert not any(isinstance(one, Exception) for one in at_once(give, invite, before='INSERT INTO "user_account"'))
    with db.connection_context():
        assert User.by_email("new@mill.example").accesses.count() == 2


def test_person_that_another_transaction_adds_without_looking_is_found(app):
    found, _ = at_once(
        lambda: one_transaction(User.named_or_new)("new@mill.example", 0).email,
        User.insert(email="new@mill.example", created_ms=0).on_conflict_ignore().execute,
        before='INTO "user_account"',
    )
    assert found == "new@mill.example"


def test_name_that_two_give_a_role_at_once_is_taken_for_one(log_in, cast):
    browsers = [log_in(cast.ruth), log_in(cast.ruth)]
    page = "/setup/users-roles/new"
    tokens = [csrf_of(browser.get(page)) for browser in browsers]

    def save(place):
        return browsers[place].post(page, data={"csrf_token": tokens[place], "name": "Buyers", "can_pay": "y"})

    answers = at_once(lambda: save(0), lambda: save(1), before='INSERT INTO "role"', by_http=True)
    assert sorted(answer.status_code for answer in answers) == [303, 422]
    with db.connection_context():
        assert Role.select().where(Role.name == "Buyers").count() == 1


def test_the_last_administrator_stays_when_two_are_removed_at_once(app, cast):
    with db.connection_context():
        User.create(email="rita@harborpine.example", is_administrator=True, created_ms=0)

    def remove(email):
        with app.app_context():
            return cli.remove_administrator(email)

    works = [lambda: remove(cast.ruth.email), lambda: remove("rita@harborpine.example")]
    said = at_once(*works, before='UPDATE "user_account"')
    assert sorted(type(one).__name__ for one in said) == ["ClickException", "str"], said
    assert isinstance(next(one for one in said if not isinstance(one, str)), click.ClickException)
    with db.connection_context():
        assert User.administrators().count() == 1


def test_link_to_the_first_administrator_is_issued_once_and_used_once(app):
    keys, times = app.config["PORTAL"].keys, [NOON + timedelta(seconds=number) for number in range(3)]
    issued = at_once(*[partial(FirstRun.issue, keys, at) for at in times], before='INSERT INTO "first_run"')
    with db.connection_context():
        assert FirstRun.select().count() == 1
        live = [token for token in issued if FirstRun.accepts(token, times[-1])]
    assert len(live) == 1

    def use():
        return one_transaction(lambda: FirstRun.use(live[0], NOON))()

    assert Counter(at_once(use, use, use, before='UPDATE "first_run"')) == {True: 1, False: 2}


def test_form_that_is_sent_twice_at_once_is_one_payment(portal):
    owed, token = portal.invoice(), "a" * 24
    shown = portal.shown([owed])
    said = at_once(
        *[lambda: portal.pay(owed, token=token, shown=shown)] * 3,
        before='INSERT INTO "attempt"',
    )
    assert {type(one) for one in said} <= {Paid, BeingConfirmed}, said
    assert len({one.attempt.id for one in said}) == Attempt.select().count() == len(portal.live()) == 1
    portal.check()


def test_invoice_that_two_pay_at_once_is_paid_once(portal):
    owed = portal.invoice()
    shown = portal.shown([owed])
    said = at_once(*[lambda: portal.pay(owed, shown=shown)] * 3, before='INSERT INTO "attempt"')
    assert Counter(type(one).__name__ for one in said) == {"Paid": 1, "BalanceChanged": 2}, said
    portal.check()


def test_form_that_is_sent_while_it_is_voided_is_not_charged_or_not_voided(portal):
    owed, token = portal.invoice(), "b" * 24
    shown = portal.shown([owed])
    paid, voided = at_once(
        lambda: portal.pay(owed, token=token, shown=shown),
        lambda: VoidedToken.void(token, portal.clock()),
        before="INSERT INTO ",
    )
    if voided is None:
        assert isinstance(paid, NotCharged) and not portal.live()
    else:
        assert isinstance(paid, Paid) and VoidedToken.select().count() == 0


def test_user_of_payment_links_is_made_once(app):
    users = at_once(*[lambda: User.payment_link(0).id] * 3, before='INSERT INTO "user_account"')
    assert len(set(users)) == 1


def test_duty_that_two_workers_note_for_the_first_time_has_one_row(app):
    run = Run("tidy", 1, 2, "", 0, 3)
    assert at_once(*[lambda: Duty.note(run)] * 3, before='INSERT INTO "duty"') == [None] * 3
    with db.connection_context():
        assert Duty.select().count() == 1


class Slow:
    """A duty that is busy until `end` is set."""

    def __init__(self):
        self.runs, self.begun, self.end = 0, threading.Event(), threading.Event()

    def __call__(self):
        self.runs += 1
        self.begun.set()
        assert self.end.wait(10)


@pytest.mark.parametrize(("is_shared", "runs"), [(False, 1), (True, 2)])
def test_one_worker_at_a_time_is_at_a_duty_that_is_not_shared(app, clock, is_shared, runs):
    work = Slow()
    schedules = [
        Schedule([Task("x", "X", 10, work, is_shared)], app.extensions["database"], clock, {}) for _ in range(2)
    ]
    first = threading.Thread(target=schedules[0].run_due, args=(0.0,))
    first.start()
    assert work.begun.wait(10)
    second = threading.Thread(target=schedules[1].run_due, args=(0.0,))
    second.start()
    second.join(0.3)
    work.end.set()
    first.join(10)
    second.join(10)
    assert work.runs == runs
    schedules[1].run_due(10.0)
    assert work.runs == runs + 1


class Letterbox(Transport):
    """Counts what it is given; it takes a moment, as a mail server does."""

    def __init__(self, config):
        super().__init__(config)
        self.sent = Counter()

    def send(self, message):
        self.sent[message["Message-ID"]] += 1
        threading.Event().wait(0.002)


def test_mail_that_two_workers_find_is_sent_once(app, cast, config):
    box = Letterbox(config)
    with db.connection_context():
        for number in range(30):
            OutboxMail.queue(f"test:{number}", "x@mill.example", Mail("x", "x", "x"), NOON)
    sent = at_once(*[lambda: deliver_due(box, Company.current(), NOON)] * 3, before='UPDATE "outbox"')
    assert sum(sent) == 30 == len(box.sent) and set(box.sent.values()) == {1}


def test_settlement_that_two_workers_ask_for_is_asked_once(portal):
    assert isinstance(portal.pay(portal.invoice()), Paid)
    portal.clock.advance(minutes=1)
    asked = []

    class Asked:
        def __getattr__(self, name):
            asked.append(name)
            return getattr(portal.gateway, name)

    def poll():
        settlement.poll_settlements(portal.cashier(Asked()))

    assert at_once(poll, poll, before='UPDATE "attempt"') == [None, None]
    assert asked.count("find") == 1


def test_undecided_payment_is_looked_up_by_one_worker(portal):
    owed = portal.invoice()
    portal.demo.faults.add("lost_response", "sale")
    assert isinstance(portal.pay(owed), BeingConfirmed)
    portal.clock.advance(minutes=2)
    at_once(portal.reconcile, portal.reconcile, before='UPDATE "attempt"')
    portal.check()
    assert Attempt.get().state == Attempt.APPROVED
    assert OutboxMail.select().where(OutboxMail.kind == "receipt").count() == 1


def test_payments_that_two_export_at_once_are_in_one_file(portal):
    for _ in range(3):
        assert isinstance(portal.pay(portal.invoice()), Paid)
    made = at_once(
        *[lambda: export_runs.export(FORMATS["csv"], Company.current(), ACTOR)] * 2,
        before='INSERT INTO "export_run"',
    )
    assert sorted(len(one) for one in made) == [0, 1], made
    assert ExportRun.select().count() == 1 and ExportLine.select().count() == 3


def test_invoice_and_statement_are_mailed_once_by_two_workers(app, cast, config):
    with db.connection_context():
        owed = invoice(cast.cedar, "INV-1", 10_000, NOON.date() + timedelta(days=9))

    def announce():
        return invoice_mail.queue_one(owed.id, InvoiceNotice.NEW, 0, Company.current(), config, NOON)

    def state():
        return statement_mail.queue_one(Customer.get_by_id(cast.cedar.id), "2026-10", Company.current(), config, NOON)

    assert Counter(at_once(announce, announce, before='INSERT INTO "invoice_notice"')) == {True: 1, False: 1}
    assert Counter(at_once(state, state, before='INSERT INTO "statement_notice"')) == {True: 1, False: 1}
    with db.connection_context():
        kinds = Counter(mail.kind for mail in OutboxMail.select())
        assert kinds == {"new_invoice": 3, "statement": 3}  # Alice, Bob and Vera


def test_customer_that_another_worker_skipped_gets_the_statement_later(app, cast):
    with db.connection_context():
        for customer in (cast.cedar, cast.fennel):
            invoice(customer, f"INV-{customer.number}", 10_000, NOON.date())
        StatementNotice.record(cast.fennel, "2026-10", NOON)
        assert StatementNotice.next_customers("2026-10", 9) == [cast.cedar]


def test_file_is_imported_once_by_two_workers(app, cast, clock):
    context = ImportContext.of(app)
    with db.connection_context():
        run = context.keep("customers", "may.csv", b"Customer ID,Customer\n90,Mill Street\n", "", ACTOR)
    assert sorted(at_once(*[lambda: import_runs.work_once(context)] * 2, before="import_run")) == [False, True]
    with db.connection_context():
        ImportRun.update(state=ImportRun.APPLYING).where(ImportRun.id == run.id).execute()
        assert ImportRow.select().count() == 1
    assert sorted(at_once(*[lambda: import_runs.work_once(context)] * 2, before="import_run")) == [False, True]
    with db.connection_context():
        assert Customer.select().where(Customer.number == "90").count() == 1
        assert Audit.select().where(Audit.event == "import").count() == 1


def test_same_file_that_two_upload_at_once_is_imported_once(app, cast):
    context, content = ImportContext.of(app), b"Customer ID,Customer\n90,Mill Street\n"
    made = at_once(
        *[lambda: context.keep("customers", "may.csv", content, "", ACTOR).id] * 2, before='INSERT INTO "import_run"'
    )
    with db.connection_context():
        while import_runs.work_once(context):
            pass
        ImportRun.update(state=ImportRun.APPLYING).where(ImportRun.id.in_(made)).execute()
        while import_runs.work_once(context):
            pass
        assert sorted(run.state for run in ImportRun.select()) == [ImportRun.APPLIED, ImportRun.PLANNED]
        assert Customer.select().where(Customer.number == "90").count() == 1


def test_person_who_asks_twice_at_once_has_one_live_link(app, cast):
    def ask():
        return links.send_password_link(cast.alice.email, ACTOR, Company.current())

    assert at_once(ask, ask, before='INSERT INTO "link"') == [links.SENT, links.SENT]
    with db.connection_context():
        live = [link for link in User.get_by_id(cast.alice.id).links if link.is_live(NOON)]
        assert len(live) == 1


def test_invoice_that_is_changed_and_paid_at_once_keeps_its_sums(portal):
    owed = portal.invoice()
    shown = portal.shown([owed])

    def credit():
        return one_transaction(credit_all)()

    def credit_all():
        Invoice.lock([owed.id])
        Invoice.update(credited_minor=10_000).where(Invoice.id == owed.id, Invoice.processing_minor == 0).execute()
        Invoice.recount([owed.id])

    at_once(lambda: portal.pay(owed, shown=shown), credit, before='UPDATE "invoice"')
    now = Invoice.get_by_id(owed.id)
    assert (now.credited_minor, now.processing_minor) in ((10_000, 0), (0, 10_000))
    assert Access.select().count()
    portal.check()
