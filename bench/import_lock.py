"""How long others wait during an import: `python -m bench.import_lock [ROWS]`, on PostgreSQL with DATABASE_URL.

A file goes through the worker's steps: planned, applied, then half of it changed, and that undone. During each step
another process writes one small row every 20 ms. Its longest time from begin to commit is what a payment would wait.
"""

import csv
import multiprocessing
import os
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

from app.accounts.hashing import Hasher
from app.database import migrate, open_database
from app.extensions import db
from app.imports import runs
from app.imports.context import ImportContext
from app.models import ImportRun
from app.models.audit import Actor
from bench.imports import HEADER, import_customers, invoice, write_files

EVERY_SECONDS = 0.02
RUTH = Actor("ruth@harborpine.example", datetime(2026, 11, 22, tzinfo=UTC), "http://localhost")


def main(rows: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        customers, invoices = write_files(Path(folder), rows)
        database = os.environ.get("DATABASE_URL", f"sqlite:///{folder}/portal.sqlite3")
        db.initialize(open_database(database))
        migrate(db.obj)
        import_customers(customers)
        print(f"{rows:,} invoices through the worker, seconds: step, longest wait of another write, its writes")
        first = upload(invoices)
        measured(database, "read and preview, all new")
        move(first, ImportRun.PLANNED, ImportRun.APPLYING)
        measured(database, "import, all new")
        half = upload(half_changed(Path(folder), rows))
        measured(database, "read and preview, half changed")
        move(half, ImportRun.PLANNED, ImportRun.APPLYING)
        measured(database, "import, half changed")
        move(half, ImportRun.APPLIED, ImportRun.UNDOING)
        measured(database, "undo, half changed")
        move(first, ImportRun.APPLIED, ImportRun.UNDOING)
        measured(database, "undo, all new")


def half_changed(folder: Path, rows: int) -> Path:
    path = folder / "changed.csv"
    with open(path, "w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(HEADER)
        for number in range(rows):
            cells = list(invoice(number))
            writer.writerow([*cells[:8], "changed", *cells[9:]] if number % 2 else cells)
    return path


def upload(path: Path) -> int:
    return ImportRun.add("invoices", path.name, path.read_bytes(), "", RUTH).id


def move(run_id: int, before: str, after: str) -> None:
    run = ImportRun.get_by_id(run_id)
    assert run.move(before, after), (run.state, run.result[:300])


def measured(database: str, step: str) -> None:
    stop, waits = multiprocessing.Event(), multiprocessing.Queue()
    other = multiprocessing.Process(target=write_often, args=(database, stop, waits))
    other.start()
    waits.get()
    start = time.perf_counter()
    runs.work_once(ImportContext(lambda: datetime.now(UTC), "http://localhost", "", Hasher("", rounds=4)))
    seconds = time.perf_counter() - start
    stop.set()
    longest, count = waits.get()
    other.join()
    print(f"{step:32} {seconds:8.2f} {longest:8.2f} {count:8,}", flush=True)


def write_often(database: str, stop, waits) -> None:
    other = open_database(database)
    waits.put(None)
    longest, count = 0.0, 0
    with other.connection_context():
        while not stop.is_set():
            start = time.perf_counter()
            with other.atomic():
                other.execute_sql("UPDATE customer SET phone = ? WHERE id = 1", (str(count),))
            longest, count = max(longest, time.perf_counter() - start), count + 1
            time.sleep(EVERY_SECONDS)
    waits.put((longest, count))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000)
    db.obj.close_all()
