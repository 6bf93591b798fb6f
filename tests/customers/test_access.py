"""The subtab Access of a customer's record: the documented boxes, every refusal, taking away, several people."""

import re

import pytest

from app.models import Access, Audit, Company, Customer, Link, OutboxMail, Role, User
from app.models.audit import Actor
from tests.conftest import csrf_of
from tests.customers.conftest import MAYA, NEW, access_of, given, send, unescaped
from tests.ledger import HTMX
from tests.people import COMMON, PASSWORD
from tests.support.mailbox import last_link, mails_to
from tests.support.pages import text_of
from tests.support.statements import before_statement

BY_HAND = {"role": "1", "give": "y", "manual": "y", "password": NEW, "confirm_password": NEW}
BY_MAIL = {"role": "1", "give": "y", "notify": "y"}


def test_by_mail_a_customer_sets_up_a_password_and_sees_invoices(save, saltbox, client):
    response = save(access_of(saltbox), **BY_MAIL)
    assert (response.status_code, response.location) == (303, access_of(saltbox))
    assert given(saltbox, MAYA).role.name == "Customer Center"
    client.get(last_link(MAYA))
    assert send(client, "/welcome", password=NEW).location == "/invoices"
    assert "Saltbox Kitchen" in text_of(client.get("/invoices"))


def test_by_hand_the_password_is_changed_at_the_first_login_and_never_seen(save, ruth, saltbox, log_in, app):
    assert save(access_of(saltbox), **BY_HAND).status_code == 303
    assert mails_to(MAYA) == []
    assert log_in(User.by_email(MAYA), NEW).get("/invoices").location == "/account/password"
    database = app.extensions["database"]
    for table in ("audit", "outbox", "user_account"):
        assert NEW not in str(database.execute_sql(f"SELECT * FROM {table}").fetchall())
    assert NEW not in unescaped(ruth.get(access_of(saltbox)))


def boxes(page, *names) -> list[bool]:
    """Whether these boxes of the form are checked."""
    tags = {name: re.search(f'<input[^>]*id="{name}"[^>]*>', unescaped(page))[0] for name in names}
    return [" checked" in tags[name] for name in names]


def test_without_access_the_boxes_arrive_cleared_for_the_documented_steps(ruth, saltbox):
    page = ruth.get(access_of(saltbox))
    assert boxes(page, "give", "notify", "manual") == [False, False, False]
    assert "Clear this box" not in text_of(page) and "Check this box to let them log in" in text_of(page)


def test_others_with_access_come_before_the_records_own_address(ruth, cast):
    Customer.update(email="orders@cedarlane.example").where(Customer.id == cast.cedar.id).execute()
    page = ruth.get(access_of(cast.cedar))
    words = text_of(page)
    assert boxes(page, "give", "notify") == [False, False]
    assert words.index("Alice Okafor alice") < words.index("Give orders@cedarlane.example access too")
    assert words.count("Add a person") == 1 and "Clear this box" not in words
    one = ruth.get(f"{access_of(cast.cedar)}/{given(cast.cedar, cast.alice.email).id}")
    assert boxes(one, "give", "notify") == [True, False] and "Clear this box" in text_of(one)
    assert "access too" not in text_of(one)


def test_a_person_that_was_saved_is_shown_again(save, cast):
    url = f"{access_of(cast.cedar)}/{given(cast.cedar, cast.alice.email).id}"
    assert save(url, role="1", give="y").location == url
    assert save(url, role="1", confirm="take").location == url
    added = save(f"{access_of(cast.cedar)}/new", email="dora@cedarlane.example", **BY_MAIL)
    assert added.location == f"{access_of(cast.cedar)}/{given(cast.cedar, 'dora@cedarlane.example').id}"


def test_history_has_every_person_with_access(save, ruth, cast):
    save(f"{access_of(cast.cedar)}/new", email="dora@cedarlane.example", **BY_MAIL)
    page = text_of(ruth.get(f"{access_of(cast.cedar)}/{given(cast.cedar, cast.alice.email).id}"))
    assert "Access given as Customer Center for dora@cedarlane.example" in page


def test_confirmation_of_revoking_shows_no_email(save, cast):
    asked = save(f"{access_of(cast.cedar)}/{given(cast.cedar, cast.alice.email).id}", role="1")
    assert "Take away access for" in text_of(asked) and "Email they will get" not in text_of(asked)


def test_access_changes_are_audited_with_their_causes(save, saltbox):
    save(access_of(saltbox), **BY_HAND)
    line = Audit.get(Audit.event == "password_changed")
    assert (line.facts, line.actor, line.subject) == (
        {"cause": "ADMIN_RESET"},
        "ruth@harborpine.example",
        f"user:{MAYA}",
    )
    assert line.address == "127.0.0.1"


def test_changed_name_is_audited_with_the_old_one(save, saltbox, ruth):
    save(access_of(saltbox), **BY_MAIL, name="Maya Ortiz")
    assert Audit.last("renamed") is None
    save(access_of(saltbox), **BY_MAIL, name="Mayra Ortiz")
    line = Audit.last("renamed")
    assert (line.subject, line.facts) == (f"user:{MAYA}", {"was": "Maya Ortiz", "to": "Mayra Ortiz"})
    assert "changed from Maya Ortiz to Mayra Ortiz" in unescaped(ruth.get("/audit?kind=access"))


def test_a_role_that_is_deleted_while_it_is_given_is_said(save, saltbox):
    role = Role.create(name="Clerk", is_custom=True)
    delete = Role.delete().where(Role.id == role.id)
    with before_statement('FROM "role" AS "t1" WHERE ("t1"."id"', delete.execute):
        response = save(access_of(saltbox), **{**BY_MAIL, "role": str(role.id)})
    assert response.status_code == 422 and "has been deleted" in text_of(response)
    assert given(saltbox, MAYA) is None and Audit.last("customer_saved") is None


def test_all_refusals_are_said_at_once(save, saltbox):
    page = text_of(save(access_of(saltbox), give="y", manual="y", password="short", confirm_password="other"))
    for words in (
        "Select a Customer Center role",
        "Password must be at least 10 characters",
        "Enter the same password in both fields",
    ):
        assert words in page
    page = text_of(save(access_of(saltbox), give="y"))
    for words in ("Select a Customer Center role", "has no password yet"):
        assert words in page


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"role": ""}, "Select a Customer Center role"),
        ({"role": "999"}, "Select a Customer Center role"),
        ({"notify": "y"}, "Clear Send New Access Notification Email to set the password yourself"),
        ({"manual": ""}, "has no password yet"),
        ({"password": "", "confirm_password": ""}, "Enter a password"),
        ({"confirm_password": NEW + "x"}, "Enter the same password in both fields"),
        ({"password": "Ab1!", "confirm_password": "Ab1!"}, "Password must be at least 10 characters"),
        ({"password": "Saltbox.Kitchen.1", "confirm_password": "Saltbox.Kitchen.1"}, "harder to guess"),
        ({"password": COMMON, "confirm_password": COMMON}, "one of the commonest passwords"),
    ],
)
def test_every_refusal_names_its_field_and_writes_nothing(save, saltbox, changes, words):
    data = {**BY_HAND, **changes}
    response = save(access_of(saltbox), **{name: value for name, value in data.items() if value})
    page = unescaped(response)
    assert response.status_code == 422 and words in page and 'id="error-summary"' in page
    for target in re.findall(r'<li><a href="#([\w-]+)">', page):
        assert f'id="{target}"' in page
    assert "<title>Error: " in page and NEW not in page
    assert not User.by_email(MAYA) and not OutboxMail.select().exists()
    assert Customer.get_by_id(saltbox.id).version == 1


def test_the_password_criteria_are_there_before_anything_is_typed(ruth, cast, saltbox):
    Customer.update(email=cast.alice.email).where(Customer.id == cast.cedar.id).execute()
    for url in (access_of(saltbox), f"{access_of(cast.cedar)}/new", f"/customers/{cast.cedar.public_id}"):
        page = text_of(ruth.get(url))
        assert "Password Criteria Rule State At least 10 characters Not checked yet" in page


def test_access_without_password_or_email_is_refused_with_advice(save, saltbox):
    page = text_of(save(access_of(saltbox), role="1", give="y"))
    assert f"{MAYA} has no password yet" in page and "check Manually Assign or Change Password" in page


@pytest.mark.parametrize(
    ("email", "words"),
    [
        ("", "Enter an email address before you give access"),
        ("ruth@harborpine.example", "is an administrator's login"),
    ],
)
def test_an_address_that_cannot_log_in(save, saltbox, email, words):
    Customer.update(email=email).where(Customer.id == saltbox.id).execute()
    response = save(access_of(saltbox), **BY_MAIL)
    assert response.status_code == 422 and words in text_of(response)
    assert not Access.select().where(Access.customer == saltbox).exists()


def test_the_refusals_come_as_a_partial_update_too(ruth, saltbox):
    page = ruth.get(access_of(saltbox)).get_data(as_text=True)
    part = ruth.post(access_of(saltbox), data={"csrf_token": csrf_of(page), "version": "1", "give": "y"}, headers=HTMX)
    assert part.status_code == 422 and "<html" not in unescaped(part) and 'id="access"' in unescaped(part)
    assert unescaped(part).lstrip().startswith("<title>Error: Saltbox Kitchen, Access")


def test_the_error_of_a_box_comes_before_it(save, saltbox):
    page = unescaped(save(access_of(saltbox), role="1", give="y"))
    assert re.search(r'<div class="field-bad"><p class="error" id="notify-e">.*?id="notify"', page, re.S)


def test_a_password_like_the_last_is_refused(save, cast, saltbox):
    Customer.update(email=cast.alice.email).where(Customer.id == saltbox.id).execute()
    response = save(access_of(saltbox), **{**BY_HAND, "password": PASSWORD, "confirm_password": PASSWORD})
    assert response.status_code == 422 and "less similar to the last one" in text_of(response)


def test_one_person_with_several_customers_keeps_the_password(save, ruth, cast, saltbox, log_in):
    Customer.update(email=cast.alice.email).where(Customer.id == saltbox.id).execute()
    assert "also has access to Cedar Lane Bakery" in text_of(ruth.get(access_of(saltbox)))
    assert save(access_of(saltbox), role="1", give="y").status_code == 303
    assert "Saltbox Kitchen" in text_of(log_in(cast.alice).get("/account"))


def test_the_role_alone_can_be_changed(save, cast, log_in):
    alice = log_in(cast.alice)
    access = given(cast.cedar, cast.alice.email)
    views = Role.get(name="Customer Center (view only)")
    assert save(f"{access_of(cast.cedar)}/{access.id}", role=str(views.id), give="y").status_code == 303
    assert alice.get("/account").status_code == 200 and Access.get_by_id(access.id).role == views
    assert Audit.get(Audit.event == "role_changed").facts["was"] == "Customer Center"


def test_taking_away_asks_first_and_then_ends_the_sessions_at_once(save, ruth, cast, log_in):
    url = f"{access_of(cast.cedar)}/{given(cast.cedar, cast.alice.email).id}"
    alice, bob = log_in(cast.alice), log_in(cast.bob)
    asked = save(url, role="1")
    assert "Take away access for Alice Okafor?" in text_of(asked) and alice.get("/invoices").status_code == 200
    assert save(url, role="1", confirm="take").status_code == 303
    assert alice.get("/invoices").location.startswith("/login") and bob.get("/invoices").status_code == 200
    assert "Give Access" in text_of(ruth.get(url)) and not given(cast.cedar, cast.alice.email)


def test_access_that_is_given_back_revives_no_session(save, cast, log_in):
    alice = log_in(cast.alice)
    url = f"{access_of(cast.cedar)}/{given(cast.cedar, cast.alice.email).id}"
    save(url, role="1", confirm="take")
    assert save(url, role="1", give="y").status_code == 303 and given(cast.cedar, cast.alice.email)
    assert alice.get("/invoices").location.startswith("/login")


def test_only_this_customers_sessions_end(save, cast, log_in, clock):
    Access.grant(cast.alice, cast.fennel, Role.get(name="Customer Center"), Actor("x", clock()))
    there = log_in(cast.alice)
    token = csrf_of(there.get("/account").get_data(as_text=True))
    there.post("/account/customer", data={"csrf_token": token, "number": "81"})
    here = log_in(cast.alice)
    save(f"{access_of(cast.cedar)}/{given(cast.cedar, cast.alice.email).id}", role="1", confirm="take")
    assert here.get("/invoices").status_code == 303 and "Fennel" in text_of(there.get("/invoices"))


@pytest.mark.parametrize("elsewhere", [False, True])
def test_unused_links_end_with_the_last_access(save, saltbox, cast, client, clock, elsewhere):
    save(access_of(saltbox), **BY_MAIL)
    link, maya = last_link(MAYA), User.by_email(MAYA)
    if elsewhere:
        Access.grant(maya, cast.fennel, Role.get(name="Customer Center"), Actor("x", clock()))
    clock.advance(seconds=1)
    save(access_of(saltbox), role="1", confirm="take")
    assert Link.get(Link.user == maya).is_live(clock()) is elsewhere
    assert client.get(link, follow_redirects=True).status_code == (200 if elsewhere else 410)


def test_several_people_each_with_their_own(save, ruth, cast):
    url = access_of(cast.cedar)
    response = save(f"{url}/new", email=" Dora@Cedarlane.example", name="Dora Finch", **BY_MAIL)
    assert response.status_code == 303
    page = text_of(ruth.get(url))
    for name in ("Alice Okafor", "Bob Lindqvist", "Vera Novak", "Dora Finch", "dora@cedarlane.example"):
        assert name in page
    assert "Nora Quist nora@cedarlane.example No access" in page
    assert "\nLog in with dora@cedarlane.example\n" in mails_to("dora@cedarlane.example")[0].text


@pytest.mark.parametrize("email", ["", "dora", "a b@c.example", "a@b.example\nBcc: c@d.example"])
def test_a_person_needs_an_address(save, cast, email):
    response = save(f"{access_of(cast.cedar)}/new", email=email, **BY_MAIL)
    assert response.status_code == 422 and not OutboxMail.select().exists()


@pytest.mark.parametrize("who", ["999", "0", "x", "1'"])
def test_an_access_of_another_customer_is_not_found_here(ruth, cast, who):
    foreign = given(cast.fennel, cast.charlie.email).id
    assert ruth.get(f"{access_of(cast.cedar)}/{who}").status_code == 404
    assert ruth.get(f"{access_of(cast.cedar)}/{foreign}").status_code == 404


def test_names_are_text_everywhere(save, ruth, saltbox):
    evil = "<img src=x onerror=alert(1)>"
    Customer.update(name=evil).where(Customer.id == saltbox.id).execute()
    save(access_of(saltbox), name=evil, **BY_MAIL)
    for url in (access_of(saltbox), f"/customers/{saltbox.public_id}", f"{access_of(saltbox)}/own/email", "/customers"):
        assert "<img src=x" not in ruth.get(url).get_data(as_text=True)
    assert "<img" not in mails_to(MAYA)[0].html


def test_page_says_that_logins_are_off_with_customer_access(ruth, saltbox):
    Company.update(customer_access=False).execute()
    assert "Customer Access is off" in text_of(ruth.get(access_of(saltbox)))


def test_history_names_event_and_actor(save, saltbox, client, cast, log_in, clock):
    save(access_of(saltbox), **BY_MAIL)
    clock.advance(hours=25)
    ruth = log_in(cast.ruth)
    assert "Link expired unused" in text_of(ruth.get(access_of(saltbox)))
    send(ruth, access_of(saltbox), **BY_MAIL)
    client.get(last_link(MAYA))
    clock.advance(minutes=1)
    send(client, "/welcome", password=NEW)
    views = Role.get(name="Customer Center (view only)")
    send(ruth, access_of(saltbox), role=str(views.id), give="y")
    clock.advance(minutes=1)
    send(ruth, access_of(saltbox), role="1", confirm="take")
    page = text_of(ruth.get(access_of(saltbox)))
    order = (
        "Access taken away",
        "Role changed to Customer Center (view only)",
        "Logged in",
        "Password set from the link",
        "Link used",
        "Link opened, perhaps by a mail scanner",
        "Email with a link canceled",
        "Link expired unused",
        "Access given as Customer Center",
    )
    history = page[page.index("Access history") :]
    places = [history.find(words) for words in order]
    assert -1 not in places and places == sorted(places), (places, history)
    assert "ruth@harborpine.example" in history
