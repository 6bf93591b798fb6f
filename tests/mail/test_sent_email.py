"""Setup > Company > Sent Email, and what the other pages say about a mail that was not delivered."""

import html
import re

import pytest

from app.accounts import links
from app.mail.compose import Mail
from app.models import Access, Audit, Company, Customer, Link, OutboxMail
from app.models.audit import Actor
from tests.conftest import csrf_of
from tests.routes import pay
from tests.support.mailbox import deliver_due
from tests.support.pages import text_of

LIST = "/setup/company/sent-email"
TOKEN = "k" * 43
REASON = "550 5.1.1 no such user"


@pytest.fixture
def work(app):
    """work(function) runs it with the portal's database open."""

    def _work(function):
        with app.extensions["database"].connection_context():
            return function()

    return _work


@pytest.fixture
def invited(work, cast, clock):
    """An email with a set-up link to Bob, who has no password yet; invited(state) has come to that state."""

    def _invited(state=OutboxMail.QUEUED, reason=REASON):
        def write():
            cast.bob.set_password(None)
            links.notify(cast.bob, [cast.cedar], Actor(cast.ruth.email, clock(), "http://localhost"), Company.current())
            mail = OutboxMail.newest_first().get()
            if state == OutboxMail.SAVED:
                mail.saved(clock())
            elif state in OutboxMail.FAILED:
                mail.fail(state, clock(), reason)
            elif state == OutboxMail.SENT:
                mail.sent(clock(), keep=False)
            elif state == OutboxMail.RETRYING:
                mail.claim(clock()), mail.retry_later(clock(), reason)
            return mail

        return work(write)

    return _invited


def press(client, page_url, **changes):
    """Press the button of the form that sends an email again, on this page."""
    page = client.get(page_url).get_data(as_text=True)
    form = re.search(rf'<form[^>]*action="({LIST}/\d+/again)".*?</form>', page, re.S)
    fields = dict(re.findall(r'<input[^>]* name="([^"]+)" value="([^"]*)"', form[0]))
    return client.post(form[1], data={**fields, **changes})


def record(cast) -> str:
    return f"/customers/{cast.cedar.public_id}/access"


def bobs(work, cast) -> str:
    return f"{record(cast)}/{work(lambda: Access.get(Access.user == cast.bob)).id}"


WHAT = "Email with a link for bob@cedarlane.example"
STATES = [
    (OutboxMail.QUEUED, f"{WHAT} queued"),
    (OutboxMail.SENT, f"{WHAT} sent"),
    (OutboxMail.RETRYING, f"{WHAT} waiting to be retried: {REASON}."),
    (OutboxMail.REFUSED, f"{WHAT} not delivered: {REASON}. Check the address."),
    (OutboxMail.BOUNCED, f"{WHAT} not delivered: {REASON}. Check the address."),
    (OutboxMail.SAVED, f"{WHAT} saved to a file, not sent: no mail server was set (SMTP_URL)."),
]


@pytest.mark.parametrize(("state", "words"), STATES)
def test_access_history_shows_the_state_of_the_email(ruth, cast, invited, state, words):
    invited(state)
    assert words in text_of(ruth.get(record(cast)))


def test_the_list_of_customers_has_those_whose_email_failed(ruth, cast, invited, work, clock):
    assert "Email not delivered" not in text_of(ruth.get("/customers"))
    invited(OutboxMail.REFUSED)
    page = text_of(ruth.get("/customers?access=undelivered"))
    assert "Email not delivered 1" in page and "Cedar Lane Bakery" in page and "Fennel" not in page
    invited(OutboxMail.SENT)
    assert "No customers found" in text_of(ruth.get("/customers?access=undelivered"))


def test_record_shows_the_failed_invitation_with_a_button_to_resend(ruth, cast, invited, work):
    old = invited(OutboxMail.REFUSED)
    url = bobs(work, cast)
    assert f"Email to bob@cedarlane.example not delivered: {REASON}. Check the address." in text_of(ruth.get(url))
    response = press(ruth, url)
    assert response.status_code == 303 and response.location == record(cast)
    new = work(lambda: OutboxMail.newest_first().get())
    assert new.repeats == old.id and new.kind == "invitation" and new.state == "queued"
    assert new.key != old.key and work(lambda: Audit.get(event="mail_repeated")).actor == cast.ruth.email


def test_pressing_twice_sends_one(ruth, invited, work):
    mail = invited(OutboxMail.REFUSED)
    page = ruth.get(f"{LIST}/{mail.id}").get_data(as_text=True)
    data = {"csrf_token": csrf_of(page), "state": "refused"}
    answers = [ruth.post(f"{LIST}/{mail.id}/again", data=data).status_code for _ in range(2)]
    assert answers == [303, 409] and work(OutboxMail.select().count) == 2


def test_an_email_that_changed_since_the_page_was_opened_is_left_alone(ruth, invited, work):
    mail = invited(OutboxMail.REFUSED)
    response = press(ruth, f"{LIST}/{mail.id}", state="sent")
    assert response.status_code == 409 and "has changed since you opened the page" in text_of(response)
    assert work(OutboxMail.select().count) == 1


def test_a_used_link_is_not_sent_again(ruth, cast, invited, work, password_hash):
    mail = invited(OutboxMail.SENT)
    work(lambda: cast.bob.set_password(password_hash))
    assert press(ruth, f"{LIST}/{mail.id}").status_code == 303
    new = work(lambda: OutboxMail.newest_first().get())
    assert "/welcome/" not in new.text and "/login" in new.text


def test_without_access_there_is_nothing_to_send(ruth, cast, invited, work):
    mail = invited(OutboxMail.REFUSED)
    work(lambda: Access.update(given=False).where(Access.user == cast.bob).execute())
    response = press(ruth, f"{LIST}/{mail.id}")
    assert response.status_code == 422 and "bob@cedarlane.example no longer has access" in text_of(response)


def test_one_that_waits_is_tried_now(ruth, invited, work, clock):
    mail = invited(OutboxMail.RETRYING)
    assert press(ruth, f"{LIST}/{mail.id}").status_code == 303
    assert [row.id for row in work(lambda: list(OutboxMail.due(clock())))] == [mail.id]


def test_a_reset_link_is_sent_again_as_a_new_one(ruth, cast, work, clock):
    def write():
        links.send(cast.alice, Link.RESET, links.RESET_LIFE, Actor("", clock(), "http://localhost"), Company.current())
        OutboxMail.get().fail(OutboxMail.GAVE_UP, clock(), "no answer")

    work(write)
    assert press(ruth, f"{LIST}/1").status_code == 303
    old, new = work(lambda: list(OutboxMail.select().order_by(OutboxMail.id)))
    assert new.kind == "reset_link" and "/reset/[removed]" in old.text and "/reset/" in new.text


@pytest.mark.parametrize("state", [OutboxMail.QUEUED, OutboxMail.SENT, OutboxMail.REFUSED])
def test_links_are_not_shown_to_administrators(ruth, invited, work, state):
    mail = invited(state)
    page = ruth.get(f"{LIST}/{mail.id}").get_data(as_text=True)
    assert "/welcome/[removed]" in page and not re.search(r"/welcome/[\w-]{43}", page)


def test_an_email_that_was_saved_to_a_file_is_nowhere_called_sent(ruth, cast, invited, work):
    mail = invited(OutboxMail.SAVED)
    words = "saved to a file, not sent: no mail server was set (SMTP_URL)."
    assert f"Email to bob@cedarlane.example {words}" in text_of(ruth.get(bobs(work, cast)))
    page = text_of(ruth.get("/customers?access=undelivered"))
    assert "Email not delivered 1" in page and "Cedar Lane Bakery" in page
    assert f"email to bob@cedarlane.example {words}" in text_of(ruth.get("/setup?step=login-url"))
    for url in (LIST, f"{LIST}?state=saved", f"{LIST}/{mail.id}"):
        page = text_of(ruth.get(url))
        assert "Saved to a file, not sent" in page and "Email sent" not in page
    assert press(ruth, f"{LIST}/{mail.id}").status_code == 303
    assert work(lambda: OutboxMail.get(repeats=mail.id)).state == "queued"


def test_the_receipt_page_says_that_no_mail_server_is_set(app, world, cast, log_in, work, clock):
    app.config["PORTAL"] = app.config["PORTAL"].replace(environment="sandbox")
    alice = log_in(cast.alice)
    mail = work(lambda: OutboxMail.get(kind="receipt"))
    url = f"/payments/{mail.key.partition(':')[2]}"
    words = f"We did not email the receipt to {mail.recipient}: no mail server is set up here yet."
    assert words in text_of(alice.get(url))
    work(lambda: mail.saved(clock()))
    assert words in text_of(alice.get(url))


def test_the_list_has_filters_by_state_and_address(ruth, invited, work, clock):
    invited(OutboxMail.REFUSED)
    work(lambda: OutboxMail.queue("alert:1", "ruth@harborpine.example", Mail("Alert", "t", "h"), clock()))
    assert "All 2" in text_of(ruth.get(LIST))
    refused = text_of(ruth.get(f"{LIST}?state=refused"))
    assert REASON in refused and "Cedar Lane Bakery" in refused and "Payment alert" not in refused
    found = text_of(ruth.get(f"{LIST}?q=RUTH@"))
    assert "Payment alert" in found and "bob@cedarlane" not in found
    assert "No emails found" in text_of(ruth.get(f"{LIST}?q=%25"))


def test_pages_follow_each_other_both_ways(ruth, work, clock):
    def write():
        for n in range(120):
            OutboxMail.queue(f"alert:{n}", "ruth@harborpine.example", Mail(f"Alert {n:03}", "t", "h"), clock())

    work(write)
    first, seen, url = text_of(ruth.get(LIST)), [], LIST
    while url:
        page = ruth.get(url).get_data(as_text=True)
        seen += re.findall(r"Alert (\d{3})</a>", page)
        older = re.search(r'id="page-after"[^>]*href="([^"]+)"', page)
        url = older and html.unescape(older[1])
    assert seen == [f"{n:03}" for n in reversed(range(120))]
    newer = html.unescape(re.search(r'id="page-before"[^>]*href="([^"]+)"', page)[1])
    assert "Alert 020" in text_of(ruth.get(newer)) and "Alert 119" in first


@pytest.mark.sqlite
def test_no_index_is_missing_for_the_pages(app, work):
    def plans():
        database = app.extensions["database"]
        for sql in (
            "SELECT id FROM outbox WHERE state = 'x' AND id < 9 ORDER BY id DESC LIMIT 51",
            "SELECT id FROM outbox WHERE next_try_ms <= 1",
            "SELECT id FROM outbox INDEXED BY outbox_recipient_id WHERE recipient LIKE '%x%'",
        ):
            yield database.execute_sql(f"EXPLAIN QUERY PLAN {sql}").fetchone()[3]

    assert all("INDEX" in plan for plan in work(lambda: list(plans())))


RECEIPTS = [
    (OutboxMail.QUEUED, "We will email the receipt to alice@cedarlane.example."),
    (OutboxMail.SENT, "We emailed the receipt to alice@cedarlane.example."),
    (OutboxMail.REFUSED, f"We could not email the receipt to alice@cedarlane.example: {REASON}. Check the address."),
]


@pytest.mark.parametrize(("state", "words"), RECEIPTS)
def test_the_receipt_page_says_what_became_of_the_email(world, cast, log_in, work, clock, state, words):
    alice = log_in(cast.alice)
    reference = pay(alice, world.open["cedar"].public_id)

    def come_to():
        mail = OutboxMail.latest(f"receipt:{reference}")
        if state == OutboxMail.REFUSED:
            mail.fail(state, clock(), REASON)
        elif state == OutboxMail.SENT:
            mail.sent(clock(), keep=False)

    work(come_to)
    page = text_of(alice.get(f"/payments/{reference}"))
    assert [text for _, text in RECEIPTS if text in page] == [words]


def test_payer_can_resend_the_receipt_a_few_times(world, cast, log_in, work, clock):
    alice = log_in(cast.alice)
    reference = pay(alice, world.open["cedar"].public_id)
    url = f"/payments/{reference}"

    def refuse():
        mail = OutboxMail.latest(f"receipt:{reference}")
        mail.fail(OutboxMail.REFUSED, clock(), "552 5.2.2 mailbox full")
        return OutboxMail.select().where(OutboxMail.kind == "receipt", OutboxMail.customer == cast.cedar).count()

    before, counts = work(refuse), []
    for _ in range(4):
        page = alice.get(url).get_data(as_text=True)
        assert "Send the receipt again" in page
        alice.post(f"{url}/receipt", data={"csrf_token": csrf_of(page)})
        counts.append(work(lambda: OutboxMail.latest(f"receipt:{reference}").state))
        work(refuse)
    assert counts == ["queued", "queued", "queued", "refused"]
    assert work(refuse) == before + 3


def test_a_receipt_is_written_again_from_the_payment(world, ruth, work, clock):
    mail = work(lambda: OutboxMail.get(kind="receipt"))
    work(lambda: mail.sent(clock(), keep=False))
    assert press(ruth, f"{LIST}/{mail.id}").status_code == 303
    new = work(lambda: OutboxMail.get(repeats=mail.id))
    assert "<html" in new.html and work(lambda: OutboxMail.latest(mail.key)).id == new.id


def test_while_the_mail_server_cannot_be_used_every_page_of_staff_says_so(ruth, log_in, cast, invited, work, clock):
    invited()
    work(lambda: OutboxMail.hold(clock(), "mail.example.com:587: 535 authentication failed"))
    page = text_of(ruth.get("/customers"))
    assert "Email is not being sent. The mail server: mail.example.com:587: 535 authentication failed." in page
    assert "1 email waits since" in page
    assert "not being sent" not in text_of(log_in(cast.alice).get("/invoices"))


def test_without_a_mail_server_staff_read_that_no_email_is_sent(app, ruth):
    assert "Emails reach no one" not in text_of(ruth.get("/customers"))
    app.config["PORTAL"] = app.config["PORTAL"].replace(environment="sandbox")
    assert "Emails reach no one: no mail server is set up." in text_of(ruth.get("/customers", follow_redirects=True))


def test_a_worker_that_does_not_run_is_said(ruth, invited, clock):
    invited()
    assert "worker is not running" not in text_of(ruth.get("/customers"))
    clock.advance(minutes=6)
    assert "Email is not being sent: the worker is not running. Start it: cd " in text_of(ruth.get("/customers"))


def test_a_worker_in_the_middle_of_a_long_queue_is_not_taken_for_dead(ruth, invited, work, clock):
    def a_while_later():
        for n in range(3):
            OutboxMail.queue(f"alert:{n}", "ruth@harborpine.example", Mail("Alert", "t", "h"), clock())
        clock.advance(minutes=6)
        OutboxMail.get(key="alert:0").sent(clock(), keep=False)

    work(a_while_later)
    assert "worker is not running" not in text_of(ruth.get("/customers"))


def test_mail_that_seems_to_be_sent_in_the_future_is_no_sign_of_a_worker(ruth, invited, work, clock):
    clock.advance(days=365)
    work(lambda: OutboxMail.queue("alert:1", "ruth@harborpine.example", Mail("Alert", "t", "h"), clock()))
    work(lambda: OutboxMail.get(key="alert:1").sent(clock(), keep=False))
    clock.advance(days=-365)
    invited()
    clock.advance(minutes=6)
    assert "worker is not running" in text_of(ruth.get("/customers"))


def test_case_07_an_address_that_the_server_refuses(app, ruth, cast, work, clock, serve):
    customer = work(lambda: Customer.create(number="90", name="Saltbox Kitchen", email="gone@cedarlane.example"))
    url = f"/customers/{customer.public_id}/access"
    token = csrf_of(ruth.get(url).get_data(as_text=True))
    saved = ruth.post(url, data={"csrf_token": token, "version": "1", "role": "1", "give": "y", "notify": "y"})
    assert saved.status_code == 303
    assert "An email to them is queued" in text_of(ruth.get(url))
    with serve() as (_, transport):
        work(lambda: deliver_due(transport, clock()))
    assert "not delivered: 550 no such person. Check the address." in text_of(ruth.get(url))
    assert "Email not delivered" in text_of(ruth.get("/customers"))
    assert "email to gone@cedarlane.example not delivered" in text_of(ruth.get("/setup?step=login-url"))


@pytest.mark.parametrize(
    ("error", "words"),
    [
        ("550 5.1.1 unknown", "Check the address."),
        ("552 5.2.2 over quota", "The mailbox is full"),
        ("552 5.3.4 too large", "too large for their server"),
        ("554 5.7.1 spam", "people who run your mail server"),
    ],
)
def test_the_advice_follows_the_servers_reason(ruth, cast, invited, error, words):
    invited(OutboxMail.REFUSED, error)
    assert words in text_of(ruth.get(record(cast)))


def test_bulk_access_shows_the_state_of_each_email(ruth, cast, work, clock):
    def write():
        Audit.write(
            "bulk_access",
            1,
            subject=f"bulk:{'2' * 24}",
            role="Customer Center",
            notified=True,
            skipped=[],
            saved=[[cast.cedar.public_id, cast.cedar.name, cast.bob.email]],
        )
        links.notify(cast.bob, [cast.cedar], Actor("", clock(), "http://localhost"), Company.current())
        OutboxMail.get().fail(OutboxMail.REFUSED, clock(), REASON)

    work(write)
    page = text_of(ruth.get(f"/customers/access/{'2' * 24}"))
    assert "1 email not delivered" in page and f"Email not delivered: {REASON}." in page
