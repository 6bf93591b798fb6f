"""The administrator's search."""

import re
from datetime import date

import pytest

from app.extensions import db
from app.models import Attempt, Company, Customer, LedgerEntry
from app.search import queries
from app.search.meaning import meaning
from app.web.menu import PAGES
from tests.people import invoice
from tests.support.statements import counted


@pytest.fixture
def find(cast, log_in):
    ruth = log_in(cast.ruth)

    def _find(text, **headers):
        response = ruth.get("/search", query_string={"q": text}, headers=headers)
        assert response.status_code == 200
        return response.get_data(as_text=True).partition('id="found"')[2]

    return _find


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("credit card", "Enable Features"),
        ("customer center login", "Company Information"),
        ("SETUP > Accounting", "Accounting Preferences"),
        ("relationships", "Customers"),
        ("default role", "General Preferences"),
        ("who changed", "View Audit Trail"),
        ("password rules", "General Preferences"),
        ("logo", "Company Information"),
        ("braintree", "Setup guide"),
        ("bank transfer", "Company Information"),
        ("postal code", "Accounting Preferences"),
        ("bank details", "Company Information"),
        ("IBAN", "Company Information"),
        ("change the logo", "Company Information"),
        ("language", "Company Information"),
        ("two-factor", "Two-factor authentication"),
        ("two factor", "Two-factor authentication"),
        ("2FA", "Two-factor authentication"),
        ("recovery codes", "Two-factor authentication"),
        ("change my password", "Your account"),
        ("password policy", "General Preferences"),
        ("password requirements", "General Preferences"),
        ("failed emails", "Sent Email"),
        ("locked out", "Customers"),
        ("how to pay by bank", "Company Information"),
    ],
)
def test_a_page_is_found_by_its_menu_words(find, text, label):
    assert f"<strong>{label}</strong>" in find(text)


def test_every_page_of_the_menus_is_there(cast, log_in):
    ruth = log_in(cast.ruth)
    for page in PAGES:
        response = ruth.get(page.url)
        assert response.status_code == 200, page
        path = response.get_data(as_text=True).partition('class="path"')[2]
        crumb = re.findall(r"<li[^>]*>\s*(?:<a[^>]*>)?([^<]+?)\s*<", path)
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


def test_empty_result_says_so_and_escapes_the_query(find):
    assert "Nothing found" in find("zzzz") and "&lt;b&gt;" in find("<b>") and "Type the words" in find("  ")


KINDS = (
    "INV-1041",
    "1041",
    "invoice #1048",
    "INV 41",
    "PO 77",
    "PAY-ABC",
    "k2fj90xa",
    "$1,186.50",
    "1186",
    "41.000 KWD",
)


@pytest.mark.sqlite
@pytest.mark.parametrize("text", KINDS)
def test_documents_and_payments_are_looked_up_in_indexes(cast, text):
    sql, values = queries.statement(meaning(text, "en_US"))
    plan = [row[3] for row in db.execute_sql(f"EXPLAIN QUERY PLAN {sql}", values).fetchall()]
    assert any(step.startswith("SEARCH") for step in plan)
    assert not [step for step in plan if re.match("SCAN (invoice|attempt|ledger|customer|[aicn])\\b", step)], plan


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("École Émile", "école"),
        ("École Émile", "ECOLE EMILE"),
        ("Straße 1", "strasse"),
        ("İstanbul Ticaret", "istanbul"),
        ("A\u030angstro\u0308m A/S", "ångström a/s"),
        ("Σίσυφος", "ΣΊΣΥΦΟΣ"),
        ("ДОМ книги", "Дом Книги"),
        ("O’Brien & Sons", "o'brien and"),
        ("O’Brien & Sons", "o'brien"),
    ],
)
def test_customer_is_found_whatever_the_case_and_accents(find, name, text):
    Customer.create(number="N-1", name=name)
    assert ("N-1" in find(text)) == (" and" not in text)


def test_signs_alone_find_no_other_customer(find):
    Customer.create(number="N-1", name="École")
    assert "N-1" not in find("%") and "N-1" not in find("🍋") and "N-1" not in find("' .")


def test_a_search_is_two_statements(find, cast):
    declined_payment(cast, 1)
    with counted() as sent:
        find("84.00")
    assert len([sql for sql in sent if re.search(r"[:(](most|limit)\b", sql)]) == 2
    assert not [sql for sql in sent if "count(*)" in sql]


def test_while_typing_only_what_is_found_comes_back(find):
    assert "<html" not in find("features", **{"HX-Request": "true", "HX-Request-Type": "partial"})


@pytest.mark.parametrize(
    "typed",
    [
        "inv2041",
        "INV 2041",
        "inv/2041",
        "po-77",
        "84.00",
        "$84.00",
        "2041",
        "invoice #2041",
        "Invoice no. INV-2041",
        "#2041",
        "PO 77",
        "P.O. 77",
        "purchase order 77",
        "po77",
        "77",
        "USD 84",
        "INV\u20132041",
    ],
)
def test_an_invoice_is_found_as_people_write_it_by_po_number_and_amount(find, cast, typed):
    one = invoice(cast.cedar, "INV-2041", 8400, date(2026, 12, 1), po_number="PO-77")
    invoice(cast.cedar, "INV-2042", 8401, date(2026, 12, 1))
    found = find(typed)
    assert f'/invoices/{one.public_id}"' in found and "INV-2042" not in found


@pytest.mark.parametrize(
    "typed",
    [
        "41",
        "0041",
        "#41",
        "invoice 41",
        "INV 41",
        "inv 2026 41",
        "2026-41",
        "INV20260041",
    ],
)
def test_the_end_of_a_number_finds_it_without_its_zeros(find, cast, typed):
    one = invoice(cast.cedar, "INV-2026-0041", 8400, date(2026, 12, 1))
    for number in ("INV-2026-0141", "INV-2025-0410", "41A"):
        invoice(cast.fennel, number, 99, date(2026, 12, 1))
    found = find(typed)
    assert f'/invoices/{one.public_id}"' in found and "0141" not in found and "0410" not in found


@pytest.mark.parametrize(
    "typed",
    [
        "84.41",
        "$41",
        "1,041",
        "x" * 200,
        "#" * 200,
        "0" * 200,
        "no " * 66,
        "%",
        "_",
        "'",
        "-",
        "AND",
        '"',
        "*",
        "0",
        "000",
        "PAY-",
        "#",
        "no.",
        "9" * 38,
        "\u0669" * 38,
        "9" * 99,
    ],
)
def test_part_that_is_not_the_end_of_a_number_finds_no_invoice(find, cast, typed):
    invoice(cast.cedar, "INV-84-41", 8400, date(2026, 12, 1))
    invoice(cast.cedar, "INV-1041", 8400, date(2026, 12, 1))
    assert "/invoices/" not in find(typed)


@pytest.mark.parametrize("number", ["inv-7b", "R\u00c9F 12", "r\u00e9f-13", "A:9", "\u2116 5", "--1--", "100%", "a_b"])
def test_a_number_is_found_as_it_is_written_and_in_the_other_case(find, cast, number):
    one = invoice(cast.cedar, number, 8400, date(2026, 12, 1))
    for typed in (number, number.lower(), number.upper()):
        assert f'/invoices/{one.public_id}"' in find(typed)


def test_an_amount_is_read_as_the_reader_writes_it(find, cast):
    Company.update(locale="de_DE").execute()
    one = invoice(cast.cedar, "A", 118650, date(2026, 12, 1))
    partly = invoice(cast.cedar, "B", 200000, date(2026, 12, 1), paid_elsewhere_minor=81350)
    invoice(cast.cedar, "YEN", 118650, date(2026, 12, 1), currency="JPY")
    found = find("1.186,50")
    assert f"/{one.public_id}" in found and f"/{partly.public_id}" in found and "YEN" not in found


def test_the_invoice_with_the_number_stands_before_the_one_with_the_amount(find, cast):
    amount = invoice(cast.cedar, "A-1", 104100, date(2026, 12, 1))
    number = invoice(cast.cedar, "INV-1041", 8400, date(2026, 12, 1))
    found = find("1041")
    assert found.index(number.public_id) < found.index(amount.public_id)


@pytest.mark.parametrize(
    "typed",
    [
        "k2fj90xa",
        "K2FJ90XA",
        "k2fj90",
        "transaction k2fj90xa",
        "o1-4d5e6f",
        "other1id",
        "later9id",
        "1.00",
    ],
)
def test_a_payment_is_found_by_transaction_order_and_amount(find, cast, typed):
    other, wanted = declined_payment(cast, 1), declined_payment(cast, 2)
    Attempt.update(transaction_id="k2fj90xa", order_id="o1-4d5e6f", named_id="other1id").where(
        Attempt.reference == wanted
    ).execute()
    Attempt.update(amount_minor=777).where(Attempt.reference != wanted).execute()
    attempt = Attempt.get(Attempt.reference == wanted)
    LedgerEntry.record(LedgerEntry.CHARGE, "later9id", attempt, 100, 1)
    found = find(typed)
    assert f"<strong>{wanted}</strong>" in found and other not in found


def test_a_payment_is_found_by_its_reference(find, cast):
    first, second = (declined_payment(cast, number) for number in (1, 2))
    assert f'href="/customers/{cast.cedar.public_id}/payments?before={second}"' in find(first.lower())
    assert f'href="/customers/{cast.cedar.public_id}/payments"' in find(second.removeprefix("PAY-"))
    assert "/payments" not in find("PAY-ZZZZZZZZZZ")


def declined_payment(cast, number: int) -> str:
    """The reference of a declined payment of Alice's."""
    return Attempt.create(
        token=f"t{number}",
        order_id=f"o{number}",
        customer=cast.cedar,
        user=cast.alice,
        amount_minor=100,
        currency="USD",
        state=Attempt.DECLINED,
        created_ms=number,
        touched_ms=number,
    ).reference
