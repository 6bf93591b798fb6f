"""A file that is written in several transactions: what others do between them, and what is left when it stops."""

from html import unescape

import peewee
import pytest

from app.database import open_database
from app.models import Company, Customer, ImportRun, Invoice, PaymentElsewhere, ReceivedPayment
from app.models.audit import Actor, Audit
from app.models.base import public_id
from app.transactions.received import PaymentDetails, record
from app.web.menu import IMPORT
from tests.imports.test_uploads import INVOICES, row
from tests.support.statements import before_statement, raising

CHECKED = "INSERT INTO planned_document"  # the file is checked; nothing is written yet
NEXT_PART = "INSERT INTO staged_document (seq, row, customer_id"
THIRD = 3
CHANGED = "SELECT COUNT(*) FROM invoice WHERE total_minor = 4000 AND number LIKE 'N-%'"
FULL = peewee.OperationalError("database or disk is full")


@pytest.fixture
def rows_of_a_part():
    return 2


@pytest.fixture
def six(upload, press, database):
    """The page of a second file, which changes documents N-0 to N-5, not imported yet."""
    press(upload(INVOICES + "".join(row(f"N-{n}") for n in range(6))), "apply")
    return upload(INVOICES + "".join(row(f"N-{n}", "40.00", "40.00") for n in range(6)))


def totals() -> dict[str, int]:
    return {one.number: one.total_minor for one in Invoice.select().where(Invoice.number.startswith("N-"))}


def changed(*numbers: int) -> dict[str, int]:
    return {f"N-{n}": 4000 if n in numbers else 5000 for n in range(6)}


def test_others_write_between_the_parts_of_an_import(six, press, config):
    other, seen = open_database(config.database_url), []

    def write() -> None:
        with other.connection_context(), other.lock_timeout(0.05):
            other.execute_sql("UPDATE customer SET phone = '1'")
            seen.append(other.execute_sql(CHANGED).fetchone()[0])

    with before_statement(NEXT_PART, write, THIRD):
        press(six, "apply")
    assert seen == [4] and totals() == changed(*range(6))


def test_import_is_undone_in_parts(six, press, config):
    other, seen = open_database(config.database_url), []

    def read() -> None:
        with other.connection_context():
            seen.append(other.execute_sql(CHANGED).fetchone()[0])

    press(six, "apply")
    with before_statement("c.part = 1", read):
        press(six, "undo")
    assert seen == [2] and totals() == changed()


def test_documents_of_a_customer_are_in_one_part(upload, press, database):
    for number in ("A81", "A82"):
        Customer.create(number=number, name=f"Customer {number}")
    url, seen = (
        upload(INVOICES + row("A-1") + row("A-2").replace("77,", "A81,") + row("A-3").replace("77,", "A81,")),
        [],
    )

    def look() -> None:
        seen.extend(one.number for one in Invoice.select().where(Invoice.number.startswith("A-")))

    with before_statement(NEXT_PART, look, 2):
        press(url, "apply")
    assert seen == ["A-1"]


def test_payment_of_a_document_that_waits_for_its_part_counts(upload, press, page, pay, database):
    press(upload(INVOICES + "".join(row(f"N-{n}") for n in range(4))), "apply")
    url = upload(INVOICES + "".join(row(f"N-{n}", "60.00", "60.00") for n in range(4)))
    with before_statement(CHECKED, lambda: pay("N-3", 3000)):
        press(url, "apply")
    assert "Left as they are" not in page(url)
    invoice = Invoice.get(Invoice.number == "N-3")
    assert (invoice.total_minor, invoice.paid_online_minor, invoice.open_minor) == (6000, 3000, 3000)
    assert Audit.select().where(Audit.event == "import").count() == 2


def test_payment_that_the_file_contradicts_stays_and_is_said(upload, press, page, pay, database):
    press(upload(INVOICES + "".join(row(f"N-{n}") for n in range(4))), "apply")
    url = upload(INVOICES + "".join(row(f"N-{n}", "40.00", "40.00") for n in range(4)))
    with before_statement(CHECKED, lambda: pay("N-3", 4500)):
        press(url, "apply")
    assert totals() == {"N-0": 4000, "N-1": 4000, "N-2": 4000, "N-3": 5000}
    text = page(url)
    assert "A part of the file was imported, and the rest was not." in text and "have paid 45.00" in unescape(text)
    assert Invoice.get(Invoice.number == "N-3").open_minor == 500


def test_payment_recorded_between_the_parts_is_not_lost(six, press, page, clock, database):
    def record_one() -> None:
        invoice = Invoice.get(Invoice.number == "N-5")
        details = PaymentDetails(clock().date(), "check", "4711", "USD", {invoice.id: 1000})
        record(
            invoice.customer,
            details,
            Actor("ruth@harborpine.example", clock(), ""),
            public_id(),
            is_confirmed_different=True,
        )

    with before_statement(NEXT_PART, record_one, THIRD):
        press(six, "apply")
    invoice = Invoice.get(Invoice.number == "N-5")
    assert ReceivedPayment.select().count() == 1
    assert PaymentElsewhere.recorded_minor(invoice.id) == invoice.paid_elsewhere_minor == 1000
    assert (invoice.total_minor, invoice.open_minor) == (4000, 3000)


def test_document_that_was_changed_by_hand_during_the_import_stays(six, press, page, database):
    by_hand = Invoice.update(total_minor=7000, open_minor=7000, version=Invoice.version + 1)
    with before_statement(CHECKED, lambda: by_hand.where(Invoice.number == "N-4").execute()):
        press(six, "apply")
    assert totals() == changed(0, 1, 2, 3, 5) | {"N-4": 7000}
    assert "changed here since the preview: N-4." in page(six)


def test_document_that_was_entered_during_the_import_stays(upload, press, page, database):
    url = upload(INVOICES + "".join(row(f"N-{n}") for n in range(4)))
    values = {"customer": Customer.get(number="77"), "number": "N-3", "currency": "USD", "issued_on": "2026-11-01"}

    def enter() -> None:
        Invoice.create(**values, due_on="2026-12-01", total_minor=100, open_minor=100, source=Invoice.ENTERED)

    with before_statement(CHECKED, enter):
        press(url, "apply")
    assert totals() == {"N-0": 5000, "N-1": 5000, "N-2": 5000, "N-3": 100}
    assert "changed here since the preview: N-3." in page(url)


def test_import_that_stopped_goes_on_as_previewed_or_is_undone(six, press, page, database):
    before = Invoice.select().order_by(Invoice.id).dicts()
    with before_statement("UPDATE invoice SET currency", raising(FULL), 2):
        press(six, "apply")
    text = page(six)
    assert totals() == changed(0, 1) and "A part of the file was imported, and the rest was not." in text
    assert "The disk of the portal's database" in unescape(text)
    assert "Import the rest" in text and "Undo import" in text and "6 changed" not in text
    assert "Partly imported" in text and "Partly imported" in page(IMPORT.url)
    Invoice.update(memo="by hand", total_minor=7000, open_minor=7000).where(Invoice.number == "N-5").execute()
    press(six, "apply")
    assert totals() == changed(0, 1, 2, 3, 4) | {"N-5": 7000}
    assert "changed here since the preview: N-5." in page(six) and "Import the rest" not in page(six)
    press(six, "undo")
    assert "Undone." in page(six) and totals() == changed() | {"N-5": 7000}
    assert len(before) == 6


def test_part_of_an_import_can_be_undone(six, press, page, database):
    with before_statement("UPDATE invoice SET currency", raising(FULL), 2):
        press(six, "apply")
    press(six, "undo")
    assert "Undone." in page(six) and totals() == changed() and "Import the rest" not in page(six)


def test_document_that_is_paid_while_an_import_is_undone_keeps_its_part(six, press, page, pay, database):
    press(six, "apply")
    with before_statement('SELECT DISTINCT "t1"."part"', lambda: pay("N-1", 1000)):
        press(six, "undo")
    text = page(six)
    assert "A part was not undone: Document N-1 was paid here." in text
    assert totals() == changed(0, 1) and "Undo import" in text and "Partly undone" in text


def test_file_of_one_part_is_written_as_a_whole(upload, press, page, database):
    url = upload(INVOICES + row("N-1") + row("N-2"))
    with before_statement('INTO "audit"', raising(FULL)):
        press(url, "apply")
    assert "Nothing was written." in page(url) and totals() == {}


def test_removed_upload_is_seen_by_no_one_and_deleted(upload, ruth, app, database, press):
    url = upload(INVOICES + row("N-1"))
    press(url, "delete")
    assert ruth.get(url).status_code == 404 and not ImportRun.select().exists()
    assert Company.select().count() == 1
