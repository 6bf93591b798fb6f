"""Colleagues that managers give access, and people with several customers."""

import pytest

from app.customers.views.colleagues import NOT_THIS_ONE
from app.models import Access, Audit, OutboxMail, Role, Throttle, User
from app.models.audit import Actor
from tests.accounts.conftest import kinds_of_statements
from tests.conftest import csrf_of
from tests.people import PASSWORD
from tests.support.mailbox import mails_to
from tests.support.pages import post_form

URL = "/account/people"
NEW = {"email": "Dora@cedarlane.example", "name": "Dora Lund"}


@pytest.fixture
def manager(cast, log_in):
    """Alice, whose role may pay and manage."""
    role = Role.create(name="Owner", can_manage=True, is_custom=True)
    Access.update(role=role).where(Access.user == cast.alice).execute()
    return log_in(cast.alice)


def send(client, path=URL, **fields):
    return post_form(client, path, page="/account", **fields)


def role_id(name: str) -> str:
    return str(Role.get(name=name).id)


def access_of(user) -> Access:
    return Access.get(user=user)


def test_a_manager_gives_a_colleague_access_by_email(manager, cast):
    assert send(manager, **NEW, role=role_id("Customer Center")).location == URL
    access = access_of(User.by_email("dora@cedarlane.example"))
    assert (access.given, access.customer_id, access.role.name) == (True, cast.cedar.id, "Customer Center")
    mail = OutboxMail.newest_first().get()
    assert mail.recipient == "dora@cedarlane.example" and "/welcome/" in mail.text
    assert Audit.last("access_given").actor == cast.alice.email


def test_page_is_for_managers_only(cast, log_in):
    for person in (cast.bob, cast.vera):
        client = log_in(person)
        assert client.get(URL).status_code == 404
        assert send(client, **NEW, role="1").status_code == 404


def test_no_right_is_given_that_a_manager_lacks(manager, cast):
    Role.update(can_pay=False).where(Role.name == "Owner").execute()
    for name in ("Owner", "Customer Center"):
        assert send(manager, **NEW, role=role_id(name)).status_code == 422
    assert send(manager, **NEW, role=role_id("Customer Center (view only)")).status_code == 303


@pytest.mark.parametrize("email", ["bob@cedarlane.example", "alice@cedarlane.example", "x"])
def test_some_addresses_are_refused(manager, email):
    before = [(access.user_id, access.role_id) for access in Access.select()]
    assert send(manager, email=email, role=role_id("Customer Center")).status_code == 422
    assert [(access.user_id, access.role_id) for access in Access.select()] == before


def test_a_colleagues_access_is_taken_at_once(manager, cast, log_in):
    bob = log_in(cast.bob)
    assert send(manager, f"{URL}/{access_of(cast.bob).id}/take").status_code == 303
    assert bob.get("/invoices").location.startswith("/login")


def test_manager_cannot_revoke_their_own_or_a_foreign_access(manager, cast):
    for user in (cast.alice, cast.charlie, cast.nora):
        assert send(manager, f"{URL}/{access_of(user).id}/take").status_code == 404
    assert access_of(cast.alice).given and access_of(cast.charlie).given


def test_user_with_several_customers_chooses_after_login(cast, client, clock):
    Access.grant(cast.bob, cast.fennel, Role.get(name="Customer Center"), Actor("x", clock()))
    token = csrf_of(client.get("/login").get_data(as_text=True))
    response = client.post("/login", data={"csrf_token": token, "email": cast.bob.email, "password": PASSWORD})
    assert response.location == "/account/customers"
    page = client.get(response.location).get_data(as_text=True)
    assert "Cedar Lane Bakery" in page and "Fennel &amp; Fig" in page
    page = client.get(send(client, "/account/customer", number="81").location).get_data(as_text=True)
    assert "Fennel &amp; Fig" in page and 'href="/account/customers"' in page


def test_user_with_one_customer_is_not_asked(log_in, cast):
    client = log_in(cast.alice)
    assert client.get("/account/customers").location == "/invoices"
    assert "/account/customers" not in client.get("/invoices").get_data(as_text=True)


def page_of(client) -> str:
    return client.get(URL).get_data(as_text=True)


def test_a_person_with_a_name_or_another_customer_keeps_it(manager, cast):
    User.update(name="", password_hash=None).where(User.id == cast.nora.id).execute()
    for user, is_now in ((cast.charlie, "Charlie Moss"), (cast.nora, "Pay Fennel")):
        assert send(manager, email=user.email, name="Pay Fennel", role=role_id("Customer Center")).status_code == 303
        assert User.get_by_id(user.id).name == is_now


def test_a_login_elsewhere_looks_like_a_new_address(manager, cast):
    for email in (cast.charlie.email, NEW["email"].lower()):
        send(manager, email=email, role=role_id("Customer Center"))
        page = page_of(manager)
        assert email in page and page.count("Invitation pending") == page.count("Withdraw invitation")
    assert "Charlie Moss" not in page
    assert page.count("Invitation pending") == 4  # Bob and Vera have not logged in yet either


def test_colleague_with_another_customer_keeps_their_name(manager, cast, clock):
    Access.grant(cast.bob, cast.fennel, Role.get(name="Customer Center"), Actor("x", clock()))
    assert "Bob Lindqvist" in page_of(manager)


def test_an_address_that_has_access_is_refused(manager, cast):
    page = send(manager, email=cast.bob.email, role=role_id("Customer Center")).get_data(as_text=True)
    assert page.count(NOT_THIS_ONE) == 2


def test_an_administrators_address_looks_like_any_other(manager, cast):
    """As an unknown one and one with a login elsewhere do. The administrator reads that they can't accept."""
    role, pages = role_id("Customer Center"), []
    for email in (cast.ruth.email, "unknown@cedarlane.example", cast.charlie.email):
        assert send(manager, email=email, name="Dora Lund", role=role).status_code == 303
        one = Access.get(Access.user == User.by_email(email), Access.customer == cast.cedar)
        texts = [page_of(manager), manager.get(f"{URL}/{one.id}/take").get_data(as_text=True)]
        pages.append(
            [
                text.replace(email, "EMAIL").replace(f"/{one.id}/", "/ID/").replace(csrf_of(text), "TOKEN")
                for text in texts
            ]
        )
        Access.delete().where(Access.id == one.id).execute()
    assert pages[0] == pages[1] == pages[2] and "Dora Lund" in pages[0][0]
    (mail,) = mails_to(cast.ruth.email)
    assert f"{cast.alice.email} has invited you" in mail.text and "administrators can't accept invitations" in mail.text
    assert f"/customers/{cast.cedar.public_id}/access/" in mail.text and "/account/invitations/" not in mail.html


def test_inviting_costs_the_same_statements_for_every_address(manager, cast, clock):
    """Unknown, with a login elsewhere, an administrator, invited elsewhere without a login, locked out; and none of
    them can be invited twice."""
    invited = User.create(email="invited@fennelfig.example", created_ms=0)
    Access.invite(invited, cast.fennel, Role.get(name="Customer Center"), Actor("x", clock()))
    locked = User.create(email="locked@fennelfig.example", password_hash=cast.charlie.password_hash, created_ms=0)
    Throttle.take_try({Throttle.account(locked.email): 1}, clock())
    Throttle.lock_if_spent(Throttle.account(locked.email), 1, clock())
    role = role_id("Customer Center")
    send(manager, **NEW, role=role)  # the first one makes the row of the throttle
    for status in (303, 422):
        counts = []
        for email in ("new@cedarlane.example", cast.charlie.email, cast.ruth.email, invited.email, locked.email):
            with kinds_of_statements() as done:
                assert send(manager, email=email, role=role).status_code == status
            counts.append(done)
        assert all(count == counts[0] for count in counts)
    assert User.select().where(User.email.contains("decoy")).count() == 0


def test_inviting_and_withdrawing_again_fills_no_mailbox(manager, cast, clock):
    """Five mails to one address in 30 minutes, whether or not it has a login."""
    role = role_id("Customer Center")
    for email in (NEW["email"].lower(), cast.charlie.email):
        statuses = []
        for _ in range(7):
            statuses.append(send(manager, email=email, role=role).status_code)
            one = Access.get(Access.user == User.by_email(email), Access.customer == cast.cedar)
            send(manager, f"{URL}/{one.id}/take")
            clock.advance(seconds=1)
        assert statuses == [303] * 5 + [422] * 2 and len(mails_to(email)) == 5


def test_an_offer_leaves_nothing_of_its_decoy(manager, cast):
    role = role_id("Customer Center")
    for email, event in ((NEW["email"].lower(), "access_given"), (cast.charlie.email, "access_invited")):
        OutboxMail.delete().execute()
        before = Audit.select().count()
        send(manager, email=email, role=role)
        lines = list(Audit.select().order_by(Audit.id).offset(before))
        assert [mail.recipient for mail in OutboxMail.select()] == [email]
        assert event in [line.event for line in lines] and not any("decoy" in line.subject for line in lines)
        assert Access.select().where(Access.user == User.by_email(email), Access.customer == cast.cedar).count() == 1


@pytest.mark.parametrize(
    ("who", "what"),
    [
        ("new@cedarlane.example", "given"),
        ("charlie@fennelfig.example", "invited"),
    ],
)
def test_the_audit_says_what_an_invitation_did(manager, who, what):
    """Access at once for an address without a login, an invitation for one that has a login."""
    send(manager, email=who, role=role_id("Customer Center"))
    facts = Audit.last("customer_saved").facts
    assert {name: facts.get(name) for name in ("given", "invited")} == {"given": None, "invited": None, what: who}


def test_an_administrator_cannot_accept_an_invitation(manager, cast, log_in, app):
    send(manager, email=cast.ruth.email, role=role_id("Customer Center"))
    one = Access.get(Access.user == cast.ruth)
    ruth = log_in(cast.ruth)
    assert ruth.get("/setup").status_code == 200 and ruth.get(f"/account/invitations/{one.id}").status_code == 404
    result = app.test_cli_runner().invoke(
        args=["create-admin", cast.ruth.email, "--password-stdin"], input="Amber-Kettle-77-drums\n"
    )
    assert result.exit_code == 0, result.output


def test_taking_access_away_is_asked_first(manager, cast):
    number = access_of(cast.bob).id
    assert f'href="{URL}/{number}/take"' in manager.get(URL).get_data(as_text=True)
    page = manager.get(f"{URL}/{number}/take").get_data(as_text=True)
    assert cast.bob.email in page and "Take away access?" in page and access_of(cast.bob).given


@pytest.mark.parametrize(
    "name",
    [
        "Urgent! Your account is suspended call Bob now",
        "http:evil-example",
        "evil dot com",
        "evil\ua4f8com",
        "a\u0660evil",
        "evil\u00b7com",
        "evil\u2024com",
        "evil\u06d4com",
        "https\ua4fdevil",
        "evil\u2215win",
        "http\uff1aevil",
        "Your account is locked: http://evil.example/login",
        "Call 0800 555 01234 now",
        "Pay at www.evil",
        "a@evil.example",
        "Visit evil.example",
        "Bob\u202eecilA",
        "Bob\nBcc: x@y.example",
        "<b>Bob</b>",
        "evil.COM",
        "Call 0800 55 12",
        "evil．example",
        "evil。example",
        "evil｡example",
        "ｗｗｗ evil",
        "1\u0660\u06612\u0663",
        "Bob\u200cMoss",
        "\u200dBob",
        "\u0639\u0644\u200c\u200c\u06cc",
        "\u0639\u0644\u06cc\u200c",
        "evil.\u200dcom",
    ],
)
def test_a_managers_name_for_a_colleague_is_only_a_name(manager, name):
    response = send(manager, email="new@cedarlane.example", name=name, role=role_id("Customer Center"))
    assert response.status_code == 422 and "Enter only a name, without links" in response.get_data(as_text=True)
    assert OutboxMail.select().where(OutboxMail.recipient == "new@cedarlane.example").count() == 0


@pytest.mark.parametrize(
    "name",
    [
        "",
        "Zoë O'Brien-Müller",
        "J. R. Smith",
        "李小龙",
        "Dr. Ada M. Wick, CPA",
        "x" * 60,
        "Orla (AP)",
        "Gal\u00b7la Puig",
        "\u30b8\u30e7\u30f3\u30fb\u30b9\u30df\u30b9",
        "Ann Dot Smith",
        # Persian with a non-joiner, Hindi with a joiner after its virama, old Malayalam
        "\u0646\u06cc\u06a9\u200c\u0646\u0627\u0645",
        "\u0915\u094d\u200d\u0937",
        "\u0d35\u0d3e\u0d38\u0d41\u0d26\u0d47\u0d35\u0d28\u0d4d\u200d",
    ],
)
def test_a_name_as_people_have_it_is_taken(manager, name):
    response = send(manager, email="new@cedarlane.example", name=name, role=role_id("Customer Center"))
    assert response.status_code == 303 and User.get(email="new@cedarlane.example").name == name


def test_a_name_that_is_merely_long_is_called_too_long(manager):
    response = send(manager, email="new@cedarlane.example", name="x" * 61, role=role_id("Customer Center"))
    page = response.get_data(as_text=True)
    assert response.status_code == 422 and page.count("Name must have 60 characters or fewer") == 2
    assert "without links" not in page


@pytest.mark.parametrize(
    "email",
    [
        "victim+go-to-www.evil.example/win@victim.example",
        "http:evil@victim.example",
        "a?b=c@victim.example",
        "victim@victim.example/win",
        "evil\ua4f8com@victim.example",
        "victim@victim\ua4f8com.example",
        "a" * 65 + "@b.example",
        "bob!call@victim.example",
    ],
)
def test_an_address_that_can_carry_a_link_is_refused(manager, email):
    response = send(manager, email=email, role=role_id("Customer Center"))
    assert response.status_code == 422 and OutboxMail.select().count() == 0


@pytest.mark.parametrize(
    "email",
    [
        "o'brien@cedarlane.example",
        "ap+invoices@mail.cedarlane.example",
        "zo\u00eb@m\u00fcller.example",
        "r&d_1-a.b%c@cedar-lane.example",
    ],
)
def test_an_address_as_people_have_it_is_taken(manager, email):
    assert send(manager, email=email, role=role_id("Customer Center")).status_code == 303


def test_no_mail_to_a_stranger_has_words_of_a_manager(manager, cast, clock, app):
    """Neither the invitation nor a link that is asked for later, until the person has logged in."""
    send(manager, email="new@cedarlane.example", name="Call Bob Now", role=role_id("Customer Center"))
    send(manager, email=cast.charlie.email, name="Call Bob Now", role=role_id("Customer Center"))
    client = app.test_client()
    token = csrf_of(client.get("/forgot").get_data(as_text=True))
    client.post("/forgot", data={"csrf_token": token, "email": "new@cedarlane.example"})
    mails = list(OutboxMail.select())
    assert len(mails) == 3 and not any("Call Bob" in mail.subject + mail.text + mail.html for mail in mails)
    assert cast.charlie.email not in mails_to(cast.charlie.email)[0].text
    assert mails_to("new@cedarlane.example")[0].text.count("new@cedarlane.example") == 1
    User.update(last_login_ms=1).where(User.email == "new@cedarlane.example").execute()
    client.post("/forgot", data={"csrf_token": token, "email": "new@cedarlane.example"})
    assert (
        "Hello \u2068Call Bob Now" in mails_to("new@cedarlane.example")[-1].text
        or "Hello Call Bob Now" in mails_to("new@cedarlane.example")[-1].text
    )


def test_a_mail_greets_without_a_name_that_says_more(manager, app, cast):
    send(manager, email="new@cedarlane.example", name="Nina", role=role_id("Customer Center"))
    User.update(last_login_ms=1).where(User.email == "new@cedarlane.example").execute()
    User.update(name="Pay at http://evil.example " + "x" * 100).where(User.email == "new@cedarlane.example").execute()
    client = app.test_client()
    page = client.get("/forgot").get_data(as_text=True)
    client.post("/forgot", data={"csrf_token": csrf_of(page), "email": "new@cedarlane.example"})
    texts = [mail.text for mail in OutboxMail.select().where(OutboxMail.recipient == "new@cedarlane.example")]
    assert len(texts) == 2 and not any("evil" in text for text in texts[1:])
