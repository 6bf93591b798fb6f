"""/welcome: setting up the first password."""

import json

import pytest

from app.accounts import links
from app.models import Audit, Company, Link, User
from app.models.audit import Actor
from tests.accounts.conftest import NEW, events, send_form
from tests.support.mailbox import last_link, mails_to

ALICE = "alice@cedarlane.example"
AGAIN = "We will email a new link to the same address"
ELSEWHERE = "Open the link from your email in this browser"


@pytest.fixture
def link(cast, clock):
    User.update(password_hash=None).where(User.email == ALICE).execute()
    links.send(
        cast.alice,
        Link.SETUP,
        links.setup_life(Company.current()),
        Actor("ruth", clock(), "http://localhost"),
        Company.current(),
    )
    return last_link(ALICE)


def test_the_mail_says_what_to_do_and_how_long(link):
    mail = mails_to(ALICE)[0]
    assert mail.subject == "You can now see your Harbor & Pine Supply invoices"
    for text in ("Hello,", "Cedar Lane Bakery", f"Log in with {ALICE}", "expires in 24 hours", link):
        assert text in mail.text
    assert "Set up your password" in mail.html


def test_alice_sets_up_her_password_and_is_in(client, log_in, cast, link):
    assert client.get(link).location == "/welcome"
    page = client.get("/welcome").get_data(as_text=True)
    assert "Set up your password" in page and "Password Criteria" in page and ALICE in page
    response = send_form(client, "/welcome", password=NEW)
    assert (response.status_code, response.location) == (303, "/invoices")
    assert log_in(cast.alice, NEW)


def test_first_password_is_audited_with_its_cause(client, link):
    client.get(link)
    send_form(client, "/welcome", password=NEW)
    assert json.loads(Audit.get(Audit.event == "password_changed").detail) == {"cause": "NEW_ACCESS"}
    mail = mails_to(ALICE)[-1]
    assert mail.subject == "Your password for Harbor & Pine Supply was set"
    for text in (mail.text, mail.html):
        assert "The password for alice@cedarlane.example was set" in text and "logged out" not in text
    assert "\n\nIf this was you" in mail.text


def test_without_a_mail_server_no_new_link_is_promised(app, client, clock, link):
    app.config["PORTAL"] = app.config["PORTAL"].replace(environment="sandbox")
    client.get(link)
    clock.advance(days=2)
    page = send_form(client, "/welcome", to="/welcome/links").get_data(as_text=True)
    assert "No email was sent" in page and AGAIN not in page


@pytest.mark.parametrize("hours", [1, 24, 72])
def test_setup_link_expires_after_the_companys_hours(client, cast, clock, hours):
    Company.update(invitation_hours=hours).execute()
    life = links.setup_life(Company.current())
    links.send(cast.alice, Link.SETUP, life, Actor("ruth", clock(), "http://localhost"), Company.current())
    link = last_link(ALICE)
    clock.advance(hours=hours, seconds=-1)
    assert client.get(link, follow_redirects=True).status_code == 200
    clock.advance(seconds=1)
    assert client.get("/welcome").status_code == 410


def test_a_link_that_is_too_old_offers_a_new_one(client, link, clock):
    clock.advance(hours=24)
    assert client.get(link, follow_redirects=True).status_code == 410
    response = send_form(client, "/welcome", to="/welcome/links")
    assert AGAIN in response.get_data(as_text=True)
    assert last_link(ALICE) != link
    assert client.get(last_link(ALICE), follow_redirects=True).status_code == 200


@pytest.mark.parametrize("path", [None, "/welcome/" + "x" * 43, "/welcome/" + "y" * 42])
def test_page_without_a_known_link_asks_for_the_address(client, link, path):
    if path:
        client.get(path)
    page = client.get("/welcome").get_data(as_text=True)
    assert ELSEWHERE in page and "was already used" not in page
    response = send_form(client, "/welcome", to="/welcome/links").get_data(as_text=True)
    assert ELSEWHERE in response and "new link to the same address" not in response
    assert len(mails_to(ALICE)) == 1
    send_form(client, "/welcome", to="/forgot", email=ALICE)
    assert client.get(last_link(ALICE), follow_redirects=True).status_code == 200


def test_a_reset_page_in_another_browser_asks_for_the_address_too(client, cast):
    page = client.get("/reset").get_data(as_text=True)
    assert ELSEWHERE in page and "was already used" not in page and 'action="/forgot"' in page


def test_head_request_does_not_count_as_opening(client, link):
    client.head(link)
    assert "link_opened" not in events()
    client.get(link)
    assert "link_opened" in events()


def test_after_it_was_used_a_new_one_is_for_a_reset(client, app, link):
    client.get(link)
    send_form(client, "/welcome", password=NEW)
    other = app.test_client()
    assert other.get(link, follow_redirects=True).status_code == 410
    send_form(other, "/welcome", to="/welcome/links")
    assert last_link(ALICE).startswith("/reset/")


@pytest.mark.parametrize("opened_before", [True, False])
def test_a_link_waits_while_customer_access_is_off(client, log_in, cast, link, opened_before):
    if opened_before:
        client.get(link)
        client.get("/welcome")
    Company.update(customer_access=False).execute()
    client.get(link)
    page = client.get("/welcome")
    assert page.status_code == 403 and "Your link was not used. Open it again when" in page.get_data(as_text=True)
    Company.update(customer_access=True).execute()
    client.get(link)
    assert send_form(client, "/welcome", password=NEW).status_code == 303
    assert log_in(cast.alice, NEW)


def test_a_link_waits_if_customer_access_is_switched_off_during_hashing(client, cast, link, during_hashing):
    client.get(link)
    during_hashing(lambda: Company.update(customer_access=False).execute())
    response = send_form(client, "/welcome", password=NEW)
    assert response.status_code == 403 and "Your link was not used" in response.get_data(as_text=True)
    assert User.get_by_id(cast.alice.id).password_hash is None


def test_without_access_no_new_one_is_sent(client, link, cast, clock):
    cast.alice.accesses[0].revoke(Actor("ruth", clock()))
    assert client.get(link, follow_redirects=True).status_code == 410
    response = send_form(client, "/welcome", to="/welcome/links")
    assert response.status_code == 403 and "You no longer have access, so we did not send a link" in response.get_data(
        as_text=True
    )
    assert len(mails_to(ALICE)) == 1


def test_new_links_do_not_flood_a_mailbox(client, link, clock):
    clock.advance(hours=24)
    client.get(link)
    answers = [send_form(client, "/welcome", to="/welcome/links") for _ in range(9)]
    assert [AGAIN in answer.get_data(as_text=True) for answer in answers] == [True] * 5 + [False] * 4
    assert "We did not send a link" in answers[-1].get_data(as_text=True)
    assert len(mails_to(ALICE)) == 6


def test_two_links_work_until_one_is_used(client, app, link, cast, clock):
    actor = Actor("charlie", clock(), "http://localhost")
    links.notify(User.by_email(ALICE), [cast.fennel], actor, Company.current())
    other, newer = app.test_client(), last_link(ALICE)
    assert client.get(link, follow_redirects=True).status_code == 200
    assert other.get(newer, follow_redirects=True).status_code == 200
    assert send_form(client, "/welcome", password=NEW).status_code == 303
    for path in (link, newer):
        assert other.get(path, follow_redirects=True).status_code == 410


def test_the_first_password_costs_one_hash(client, link, hasher):
    client.get(link)
    send_form(client, "/welcome", password=NEW)
    assert hasher.asked == ["hash"]
    assert events()[-3:] == ["link_used", "password_changed", "login"]
