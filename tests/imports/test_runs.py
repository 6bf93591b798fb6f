"""An upload from run to run: outdated previews, failures, undoing, and what is kept for how long."""

from html import unescape

import peewee
import pytest

from app.imports import runs
from app.models import ImportChange, ImportRow, ImportRun, Invoice
from app.models.audit import Actor
from app.models.import_row import forget_old_imports
from app.web.menu import IMPORT
from tests.imports.test_uploads import CUSTOMERS, INVOICES, row
from tests.support.statements import before_statement, counted, raising

NOTHING = "The file was not imported. Nothing was written."


LAST_OF_PREVIEW = "NOT IN (SELECT invoice_id FROM staged_document"  # looks for what vanished
FULL = peewee.OperationalError("database or disk is full")
IS_FULL = "The disk of the portal's database, or the one for temporary files, is full."


def change_late():
    """The portal changes document N-1 after the worker has compared the file with what was previewed."""
    change = Invoice.update(memo="x", total_minor=4500, open_minor=4500).where(Invoice.number == "N-1")
    return before_statement(LAST_OF_PREVIEW, change.execute)


def test_applying_what_was_outdated_says_that_it_is_imported(upload, page, press, database):
    press(upload(INVOICES + row("N-1")), "apply")
    url = upload(INVOICES + row("N-1", "40.00", "40.00"))
    Invoice.update(memo="x", total_minor=4500, open_minor=4500).where(Invoice.number == "N-1").execute()
    press(url, "apply")
    assert "Nothing was imported" in page(url)
    press(url, "apply")
    assert "Imported" in page(url) and "Nothing was imported" not in page(url)


@pytest.mark.sqlite  # on PostgreSQL the change would be part of the transaction that reads, see test_parts.py
def test_preview_is_whole_after_a_change_while_the_file_is_written(upload, page, press, database):
    press(upload(INVOICES + "".join(row(f"N-{n}") for n in range(30))), "apply")
    url = upload(INVOICES + "".join(row(f"N-{n}", "40.00", "40.00") for n in range(30)))
    with change_late():
        press(url, "apply")
    run = ImportRun.by_public_id(url.rpartition("/")[2])
    assert run.state == ImportRun.PLANNED and "have changed since the preview" in page(url)
    outcomes = {each.number: each.outcome for each in ImportRow.select().where(ImportRow.run == run.id)}
    assert outcomes == {f"N-{n}": "changed" for n in range(30)}
    press(url, "apply")
    assert {each.open_minor for each in Invoice if each.number.startswith("N-")} == {4000}


@pytest.mark.sqlite
def test_staging_database_of_a_rollback_is_not_read_again(upload, press, database):
    press(upload(INVOICES + row("N-1")), "apply")
    url = upload(INVOICES + row("N-1", "40.00", "40.00"))
    with change_late(), counted() as sent:
        press(url, "apply")
    assert sum("ATTACH DATABASE" in sql for sql in sent) == 2


def test_file_that_can_not_be_read_again_is_not_left_in_the_air(upload, page, press, database):
    press(upload(INVOICES + row("N-1")), "apply")
    url = upload(INVOICES + row("N-1", "40.00", "40.00"))
    ImportRun.update(content=b"\x89PNG\r\n\x1a\n").execute()
    press(url, "apply")
    assert ImportRun.by_public_id(url.rpartition("/")[2]).state == ImportRun.PLANNED
    assert "a picture" in page(url)


def test_import_of_90_days_ago_has_no_undo(upload, page, press, database, clock):
    urls = []
    for number in ("N-1", "N-2"):
        urls.append(upload(INVOICES + row(number)))
        press(urls[-1], "apply")
    ImportRun.update(applied_ms=ImportRun.applied_ms - 100 * 86_400_000).execute()
    run = ImportRun.by_public_id(urls[0].rpartition("/")[2])
    run.move(ImportRun.APPLIED, ImportRun.UNDOING)
    forget_old_imports(clock())
    assert ImportChange.select().where(ImportChange.run == run.id).exists()
    assert "Undo import" not in page(urls[1]) and "Imported" in page(urls[1])
    assert press(urls[1], "undo").status_code == 409
    assert Invoice.get_or_none(Invoice.number == "N-2")


def test_undo_is_refused_when_the_changes_are_forgotten(upload, page, press, database, work):
    url = upload(INVOICES + row("N-1"))
    press(url, "apply")
    assert "for 90 days" in page(url)
    run = ImportRun.by_public_id(url.rpartition("/")[2])
    run.move(ImportRun.APPLIED, ImportRun.UNDOING)
    ImportChange.delete().execute()
    ImportRun.update(content=None).execute()
    work()
    text = page(url)
    assert "Not undone: An import can be undone for 90 days only." in text and "Undo import" not in text
    assert Invoice.get_or_none(Invoice.number == "N-1")


def test_page_says_who_imported_the_file_not_who_tried_to_undo_it(upload, page, press, database, work):
    url = upload(INVOICES + row("N-1"))
    press(url, "apply")
    Invoice.update(memo="corrected").where(Invoice.number == "N-1").execute()
    run = ImportRun.by_public_id(url.rpartition("/")[2])
    run.move(ImportRun.APPLIED, ImportRun.UNDOING, actor="otto@harborpine.example")
    work()
    text = page(url)
    assert "by ruth@harborpine.example" in text and "otto" not in text


def test_undo_after_one_that_failed_says_nothing_of_the_failure(upload, page, press, database):
    url = upload(INVOICES + row("N-1"))
    press(url, "apply")
    with before_statement('INTO "audit"', raising(FULL)):
        press(url, "undo")
    text = page(url)
    assert "The import was not undone. Nothing was changed." in text and IS_FULL in unescape(text)
    press(url, "undo")
    assert "Undone." in page(url) and "not undone" not in page(url)


@pytest.mark.parametrize("state", ["planning", "applying"])
def test_failure_of_the_portal_is_no_fault_of_the_file(upload, page, press, database, state):
    url = upload(CUSTOMERS) if state == "applying" else ""
    with before_statement("CREATE TABLE IF NOT EXISTS", raising(FULL)):
        if url:
            press(url, "apply")
        else:
            url = upload(CUSTOMERS)
    text = page(url)
    assert NOTHING in text and IS_FULL in unescape(text)
    assert "can't be read as it is" not in text and "Correct the file" not in text


def test_failure_is_said_on_the_page_of_the_upload(database, clock, page, work):
    run = ImportRun.add("", "may.csv", CUSTOMERS.encode(), "", Actor("ruth@harborpine.example", clock(), ""))
    ImportRun.update(tries=runs.MAX_TRIES).execute()
    work()
    text = page(f"{IMPORT.url}/{run.public_id}")
    assert NOTHING in text and "The worker stopped several times at this file." in text
