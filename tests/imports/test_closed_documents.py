"""A document that is void or settled here and open again in a file is asked about, and never written unasked."""

import pytest

from app.models import Invoice
from tests.imports.conftest import CASES

HEADER = "Customer number,Number,Date,Due date,Currency,Total,Status"
START = "77,F-1,2026-11-03,2026-12-03,USD,100.00"


@pytest.fixture
def run(flask_import, write, cedar):
    """run("Paid") imports F-1 over $100.00 with that status alone; run("Open", ["Amount due", "10.00"]) with more."""

    def _run(status, more=None, *options):
        heading, cell = (f",{text}" for text in more) if more else ("", "")
        return flask_import("invoices", write("f.csv", f"{HEADER}{heading}\n{START},{status}{cell}\n"), *options)

    return _run


def amounts():
    found = Invoice.get()
    return found.paid_elsewhere_minor, found.credited_minor, found.open_minor


@pytest.mark.parametrize("status", ["Open", "sent", "viewed", "overdue", "disputed", "unpaid", "Past due"])
def test_settled_document_that_comes_back_as_open_is_asked_about(run, status):
    run("Paid")
    result = run(status)
    assert result.exit_code == 1
    assert (
        "Row 2, Status: “F-1” is settled here (100.00 USD paid elsewhere), and the file has it as open without "
        "amounts. Add a column Amount due to the file; or import again with --reopen F-1"
    ) in result.output
    assert amounts() == (10000, 0, 0)


@pytest.mark.parametrize("answer", ["F-1", "all"])
@pytest.mark.parametrize("more", [None, ("Amount paid", "")])
def test_settled_document_is_reopened(run, answer, more):
    run("Paid")
    assert run("Open", more).exit_code == 1
    assert "1 changed" in run("Open", more, "--reopen", answer).output
    assert amounts() == (0, 0, 10000)
    assert "1 unchanged" in run("Open", more).output


def test_settled_document_is_reopened_by_its_amount_due(run):
    run("Paid")
    assert "1 changed" in run("Open", ("Amount due", "30.00")).output
    assert amounts() == (7000, 0, 3000)


@pytest.mark.parametrize("more", [None, ("Amount paid", "")])
def test_settled_document_that_stays_settled_is_asked_about_once(run, more):
    run("Paid")
    assert run("Open", more, "--keep-closed", "F-1").exit_code == 0
    assert "1 unchanged" in run("Open", more).output
    assert amounts() == (10000, 0, 0)
    run("Paid")
    assert run("Open", more).exit_code == 1


@pytest.mark.parametrize("status", ["", "Closed"])
def test_status_that_does_not_say_open_leaves_a_settled_document(run, status):
    run("Paid")
    assert "1 unchanged" in run(status).output


def test_document_that_was_paid_here_may_be_open_in_the_books(run, pay):
    run("Open")
    pay("F-1", 10000)
    assert "1 unchanged" in run("Open").output


def test_document_settled_in_part_here_is_asked_about(run, pay):
    run("Open")
    pay("F-1", 4000)
    run("Paid")
    assert "(60.00 USD paid elsewhere, 40.00 USD paid here)" in run("sent").output
    run("sent", None, "--reopen", "F-1")
    assert amounts() == (0, 0, 6000)


@pytest.mark.parametrize("status", ["sent", "viewed", "overdue", "disputed"])
def test_freshbooks_invoice_that_is_no_longer_paid_is_asked_about(flask_import, write, status):
    flask_import("customers", CASES / "customers.csv")
    text = (CASES / "system-freshbooks_invoices.csv").read_text()
    flask_import("invoices", write("f.csv", text.replace(",sent,", ",paid,")))
    result = flask_import("invoices", write("f.csv", text.replace(",sent,", f",{status},")))
    assert "Row 2, Invoice Status: “0000017” is settled here (774.50 USD paid elsewhere)" in result.output
    assert "1 changed" in flask_import("invoices", write("f.csv", text), "--reopen", "0000017").output
    assert Invoice.get(Invoice.number == "0000017").open_minor == 77450


@pytest.mark.parametrize("more", [None, ("Amount due", "10.00"), ("Amount paid", "90.00")])
@pytest.mark.parametrize("status", ["Open", "Paid"])
def test_void_document_that_comes_back_is_asked_about(run, more, status):
    if status == "Paid" and more:
        more = (more[0], {"Amount due": "0.00", "Amount paid": "100.00"}[more[0]])
    run("Open", more and (more[0], ""))
    run("Voided")
    result = run(status, more)
    assert result.exit_code == 1 and "“F-1” is void here" in result.output
    assert (Invoice.get().is_void, Invoice.get().open_minor) == (True, 0)


def test_void_document_is_reopened_with_its_amount_due(run):
    run("Open")
    run("Voided")
    assert "1 changed" in run("Open", ("Amount due", "10.00"), "--reopen", "F-1").output
    assert amounts() == (9000, 0, 1000)


def test_void_document_that_stays_void_is_asked_about_once(run):
    run("Open")
    run("Voided")
    due = ("Amount due", "10.00")
    assert run("Open", due, "--keep-closed", "F-1").exit_code == 0
    assert run("Open", due).exit_code == 0
    assert (Invoice.get().is_void, Invoice.get().open_minor) == (True, 0)
    run("Voided")
    assert run("Open", due).exit_code == 1
