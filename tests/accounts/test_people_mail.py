"""What a customer's manager sees of an invitation that could not be delivered."""

import html
import re

import pytest

from app.models import Access, OutboxMail, User
from app.models.audit import Actor
from tests.accounts.test_people import NEW, URL, manager, role_id, send  # noqa: F401
from tests.conftest import csrf_of

DORA = NEW["email"].lower()
REASON = "550 5.1.1 no such user"
WORDS = f"The invitation was not delivered: there is no mailbox with this address ({REASON}). Check the address."


def text_of(client, url=URL) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", client.get(url).get_data(as_text=True))).split())


@pytest.fixture
def invite(manager, cast, clock):  # noqa: F811
    """invite(email, state) has Alice invite that person, and the email come to that state; the access."""

    def _invite(email=DORA, state=OutboxMail.REFUSED, reason=REASON):
        assert send(manager, email=email, role=role_id("Customer Center")).status_code == 303
        mail = OutboxMail.newest_first().get()
        if state == OutboxMail.SENT:
            mail.sent(clock(), keep=False)
        elif state == OutboxMail.SAVED:
            mail.saved(clock())
        else:
            mail.fail(state, clock(), reason)
        return Access.get(user=User.by_email(email), customer=cast.cedar)

    return _invite


def again(client, access):
    return send(client, f"{URL}/{access.id}/again")


@pytest.mark.parametrize("email", [DORA, "charlie@fennelfig.example"])
def test_the_manager_reads_why_and_sends_it_again(manager, invite, email):  # noqa: F811
    access = invite(email)
    assert WORDS in text_of(manager) and text_of(manager).count("Send again") == 1
    assert again(manager, access).status_code == 303
    page = text_of(manager)
    assert f"A new invitation to {email} is queued." in page and WORDS not in page
    mail = OutboxMail.newest_first().get()
    assert (mail.recipient, mail.state, mail.customer_id) == (email, "queued", access.customer_id)
    assert again(manager, access).status_code == 404


@pytest.mark.parametrize("state", [OutboxMail.SENT, OutboxMail.SAVED])
def test_delivered_invitation_has_no_warning(manager, invite, state):  # noqa: F811
    access = invite(state=state)
    assert "not delivered" not in text_of(manager) and again(manager, access).status_code == 404


def test_our_own_server_is_not_named(manager, invite):  # noqa: F811
    invite(state=OutboxMail.GAVE_UP, reason="mail.internal:587: it refused the connection")
    assert "our mail server did not accept it. Send it again later, or contact us." in text_of(manager)
    assert "mail.internal" not in text_of(manager)


def test_missing_mail_server_is_mentioned_to_every_reader(app, manager, invite, cast):  # noqa: F811
    app.config["PORTAL"] = app.config["PORTAL"].replace(environment="sandbox")
    invite(state=OutboxMail.SAVED)
    assert send(manager, email=cast.ruth.email, role=role_id("Customer Center")).status_code == 303
    page = text_of(manager)
    assert page.count("Emails can’t be sent at the moment") == 1 and "They get an email" not in page


def test_sending_again_has_the_limits_of_a_mailbox(manager, invite, clock):  # noqa: F811
    """Five emails to one address in half an hour, and the invitation itself is the first of them."""
    access, flashes = invite(), []
    for _ in range(5):
        assert again(manager, access).status_code == 303
        flashes.append("is queued" in text_of(manager))
        for mail in OutboxMail.select().where(OutboxMail.recipient == DORA, OutboxMail.state == OutboxMail.QUEUED):
            mail.fail(OutboxMail.REFUSED, clock(), REASON)
    assert flashes == [True] * 4 + [False]
    again(manager, access)
    assert "Nothing was sent: several emails were requested" in text_of(manager)


def test_only_a_manager_of_the_customer_sends_it_again(invite, cast, log_in):
    access = invite()
    for person in (cast.bob, cast.charlie):
        assert again(log_in(person), access).status_code == 404


def test_an_email_about_another_customer_is_not_shown(manager, invite, cast, clock):  # noqa: F811
    invite("charlie@fennelfig.example", OutboxMail.SENT)
    OutboxMail.update(customer=cast.fennel, state=OutboxMail.REFUSED, error=REASON).where(
        OutboxMail.kind == "colleague_invitation"
    ).execute()
    assert "not delivered" not in text_of(manager)


@pytest.mark.parametrize("email", [DORA, "charlie@fennelfig.example"])
def test_staff_find_the_customer_and_what_became_of_the_invitation(invite, cast, log_in, email):
    access = invite(email)
    ruth = log_in(cast.ruth)
    page = text_of(ruth, "/customers?access=undelivered")
    assert re.search("Email not delivered [12] ", page) and "Cedar Lane Bakery" in page
    assert f"Email not delivered to {email}: {REASON}" in page
    assert f"not delivered: {REASON}. Check the address." in text_of(ruth, f"/customers/{cast.cedar.public_id}/access")
    record = text_of(ruth, f"/customers/{cast.cedar.public_id}/access/{access.id}")
    assert f"Email to {email} not delivered: {REASON}." in record and "Send again" in record


def test_an_invitation_that_was_withdrawn_is_not_sent_again(invite, cast, log_in, clock):
    access = invite("charlie@fennelfig.example")
    access.revoke(Actor(cast.alice.email, clock()))
    ruth, mail = log_in(cast.ruth), OutboxMail.newest_first().get()
    url = f"/setup/company/sent-email/{mail.id}"
    token = csrf_of(ruth.get(url).get_data(as_text=True))
    response = ruth.post(f"{url}/again", data={"csrf_token": token, "state": mail.state})
    assert response.status_code == 422 and "is no longer invited" in response.get_data(as_text=True)
    assert OutboxMail.newest_first().get() == mail


def test_person_without_access_is_not_invited_again(manager, invite, cast, clock):  # noqa: F811
    access = invite()
    access.revoke(Actor(cast.alice.email, clock()))
    assert "not delivered" not in text_of(manager) and again(manager, access).status_code == 404


def test_person_who_logged_in_is_not_invited_again(manager, invite, clock):  # noqa: F811
    access = invite()
    User.update(last_login_ms=int(clock().timestamp() * 1000) + 1).where(User.id == access.user_id).execute()
    assert "not delivered" not in text_of(manager) and again(manager, access).status_code == 404


@pytest.mark.parametrize("email", [DORA, "charlie@fennelfig.example"])
@pytest.mark.parametrize(("state", "words"), [("queued", "queued"), ("retrying", "waiting to be retried")])
def test_after_send_again_staff_read_the_state_of_the_newest_mail(
    manager,  # noqa: F811
    invite,
    cast,
    log_in,
    clock,
    email,
    state,
    words,
):
    access = invite(email)
    again(manager, access)
    OutboxMail.update(state=state, error="451 busy").where(OutboxMail.state == OutboxMail.QUEUED).execute()
    ruth = log_in(cast.ruth)
    record = text_of(ruth, f"/customers/{cast.cedar.public_id}/access/{access.id}")
    assert f"Email to {email} {words}" in record and "Send again" not in record
    assert "Email not delivered to" not in text_of(ruth, "/customers")
    assert "Cedar Lane Bakery" not in text_of(ruth, "/customers?access=undelivered")
    OutboxMail.newest_first().get().fail(OutboxMail.REFUSED, clock(), REASON)
    assert f"Email not delivered to {email}: {REASON}" in text_of(ruth, "/customers")


def test_the_customers_list_says_who_is_locked_out(cast, log_in, app, clock):
    ruth, client = log_in(cast.ruth), app.test_client()
    assert "Locked out" not in text_of(ruth, "/customers")
    for _ in range(5):
        token = csrf_of(client.get("/login").get_data(as_text=True))
        client.post("/login", data={"csrf_token": token, "email": cast.bob.email, "password": "wrong"})
    assert f"Locked out: {cast.bob.email}" in text_of(ruth, "/customers")
    clock.advance(minutes=31)
    assert "Locked out" not in text_of(ruth, "/customers")
