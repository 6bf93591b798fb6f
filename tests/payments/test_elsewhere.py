"""Payments that the company recorded: on the invoice and in Payments, as far as the books gave them."""

from datetime import date

import pytest

from app.models import Invoice, PaymentElsewhere
from tests.people import invoice
from tests.support.importing import import_invoices
from tests.support.pages import text_of

HEADER = "Customer number,Number,Date,Due date,Currency,Total,Amount paid"


@pytest.fixture
def books(app, cast, clock, tmp_path):
    """books("98.00", columns=cells …) imports INV-9 over 100.00 of Cedar's with this amount paid."""

    def _import(paid: str, number: str = "INV-9", **more: str):
        path = tmp_path / "books.csv"
        names = "".join(f",{name.replace('_', ' ')}" for name in more)
        cells = "".join(f",{cell}" for cell in more.values())
        row = f"{cast.cedar.number},{number},2026-10-01,2026-12-01,USD,100.00,{paid}{cells}"
        path.write_text(f"{HEADER}{names}\n{row}\n")
        with app.app_context(), app.extensions["database"].connection_context():
            import_invoices(path, now=clock())
            return Invoice.get(Invoice.number == number)

    return _import


def rows(app) -> list[tuple]:
    with app.extensions["database"].connection_context():
        found = PaymentElsewhere.select().order_by(PaymentElsewhere.id)
        return [(row.amount_minor, row.paid_on and str(row.paid_on), row.reference) for row in found]


def test_a_payment_has_its_date_and_reference_on_the_invoice_and_in_payments(alice, books):
    paid = books("98.00", Date_Paid="2026-10-20", Payment_method="Check", Payment_reference="1041")
    page = text_of(alice.get(f"/invoices/{paid.public_id}"))
    assert "Paid elsewhere: $98.00, Oct 20, 2026, Check 1041" in page
    assert "Paid elsewhere, Oct 20, 2026, Check 1041 \N{MINUS SIGN}98.00" in page
    page = text_of(alice.get("/payments"))
    assert "Payments recorded by" in page and "INV-9 Oct 20, 2026 Check 1041 $98.00" in page
    assert "No payments yet" not in page


def test_without_a_date_the_day_of_the_import_is_given(alice, books):
    paid = books("98.00")
    assert "Paid elsewhere: $98.00, recorded Nov 22, 2026" in text_of(alice.get(f"/invoices/{paid.public_id}"))
    assert "INV-9 Recorded Nov 22, 2026 No reference $98.00" in text_of(alice.get("/payments"))


def test_administrators_see_elsewhere_payments_on_the_record(log_in, cast, books):
    books("98.00", Last_payment_date="2026-10-20")
    page = text_of(log_in(cast.ruth).get(f"/customers/{cast.cedar.public_id}/payments"))
    assert "INV-9 Oct 20, 2026 No reference $98.00" in page and "No payments yet" not in page


def test_each_payment_that_the_books_add_is_one(app, books):
    books("40.00", Date_Paid="2026-10-20", Payment_reference="A")
    books("40.00", Date_Paid="2026-10-20", Payment_reference="A")
    books("98.00", Date_Paid="2026-11-02", Payment_reference="B")
    assert rows(app) == [(4000, "2026-10-20", "A"), (5800, "2026-11-02", "B")]
    books("30.00", Payment_reference="C")
    assert rows(app) == [(3000, None, "C")], "less than before is a correction of the whole"


def test_a_date_that_comes_later_is_filled_in(app, books):
    books("98.00")
    books("98.00", Payment_date="2026-10-20")
    assert rows(app) == [(9800, "2026-10-20", "")]


def test_invalid_date_is_part_of_the_reference(app, books):
    books("98.00", Date_Paid="several", Payment_method="Bank")
    assert rows(app) == [(9800, None, "Bank several")]


def test_seventeen_paid_invoices_are_payments(alice, app, cast):
    with app.extensions["database"].connection_context():
        for n in range(17):
            invoice(cast.cedar, f"INV-{n}", 5000, date(2026, 9, 1), paid_elsewhere_minor=5000)
    page = text_of(alice.get("/payments"))
    assert "No payments yet" not in page and page.count("$50.00") == 17


def test_payments_elsewhere_are_paged(alice, app, cast, books):
    for n in range(27):
        books("10.00", number=f"INV-{n}", Date_Paid=f"2026-10-{n + 1:02}")
    first = alice.get("/payments").get_data(as_text=True)
    assert first.count("$10.00") == 25
    place = first.partition("?recorded=")[2].partition('"')[0]
    second = alice.get(f"/payments?recorded={place}").get_data(as_text=True)
    assert second.count("$10.00") == 2 and "INV-0<" in second


@pytest.mark.parametrize("place", ["x", "2026-13-01~1", "2026-10-01~", "~", "2026-10-01~99999999999999999999"])
def test_invalid_cursor_is_404(alice, place):
    assert alice.get(f"/payments?recorded={place}").status_code == 404


def test_other_customers_do_not_see_elsewhere_payments(log_in, cast, books):
    books("98.00", Payment_reference="SECRET")
    assert "SECRET" not in log_in(cast.charlie).get("/payments").get_data(as_text=True)
