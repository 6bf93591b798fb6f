"""Setup > Company > General Preferences."""

import pytest

from app.models import Audit, Company, Role
from tests.conftest import csrf_of
from tests.support.pages import version_of

URL = "/setup/company/preferences"
AS_IT_IS = {
    "password_policy": "strong",
    "password_min_length": "10",
    "invitation_hours": "24",
    "payment_link_days": "30",
    "welcome_message": "",
    "default_role": "1",
}


@pytest.fixture
def open_form(cast, log_in):
    """open_form() is send(**fields) for the page as Ruth has it open now."""

    def _open():
        ruth = log_in(cast.ruth)
        page = ruth.get(URL).get_data(as_text=True)
        hidden = {"csrf_token": csrf_of(page), "version": version_of(page)}
        return lambda **fields: ruth.post(URL, data={**hidden, **AS_IT_IS, **fields})

    return _open


def company() -> Company:
    return Company.current()


def test_saved_preferences_are_shown_and_audited(open_form, cast):
    view_only = Role.get(name="Customer Center (view only)")
    sent = {
        "password_policy": "medium",
        "password_min_length": "8",
        "invitation_hours": "72",
        "welcome_message": "Welcome.\r\nWe ship on Fridays.",
        "default_role": str(view_only.id),
    }
    assert open_form()(**sent).location == URL
    now = company()
    assert (now.password_policy, now.password_min_length, now.invitation_hours) == ("medium", 8, 72)
    assert now.welcome_message == "Welcome.\nWe ship on Fridays." and now.default_role == view_only
    assert {line.subject for line in Audit.select().where(Audit.event == "setting")} == {
        f"company:{name}" for name in sent
    }
    assert Audit.last("setting").actor == cast.ruth.email


def test_saving_unchanged_preferences_writes_nothing(open_form):
    assert open_form()().status_code == 303
    assert Audit.last("setting") is None


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("password_policy", "none", "Choose Strong, Medium or Weak"),
        ("password_min_length", "9", "from 10 to 64"),
        ("password_min_length", "65", "from 10 to 64"),
        ("password_min_length", "1e1", "from 10 to 64"),
        ("password_min_length", "", "from 10 to 64"),
        ("invitation_hours", "0", "from 1 to 720"),
        ("invitation_hours", "721", "from 1 to 720"),
        ("invitation_hours", "\u0663", "from 1 to 720"),
        ("welcome_message", "x" * 1001, "1,000 characters"),
        ("welcome_message", "a\x1bb", "invisible"),
        ("default_role", "99", "Select a Customer Center role"),
        ("default_role", "", "Select a Customer Center role"),
    ],
)
def test_invalid_preference_is_reported_and_not_saved(open_form, field, value, words):
    response = open_form()(**{"invitation_hours": "48", field: value})
    page = response.get_data(as_text=True)
    assert response.status_code == 422 and words in page and 'class="summary"' in page
    assert company().invitation_hours == 24 and Audit.last("setting") is None


def test_the_least_length_follows_the_policy(open_form):
    assert open_form()(password_policy="weak", password_min_length="6").status_code == 303
    assert open_form()(password_policy="medium", password_min_length="6").status_code == 422


def test_second_of_two_saves_is_stale_and_keeps_its_input(open_form):
    first, second = open_form(), open_form()
    assert first(invitation_hours="48").status_code == 303
    response = second(welcome_message="Hello")
    page = response.get_data(as_text=True)
    assert response.status_code == 409 and "User Registration Link Expiration In Hours is now 48" in page
    assert (
        ", by ruth@harborpine.example on Nov 22" in " ".join(page.split())
        and "Welcome Message is now" not in page
        and ">\nHello</textarea>" in page.replace("\r", "")
    )
    assert company().welcome_message == "" and company().invitation_hours == 48
    assert second(version=version_of(page), welcome_message="Hello", invitation_hours="48").status_code == 303
    assert (company().welcome_message, company().invitation_hours) == ("Hello", 48)


def test_stale_form_with_an_error_stays_stale(open_form):
    first, second = open_form(), open_form()
    assert first(invitation_hours="48").status_code == 303
    refused = second(invitation_hours="0")
    assert refused.status_code == 422
    assert second(version=version_of(refused), invitation_hours="72").status_code == 409
    assert company().invitation_hours == 48


def test_same_change_of_two_administrators_is_no_conflict(open_form):
    first, second = open_form(), open_form()
    assert first(invitation_hours="48").status_code == 303
    assert second(invitation_hours="48", welcome_message="Hello").status_code == 303
    assert company().welcome_message == "Hello"


def test_customers_are_welcomed_in_plain_text(cast, log_in):
    Company.update(welcome_message="We ship on <b>Fridays</b>.").execute()
    assert "We ship on &lt;b&gt;Fridays&lt;/b&gt;." in log_in(cast.alice).get("/invoices").get_data(as_text=True)


@pytest.mark.parametrize("fields", [{}, {"welcome_message": "x"}, {"password_policy": "weak", "version": "x"}])
def test_a_form_with_fields_missing_changes_nothing(cast, log_in, fields):
    ruth = log_in(cast.ruth)
    token = csrf_of(ruth.get(URL).get_data(as_text=True))
    assert ruth.post(URL, data={"csrf_token": token, **fields}).status_code == 422
    assert Audit.last("setting") is None
