"""A colleague's invitation gives nothing before it is accepted; a person can leave a customer at any time."""

import re

import pytest

from app.models import Access, Audit, OutboxMail, Role, User
from app.models.audit import Actor
from tests.accounts.test_people import NEW, access_of, manager, role_id, send  # noqa: F401
from tests.conftest import csrf_of
from tests.people import PASSWORD
from tests.support.pages import text_of

PEOPLE = "/account/people"


@pytest.fixture
def invited(manager, cast):  # noqa: F811
    """The invitation to Cedar that Alice sent to Charlie of Fennel."""
    assert send(manager, email=cast.charlie.email, role=role_id("Customer Center")).status_code == 303
    return Access.get(user=cast.charlie, customer=cast.cedar)


def page_of(invitation) -> str:
    return f"/account/invitations/{invitation.id}"


def answer(client, invitation, words):
    token = csrf_of(client.get("/account").get_data(as_text=True))
    return client.post(page_of(invitation), data={"csrf_token": token, "answer": words})


def text(response) -> str:
    return response.get_data(as_text=True)


def test_an_existing_login_is_invited_and_given_nothing(invited, cast, log_in):
    assert not invited.given and invited.is_invitation and invited.invited_by == cast.alice.email
    charlie = log_in(cast.charlie)
    assert charlie.get(f"/invoices?customer={cast.cedar.public_id}").status_code == 404
    page = text(charlie.get("/invoices"))
    assert "Fennel &amp; Fig" in page and "Switch customer" not in page
    token = csrf_of(text(charlie.get("/account")))
    assert charlie.post("/account/customer", data={"csrf_token": token, "number": "77"}).status_code == 404


def test_the_mail_leads_to_the_invitation(invited, cast, client):
    mail = OutboxMail.newest_first().get()
    assert mail.recipient == cast.charlie.email and "Cedar Lane Bakery invites you" in mail.subject
    assert "Cedar Lane Bakery" in mail.html and "You get access only if you accept." in mail.text
    path = re.search(r"http://localhost(/account/invitations/\d+)", mail.text)[1]
    page = text(client.get(client.get(path).location))
    response = client.post(
        "/login", data={"csrf_token": csrf_of(page), "next": path, "email": cast.charlie.email, "password": PASSWORD}
    )
    assert response.location == path and "Join Cedar Lane Bakery?" in text(client.get(path))


def test_after_logging_in_the_invitation_is_there(invited, cast, client):
    page = text(client.get("/login"))
    response = client.post(
        "/login", data={"csrf_token": csrf_of(page), "email": cast.charlie.email, "password": PASSWORD}
    )
    assert response.location == "/account/customers"
    assert f'href="{page_of(invited)}"' in text(client.get(response.location))


def test_looking_at_it_accepts_nothing(invited, cast, log_in):
    log_in(cast.charlie).get(page_of(invited))
    assert not Access.get_by_id(invited.id).given


def test_accepting_gives_access_and_opens_the_customer(invited, cast, log_in):
    charlie = log_in(cast.charlie)
    response = answer(charlie, invited, "accept")
    assert response.location == f"/invoices?customer={cast.cedar.public_id}"
    assert "Cedar Lane Bakery" in text(charlie.get(response.location))
    assert Access.get_by_id(invited.id).given and Audit.last("invitation_accepted").actor == cast.charlie.email
    assert answer(charlie, invited, "accept").status_code == 404


def test_declining_ends_it(invited, cast, log_in):
    charlie = log_in(cast.charlie)
    assert answer(charlie, invited, "decline").status_code == 303
    assert not Access.get_by_id(invited.id).is_offered and Audit.last("invitation_declined")
    assert answer(charlie, invited, "accept").status_code == 404


def test_an_invitation_is_answered_by_the_invited_person_alone(invited, cast, log_in, manager):  # noqa: F811
    for client in (log_in(cast.bob), manager, log_in(cast.ruth)):
        assert client.get(page_of(invited)).status_code == 404
        assert answer(client, invited, "accept").status_code == 404
    assert not Access.get_by_id(invited.id).given


def test_a_person_without_any_other_access_logs_in_to_accept(manager, cast, log_in):  # noqa: F811
    send(manager, email=cast.nora.email, role=role_id("Customer Center"))
    nora = log_in(cast.nora)
    assert nora.get("/invoices").location.startswith("/account/customers")
    assert nora.get("/account").status_code == 200 and "You are invited" in text(nora.get("/account/customers"))
    answer(nora, access_of(cast.nora), "accept")
    assert nora.get("/invoices").status_code == 200


def test_declining_the_only_one_ends_the_login(manager, cast, log_in):  # noqa: F811
    send(manager, email=cast.nora.email, role=role_id("Customer Center"))
    nora = log_in(cast.nora)
    assert answer(nora, access_of(cast.nora), "decline").location == "/login"
    assert nora.get("/account").location.startswith("/login")


def test_managers_and_staff_read_that_it_is_pending(invited, cast, log_in, manager):  # noqa: F811
    assert "Invitation pending" in text(manager.get(PEOPLE))
    page = text(log_in(cast.ruth).get(f"/customers/{cast.cedar.public_id}/access"))
    assert "Invitation pending" in page and "Invited by a colleague" in page


def test_a_pending_invitation_is_withdrawn(invited, cast, log_in, manager):  # noqa: F811
    assert send(manager, f"{PEOPLE}/{invited.id}/take").status_code == 303
    charlie = log_in(cast.charlie)
    assert "Join Cedar" not in text(charlie.get(page_of(invited)))
    assert answer(charlie, invited, "accept").status_code == 404
    assert (
        Audit.last("invitation_withdrawn")
        and "Invitation pending" not in text(manager.get(PEOPLE)).split(cast.charlie.email)[0][-300:]
    )


def test_invitation_is_not_sent_twice(invited, cast, manager):  # noqa: F811
    mails = OutboxMail.select().count()
    assert send(manager, email=cast.charlie.email, role=role_id("Customer Center")).status_code == 422
    assert OutboxMail.select().count() == mails


def test_the_company_can_give_it_at_once(invited, cast, clock):
    Access.grant(cast.charlie, cast.cedar, Role.get(name="Customer Center"), Actor("ruth", clock()))
    assert Access.get_by_id(invited.id).given and not Access.get_by_id(invited.id).is_invitation


def test_a_login_that_was_never_set_up_elsewhere_is_asked_too(manager, cast, clock):  # noqa: F811
    user = User.create(email="dora@fennelfig.example", created_ms=0)
    Access.grant(user, cast.fennel, Role.get(name="Customer Center"), Actor("ruth", clock()))
    send(manager, email=user.email, role=role_id("Customer Center"))
    assert not Access.get(user=user, customer=cast.cedar).given


# Leaving


def leave(client, access):
    token = csrf_of(text(client.get("/account")))
    return client.post(f"/account/customers/{access.id}/leave", data={"csrf_token": token})


def test_leaving_is_asked_first(cast, log_in):
    bob, access = log_in(cast.bob), access_of(cast.bob)
    assert f'href="/account/customers/{access.id}/leave"' in text(bob.get("/account"))
    assert "Leave Cedar Lane Bakery?" in text(bob.get(f"/account/customers/{access.id}/leave"))
    assert access_of(cast.bob).given


def test_leaving_the_only_customer_ends_the_login(cast, log_in):
    bob = log_in(cast.bob)
    assert leave(bob, access_of(cast.bob)).location == "/login"
    assert bob.get("/account").location.startswith("/login") and not access_of(cast.bob).given
    line = Audit.last("access_left")
    assert (line.actor, line.facts["customer"]) == (cast.bob.email, "77")


def test_leaving_one_of_two_keeps_the_other(cast, log_in, clock):
    Access.grant(cast.bob, cast.fennel, Role.get(name="Customer Center"), Actor("ruth", clock()))
    bob = log_in(cast.bob)
    token = csrf_of(text(bob.get("/account")))
    bob.post("/account/customer", data={"csrf_token": token, "number": "77"})
    other = Access.get(user=cast.bob, customer=cast.fennel)
    assert leave(bob, other).location == "/account" and not Access.get_by_id(other.id).given
    assert bob.get("/invoices").status_code == 200


def test_leaving_the_one_that_is_open_leads_to_the_other(cast, log_in, clock):
    Access.grant(cast.bob, cast.fennel, Role.get(name="Customer Center"), Actor("ruth", clock()))
    bob = log_in(cast.bob)
    token = csrf_of(text(bob.get("/account")))
    bob.post("/account/customer", data={"csrf_token": token, "number": "77"})
    response = leave(bob, Access.get(user=cast.bob, customer=cast.cedar))
    assert response.location == "/invoices" and "Fennel &amp; Fig" in text(bob.get("/invoices"))


def test_a_colleagues_access_is_not_left_by_others(cast, log_in):
    bob = log_in(cast.bob)
    for user in (cast.alice, cast.charlie):
        assert bob.get(f"/account/customers/{access_of(user).id}/leave").status_code == 404
        assert leave(bob, access_of(user)).status_code == 404 and access_of(user).given


def test_the_last_manager_and_the_last_person_are_warned(manager, cast, log_in):  # noqa: F811
    page = text(manager.get(f"/account/customers/{access_of(cast.alice).id}/leave"))
    assert "You are the only person who can manage access." in page
    page = text(log_in(cast.charlie).get(f"/account/customers/{access_of(cast.charlie).id}/leave"))
    assert "You are the only person with access." in page


def test_staff_see_who_left(cast, log_in):
    leave(log_in(cast.bob), access_of(cast.bob))
    page = text(log_in(cast.ruth).get(f"/customers/{cast.cedar.public_id}/access"))
    assert "Left this customer" in page
    assert "left account 77" in text(log_in(cast.ruth).get("/audit"))


# What both sides read afterwards


def test_the_inviter_reads_that_it_was_declined(invited, cast, log_in, manager, clock):  # noqa: F811
    answer(log_in(cast.charlie), invited, "decline")
    page = text(manager.get(PEOPLE))
    assert cast.charlie.email in page and "Declined the invitation on Nov 22, 2026" in page
    assert f"{PEOPLE}/{invited.id}/take" not in page
    staff = text_of(log_in(cast.ruth).get(f"/customers/{cast.cedar.public_id}/access"))
    assert "Declined the invitation" in staff
    clock.advance(days=31)
    assert cast.charlie.email not in text(log_in(cast.alice).get(PEOPLE))


def test_a_declined_person_can_be_invited_again(invited, cast, log_in, manager):  # noqa: F811
    answer(log_in(cast.charlie), invited, "decline")
    send(manager, email=cast.charlie.email, role=role_id("Customer Center"))
    assert "Declined the invitation" not in text(manager.get(PEOPLE)) and Access.get_by_id(invited.id).is_invitation


@pytest.mark.parametrize(
    ("words", "heading"),
    [
        ("decline", "You declined this invitation"),
        ("accept", "You have access to Cedar Lane Bakery"),
        (None, "This invitation is no longer open"),
    ],
)
def test_the_mailed_link_says_what_became_of_the_invitation(invited, cast, log_in, manager, words, heading):  # noqa: F811
    charlie = log_in(cast.charlie)
    if words:
        answer(charlie, invited, words)
    else:
        send(manager, f"{PEOPLE}/{invited.id}/take")
    response = charlie.get(page_of(invited))
    assert response.status_code == 200 and heading in re.sub("<[^>]+>", "", text(response))
    assert log_in(cast.bob).get(page_of(invited)).status_code == 404


@pytest.mark.parametrize("name", ["", "Charlie from Fennel"])
def test_an_accepted_colleague_is_listed_with_their_address_once(cast, log_in, manager, name):  # noqa: F811
    send(manager, email=cast.charlie.email, name=name, role=role_id("Customer Center"))
    answer(log_in(cast.charlie), Access.get(user=cast.charlie, customer=cast.cedar), "accept")
    manager.get(PEOPLE)  # with the notice that they were invited
    page = re.sub(r'<span class="vh">.*?</span>', "", text(manager.get(PEOPLE)))
    assert page.count(cast.charlie.email) == 1 and name in page and "Charlie Moss" not in page
