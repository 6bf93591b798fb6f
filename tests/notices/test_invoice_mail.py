"""New invoices and reminders go out once, to the right people, while something is still due."""

import re
from datetime import date, timedelta
from email import message_from_bytes

import pytest

from app.clock import to_ms
from app.mail import resend
from app.mail.delivery import deliver_due
from app.mail.transport import Folder
from app.models import (
    Audit,
    Company,
    Customer,
    Invoice,
    InvoiceNotice,
    OutboxMail,
    PaymentLink,
    ReminderStop,
)
from app.models.audit import Actor
from app.notices import invoice_mail
from app.notices.invoice_mail import ClockJumpGuard
from app.worker import Worker
from tests.notices.conftest import open_card_page, pay
from tests.people import invoice
from tests.support.pages import csrf_of, submit_form, text_of
from tests.support.statements import before_statement, raising

TODAY = date(2026, 11, 22)


@pytest.fixture
def run(app, database, clock):
    """run(): what the worker does; the kind and recipient of each email that it queued."""

    def _run(**more):
        before = OutboxMail.select().count()
        invoice_mail.queue_due(Company.current(), app.config["PORTAL"], clock(), **more)
        queued = OutboxMail.select().order_by(OutboxMail.id).offset(before)
        return [(mail.kind, mail.recipient.partition("@")[0]) for mail in queued]

    return _run


@pytest.fixture
def switch(database):
    def _switch(**values):
        Company.update(reminders_from="2026-01-01", **values).execute()

    return _switch


def test_notices_are_off_by_default(run, owed):
    assert run() == []


def test_new_invoice_is_emailed_once(run, owed, switch):
    switch(invoice_mail=True)
    assert run() == [("new_invoice", "alice"), ("new_invoice", "bob"), ("new_invoice", "vera")]
    assert run() == []
    mail = OutboxMail.get()
    assert "$1,186.50" in mail.text and "Nov 30, 2026" in mail.text and f"/invoices/{owed.public_id}" in mail.text


def test_settings_page_begins_with_what_comes_after(run, log_in, cast, owed, clock):
    late = invoice(cast.cedar, "INV-1", 100, TODAY - timedelta(days=20))
    later = invoice(cast.cedar, "INV-2", 100, TODAY - timedelta(days=2))
    page = "/setup/company/preferences"
    saved = submit_form(
        log_in(cast.ruth), page, invoice_mail="y", reminders_after="3 14", password_policy="strong", default_role="1"
    )
    assert saved.status_code == 303
    assert run() == []
    invoice(cast.fennel, "INV-3", 100, TODAY + timedelta(days=30))
    assert run() == [("new_invoice", "charlie")]
    clock.advance(days=1)
    assert [kind for kind, _ in run()] == ["reminder"] * 3
    assert {one.invoice.number for one in InvoiceNotice.select().where(InvoiceNotice.kind == "reminder")} == {"INV-2"}
    assert late.id and later.id


@pytest.mark.parametrize("days", ["x", "1.5", "-3", "121", "1 2 3 4 5 6", "\u0663"])
def test_wrong_days_are_refused(log_in, cast, days):
    for name in ("reminders_before", "reminders_after"):
        changes = {name: days, "password_policy": "strong", "default_role": "1"}
        refused = submit_form(log_in(cast.ruth), "/setup/company/preferences", **changes)
        assert refused.status_code == 422 and "whole numbers of days from 0 to 120" in text_of(refused)


def test_only_the_newest_due_step_is_sent(run, cast, switch, clock):
    switch(reminders_before="7 1", reminders_after="3 14")
    invoice(cast.fennel, "INV-1", 100, TODAY + timedelta(days=7))
    assert run() == [("reminder", "charlie")]
    clock.advance(days=90)
    assert run() == [("reminder", "charlie")]
    assert run() == []
    clock.advance(days=-90)
    assert run() == []
    assert [one.step for one in InvoiceNotice.select().order_by(InvoiceNotice.id)] == [-7, 14]


def test_subjects_say_whether_it_is_late(run, cast, switch, clock):
    switch(reminders_before="1", reminders_after="1")
    invoice(cast.fennel, "INV-1", 100, TODAY + timedelta(days=1))
    run()
    clock.advance(days=2)
    run()
    assert [mail.subject for mail in OutboxMail.select().order_by(OutboxMail.id)] == [
        "Reminder: invoice INV-1, $1.00 due Nov 23, 2026",
        "Overdue: invoice INV-1, $1.00 was due Nov 23, 2026",
    ]


def test_worker_whose_first_turn_is_after_a_leap_of_the_clock_sends_nothing(app, cast, switch, clock):
    first, second = Worker(app), Worker(app)
    switch(reminders_before="3")
    invoice(cast.fennel, "INV-1", 100, TODAY + timedelta(days=30))
    first.email_invoices()
    clock.advance(days=27)
    second.email_invoices()
    assert OutboxMail.select().count() == 0
    Worker(app).email_invoices()
    assert OutboxMail.select().count() == 1


def test_clock_that_leaps_sends_nothing_for_an_hour():
    clock_jump_guard = ClockJumpGuard(TODAY)
    assert clock_jump_guard.may_send(TODAY, 0) and clock_jump_guard.may_send(TODAY + timedelta(days=1), 300)
    leapt = TODAY + timedelta(days=400)
    assert not clock_jump_guard.may_send(leapt, 600) and not clock_jump_guard.may_send(TODAY, 900)
    assert not clock_jump_guard.may_send(TODAY, 4400) and clock_jump_guard.may_send(TODAY, 4500)


SETTLED = {
    "paid": {"is_paid": True, "open_minor": 0, "paid_elsewhere_minor": 118650},
    "processing": {"processing_minor": 100, "open_minor": 118550},
    "void": {"is_void": True, "is_paid": True, "open_minor": 0, "credited_minor": 118650},
    "credited": {"credited_minor": 118650, "open_minor": 0, "is_paid": True},
    "credit memo": {"kind": "credit_memo"},
}


@pytest.mark.parametrize("settled", SETTLED.values(), ids=SETTLED)
def test_settled_invoice_is_not_emailed(run, owed, switch, settled):
    switch(invoice_mail=True, reminders_before="30")
    Invoice.update(settled).where(Invoice.id == owed.id).execute()
    assert run() == []


def test_disputed_invoice_is_not_emailed(run, client, owed, switch, token, demo_gateway, clock):
    from app.models import Attempt

    reference = pay(client, token, open_card_page(client, token)).location.rpartition("/")[2]
    Invoice.update(processing_minor=0, open_minor=100).where(Invoice.id == owed.id).execute()
    switch(reminders_before="30")
    Audit.write("payment.dispute", to_ms(clock()), f"attempt:{reference}", kind="opened")
    assert Attempt.select().count() == 1 and run() == []
    Audit.write("payment.dispute", to_ms(clock()) + 1, f"attempt:{reference}", kind="won")
    assert len(run()) == 3


@pytest.mark.parametrize("settled", SETTLED.values(), ids=SETTLED)
@pytest.mark.parametrize("mails", [{"invoice_mail": True}, {"reminders_before": "30"}], ids=["new", "reminder"])
def test_email_that_waits_is_canceled_when_nothing_is_due(run, app, owed, switch, clock, settled, mails):
    switch(**mails)
    assert len(run()) == 3
    Invoice.update(settled).where(Invoice.id == owed.id).execute()
    assert sent_messages(app, clock) == []
    assert {(mail.state, mail.error) for mail in OutboxMail.select()} == {
        (OutboxMail.CANCELED, invoice_mail.NOTHING_DUE)
    }


def test_reminder_that_waits_is_canceled_by_a_payment_and_by_a_dispute(
    run, app, client, owed, token, switch, clock, demo_gateway
):
    switch(reminders_before="30")
    assert len(run()) == 3
    reference = pay(client, token, open_card_page(client, token)).location.rpartition("/")[2]
    assert not any("Reminder" in message["Subject"] for message in sent_messages(app, clock))
    assert OutboxMail.select().where(OutboxMail.state == OutboxMail.CANCELED).count() == 3
    Invoice.update(processing_minor=0, open_minor=100, is_paid=False).where(Invoice.id == owed.id).execute()
    OutboxMail.update(state=OutboxMail.QUEUED, next_try_ms=0).where(OutboxMail.kind == "reminder").execute()
    Audit.write("payment.dispute", to_ms(clock()), f"attempt:{reference}", kind="opened")
    assert not any("Reminder" in message["Subject"] for message in sent_messages(app, clock))
    assert OutboxMail.select().where(OutboxMail.state == OutboxMail.CANCELED).count() == 3


@pytest.mark.parametrize("mails", [{"invoice_mail": True}, {"reminders_before": "30"}], ids=["new", "reminder"])
def test_email_that_waits_says_what_is_due_when_it_is_sent(run, app, client, owed, switch, clock, mails):
    switch(**mails, links_in_mail=True)
    run()
    Invoice.update(paid_elsewhere_minor=18650, open_minor=100000).where(Invoice.id == owed.id).execute()
    messages = sent_messages(app, clock)
    assert len(messages) == 3
    for message in messages:
        (text,) = [
            part.get_payload(decode=True).decode() for part in message.walk() if part.get_content_type() == "text/plain"
        ]
        assert "$1,000.00" in message["Subject"] and "$1,000.00" in text and "1,186.50" not in text
        assert client.get(re.search(r"http://localhost(/pay/\S+)", text)[1]).status_code == 200


def test_reminder_that_waits_until_the_due_date_is_over_says_so(run, app, cast, switch, clock):
    switch(reminders_before="1")
    invoice(cast.fennel, "INV-1", 100, TODAY + timedelta(days=1))
    run()
    clock.advance(days=3)
    (message,) = sent_messages(app, clock)
    assert message["Subject"] == "Overdue: invoice INV-1, $1.00 was due Nov 23, 2026"


def test_reminder_that_waits_is_canceled_when_its_link_has_ended(run, app, owed, switch, clock):
    switch(reminders_before="30", links_in_mail=True, payment_link_days=3)
    run()
    clock.advance(days=4)
    assert sent_messages(app, clock) == []
    assert {mail.error for mail in OutboxMail.select()} == {"The Payment Link in this email has ended."}


def test_reminder_that_waits_is_canceled_when_it_is_no_longer_wanted(run, app, owed, switch, clock, cast):
    switch(reminders_before="30")
    run()
    ReminderStop.stop(cast.cedar, cast.alice.email, Actor("", clock(), ""))
    assert {message["To"].partition("@")[0] for message in sent_messages(app, clock)} == {"bob", "vera"}


def test_state_is_checked_again_in_the_transaction_that_queues(run, owed, switch):
    switch(invoice_mail=True)
    with before_statement('FROM "invoice"', lambda: Invoice.update(open_minor=0, is_paid=True).execute(), 2):
        assert run() == [] and InvoiceNotice.select().count() == 0


def test_death_in_between_neither_loses_nor_repeats(run, owed, switch):
    switch(invoice_mail=True)
    with pytest.raises(KeyboardInterrupt), before_statement('INTO "outbox"', raising(KeyboardInterrupt()), 2):
        run()
    assert OutboxMail.select().count() == InvoiceNotice.select().count() == 0
    assert len(run()) == 3


def test_customer_without_reminders_still_gets_new_invoices(run, owed, switch, cast):
    switch(invoice_mail=True, reminders_before="30")
    Customer.update(reminders_off=True).where(Customer.id == cast.cedar.id).execute()
    assert {kind for kind, _ in run() + run()} == {"new_invoice"}


def test_new_invoice_email_takes_the_place_of_the_reminder_that_is_due(run, cast, switch, clock):
    switch(invoice_mail=True, reminders_before="7 1")
    invoice(cast.fennel, "INV-1", 100, TODAY + timedelta(days=5))
    assert run() + run() == [("new_invoice", "charlie")]
    clock.advance(days=4)
    assert run() + run() == [("reminder", "charlie")]


def test_reminders_wait_for_all_new_invoices(run, cast, switch):
    switch(invoice_mail=True, reminders_before="7")
    for number in ("INV-1", "INV-2", "INV-3"):
        invoice(cast.fennel, number, 100, TODAY + timedelta(days=5))
    assert [kind for _ in range(5) for kind, _who in run(most=1)] == ["new_invoice"] * 3


def test_record_turns_reminders_off(log_in, cast, database):
    page = f"/customers/{cast.cedar.public_id}"
    assert submit_form(log_in(cast.ruth), page, reminders_off="y").status_code == 303
    assert Customer.get_by_id(cast.cedar.id).reminders_off


def test_customers_own_address_gets_the_reminder_without_a_button(run, owed, switch, cast):
    switch(invoice_mail=True)
    Customer.update(email="office@cedarlane.example").where(Customer.id == cast.cedar.id).execute()
    assert ("new_invoice", "office") in run()
    mail = OutboxMail.get(OutboxMail.recipient == "office@cedarlane.example")
    assert "/invoices/" not in mail.text and mail.customer == cast.cedar and mail.user is None


def test_link_in_the_email_opens_the_invoice(run, owed, switch, client):
    switch(invoice_mail=True, links_in_mail=True)
    run()
    urls = [re.search(r"http://localhost(/pay/\S+)", mail.text)[1] for mail in OutboxMail.select()]
    assert len(set(urls)) == 3 and client.get(urls[0]).status_code == 200
    assert {link.recipient for link in PaymentLink.select()} == {mail.recipient for mail in OutboxMail.select()}


def sent_messages(app, clock) -> list:
    folder = Folder(app.config["PORTAL"])
    deliver_due(folder, Company.current(), clock())
    return [message_from_bytes(path.read_bytes()) for path in sorted(folder.path.glob("*.eml"))]


def test_reminder_has_its_file_and_one_click_to_stop_it(run, app, client, cast, switch, clock):
    switch(reminders_before="7")
    owed = invoice(cast.fennel, "INV-1", 100, TODAY + timedelta(days=7))
    run()
    (message,) = sent_messages(app, clock)
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    url = "".join(message["List-Unsubscribe"].split()).strip("<>")
    files = [part for part in message.walk() if part.get_content_type() == "application/pdf"]
    assert len(files) == 1 and files[0].get_payload(decode=True).startswith(b"%PDF")
    path = url.removeprefix("http://localhost")
    assert "Stop reminders" in text_of(client.get(path)) and ReminderStop.select().count() == 0
    assert client.post(path).status_code == 400 and ReminderStop.select().count() == 0
    stopped = client.post(path, data={"List-Unsubscribe": "One-Click"})
    assert stopped.status_code == 200 and ReminderStop.emails(cast.fennel.id) == [cast.charlie.email]
    Invoice.update(due_on=TODAY).where(Invoice.id == owed.id).execute()
    Company.update(reminders_after="0").execute()
    assert run() == []
    assert client.post(path, data={"wish": "start"}).status_code == 200
    assert ReminderStop.select().count() == 0


@pytest.mark.parametrize("token", ["x", "a.b.c", "WyJhIiwiYiJd.xxxxxxxxxxxxxxxxxxxxxxxxxxx", "a" * 3000])
def test_forged_stop_is_refused(client, cast, token):
    assert client.get(f"/reminders/{token}").status_code == client.post(f"/reminders/{token}").status_code == 404


def test_new_invoice_email_has_no_unsubscribing(run, app, owed, switch, clock):
    switch(invoice_mail=True)
    run()
    assert {message["List-Unsubscribe"] for message in sent_messages(app, clock)} == {None}


def test_person_stops_and_starts_reminders_on_the_account_page(log_in, cast, database):
    alice = log_in(cast.alice)
    for wish, said in (("stop", "Send me reminders"), ("start", "Stop reminders")):
        data = {"csrf_token": csrf_of(alice.get("/account")), "wish": wish}
        assert said in text_of(alice.post("/account/reminders", data=data, follow_redirects=True))
    assert Audit.last("reminders_resumed").actor == cast.alice.email


def test_administrator_sees_who_stopped_and_can_undo_it(log_in, cast, database, clock):
    ReminderStop.stop(cast.cedar, cast.alice.email, Actor(cast.alice.email, clock(), ""))
    ruth, page = log_in(cast.ruth), f"/customers/{cast.cedar.public_id}"
    assert f"{cast.alice.email} has stopped reminders" in text_of(ruth.get(page))
    data = {"csrf_token": csrf_of(ruth.get(page)), "resume": cast.alice.email}
    assert ruth.post(f"{page}/reminders", data=data).status_code == 303
    assert ReminderStop.select().count() == 0


def test_email_that_was_not_delivered_is_written_again_with_a_new_link(run, app, cast, switch, clock):
    switch(invoice_mail=True, links_in_mail=True)
    owed = invoice(cast.fennel, "INV-1", 100, TODAY + timedelta(days=7))
    run()
    mail, actor = OutboxMail.get(), Actor("ruth@harborpine.example", clock(), "http://localhost")
    mail.fail(OutboxMail.REFUSED, clock(), "550 no")
    again = resend.resend(mail, actor)
    assert "/pay/" in again.text
    assert [link.is_live(clock()) for link in PaymentLink.of_invoice(owed.id)] == [True, False]
    assert PaymentLink.in_mail(again.key).is_live(clock())
    again.fail(OutboxMail.REFUSED, clock(), "550 no")
    Invoice.update(open_minor=0, is_paid=True).where(Invoice.id == owed.id).execute()
    with pytest.raises(resend.CannotResend):
        resend.resend(again, actor)


def test_waiting_email_is_canceled_with_its_link(run, cast, owed, switch, clock):
    switch(invoice_mail=True, links_in_mail=True)
    run()
    link = PaymentLink.get(PaymentLink.recipient == cast.alice.email)
    link.revoke(Actor("ruth@harborpine.example", clock(), ""))
    canceled = OutboxMail.get(OutboxMail.state == OutboxMail.CANCELED)
    assert canceled.recipient == cast.alice.email and "/pay/[removed]" in canceled.text
    assert OutboxMail.select().where(OutboxMail.state == OutboxMail.QUEUED).count() == 2


def test_closed_portal_sends_nothing(run, owed, switch):
    switch(invoice_mail=True, customer_access=False)
    assert run() == []
