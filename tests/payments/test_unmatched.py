"""Unmatched Charges: what an administrator sees and does about charges that can't be booked by themselves."""

import re

import pytest

from app.extensions import db
from app.models import Attempt, Audit, Company, Deployment, Invoice, OutboxMail, UnmatchedCharge
from app.worker import Worker
from tests.conftest import csrf_of
from tests.payments.conftest import pay
from tests.support.backups import Backup
from tests.support.pages import text_of

LIST = "/setup/accounting/unmatched-charges"


@pytest.fixture
def work(app, clock):
    """The worker compares the restored books, and alerts, some minutes later."""

    def _work(minutes=11):
        clock.advance(minutes=minutes)
        with app.extensions["database"].connection_context():
            Worker(app).compare_restored()
            Worker(app).alert()

    return _work


@pytest.fixture
def lost(app, alice, owed, demo_gateway, clock, work):
    """A payment of $600 without line items that the books have lost, found after a restore; its page."""
    config = app.config["PORTAL"]
    backup = Backup(config)
    app.extensions["database"].close_all()
    backup.make(clock())
    demo_gateway.faults.add("validation_error", on="sale", code="95809")
    pay(alice, owed.late)
    app.extensions["database"].close_all()
    backup.put_back(clock())
    db.initialize(app.extensions["database"])
    work(3)
    return f"{LIST}/{demo_gateway.transactions()[0]['id']}"


def hidden(page) -> dict:
    """What the first posting form of the page sends besides ticks."""
    html = page.get_data(as_text=True)
    form = html[html.index('method="post" action="/setup/accounting') :]
    form = form[: form.index("</form>")]
    return dict(re.findall(r'name="(csrf_token|customer|version)"[^>]*value="([^"]*)"', form))


def send(client, path, *, page=LIST, follow=False, **fields):
    """Post these fields with the token of `page`."""
    token = csrf_of(client.get(page).get_data(as_text=True))
    return client.post(path, data={**fields, "csrf_token": token}, follow_redirects=follow)


def book(client, page, *invoices, account="77"):
    """All three presses; the last answer."""
    ticks = [invoice.public_id for invoice in invoices]
    first = client.get(page, query_string={"account": account})
    second = client.post(page, data={**hidden(first), "invoice": ticks})
    if second.status_code != 200:
        return second
    return client.post(page, data={**hidden(second), "invoice": ticks})


def test_the_mail_and_the_pages_lead_to_the_decision(lost, log_in, cast, owed, read):
    ruth = log_in(cast.ruth)
    mails = read(lambda: [mail.text for mail in OutboxMail.newest_first()])
    assert any(f"http://localhost{lost}" in text and "choose its customer and invoices" in text for text in mails)
    page = ruth.get(LIST)
    assert lost in page.get_data(as_text=True) and "$600.00" in text_of(page)
    assert "Decide about each charge below" in text_of(page)
    record = ruth.get(f"/customers/{cast.cedar.public_id}/invoices/{owed.late.public_id}").get_data(as_text=True)
    assert f'href="{LIST}"' in record
    assert "Online payment is paused: a backup was restored. See what is left to decide" in text_of(ruth.get("/setup"))


def test_a_charge_is_booked_for_a_customer_and_payment_opens(lost, log_in, cast, owed, read, work, alice):
    ruth = log_in(cast.ruth)
    assert "What does this charge pay?" in text_of(ruth.get(lost))
    answer = book(ruth, lost, owed.late)
    assert answer.status_code == 303
    attempt = read(Attempt.get)
    assert f"{attempt.reference} is booked for Cedar Lane Bakery." in text_of(ruth.get(LIST))
    assert read(lambda: Invoice.get_by_id(owed.late.id).open_minor) == 0
    assert read(lambda: Audit.last("payment.matched").actor) == cast.ruth.email
    assert "is booked" not in text_of(ruth.get(lost)) and ruth.get(lost).status_code == 303
    work()
    assert not read(Deployment.is_held)
    log = text_of(ruth.get("/audit"))
    assert f"An administrator booked {attempt.transaction_id} as {attempt.reference} for account 77" in log


def test_the_plan_is_shown_before_it_is_carried_out(lost, log_in, cast, owed, read):
    ruth = log_in(cast.ruth)
    page = ruth.get(lost, query_string={"account": "77"})
    shown = text_of(ruth.post(lost, data={**hidden(page), "invoice": owed.due.public_id}))
    assert "Book $600.00 as a payment of Cedar Lane Bakery, account 77?" in shown
    assert "INV-1041 $600.00 of $1,186.50 open" in shown
    assert "Unapplied $600.00" in text_of(ruth.post(lost, data=hidden(page)))
    assert read(Attempt.select().count) == 0


def test_changed_plan_is_reported_and_not_booked(lost, log_in, cast, owed, read):
    ruth = log_in(cast.ruth)
    first = ruth.get(lost, query_string={"account": "77"})
    ticks = {"invoice": owed.late.public_id}
    second = ruth.post(lost, data={**hidden(first), **ticks})
    changed = Invoice.update(paid_elsewhere_minor=100, open_minor=59_900).where(Invoice.id == owed.late.id)
    read(changed.execute)
    answer = ruth.post(lost, data={**hidden(second), **ticks})
    assert answer.status_code == 422 and "What is open has changed since. Nothing was booked" in text_of(answer)
    assert read(Attempt.select().count) == 0


def test_the_second_administrator_reads_that_it_is_decided(lost, log_in, cast, owed, read):
    ruth = log_in(cast.ruth)
    first = ruth.get(lost, query_string={"account": "77"})
    ticks = {"invoice": owed.due.public_id}
    second = ruth.post(lost, data={**hidden(first), **ticks})
    book(ruth, lost, owed.late)
    answer = ruth.post(lost, data={**hidden(second), **ticks}, follow_redirects=True)
    assert "has been decided already. Nothing was changed." in text_of(answer)
    assert read(Attempt.select().count) == 1 and read(lambda: Invoice.get_by_id(owed.due.id).open_minor) > 0


@pytest.mark.parametrize("account", ["no such number", "x" * 5000, "\0"])
def test_an_unknown_account_is_said_at_the_field(lost, log_in, cast, account):
    answer = log_in(cast.ruth).get(lost, query_string={"account": account})
    assert answer.status_code == 422 and "No customer has this account number" in text_of(answer)


def test_another_customers_invoice_is_refused(lost, log_in, cast, owed, read):
    answer = book(log_in(cast.ruth), lost, owed.late, account="81")
    assert answer.status_code == 422 and "Nothing was booked" in text_of(answer)
    assert read(Attempt.select().count) == 0


def test_a_charge_is_set_aside_with_a_reason_and_payment_opens(lost, log_in, cast, read, work):
    ruth = log_in(cast.ruth)
    answer = send(ruth, f"{lost}/set-aside", reason=" ")
    assert answer.status_code == 422 and "Enter a reason" in text_of(answer)
    send(ruth, f"{lost}/set-aside", reason="Refunded last week")
    assert "Set aside: Refunded last week" in text_of(ruth.get(LIST))
    assert read(UnmatchedCharge.get).decided_by == cast.ruth.email and read(Attempt.select().count) == 0
    work()
    assert not read(Deployment.is_held)


def test_payment_is_opened_with_a_reason_and_the_charge_goes_on_waiting(lost, log_in, cast, read, work):
    ruth = log_in(cast.ruth)
    assert send(ruth, f"{LIST}/resume", reason="").status_code == 422 and read(Deployment.is_held)
    answer = send(ruth, f"{LIST}/resume", follow=True, reason="We call this payer")
    assert "Online payment is open again." in text_of(answer) and lost in answer.get_data(as_text=True)
    assert read(lambda: Company.current().payments_held_ms) is None
    line = read(lambda: Audit.last("restore_finished"))
    assert (line.actor, line.facts["reason"]) == (cast.ruth.email, "We call this payer")
    work()
    assert any("We call this payer" in mail.text for mail in read(lambda: list(OutboxMail.newest_first())))


def test_the_console_says_what_payment_waits_for(lost, app):
    run = app.test_cli_runner().invoke
    said = run(args=["books", "compare"])
    assert f"1 charge waits for your decision at http://localhost{LIST}" in said.output
    said = run(args=["books", "resume", "--yes"])
    assert said.exit_code == 1 and "--reason TEXT" in said.output
    assert run(args=["books", "resume", "--yes", "--reason", "Known"]).output == "Online payment is open again.\n"


def test_while_braintree_cant_be_asked_nothing_is_booked(lost, log_in, cast, owed, demo_gateway, read):
    ruth = log_in(cast.ruth)
    first = ruth.get(lost, query_string={"account": "77"})
    demo_gateway.faults.add("lost_request", on="any", times=None)
    assert "can’t be reached" in text_of(ruth.get(lost))
    answer = ruth.post(lost, data={**hidden(first), "invoice": owed.late.public_id})
    assert answer.status_code == 422 and read(Attempt.select().count) == 0


def test_customers_read_that_payment_is_paused(lost, log_in, cast, owed):
    page = text_of(log_in(cast.alice).get(f"/invoices/{owed.late.public_id}"))
    assert "Online payment is paused while we check recent payments" in page and "Try again later" in page
