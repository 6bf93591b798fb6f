"""Files of many rows: the database isn't locked while they are read, and they are not held in memory."""

import tracemalloc

import pytest

from app.database import open_database
from app.imports.csv_reader import Progress
from app.imports.staging import BATCH
from app.models import Invoice
from tests.support.importing import import_invoices
from tests.support.statements import listening

HEADER = "Customer number,Number,Date,Due date,Currency,Total\n"
PAID = "77,INV-1,2026-11-01,2026-12-01,USD,5.00,2.00\n"


def many(count: int) -> str:
    return HEADER + "".join(f"77,INV-{n},2026-11-01,2026-12-01,USD,{n % 900 + 1}.00\n" for n in range(count))


def test_others_can_write_while_a_file_is_read(write, database, cedar, config):
    other, written = open_database(config.database_url), []

    class OtherWriter(Progress):
        def row(self, row, source):
            if row == BATCH + 100:
                with other.connection_context(), other.atomic():
                    written.append(other.execute_sql("UPDATE customer SET phone = '1'").rowcount)

    report = import_invoices(write("many.csv", many(BATCH + 200)), progress=OtherWriter())
    assert (report.new, written) == (BATCH + 200, [1])


@pytest.mark.once
def test_memory_does_not_grow_with_the_file(write, database, cedar):
    peaks = []
    for count in (BATCH, BATCH * 3):
        path = write("many.csv", many(count))
        tracemalloc.start()
        import_invoices(path)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert Invoice.select().count() == BATCH * 3
    assert peaks[1] < peaks[0] * 1.3


@pytest.mark.once
def test_the_command_says_how_far_it_is(flask_import, write, cedar):
    assert "many.csv: 20,000 rows read" in flask_import("invoices", write("many.csv", many(20_000))).stderr


@pytest.mark.sqlite
def test_undoing_reads_each_change_once(upload, press, database):
    url, selected = upload(HEADER.replace("Total", "Total,Amount paid") + PAID), []

    def note(sql, parameters):
        if sql.lstrip().startswith(("SELECT", "DELETE", "UPDATE", "INSERT")) and "import_change" in sql:
            selected.append((sql, parameters))

    press(url, "apply")
    with listening(note):
        press(url, "undo")
    assert not Invoice.select().where(Invoice.number == "INV-1").exists()
    assert len(selected) > 20
    for sql, parameters in selected:
        plan = [row[3] for row in database.execute_sql(f"EXPLAIN QUERY PLAN {sql}", parameters)]
        assert not [step for step in plan if "CORRELATED" in step], sql
