"""Enable Features and Accounting Preferences: what they change, what they refuse, and what they ask first."""

import pytest

from app.models import Audit, Session
from tests.company.conftest import ACCOUNTING, FEATURES, PARTIAL, confirmed
from tests.support.pages import fields_of, submit_form, text_of

ONLINE = f"{ACCOUNTING}?subtab=items-transactions"


def audit_of(app, column):
    with app.extensions["database"].connection_context():
        return [(line.actor, line.facts) for line in Audit.about(f"company:{column}")]


@PARTIAL
@pytest.mark.parametrize(
    ("subtab", "column"),
    [
        ("transactions", "credit_card_payments"),
        ("web-presence", "customer_access"),
    ],
)
def test_a_feature_is_turned_on(ruth, company, app, everything_off, headers, subtab, column):
    response = submit_form(ruth, FEATURES + subtab, headers=headers, **{column: "on"})
    assert response.status_code == (204 if headers else 303) and getattr(company(), column) is True
    assert audit_of(app, column) == [("ruth@harborpine.example", {"was": False, "to": True})]


def test_the_documented_words_are_there(ruth, cast):
    page = text_of(ruth.get(FEATURES + "transactions"))
    for words in ("Setup Company Enable Features", "Payment Processing", "Credit Card Payments", "Web Presence"):
        assert words in page
    assert "Access Customer Access" in text_of(ruth.get(FEATURES + "web-presence"))
    assert "Accounting Preferences" in text_of(ruth.get(ACCOUNTING)) and ruth.get(FEATURES + "x").status_code == 404


@PARTIAL
def test_online_payment_is_refused_without_what_it_needs(ruth, company, everything_off, headers):
    company(credit_card_payments=True)
    page = ruth.get(ACCOUNTING)
    assert "Customer Access is off" in text_of(page) and "disabled" in page.get_data(as_text=True)
    response = submit_form(ruth, ACCOUNTING, action=ONLINE, headers=headers, customers_can_pay_online="on")
    assert response.status_code == 422 and company().customers_can_pay_online is False
    assert "Customers Can Pay Online needs Customer Access. Set that up first" in text_of(response)


def test_online_payment_needs_a_gateway(app, ruth, company):
    company(customers_can_pay_online=False)
    app.config["PORTAL"] = app.config["PORTAL"].replace(private_key="")
    response = submit_form(ruth, ACCOUNTING, action=ONLINE, customers_can_pay_online="on")
    assert response.status_code == 422 and "needs A configured card gateway" in text_of(response)
    assert company().customers_can_pay_online is False


@PARTIAL
def test_turning_off_asks_first_and_then_logs_every_customer_out(app, ruth, log_in, cast, company, headers):
    alice, url = log_in(cast.alice), FEATURES + "web-presence"
    asked = submit_form(ruth, url, headers=headers, drop=["customer_access"])
    assert asked.status_code == 200 and company().customer_access is True
    assert "4 people who can log in now will not be able to" in text_of(asked)
    assert "1 customer session ends immediately" in text_of(asked)
    done = confirmed(ruth, asked, url, headers)
    assert done.status_code in (204, 303) and company().customer_access is False
    assert alice.get("/invoices").location.startswith("/login") and ruth.get(url).status_code == 200
    with app.extensions["database"].connection_context():
        assert [session.access for session in Session.select()] == [None]


def test_how_many_could_pay_is_said_before_payment_is_turned_off(ruth, company):
    asked = submit_form(ruth, ACCOUNTING, action=ONLINE, drop=["customers_can_pay_online"], minimum_payment="12.50")
    assert "3 people who can pay online now will not be able to" in text_of(asked)
    assert (company().customers_can_pay_online, company().minimum_payment) == (True, "")
    assert confirmed(ruth, asked, ONLINE).status_code == 303
    assert (company().customers_can_pay_online, company().minimum_payment) == (False, "12.50")
    asked = submit_form(ruth, FEATURES + "transactions", drop=["credit_card_payments"])
    assert "no one is affected" in text_of(asked)


@PARTIAL
def test_a_form_that_shows_what_is_no_longer_so_changes_nothing(ruth, company, headers):
    page = ruth.get(ACCOUNTING).get_data(as_text=True)
    company(currencies="EUR")
    fields = fields_of(page, ONLINE)
    response = ruth.post(ONLINE, data={**fields, "minimum_payment": "5"}, headers=headers)
    assert response.status_code == 409 and "Currencies customers may pay in is now EUR" in text_of(response)
    assert (company().minimum_payment, company().currencies) == ("", "EUR")
    assert fields_of(response, ONLINE)["minimum_payment"] == "5"


def test_stale_form_is_saved_when_sent_again(ruth, company):
    fields = fields_of(ruth.get(ACCOUNTING), ONLINE)
    company(minimum_payment="7")
    refused = ruth.post(ONLINE, data={**fields, "minimum_payment": "5"})
    assert refused.status_code == 409 and "Minimum partial payment is now 7" in text_of(refused)
    assert ruth.post(ONLINE, data=fields_of(refused, ONLINE)).status_code == 303
    assert company().minimum_payment == "5"


def test_postal_code_is_turned_off_without_a_question(ruth, company):
    company(asks_postal_code=True)
    assert submit_form(ruth, ACCOUNTING, action=ONLINE, drop=["asks_postal_code"]).status_code == 303
    assert company().asks_postal_code is False


def test_entries_of_one_subtab_are_kept_in_the_other(ruth, company, everything_off):
    url = FEATURES + "transactions"
    other = submit_form(ruth, url, show="web-presence", credit_card_payments="y")
    assert "Customer Access" in text_of(other)
    fields = fields_of(other, FEATURES + "web-presence")
    assert ruth.post(FEATURES + "web-presence", data={**fields, "customer_access": "y"}).status_code == 303
    assert company().credit_card_payments and company().customer_access


def test_unchanged_setting_is_not_saved(app, ruth, company):
    assert submit_form(ruth, ACCOUNTING, action=ONLINE).status_code == 303
    assert submit_form(ruth, ACCOUNTING, action=ONLINE, currencies="usd, CAD usd").status_code == 303
    assert company().currencies == "USD CAD" and audit_of(app, "customers_can_pay_online") == []
    assert len(audit_of(app, "currencies")) == 1


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("minimum_payment", "1.2345", "at most 3 decimals"),
        ("minimum_payment", "-1", "at most 3 decimals"),
        ("minimum_payment", "٣", "at most 3 decimals"),
        ("minimum_payment", "1e3", "at most 3 decimals"),
        ("currencies", "USD XYZW", "XYZW is not a currency"),
        ("currencies", "ＵＳＤ", "is not a currency"),
    ],
)
def test_wrong_values_are_named_and_kept(ruth, company, name, value, words):
    response = submit_form(ruth, ACCOUNTING, action=ONLINE, **{name: value})
    assert response.status_code == 422 and words in text_of(response)
    assert f'value="{value}"' in response.text and f'href="#{name}"' in response.text
    assert getattr(company(), name) == ""


def test_a_minimum_is_typed_and_shown_in_the_companys_notation(ruth, company):
    company(locale="de_DE")
    assert "like 25 or 12,50" in text_of(ruth.get(ACCOUNTING))
    assert submit_form(ruth, ACCOUNTING, action=ONLINE, minimum_payment="1.012,50").status_code == 303
    assert company().minimum_payment == "1012.50"
    assert 'value="1012,50"' in ruth.get(ACCOUNTING).text
    assert submit_form(ruth, ACCOUNTING, action=ONLINE, currencies="EUR").status_code == 303
    assert company().minimum_payment == "1012.50"
    refused = submit_form(ruth, ACCOUNTING, action=ONLINE, minimum_payment="12.50")
    assert refused.status_code == 422 and "at most 3 decimals, like 25 or 12,50" in text_of(refused)


def test_empty_minimum_payment_is_unset(ruth, company):
    company(minimum_payment="5")
    assert submit_form(ruth, ACCOUNTING, action=ONLINE, minimum_payment="0.00").status_code == 303
    assert company().minimum_payment == ""
