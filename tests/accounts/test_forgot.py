"""/forgot."""

import pytest

from app.models import Link, Throttle, User
from app.models.audit import Actor
from tests.accounts.conftest import ask_for_link, events, kinds_of_statements, without_token
from tests.conftest import csrf_of
from tests.people import PASSWORD
from tests.support.mailbox import last_link, mails_to

ALICE = "alice@cedarlane.example"
SENT = "If that address has access, we will email it a link. The link works once and expires in 60 minutes."


def test_alice_gets_a_link(send, cast):
    assert SENT in send("/forgot", email=ALICE).get_data(as_text=True)
    assert last_link(ALICE).startswith("/reset/")


@pytest.mark.parametrize("email", ["unknown@cedarlane.example", "nora@cedarlane.example"])
def test_the_answer_is_the_same_and_nothing_is_sent_without_access(send, cast, email):
    known, unknown = send("/forgot", email=ALICE), send("/forgot", email=email)
    assert without_token(known) == without_token(unknown) and mails_to(email) == []


def test_no_link_is_sent_while_customer_access_is_off(send, cast, clock):
    cast.company.set_feature("customer_access", False, Actor("test", clock()))
    send("/forgot", email=ALICE)
    assert mails_to(ALICE) == []


def test_the_address_must_look_like_one(send, cast):
    assert send("/forgot", email="alice").status_code == 422
    assert send("/forgot", email="").status_code == 422
    assert send("/forgot", email="a@b.example\r\nBcc: x@y.example").status_code == 422


def test_a_foreign_host_header_is_refused(client, cast):
    assert client.get("/forgot", headers={"Host": "evil.example"}).status_code == 400


def test_emailed_link_uses_portal_url_and_ignores_the_host_header(client, cast):
    headers = {"Host": "localhost:666", "X-Forwarded-Host": "evil.example", "Origin": "http://evil.example"}
    data = {"csrf_token": csrf_of(client.get("/forgot").get_data(as_text=True)), "email": ALICE}
    assert client.post("/forgot", data=data, headers=headers).status_code == 200
    mail = mails_to(ALICE)[0]
    assert "http://localhost/reset/" in mail.text and "http://localhost/reset/" in mail.html
    assert not any(word in mail.text + mail.html for word in ("evil", "666"))


def test_newer_link_replaces_older_ones(client, cast):
    old, new = ask_for_link(client, ALICE), ask_for_link(client, ALICE)
    assert client.get(old, follow_redirects=True).status_code == 410
    assert client.get(new, follow_redirects=True).status_code == 200


def test_only_the_hash_of_the_token_is_kept_outside_the_mail(client, cast):
    token = ask_for_link(client, ALICE).rsplit("/", 1)[1]
    link = Link.get()
    assert token not in str(link.__data__) and len(link.token_hash) == 64


def test_user_without_a_password_gets_a_setup_link(send, cast):
    User.update(password_hash=None).where(User.email == ALICE).execute()
    send("/forgot", email=ALICE)
    assert last_link(ALICE).startswith("/welcome/")
    assert "expires in 60 minutes" in mails_to(ALICE)[0].text


def test_a_mailbox_is_not_flooded(send, cast, clock):
    for _ in range(5):
        assert SENT in send("/forgot", email=ALICE).get_data(as_text=True)
    answers = [send("/forgot", email=ALICE) for _ in range(2)]
    assert [(answer.status_code, SENT in answer.get_data(as_text=True)) for answer in answers] == [(429, False)] * 2
    assert "We did not send a link" in answers[0].get_data(as_text=True) and len(mails_to(ALICE)) == 5
    clock.advance(minutes=30)
    send("/forgot", email=ALICE)
    assert len(mails_to(ALICE)) == 6


@pytest.mark.parametrize("state", ["limited", "closed", "no_mail", "usual"])
def test_answer_is_the_same_for_every_address(app, send, cast, clock, state):
    """Known, unknown, without access and an administrator's."""
    if state == "closed":
        cast.company.set_feature("customer_access", False, Actor("test", clock()))
    if state == "no_mail":
        app.config["PORTAL"] = app.config["PORTAL"].replace(environment="sandbox")
    answers = []
    for email in (ALICE, "unknown@cedarlane.example", "nora@cedarlane.example", cast.ruth.email):
        for _ in range(6 if state == "limited" else 1):
            last = send("/forgot", email=email)
        answers.append((last.status_code, without_token(last)))
    assert len(set(answers)) == 1
    assert (SENT in answers[0][1]) == (state == "usual")


def test_all_addresses_of_a_household_count_together(client, cast):
    token = csrf_of(client.get("/forgot").get_data(as_text=True))
    for n in range(25):
        client.post(
            "/forgot",
            data={"csrf_token": token, "email": f"{n}@x.example"},
            environ_overrides={"REMOTE_ADDR": f"2001:db8:1:1::{n:x}"},
        )
    row = Throttle.get(Throttle.key.startswith("mail-from:"))
    assert (row.key, row.tries) == ("mail-from:2001:db8:1:1::/64", 20)


def test_asking_for_a_link_does_not_touch_the_password(send, cast, log_in):
    send("/forgot", email=ALICE)
    assert log_in(cast.alice, PASSWORD)


def test_sent_link_is_audited(send, cast):
    send("/forgot", email=ALICE)
    send("/forgot", email="unknown@cedarlane.example")
    assert events() == ["link_sent"]


def test_forgotten_password_request_computes_no_hash(send, cast, hasher):
    send("/forgot", email=ALICE)
    assert hasher.asked == []


def test_known_and_unknown_cost_the_same_statements(send, cast):
    """Known, unknown, an administrator, without access, without a password yet."""
    send("/forgot", email="first@cedarlane.example")  # makes the row of the throttle for this network
    User.update(password_hash=None).where(User.id == cast.bob.id).execute()
    people = (cast.alice, cast.ruth, cast.nora, cast.bob)
    counts = []
    for email in ("unknown@cedarlane.example", *(person.email for person in people)):
        with kinds_of_statements() as done:
            send("/forgot", email=email)
        counts.append(done)
    assert all(count == counts[0] for count in counts)
    assert User.select().where(User.email.contains("decoy")).count() == 0
