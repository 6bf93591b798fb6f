"""A person who can't log in is unlocked, and sent a reset link, from the customer's record."""

import pytest

from app.models import Access, Audit, Customer, OutboxMail, Role, User
from app.models.audit import Actor
from tests.conftest import csrf_of
from tests.customers.conftest import access_of
from tests.support.mailbox import mails_to
from tests.support.pages import text_of

ALICE = "alice@cedarlane.example"


@pytest.fixture
def record(cast):
    return f"{access_of(cast.cedar)}/{Access.get(Access.user == cast.alice).id}"


@pytest.fixture
def locked(app, cast):
    client = app.test_client()
    token = csrf_of(client.get("/login").get_data(as_text=True))
    for _ in range(5):
        client.post("/login", data={"csrf_token": token, "email": ALICE, "password": "wrong"})


def post(ruth, url, **data):
    return ruth.post(url, data={"csrf_token": csrf_of(ruth.get("/customers").get_data(as_text=True)), **data})


def test_the_record_says_that_a_person_is_locked_out(ruth, record, locked):
    page = text_of(ruth.get(record))
    assert "alice@cedarlane.example was locked out for 30 minutes" in page
    assert "alice@cedarlane.example is locked out until Nov 22, 2026" in page and "Unlock and send a reset link" in page


def test_person_who_may_log_in_has_no_lock_notice(ruth, record):
    page = text_of(ruth.get(record))
    assert "locked out" not in page and "Send a reset link" in page


def test_an_unlocked_person_logs_in_again(ruth, record, locked, log_in, cast):
    response = post(ruth, f"{record}/unlock")
    assert response.status_code == 303 and response.location == record
    line = Audit.get(event="login_unlocked")
    assert (line.subject, line.actor) == (f"user:{ALICE}", cast.ruth.email)
    assert log_in(cast.alice).get("/invoices").status_code == 200
    page = text_of(ruth.get(record))
    assert "is unlocked" in page and "alice@cedarlane.example was unlocked" in page and not mails_to(ALICE)


def test_unlocking_can_send_a_reset_link(ruth, record, locked, client):
    post(ruth, f"{record}/unlock", link="1")
    (mail,) = mails_to(ALICE)
    assert mail.kind == "reset_link" and "is queued" in text_of(ruth.get(record))


def test_a_reset_link_is_sent_from_the_record(ruth, record):
    post(ruth, f"{record}/reset-link")
    (mail,) = mails_to(ALICE)
    assert mail.kind == "reset_link" and Audit.get(event="link_sent").actor == "ruth@harborpine.example"


def test_no_link_is_sent_where_none_could_be_used(ruth, record, cast):
    User.update(password_hash=None).where(User.email == ALICE).execute()
    post(ruth, f"{record}/reset-link")
    assert "No link was sent: alice@cedarlane.example has no password yet" in text_of(ruth.get(record))
    assert not OutboxMail.select().exists()


@pytest.mark.parametrize("action", ["unlock", "reset-link"])
def test_a_person_without_access_or_of_another_customer_is_not_found(ruth, cast, action):
    nora, charlie = (Access.get(Access.user == one).id for one in (cast.nora, cast.charlie))
    for who in (nora, charlie, "own", "new", "0", "x"):
        assert post(ruth, f"{access_of(cast.cedar)}/{who}/{action}").status_code == 404
    assert not OutboxMail.select().exists() and Customer.select().exists()


# Invitations


@pytest.fixture
def invitation(app, cast, clock):
    """The URL of the invitation that Alice sent Charlie, on the record of Cedar."""
    role = Role.get(name="Customer Center")
    one = Access.invite(cast.charlie, cast.cedar, role, Actor(ALICE, clock()), name="Chuck")
    return f"{access_of(cast.cedar)}/{one.id}"


def test_a_pending_invitation_is_withdrawn_from_the_record(ruth, invitation, log_in, cast):
    page = text_of(ruth.get(invitation))
    assert "alice@cedarlane.example invited charlie@fennelfig.example" in page and "Withdraw invitation" in page
    assert "Charlie Moss: Access is offered, but the invitation has not been accepted yet" in page
    response = post(ruth, f"{invitation}/withdraw")
    assert (response.status_code, response.location) == (303, invitation)
    one = Access.get(Access.user == cast.charlie, Access.customer == cast.cedar)
    assert not one.is_offered
    assert "This invitation is no longer open" in text_of(log_in(cast.charlie).get(f"/account/invitations/{one.id}"))
    line = Audit.get(event="invitation_withdrawn")
    assert (line.subject, line.actor) == ("user:charlie@fennelfig.example", cast.ruth.email)
    assert Audit.last("customer_saved").facts["withdrawn"] == "charlie@fennelfig.example"
    page = text_of(ruth.get(invitation))
    assert "is withdrawn" in page and "Withdraw invitation" not in page


def test_an_invitation_that_was_accepted_is_not_withdrawn(ruth, invitation, cast, clock):
    one = Access.get(Access.user == cast.charlie, Access.customer == cast.cedar)
    one.accept(Actor("", clock()))
    page = text_of(ruth.get(post(ruth, f"{invitation}/withdraw").location))
    assert "Nothing was withdrawn" in page and Access.get_by_id(one.id).given
    assert not Audit.select().where(Audit.event == "invitation_withdrawn").exists()


def test_taking_an_invitation_that_was_accepted_says_access_taken(invitation, cast, clock):
    read_before = Access.get(Access.user == cast.charlie, Access.customer == cast.cedar)
    Access.get_by_id(read_before.id).accept(Actor("", clock()))
    read_before.revoke(Actor(ALICE, clock()))
    assert Audit.last("access_taken") and not Audit.last("invitation_withdrawn")
    assert not Access.get_by_id(read_before.id).is_offered


def test_person_with_access_has_no_invitation_to_withdraw(ruth, record, cast):
    assert "Withdraw invitation" not in text_of(ruth.get(record))
    post(ruth, f"{record}/withdraw")
    assert Access.get(Access.user == cast.alice).given
