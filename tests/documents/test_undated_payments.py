"""Payments whose date the books don't say, or say wrongly: what a statement counts, and from when."""

import csv
import io
from datetime import date

import pytest

from app.documents import statement, statement_page
from app.documents.statement import period_of
from app.models import Company, Invoice, PaymentElsewhere
from tests.conftest import NOON
from tests.documents.conftest import Pdf
from tests.people import invoice
from tests.support.importing import import_invoices
from tests.support.pages import text_of

pytestmark = pytest.mark.usefixtures("in_database")
TODAY = NOON.date()
HEADER = "Customer number,Number,Date,Due date,Currency,Total,Amount paid,Date paid"


@pytest.fixture
def books(cast, tmp_path):
    """books((number, date, due date, paid, date paid), …) imports invoices over 100.00 of Cedar's."""

    def _import(*rows: tuple[str, str, str, str, str]):
        path = tmp_path / "books.csv"
        lines = [
            f"{cast.cedar.number},{number},{issued},{due},USD,100.00,{paid},{day}"
            for number, issued, due, paid, day in rows
        ]
        path.write_text("\n".join([HEADER, *lines]) + "\n")
        import_invoices(path, now=NOON)

    return _import


def date_later(number: str) -> None:
    """As a file could before dates in the future were refused."""
    of_invoice = PaymentElsewhere.invoice == Invoice.get(number=number)
    PaymentElsewhere.update(paid_on="2026-12-24", listed_on="2026-11-22").where(of_invoice).execute()


def read(cast, since: date, until: date, kind: str = statement.ACTIVITY) -> statement.Section | None:
    company = Company.current()
    found = statement.read(cast.cedar.id, kind, period_of(since, until, company.time_zone), company).sections
    return found[0] if found else None


def lines(section: statement.Section) -> list[tuple[date, int]]:
    return [(line.day, line.entry.amount_minor) for line in section.lines]


def test_old_invoice_that_was_paid_is_not_open_before_the_import(cast, books):
    books(("INV-1", "2026-08-20", "2026-09-19", "100.00", ""))
    assert read(cast, date(2026, 10, 1), TODAY) is None
    assert read(cast, date(2026, 10, 1), date(2026, 11, 21), statement.OPEN) is None
    section = read(cast, date(2026, 8, 1), date(2026, 9, 30))
    assert lines(section) == [(date(2026, 8, 20), 10000), (date(2026, 9, 19), -10000)]
    assert (section.closing_minor, section.items) == (0, [])


@pytest.mark.parametrize(
    ("issued", "due", "counted"),
    [
        ("2026-11-01", "2026-12-01", TODAY),  # not after it became known
        ("2026-11-01", "2026-10-01", date(2026, 11, 1)),  # not before its invoice
        ("2026-11-25", "2026-12-01", date(2026, 11, 25)),
    ],
)
def test_day_of_a_payment_without_one(cast, books, issued, due, counted):
    books(("INV-1", issued, due, "100.00", ""))
    section = read(cast, date(2026, 10, 1), date(2026, 12, 31))
    assert lines(section) == [(date.fromisoformat(issued), 10000), (counted, -10000)]


def test_invoice_that_was_open_here_was_paid_when_a_file_says_so(cast, books):
    books(("INV-1", "2026-08-20", "2026-09-19", "0.00", ""))
    before = read(cast, date(2026, 8, 1), date(2026, 10, 31))
    books(("INV-1", "2026-08-20", "2026-09-19", "100.00", ""))
    assert read(cast, date(2026, 8, 1), date(2026, 10, 31)) == before
    assert lines(read(cast, date(2026, 11, 1), TODAY)) == [(TODAY, -10000)]


def test_payment_of_the_future_counts_when_it_became_known(cast, books):
    books(("INV-1", "2026-10-01", "2026-10-31", "100.00", "2026-11-20"))
    date_later("INV-1")
    section = read(cast, date(2026, 10, 1), TODAY)
    assert lines(section) == [(date(2026, 10, 1), 10000), (TODAY, -10000)]
    assert section.closing_minor == Invoice.get().open_minor == 0


def test_date_that_comes_later_counts(cast, books):
    books(("INV-1", "2026-08-20", "2026-09-19", "100.00", ""))
    books(("INV-1", "2026-08-20", "2026-09-19", "100.00", "2026-10-05"))
    assert lines(read(cast, date(2026, 10, 1), TODAY)) == [(date(2026, 10, 5), -10000)]


def test_statement_says_which_date_stands_in(cast, books, log_in):
    books(
        ("INV-1", "2026-10-02", "2026-10-19", "100.00", ""),
        ("INV-2", "2026-10-03", "2026-12-19", "100.00", ""),
        ("INV-3", "2026-10-04", "2026-10-20", "100.00", "2026-11-20"),
    )
    date_later("INV-3")
    alice, query = log_in(cast.alice), "?since=2026-10-01&until=2026-11-22"
    page = text_of(alice.get(f"/account/statement{query}").get_data(as_text=True))
    pdf = Pdf(alice.get(f"/account/statement.pdf{query}").data)
    for words in (
        "Payment for INV-1 (date unknown, counted on the due date)",
        "Payment for INV-2 (date unknown, counted on the day it was recorded)",
        "Payment for INV-3 (dated later, counted on the day it was recorded)",
    ):
        assert words in page and words in pdf.words
    found = statement.read(
        cast.cedar.id, statement.ACTIVITY, period_of(date(2026, 10, 1), TODAY, "America/New_York"), Company.current()
    )
    rows = list(csv.DictReader(io.StringIO(statement_page.statement_csv(found))))
    assert [row["Note"] for row in rows if row["Number"] == "INV-1"] == [
        "",
        "Date unknown, counted on the due date",
    ]


def test_credits_of_earlier_invoices_are_in_the_opening(cast):
    invoice(cast.cedar, "INV-1", 10000, date(2026, 9, 20), issued_on=date(2026, 9, 1), credited_minor=10000)
    invoice(cast.cedar, "INV-2", 5000, TODAY, issued_on=date(2026, 10, 2), credited_minor=500)
    section = read(cast, date(2026, 10, 1), TODAY)
    assert (section.opening_minor, section.undated_minor, section.closing_minor) == (0, -500, 4500)
    assert read(cast, date(2026, 9, 1), date(2026, 9, 30)).closing_minor == 0
    assert read(cast, TODAY, TODAY).opening_minor == 4500


def test_accept_customer_payments_gives_no_date_that_is_not_known(cast, books, log_in):
    books(("INV-1", "2026-08-20", "2026-09-19", "100.00", ""))
    page = text_of(log_in(cast.ruth).get("/transactions/customers/payments").get_data(as_text=True))
    assert "Not known" in page and "Nov 22, 2026" not in page
    listed = log_in(cast.alice).get("/payments/export.csv").get_data(as_text=True)
    assert ",,Recorded by the company,INV-1," in listed


def test_payment_before_its_invoice_is_a_credit_until_then(cast, books):
    books(("INV-1", "2026-10-01", "2026-10-31", "100.00", "2026-09-15"))
    section = read(cast, date(2026, 9, 1), date(2026, 9, 30))
    assert (section.closing_minor, section.credit_minor, section.items) == (-10000, 10000, [])
    section = read(cast, date(2026, 10, 1), TODAY)
    assert (section.opening_minor, section.closing_minor) == (-10000, 0)
