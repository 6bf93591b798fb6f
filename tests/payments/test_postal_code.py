"""The card's postal code: asked for where the company wants it, and what happens where an AVS rule does."""

import pytest

from app.models import Company
from tests.payments.conftest import pay, pay_url
from tests.support.pages import text_of

LABEL = "Billing ZIP or postal code"


@pytest.fixture
def asked(app):
    with app.extensions["database"].connection_context():
        Company.update(asks_postal_code=True).execute()


def nonce_of(demo_gateway, postal_code) -> str:
    """What the card fields make of a good card with this postal code."""
    return demo_gateway.nonces.tokenize("4111111111111111", "12", "2030", "123", postal_code=postal_code)["nonce"]


def test_postal_code_field_is_shown_only_if_the_setting_is_on(alice, owed, app):
    assert LABEL not in text_of(alice.get(pay_url(owed.due)))
    with app.extensions["database"].connection_context():
        Company.update(asks_postal_code=True).execute()
    page = alice.get(pay_url(owed.due)).get_data(as_text=True)
    assert LABEL in page and 'id="card-postal"' in page


def test_the_postal_code_reaches_the_transaction_and_stays_nowhere_here(alice, owed, asked, app, demo_gateway):
    demo_gateway.postal_code_rule = True
    pay(alice, owed.due, nonce=nonce_of(demo_gateway, "60622-1234"))
    (sale,) = demo_gateway.transactions()
    assert (sale["status"], sale["billing"]["postal_code"]) == ("submitted_for_settlement", "60622-1234")
    database = app.extensions["database"]
    with database.connection_context():
        kept = [database.execute_sql(f'SELECT * FROM "{table}"').fetchall() for table in database.get_tables()]
    assert kept and "60622" not in str(kept)


@pytest.mark.parametrize(
    ("postal_code", "words"),
    [
        ("20000", "The postal code does not match the card. You have not been charged."),
        ("", "The postal code does not match the card."),
    ],
)
def test_a_rejection_names_the_field_that_is_there(alice, owed, asked, demo_gateway, postal_code, words):
    demo_gateway.postal_code_rule = True
    response = pay(alice, owed.due, nonce=nonce_of(demo_gateway, postal_code))
    assert response.status_code == 422 and words in text_of(response) and "Check the card details" in text_of(response)


def test_without_the_field_a_rejection_names_none(alice, owed, demo_gateway):
    demo_gateway.postal_code_rule = True
    response = pay(alice, owed.due, nonce=nonce_of(demo_gateway, ""))
    page = text_of(response)
    assert response.status_code == 422 and "this page does not ask for it" in page
    assert "postal code" not in page.lower() and "Check the card details" not in page
    (sale,) = demo_gateway.transactions()
    assert sale["gateway_rejection_reason"] == "avs"


@pytest.mark.parametrize("rule", [False, True])
@pytest.mark.parametrize("asks", [False, True])
def test_the_check_names_a_rule_that_no_card_could_pass(app, cast, demo_gateway, rule, asks):
    demo_gateway.postal_code_rule = rule
    with app.extensions["database"].connection_context():
        Company.update(asks_postal_code=asks).execute()
    result = app.test_cli_runner().invoke(args=["braintree", "check"])
    named = "Your AVS rules at Braintree need the card's postal code" in result.output
    assert named is (rule and not asks) and (result.exit_code == 0) is not named
