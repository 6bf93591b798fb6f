"""The page of a person on a customer's record: where they are logged in."""

import re

import pytest

from app.models import Access, Audit, Session
from tests.conftest import csrf_of


@pytest.fixture
def page_of(cast):
    """page_of(user) is the path of that person's page on Cedar's record."""

    def _page_of(user, last="data"):
        return f"/customers/{cast.cedar.public_id}/access/{Access.get(user=user, customer=cast.cedar).id}/{last}"

    return _page_of


def is_in(client):
    return client.get("/account").status_code == 200


def test_administrator_logs_a_person_out_in_one_browser(ruth, cast, log_in, page_of):
    there, here = log_in(cast.alice), log_in(cast.alice)
    page = ruth.get(page_of(cast.alice)).get_data(as_text=True)
    assert page.count('name="session"') == 2 and "This browser" not in page
    newest = re.findall(r'name="session"\s+value="(\d+)"', page)[0]
    assert newest == str(Session.select().where(Session.user == cast.alice).order_by(Session.id.desc()).get().id)
    response = ruth.post(page_of(cast.alice, "logins"), data={"csrf_token": csrf_of(page), "session": newest})
    assert response.location == page_of(cast.alice)
    assert (is_in(there), is_in(here), is_in(ruth)) == (True, False, True)
    line = Audit.last("session_ended")
    assert (line.actor, line.subject) == (cast.ruth.email, f"user:{cast.alice.email}")


def test_administrator_logs_a_person_out_everywhere(ruth, cast, log_in, page_of):
    clients, bob = [log_in(cast.alice), log_in(cast.alice)], log_in(cast.bob)
    page = ruth.get(page_of(cast.alice)).get_data(as_text=True)
    ruth.post(page_of(cast.alice, "logins"), data={"csrf_token": csrf_of(page)})
    assert [is_in(client) for client in (*clients, bob)] == [False, False, True]
    after = ruth.get(page_of(cast.alice)).get_data(as_text=True)
    assert f"{cast.alice.email} is logged out everywhere." in after and "Not logged in" in after
    assert Audit.last("logged_out_everywhere").facts == {"ended": 2}


def test_session_of_a_person_of_another_customer_is_not_ended(ruth, cast, log_in, page_of):
    charlie = log_in(cast.charlie)
    session = Session.get(Session.user == cast.charlie)
    page = ruth.get(page_of(cast.alice)).get_data(as_text=True)
    ruth.post(page_of(cast.alice, "logins"), data={"csrf_token": csrf_of(page), "session": str(session.id)})
    assert is_in(charlie) and Audit.last("session_ended") is None


def test_access_page_links_to_it(ruth, cast, page_of):
    assert page_of(cast.alice) in ruth.get(page_of(cast.alice, "")[:-1]).get_data(as_text=True)


def test_record_without_a_login_has_no_such_page(ruth, saltbox):
    assert ruth.get(f"/customers/{saltbox.public_id}/access/own/data").status_code == 404
