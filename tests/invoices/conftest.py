"""What every invoice test starts from: Cedar's documents in every state, and pages taken apart."""

import re
from dataclasses import dataclass
from datetime import date
from html import unescape

import pytest

from app.models import Invoice
from tests.people import invoice
from tests.support.pages import text_of
from tests.support.statements import counted

PARTIAL = {"HX-Request": "true", "HX-Request-Type": "partial"}


@dataclass
class Owed:
    """Today is 22 Nov 2026. In USD 15.00 + 11.86 are overdue, 32.40 + 6.00 are open, 7.64 + 4.00 processing."""

    late: Invoice
    later: Invoice
    next: Invoice
    processing: Invoice
    partly: Invoice
    paid: Invoice
    credit: Invoice
    fennel: Invoice


@pytest.fixture
def in_database(app):
    """The test may read and write rows; a request in between closes the connection, the next query opens it."""
    yield
    database = app.extensions["database"]
    if not database.is_closed():
        database.close()


@pytest.fixture
def owed(cast, in_database):
    cedar = cast.cedar
    return Owed(
        late=invoice(cedar, "INV-1037", 2400, date(2026, 10, 18), paid_elsewhere_minor=900),
        later=invoice(cedar, "INV-1041", 1186, date(2026, 11, 13), memo="Ask for Sam"),
        next=invoice(cedar, "INV-1048", 3240, date(2026, 12, 3), po_number="CL-2214"),
        processing=reserved(invoice(cedar, "INV-1052", 764, date(2026, 12, 18)), 764),
        partly=reserved(invoice(cedar, "INV-1053", 1000, date(2026, 12, 20)), 400),
        paid=invoice(cedar, "INV-1001", 5000, date(2026, 9, 1), paid_elsewhere_minor=5000),
        credit=credit_memo(cedar, "CM-7", 1200, 500),
        fennel=invoice(cast.fennel, "INV-9001", 7777, date(2026, 11, 1)),
    )


def reserved(document: Invoice, minor: int) -> Invoice:
    Invoice.update(processing_minor=minor).where(Invoice.id == document.id).execute()
    Invoice.rebalance(Invoice.id == document.id)
    return Invoice.get_by_id(document.id)


def credit_memo(customer, number: str, total: int, left: int, currency="USD") -> Invoice:
    on = date(2026, 11, 1)
    return Invoice.create(
        customer=customer,
        kind=Invoice.CREDIT_MEMO,
        number=number,
        currency=currency,
        issued_on=on,
        due_on=on,
        total_minor=total,
        credited_minor=total - left,
        open_minor=left,
        is_paid=left == 0,
    )


def region(page: str, id: str, tag: str = "section") -> str:
    """The HTML of the element with this id, which holds no other element of its tag."""
    return re.search(rf'<{tag}[^>]* id="{id}".*?</{tag}>', page, re.S).group(0)


def rows(page: str) -> list[str]:
    """The text of every row of the list."""
    body = re.search(r"<tbody>(.*)</tbody>", page, re.S)
    return [text_of(row) for row in re.findall(r"<tr>(.*?)</tr>", body.group(1), re.S)] if body else []


def numbers(page: str) -> list[str]:
    return re.findall(r'class="rowlink" href="[^"]+">([^<]+)<', page)


def ticked(page: str) -> list[str]:
    return re.findall(r'type="checkbox"[^>]*value="([^"]+)" checked', page)


def links(page: str, rel: str) -> str:
    found = re.search(rf'rel="{rel}" href="([^"]+)"', page)
    return unescape(found.group(1)) if found else ""


@pytest.fixture
def sent():
    """The SQL statements that were run since."""
    with counted() as sent:
        yield sent
