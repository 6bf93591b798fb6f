"""The administrator's search."""

import re
from datetime import date

import pytest

from app.menu import PAGES
from app.models import Attempt, Customer
from app.models.base import db
from app.models.global_search import INVOICES
from tests.people import invoice


@pytest.fixture
def find(cast, log_in):
    ruth = log_in(cast.ruth)

    def _find(text, **headers):
        response = ruth.get("/search", query_string={"q": text}, headers=headers)
        assert response.status_code == 200
        return response.get_data(as_text=True).partition('id="found"')[2]

    return _find


@pytest.mark.parametrize(("text", "label"), [
    ("credit card", "Enable Features"), ("customer center login", "Company Information"),
    ("SETUP > Accounting", "Accounting Preferences"), ("relationships", "Customers"),
    ("default role", "General Preferences"),
    ("who changed", "View Audit Trail"), ("password rules", "General Preferences"), ("logo", "Company Information"),
    ("braintree", "Setup guide"), ("bank transfer", "Company Information"), ("postal code", "Accounting Preferences"),
])  # fmt: skip
def test_a_page_is_found_by_its_menu_words(find, text, label):
    assert f"<strong>{label}</strong>" in find(text)


def test_every_page_of_the_menus_is_there(cast, log_in):
    ruth = log_in(cast.ruth)
    for page in PAGES:
        response = ruth.get(page.url)
        assert response.status_code == 200, page
        path = response.get_data(as_text=True).partition('class="path"')[2]
        crumb = re.findall(r"<li[^>]*>(?:<a[^>]*>)?([^<]+)", path)
        assert page.url == "/setup" or tuple(crumb[: len(page.path)]) == page.path


def test_a_customer_is_found_by_name_number_and_email(find, cast):
    Customer.update(email="orders@cedarlane.example").where(Customer.id == cast.cedar.id).execute()
    for text in ("cedar lane", "77", "orders@cedar", "bob@cedarlane.example"):
        assert f'href="/customers/{cast.cedar.public_id}/access"' in find(text)
    assert "Cedar" not in find("fennel")


def test_an_invoice_is_found_by_its_number(find, cast):
    one = invoice(cast.cedar, "INV-2041", 8400, date(2026, 12, 1))
    for text in ("INV-2041", "inv-20", " inv-2041 "):
        assert f'href="/customers/{cast.cedar.public_id}/invoices/{one.public_id}"' in find(text)
    assert "INV-2041" not in find("2041x")


def test_nothing_found_says_so_and_shows_text_as_text(find):
    assert "Nothing found" in find("zzzz") and "&lt;b&gt;" in find("<b>") and "Type the words" in find("  ")


def test_invoices_come_from_an_index(cast):
    plan = db.execute_sql(f"EXPLAIN QUERY PLAN {INVOICES}", {"text": "x", "most": 8}).fetchall()
    assert not any(row[3].startswith("SCAN") for row in plan), plan


def test_while_typing_only_what_is_found_comes_back(find):
    assert "<html" not in find("features", **{"HX-Request": "true", "HX-Request-Type": "partial"})


@pytest.mark.parametrize("typed", ["inv2041", "INV 2041", "inv/2041", "po-77", "84.00", "$84.00"])
def test_an_invoice_is_found_as_people_write_it_by_po_number_and_amount(find, cast, typed):
    one = invoice(cast.cedar, "INV-2041", 8400, date(2026, 12, 1), po_number="PO-77")
    invoice(cast.cedar, "INV-2042", 8401, date(2026, 12, 1))
    found = find(typed)
    assert f'/invoices/{one.public_id}"' in found and "INV-2042" not in found


def test_a_payment_is_found_by_its_reference(find, cast):
    first, second = (declined_payment(cast, number) for number in (1, 2))
    assert f'href="/customers/{cast.cedar.public_id}/payments?before={second}"' in find(first.lower())
    assert f'href="/customers/{cast.cedar.public_id}/payments"' in find(second.removeprefix("PAY-"))
    assert "/payments" not in find("PAY-ZZZZZZZZZZ")


def declined_payment(cast, number: int) -> str:
    """The reference of a declined payment of Alice's."""
    return Attempt.create(
        token=f"t{number}", order_id=f"o{number}", customer=cast.cedar, user=cast.alice, amount_minor=100,
        currency="USD", state=Attempt.DECLINED, created_ms=number, touched_ms=number,
    ).reference
