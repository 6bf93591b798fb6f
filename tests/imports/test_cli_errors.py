"""What goes wrong around an import: one sentence, exit code 1, and nothing half-written."""

import os
import subprocess
import tempfile

import peewee
import pytest

from app.imports.staging import execute, staging_database
from app.models import Audit, Customer, Invoice, db
from tests.support.statements import before_statement, raising

FULL = peewee.OperationalError("database or disk is full")
CUSTOMERS = "Customer number,Name\n1,Ann\n"
INVOICES = "Customer number,Number,Date,Due date,Currency,Total\n77,INV-1,2026-11-03,2026-12-03,USD,5.00\n"


WRITING = "INSERT INTO invoice "


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (peewee.OperationalError("no such table: customer"), "Start the portal once"),
        (peewee.OperationalError("no such column: i.is_void"), "Start the portal once"),
        (peewee.OperationalError("database is locked"), "was in use for too long"),
        (peewee.OperationalError("attempt to write a readonly database"), "can't be written"),
        (peewee.OperationalError("unable to open database file"), "can't be opened"),
        (peewee.OperationalError("database or disk is full"), "is full"),
        (OSError(28, "No space left on device"), "is full"),
        (PermissionError(13, "Permission denied"), "Permission denied"),
        (KeyboardInterrupt(), "Stopped; nothing was changed."),
    ],
)
def test_expected_error_is_printed_as_one_sentence(flask_import, write, cedar, error, said):
    with before_statement(WRITING, raising(error)):
        result = flask_import("invoices", write("invoices.csv", INVOICES))
    assert result.exit_code == 1 and said in result.output and "Traceback" not in result.output
    assert "nothing was changed" in result.output
    assert (Invoice.select().count(), Audit.select().count()) == (0, 0)


def test_a_full_disk_that_has_ended_the_transaction_already(flask_import, write, cedar):
    def fill_the_disk():
        db.rollback()
        raise FULL

    with before_statement(WRITING, fill_the_disk):
        assert "is full" in flask_import("invoices", write("invoices.csv", INVOICES)).output


def test_an_error_of_ours_is_not_hidden(flask_import, write, cedar):
    error = peewee.OperationalError("near SELECT: syntax error")
    with pytest.raises(AssertionError, match="syntax error"), before_statement(WRITING, raising(error)):
        flask_import("invoices", write("invoices.csv", INVOICES))


def test_a_pipe_is_read(flask_import, tmp_path, database):
    path = tmp_path / "pipe.csv"
    os.mkfifo(path)
    with subprocess.Popen(["sh", "-c", f"printf '{CUSTOMERS}' > '{path}'"]):
        assert "1 new" in flask_import("customers", path).output
    assert Customer.get().name == "Ann"


def test_temporary_folder_is_empty_while_a_file_is_read(database, monkeypatch, tmp_path):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "t"))
    (tmp_path / "t").mkdir()
    with staging_database():
        execute(f"CREATE TABLE {db.staging}waiting (text TEXT)")
        with db.atomic():
            execute(f"INSERT INTO {db.staging}waiting VALUES ('x')")
        assert execute(f"SELECT COUNT(*) FROM {db.staging}waiting").fetchone() == (1,)
        assert list((tmp_path / "t").iterdir()) == []


def test_the_audit_line_is_written_with_the_import_or_neither(flask_import, write, cedar):
    for what, text in (("invoices", INVOICES), ("customers", CUSTOMERS)):
        with before_statement('INTO "audit"', raising(FULL)):
            assert flask_import(what, write(f"{what}.csv", text)).exit_code == 1
    assert (Invoice.select().count(), Customer.select().count()) == (0, 1)


def test_command_reports_when_it_begins_to_write(flask_import, write, cedar):
    assert "Checking and writing 1 document…" in flask_import("invoices", write("invoices.csv", INVOICES)).stderr


def test_a_long_line_is_not_read_whole(flask_import, write):
    result = flask_import("customers", write("c.csv", CUSTOMERS + "2," + "x," * 600_000))
    assert result.exit_code == 1
    assert "Line 3 is longer than 1,000,000 characters." in result.output


def test_a_header_has_a_thousand_cells_at_most(flask_import, write, database):
    result = flask_import("customers", write("c.csv", "Customer number,Name" + ",x" * 999 + "\n"))
    assert "The header has 1,001 cells; the maximum is 1,000." in result.output
