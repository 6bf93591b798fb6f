"""The pay page as a person uses it: typing into card frames, pressing Pay, answering the bank."""

from datetime import date

from playwright.sync_api import expect

from tests import people

VISA = "4111111111111111"
FRICTIONLESS = "4000000000001000"
FRICTIONLESS_REFUSED = "4000000000001018"
CHALLENGED = "4000000000001091"
CHALLENGE_REFUSED = "4000000000001109"


def make_invoice(app, customer, total_minor=118_650):
    with app.extensions["database"].connection_context():
        return people.invoice(customer, "INV-1041", total_minor, date(2026, 11, 13))


def open_pay_page(page, invoice):
    page.goto(f"/payments/new?invoice={invoice.public_id}")
    expect(field(page, "number")).to_be_editable()
    expect(page.locator("[data-card-loading]")).to_be_hidden()


def field(page, name):
    """The input inside a card frame: number, expirationDate or cvv."""
    return page.frame_locator(f'iframe[name="braintree-hosted-field-{name}"]').locator("#field")


def type_card(page, number=VISA, expiry="1230", code="123"):
    for name, text in (("number", number), ("expirationDate", expiry), ("cvv", code)):
        field(page, name).fill("")
        field(page, name).press_sequentially(text)


def press_pay(page, **click):
    page.locator("#payment-go button").click(**click)


def pay_with(page, number, **card):
    type_card(page, number, **card)
    press_pay(page)


def bank(page):
    """The bank's page, in its frame in our dialog."""
    return page.frame_locator('dialog[open] iframe[name="Cardinal-CCA-IFrame"]')


def answer_bank(page, button):
    bank(page).get_by_role("button", name=button).click()


def expect_receipt(page):
    page.wait_for_url("**/payments/PAY-*")


def expect_not_taken(page, words):
    summary = page.get_by_role("alert").filter(has_text="Payment not taken")
    expect(summary).to_contain_text(words)
    expect(summary).to_be_focused()


def three_d_secure(transaction):
    """What the gateway's transaction says of the authentication: its status, or None."""
    return (transaction["three_d_secure_info"] or {}).get("status")
