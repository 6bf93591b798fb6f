"""Setup > Users/Roles: custom roles, and what each permits, at once."""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import date

import pytest

from app.models import Access, Audit, Company, Role
from app.models.audit import Actor
from tests.conftest import csrf_of
from tests.people import invoice
from tests.support.pages import version_of

PAGE = "/setup/users-roles"


@pytest.fixture
def send(ruth):
    """send("/new", name="…"): the answer to a form of these pages."""

    def _send(path, **fields):
        page = ruth.get(PAGE + path.removesuffix("/delete")).get_data(as_text=True)
        return ruth.post(PAGE + path, data={"csrf_token": csrf_of(page), "version": version_of(page), **fields})

    return _send


@pytest.fixture
def clerk(cast):
    role = Role.create(name="Clerk", is_custom=True)
    Access.update(role=role).where(Access.user == cast.alice).execute()
    return role


def test_roles_say_what_they_permit_and_who_has_them(ruth):
    page = ruth.get(PAGE).get_data(as_text=True)
    for words in ("Customer Center (view only)", "Default Role for New Customers", "Ruth Imani"):
        assert words in page
    rows = [row.partition("</tr>")[0] for row in re.split(r"<tr>\s*<td>", page)[1:]]
    assert [row.count(">Yes<") for row in rows[:2]] == [2, 1]
    assert [re.search("People.>([0-9]+)<", row)[1] for row in rows[:2]] == ["3", "1"]


def test_a_new_role_is_there_to_be_given(send):
    assert send("/new", name="  Bookkeeper ", can_manage="y").location == PAGE
    role = Role.get(name="Bookkeeper")
    assert (role.is_custom, role.can_pay, role.can_manage) == (True, False, True)
    line = Audit.last("role_added")
    assert (line.subject, line.actor) == ("role:Bookkeeper", "ruth@harborpine.example")


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("", "Enter a name"),
        ("customer center", "There is already a role with this name"),
        ("x" * 61, "60 characters"),
        ("a\nb", "one line"),
        ("\u202ea", "one line"),
    ],
)
def test_a_name_that_can_not_be_is_named(send, name, words):
    response = send("/new", name=name)
    assert response.status_code == 422 and words in response.get_data(as_text=True)
    assert Role.select().count() == 2


def test_role_change_applies_immediately_to_its_users(send, clerk, cast, log_in):
    alice = log_in(cast.alice)
    one = invoice(cast.cedar, "INV-1", 1000, date(2026, 12, 1))
    url = f"/payments/new?invoice={one.public_id}"
    assert alice.get(url).status_code == 200
    assert send(f"/{clerk.id}", name="Clerk").status_code == 303
    assert alice.get(url).status_code == 403
    assert Audit.last("role_set").facts == {"was": {"can_pay": True}, "to": {"can_pay": False}}


def test_saving_an_unchanged_role_writes_nothing(send, clerk):
    assert send(f"/{clerk.id}", name="Clerk", can_pay="y").status_code == 303
    assert Audit.last("role_set") is None


def test_stale_role_form_does_not_restore_a_revoked_right(send, ruth, clerk):
    before = version_of(ruth.get(f"{PAGE}/{clerk.id}").get_data(as_text=True))
    assert send(f"/{clerk.id}", name="Clerk").status_code == 303
    response = send(f"/{clerk.id}", name="Clerk", can_pay="y", can_manage="y", version=before)
    page = response.get_data(as_text=True)
    assert response.status_code == 409 and "Someone else saved this" in page
    assert "Pay invoices is now off" in page and "by ruth@harborpine.example" in page
    assert not Role.get_by_id(clerk.id).can_pay
    assert send(f"/{clerk.id}", name="Clerk", can_pay="y", version=version_of(page)).status_code == 303
    assert Role.get_by_id(clerk.id).can_pay


def test_two_roles_do_not_get_one_name_at_the_same_moment(app, log_in, cast, clerk):
    others = [clerk.id, Role.create(name="Owner", is_custom=True).id]
    browsers = [log_in(cast.ruth) for _ in others]
    pages = [ruth.get(f"{PAGE}/{number}").get_data(as_text=True) for ruth, number in zip(browsers, others, strict=True)]

    def rename(n):
        fields = {"csrf_token": csrf_of(pages[n]), "version": version_of(pages[n]), "name": "Same", "can_pay": "y"}
        return browsers[n].post(f"{PAGE}/{others[n]}", data=fields).status_code

    with ThreadPoolExecutor(2) as at_once:
        assert sorted(at_once.map(rename, range(2))) == [303, 422]


def test_standard_roles_stay_as_they_are(send):
    role = Role.get(name="Customer Center")
    for path in (f"/{role.id}", f"/{role.id}/delete"):
        response = send(path, name="Something else")
        assert response.status_code == 422 and "standard role" in response.get_data(as_text=True)
    assert Role.get_by_id(role.id).can_pay and Role.get_by_id(role.id).name == "Customer Center"


def test_role_without_users_is_deleted(send, clerk, cast):
    response = send(f"/{clerk.id}/delete")
    assert response.status_code == 422 and "1 person has this role" in response.get_data(as_text=True)
    Access.update(given=False).where(Access.user == cast.alice).execute()
    assert send(f"/{clerk.id}/delete").status_code == 303
    assert Role.get_or_none(name="Clerk") is None
    assert Access.get(user=cast.alice).role.name == "Customer Center"


def test_deleted_role_is_not_deleted_again(app, cast, clock):
    role, replacement = Role.create(name="Clerk", is_custom=True), Role.get_by_id(1)
    assert [Access.delete_role(role, replacement, Actor("ruth", clock())) for _ in range(3)] == [True, False, False]
    assert Audit.select().where(Audit.event == "role_deleted").count() == 1


def test_the_default_role_is_not_deleted(send, clerk, cast):
    Access.update(role=1).where(Access.user == cast.alice).execute()
    Company.update(default_role=clerk).execute()
    response = send(f"/{clerk.id}/delete")
    assert response.status_code == 422 and "Default Role" in response.get_data(as_text=True)


@pytest.mark.parametrize("number", ["0", "99", "x", "9" * 5000, "-1", "1e3"])
def test_unknown_role_is_404(ruth, number):
    assert ruth.get(f"{PAGE}/{number}").status_code == 404
