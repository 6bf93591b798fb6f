"""What a file would do, before anything is written; and a plan that payments have overtaken."""

import pytest

from app.imports import customers, invoices
from app.imports.answers import Answers
from app.imports.invoice_options import InvoiceOptions
from app.imports.plan import Change, RowOutcome
from app.imports.report import Rejected
from app.imports.staging import staging_database
from app.models import Company, Customer, Invoice, InvoiceLine

HEADER = "Customer number,Number,Date,Due date,Currency,Total,Amount paid,Memo\n"


def invoice(number: str, total: str = "50.00", paid: str = "0.00", memo: str = "") -> str:
    return f"77,{number},2026-11-03,2026-12-03,USD,{total},{paid},{memo}\n"


@pytest.fixture
def staging(database):
    with staging_database():
        yield


@pytest.fixture
def plan(staging, write):
    def _plan(*rows: str, header: str = HEADER, **options):
        path = write("invoices.csv", header + "".join(rows))
        return invoices.plan(path, Company.current(), InvoiceOptions(**options))

    return _plan


def outcomes(plan) -> dict[str, RowOutcome]:
    return {row.number: row.outcome for row in plan.rows()}


def test_plan_says_what_would_happen_and_writes_nothing(plan, cedar):
    plan(invoice("INV-1"), invoice("INV-2"), invoice("INV-3"), invoice("INV-4")).apply()
    later = plan(invoice("INV-1"), invoice("INV-2", memo="Cake"), invoice("INV-3", paid="20.00"), invoice("X-5"))
    assert outcomes(later) == {
        "INV-1": RowOutcome.UNCHANGED,
        "INV-2": RowOutcome.CHANGED,
        "INV-3": RowOutcome.PAID_ELSEWHERE,
        "X-5": RowOutcome.NEW,
        "INV-4": RowOutcome.VANISHED,
    }
    changes = {row.number: row.changes for row in later.rows() if row.changes}
    assert changes == {
        "INV-2": (Change("memo", "", "Cake"),),
        "INV-3": (Change("paid_elsewhere_minor", 0, 2000),),
    }
    assert (later.new, later.changed, later.unchanged) == (1, 2, 1)
    assert Invoice.select().count() == 4 and not Invoice.get_or_none(Invoice.memo != "")


def test_plan_has_the_documents_that_become_void(plan, cedar):
    plan(invoice("INV-1")).apply()
    header = HEADER.replace("Memo", "Status")
    (row,) = plan(invoice("INV-1", memo="Voided"), header=header).rows()
    assert (row.outcome, row.changes) == (RowOutcome.CHANGED, (Change("status", "valid", "void"),))


def test_bad_rows_and_conflicts_are_planned_with_their_reasons(plan, cedar, pay):
    plan(invoice("INV-1"), invoice("INV-2")).apply()
    pay("INV-1", 4000)
    rejected = plan(invoice("INV-1", total="30.00"), invoice("INV-2"), invoice("INV-3", total="x"))
    rows = {row.row: (row.outcome, row.reason) for row in rejected.rows()}
    assert rows[2][0] is RowOutcome.CONFLICT and "have paid 40.00" in rows[2][1]
    assert rows[3] == (RowOutcome.UNCHANGED, "")
    assert rows[4][0] is RowOutcome.BAD and rows[4][1].startswith("Total: “x” is not an amount in USD.")
    with pytest.raises(Rejected):
        rejected.apply()


def test_payment_after_the_plan_is_seen_when_it_is_applied(plan, cedar, pay):
    plan(invoice("INV-1")).apply()
    later = plan(invoice("INV-1", total="30.00"))
    assert outcomes(later) == {"INV-1": RowOutcome.CHANGED}
    pay("INV-1", 4000)
    with pytest.raises(Rejected) as rejected:
        later.apply()
    assert "the total can't be less" in rejected.value.problems.first[0].reason
    assert Invoice.get().total_minor == 5000


def test_outdated_plan_is_refreshed_before_it_is_applied(plan, cedar, pay):
    header = HEADER.replace("Memo", "Amount due,Description,Line amount")
    rows = (
        "77,INV-1,2026-11-03,2026-12-03,USD,50.00,40.00,10.00,Bread,20.00\n",
        "77,INV-2,2026-11-03,2026-12-03,USD,60.00,0.00,60.00,Salt,60.00\n",
        "77,INV-1,2026-11-03,2026-12-03,USD,50.00,40.00,10.00,Rolls,30.00\n",
    )
    plan(invoice("INV-1")).apply()
    later = plan(*rows, header=header)
    assert (later.new, later.changed) == (1, 1)
    pay("INV-1", 4000)
    report = later.apply()
    assert (report.new, report.changed) == (1, 1)
    known = Invoice.get(Invoice.number == "INV-1")
    assert (known.paid_elsewhere_minor, known.paid_online_minor, known.open_minor) == (0, 4000, 1000)
    lines = InvoiceLine.select().where(InvoiceLine.invoice == known).order_by(InvoiceLine.position)
    assert [(line.position, line.description) for line in lines] == [(1, "Bread"), (2, "Rolls")]


def test_customers_of_xero_are_made_when_the_plan_is_applied(plan, database):
    header = "*ContactName,*InvoiceNumber,*InvoiceDate,*DueDate,Currency,Total,InvoiceAmountDue\n"
    rows = (f"{name},1,2026-11-03,2026-12-03,USD,50.00,50.00\n" for name in ("Quarry Kiln", "Old Mill"))
    xero = plan(*rows, header=header)
    assert [(row.customer_number, row.outcome) for row in xero.rows()] == [
        ("Quarry Kiln", RowOutcome.NEW),
        ("Old Mill", RowOutcome.NEW),
    ]
    assert not Customer.select().exists()
    assert xero.apply().new == 2
    assert {each.customer.number for each in Invoice} == {"Quarry Kiln", "Old Mill"}


def test_number_of_a_new_customer_of_xero_can_be_confirmed(plan, database):
    header = "*ContactName,*InvoiceNumber,*InvoiceDate,*DueDate,Currency,Total,InvoiceAmountDue\n"
    rows = [f"Quarry Kiln,{number},2026-11-03,2026-12-03,USD,50.00,50.00\n" for number in ("0017", "17")]
    asked = plan(*rows, header=header)
    assert "“Quarry Kiln”" not in asked.problems.first[0].reason and asked.problems.count == 1
    answers = Answers(same={"17": "0017"})
    assert plan(*rows, header=header, answers=answers).apply().new == 1
    assert plan(rows[1], header=header).apply().unchanged == 1


def test_customers_are_planned_field_by_field(staging, write, cedar):
    path = write("customers.csv", "Customer number,Name,Phone\n77,Cedar Lane,1\n81,Fennel & Fig,2\n")
    plan = customers.plan(path)
    assert [(row.number, row.outcome, row.changes) for row in plan.rows()] == [
        ("77", RowOutcome.CHANGED, (Change("name", "Cedar Lane Bakery", "Cedar Lane"), Change("phone", "", "1"))),
        ("81", RowOutcome.NEW, ()),
    ]
    assert Customer.select().count() == 1
    assert plan.apply().changed == 1
    assert Customer.get(number="77").name == "Cedar Lane"
