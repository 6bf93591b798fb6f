"""The pay page reads amounts as the server does: the same cases, and a German customer's payment."""

from datetime import date

from playwright.sync_api import expect

from app.config import ROOT
from app.notation import notation
from tests import people
from tests.browser import cards
from tests.test_notation import CASES


def test_the_browser_reads_amounts_as_the_server_does(page):
    page.add_script_tag(path=ROOT / "static/js/amount.js")
    asked = [[case["typed"], notation(case["currency"], case["locale"]).data] for case in CASES]
    found = page.evaluate("asked => asked.map(([typed, data]) => readAmount(typed, data))", asked)
    wrong = [(case, minor) for case, minor in zip(CASES, found, strict=True) if case["minor"] != minor]
    assert not wrong


def test_a_german_customer_types_a_german_amount(app, page, log_in_page, cast, demo_gateway):
    with app.extensions["database"].connection_context():
        type(cast.cedar).update(locale="de_DE").where(type(cast.cedar).id == cast.cedar.id).execute()
        invoice = people.invoice(cast.cedar, "INV-1", 500_000, date(2026, 12, 3))
    log_in_page(page, cast.alice)
    cards.open_pay_page(page, invoice)
    page.get_by_text("Pay a different amount").click()
    page.get_by_label("Amount to pay").fill("12.50")
    cards.pay_with(page, cards.FRICTIONLESS)
    alert = page.get_by_role("alert").filter(has_text="There is a problem")
    expect(alert).to_contain_text("Enter an amount like 2.500,00")
    page.get_by_label("Amount to pay").fill("1.250,00")
    cards.press_pay(page)
    cards.expect_receipt(page)
    assert [str(sale["amount"]) for sale in demo_gateway.transactions()] == ["1250.00"]
