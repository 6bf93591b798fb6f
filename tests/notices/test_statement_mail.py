"""The statement of last month goes out once, to the right people, when there is something to state."""

import logging
from datetime import date
from email import message_from_bytes

import pytest

from app.documents import queries
from app.extensions import db
from app.mail import resend
from app.mail.delivery import deliver_due
from app.mail.transport import Folder
from app.models import Access, Audit, Company, Customer, Invoice, OutboxMail, StatementNotice, StatementStop
from app.models.audit import Actor
from app.notices import statement_mail
from tests.people import invoice
from tests.support.pages import csrf_of, submit_form, text_of
from tests.support.statements import before_statement, raising

# Today is 2026-11-22.


@pytest.fixture
def run(app, database, clock):
    """run(): what the worker does; the recipient of each email that it queued."""

    def _run(**more):
        before = OutboxMail.select().count()
        statement_mail.queue_due(Company.current(), app.config["PORTAL"], clock(), **more)
        queued = OutboxMail.select().order_by(OutboxMail.id).offset(before)
        return [mail.recipient.partition("@")[0] for mail in queued]

    return _run


@pytest.fixture
def switch(database):
    def _switch(day="22", **values):
        Company.update(statement_day=day, **values).execute()

    return _switch


@pytest.fixture
def october(database, cast):
    """Charlie's customer got an invoice in October, and Cedar has none."""
    return invoice(cast.fennel, "INV-1", 12345, date(2026, 11, 1), issued_on=date(2026, 10, 5))


def test_statements_are_off_by_default(run, october):
    assert run() == [] and StatementNotice.select().count() == 0


def test_statement_is_emailed_once_for_the_month_before(run, october, switch, clock):
    switch()
    assert run() == ["charlie"]
    assert run() == []
    mail = OutboxMail.get()
    assert mail.subject == "Statement from Harbor & Pine Supply for October 2026: balance $123.45"
    assert "Balance on Oct 31, 2026: $123.45" in mail.text
    assert "/account/statement?since=2026-10-01&until=2026-10-31" in mail.text
    clock.advance(days=30)
    assert run() == ["charlie"]
    assert (
        OutboxMail.select().order_by(OutboxMail.id.desc()).get().subject.endswith("for November 2026: balance $123.45")
    )


def test_link_in_the_email_opens_the_statement(run, october, switch, log_in, cast):
    switch()
    run()
    url = next(line for line in OutboxMail.get().text.splitlines() if "/account/statement" in line)
    page = log_in(cast.charlie).get(url.removeprefix("http://localhost"))
    assert page.status_code == 200 and "INV-1" in text_of(page) and "Oct 31, 2026" in text_of(page)


def test_statement_mail_has_the_overdue_amount_at_month_end(run, cast, switch):
    switch()
    invoice(cast.fennel, "INV-1", 12345, date(2026, 10, 20), issued_on=date(2026, 10, 5))
    invoice(cast.fennel, "INV-2", 500, date(2026, 12, 20), issued_on=date(2026, 10, 5))
    run()
    assert "Balance on Oct 31, 2026: $128.45\n" in OutboxMail.get().text
    assert "Earliest due date: Oct 20, 2026\nOf which overdue: $123.45\n" in OutboxMail.get().text


def test_currencies_are_never_added(run, cast, switch):
    switch()
    invoice(cast.fennel, "INV-1", 12345, date(2026, 11, 1), issued_on=date(2026, 10, 5))
    invoice(cast.fennel, "INV-2", 700, date(2026, 11, 1), issued_on=date(2026, 10, 5), currency="EUR")
    run()
    assert OutboxMail.get().subject.endswith("balance €7.00, $123.45")


def test_statement_is_in_the_customers_formats(run, october, switch, cast):
    switch()
    Customer.update(locale="de_DE").where(Customer.id == cast.fennel.id).execute()
    run()
    mail = OutboxMail.get()
    assert "for Oktober 2026: balance 123,45 $" in mail.subject and "Balance on 31.10.2026" in mail.text


def test_customer_without_activity_or_open_items_gets_none(run, cast, switch):
    switch()
    invoice(cast.fennel, "INV-1", 100, date(2026, 12, 1), issued_on=date(2026, 11, 5))
    assert run() == [] and StatementNotice.select().count() == 1


def test_customer_without_an_address_gets_none(run, october, switch, cast):
    switch()
    Access.update(given=False).where(Access.customer == cast.fennel.id).execute()
    assert run() == [] and OutboxMail.select().count() == 0


def test_customers_own_address_gets_the_file_without_a_button(run, october, switch, cast):
    switch()
    Customer.update(email="office@fennel.example").where(Customer.id == cast.fennel.id).execute()
    assert run() == ["office", "charlie"]
    assert "/account/" not in OutboxMail.get(OutboxMail.recipient == "office@fennel.example").text


@pytest.mark.parametrize(
    ("day", "today", "month"),
    [
        ("1", date(2026, 11, 1), "2026-10"),
        ("1", date(2026, 11, 6), "2026-10"),
        ("1", date(2026, 11, 7), ""),
        ("5", date(2026, 11, 4), ""),
        ("28", date(2026, 11, 2), "2026-09"),
        ("28", date(2027, 2, 28), "2027-01"),
        ("3", date(2027, 1, 3), "2026-12"),
        ("", date(2026, 11, 1), ""),
    ],
)
def test_month_that_is_due(day, today, month):
    assert statement_mail.month_due(Company(statement_day=day), today) == month


def test_settings_page_begins_with_what_comes_after(run, october, log_in, cast, clock):
    ruth, page = log_in(cast.ruth), "/setup/company/preferences"
    chosen = {"password_policy": "strong", "default_role": "1"}
    assert submit_form(ruth, page, statement_day="20", **chosen).status_code == 303
    assert run() == []
    clock.advance(days=28)
    assert run() == ["charlie"]


@pytest.mark.parametrize("day", ["0", "29", "x", "1.5", "-3", "1 2", "\u0663"])
def test_wrong_day_is_refused(log_in, cast, day):
    chosen = {"password_policy": "strong", "default_role": "1"}
    refused = submit_form(log_in(cast.ruth), "/setup/company/preferences", statement_day=day, **chosen)
    assert refused.status_code == 422 and "Enter a day of the month from 1 to 28, or nothing" in text_of(refused)


def test_closed_portal_sends_nothing(run, october, switch):
    switch(customer_access=False)
    assert run() == [] and StatementNotice.select().count() == 0


def test_batches_come_to_every_customer_once(run, october, switch, cast):
    invoice(cast.cedar, "INV-9", 100, date(2026, 11, 1), issued_on=date(2026, 10, 5))
    switch()
    assert [run(most=1) for _ in range(4)] == [["alice", "bob", "vera"], ["charlie"], [], []]


def test_death_in_between_neither_loses_nor_repeats(run, october, switch, cast):
    invoice(cast.cedar, "INV-9", 100, date(2026, 11, 1), issued_on=date(2026, 10, 5))
    switch()
    with pytest.raises(KeyboardInterrupt), before_statement('INTO "outbox"', raising(KeyboardInterrupt()), 2):
        run()
    assert OutboxMail.select().count() == StatementNotice.select().count() == 0
    assert run() == ["alice", "bob", "vera", "charlie"]


def test_record_turns_statements_off(run, october, switch, log_in, cast):
    switch()
    page = f"/customers/{cast.fennel.public_id}"
    assert submit_form(log_in(cast.ruth), page, statements_off="y").status_code == 303
    assert run() == []


def test_statement_has_its_file_and_one_click_to_stop_it(run, app, client, cast, october, switch, clock, log_in):
    switch()
    run()
    folder = Folder(app.config["PORTAL"])
    deliver_due(folder, Company.current(), clock())
    (message,) = [message_from_bytes(path.read_bytes()) for path in folder.path.glob("*.eml")]
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    (file,) = [part for part in message.walk() if part.get_content_type() == "application/pdf"]
    assert file.get_filename() == "Statement 2026-10 Harbor and Pine Supply.pdf"
    assert file.get_payload(decode=True).startswith(b"%PDF")
    path = "".join(message["List-Unsubscribe"].split()).strip("<>").removeprefix("http://localhost")
    assert "Stop monthly statements" in text_of(client.get(path)) and StatementStop.select().count() == 0
    assert client.post(path, data={"List-Unsubscribe": "One-Click"}).status_code == 200
    assert StatementStop.emails(cast.fennel.id) == [cast.charlie.email]
    assert client.get(path.replace("/statements/", "/reminders/")).status_code == 404
    clock.advance(days=30)
    assert run() == []
    ruth, record = log_in(cast.ruth), f"/customers/{cast.fennel.public_id}"
    assert f"{cast.charlie.email} has stopped monthly statements" in text_of(ruth.get(record))
    data = {"csrf_token": csrf_of(ruth.get(record)), "resume": cast.charlie.email}
    assert ruth.post(f"{record}/statements", data=data).status_code == 303
    assert StatementStop.select().count() == 0 and Audit.last("statements_resumed").actor == cast.ruth.email


def test_statement_that_waits_says_the_balance_when_it_is_sent(run, app, cast, october, switch, clock):
    switch()
    run()
    Invoice.update(total_minor=10000, open_minor=10000).where(Invoice.id == october.id).execute()
    deliver_due(Folder(app.config["PORTAL"]), Company.current(), clock())
    mail = OutboxMail.get()
    assert mail.subject.endswith("balance $100.00") and "123.45" not in mail.text


@pytest.mark.parametrize("how", ["address", "customer", "access"])
def test_statement_that_waits_is_canceled_when_it_is_no_longer_wanted(run, app, cast, october, switch, clock, how):
    switch()
    run()
    if how == "address":
        StatementStop.stop(cast.fennel, cast.charlie.email, Actor("", clock(), ""))
    elif how == "customer":
        Customer.update(statements_off=True).where(Customer.id == cast.fennel.id).execute()
    else:
        Access.update(given=False).where(Access.customer == cast.fennel.id).execute()
    assert deliver_due(Folder(app.config["PORTAL"]), Company.current(), clock()) == 0
    assert OutboxMail.get().state == OutboxMail.CANCELED and "no such emails" in OutboxMail.get().error


def test_person_stops_statements_on_the_account_page(log_in, cast, database):
    alice = log_in(cast.alice)
    data = {"csrf_token": csrf_of(alice.get("/account")), "wish": "stop"}
    page = text_of(alice.post("/account/statements", data=data, follow_redirects=True))
    assert "Send me monthly statements" in page and "Stop reminders" in page
    assert StatementStop.emails(cast.cedar.id) == [cast.alice.email]


def test_statement_that_was_not_delivered_is_written_again(run, october, switch, cast, clock):
    switch()
    run()
    mail, actor = OutboxMail.get(), Actor("ruth@harborpine.example", clock(), "http://localhost")
    mail.fail(OutboxMail.REFUSED, clock(), "550 no")
    again = resend.resend(mail, actor)
    assert again.id != mail.id and again.subject == mail.subject
    assert [file.name for file in statement_mail.files(again, Company.current(), clock())] == [
        "Statement 2026-10 Harbor and Pine Supply.pdf"
    ]
    again.fail(OutboxMail.REFUSED, clock(), "550 no")
    StatementStop.stop(cast.fennel, cast.charlie.email, actor)
    with pytest.raises(resend.CannotResend):
        resend.resend(again, actor)


@pytest.mark.once
def test_statement_that_is_too_long_is_left_out_and_logged(run, october, switch, cast, caplog):
    with db.atomic():
        for number in range(queries.MAX_LINES):
            invoice(cast.fennel, f"INV-{number + 2}", 100, date(2026, 11, 1), issued_on=date(2026, 10, 5))
    switch()
    with caplog.at_level(logging.WARNING):
        assert run() == []
    assert "it has too many lines" in caplog.text and run() == []
