"""Speed of imports: `python -m bench.imports [ROWS]`.

Validation and upsert through the command's own code, as a ratio to a bare executemany of the same rows, in the order in
which the import wrote them, into the same table, in the same run. Every import uses a fresh database. Medians of 3
rounds.
"""

import csv
import random
import resource
import statistics
import sys
import tempfile
import time
from datetime import date, timedelta
from pathlib import Path

from app.database.sqlite import migrate, open_database
from app.extensions import db
from app.imports import customers as customer_files
from app.imports import invoices as invoice_files
from app.imports.invoice_options import InvoiceOptions
from app.imports.staging import staging_database
from app.models import Company

CUSTOMERS = 1_000
HEADER = (
    "Type",
    "Customer number",
    "Number",
    "Date",
    "Due date",
    "Currency",
    "PO number",
    "Terms",
    "Memo",
    "Total",
    "Tax",
    "Amount paid",
    "Credits",
)
TABLE = (
    "public_id, customer_id, kind, number, currency, issued_on, due_on, terms, po_number, memo, bill_to, total_minor,"
    " tax_minor, paid_elsewhere_minor, credited_minor, processing_minor, paid_online_minor, open_minor, is_paid"
)


def main(rows: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        customers, invoices = write_files(Path(folder), rows)
        rounds = [one_round(Path(folder), number, customers, invoices) for number in range(3)]
    bare, first, again, changed = (statistics.median(column) for column in zip(*rounds, strict=True))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(
        f"{rows:,} invoices of {CUSTOMERS:,} customers, medians of 3 rounds, peak memory {peak} MiB (bare run included)"
    )
    for name, seconds in (
        ("bare executemany", bare),
        ("import, all new", first),
        ("import, all unchanged", again),
        ("import, half changed", changed),
    ):
        print(f"{name:24} {rows / seconds:10,.0f} rows/s   ratio to bare {bare / seconds:.2f}")


def write_files(folder: Path, rows: int) -> tuple[Path, Path]:
    customers, invoices = folder / "customers.csv", folder / "invoices.csv"
    with open(customers, "w", newline="") as file:
        csv.writer(file).writerows(
            [("Customer number", "Name"), *((f"C{n}", f"Customer {n}") for n in range(CUSTOMERS))]
        )
    with open(invoices, "w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(HEADER)
        writer.writerows(invoice(number) for number in range(rows))
    return customers, invoices


def invoice(number: int) -> tuple:
    chance = random.Random(number)
    issued = date(2024, 1, 1) + timedelta(chance.randrange(1000))
    total = chance.randrange(1_000, 1_000_000)
    paid = chance.choice((0, total, total // 2))
    return (
        "Invoice",
        f"C{chance.randrange(CUSTOMERS)}",
        f"INV-{number:07}",
        issued,
        issued + timedelta(30),
        "USD",
        f"PO-{chance.randrange(100_000)}",
        "Net 30",
        f"Delivery {number}",
        dollars(total),
        dollars(total // 10),
        dollars(paid),
        "0.00",
    )


def dollars(minor: int) -> str:
    return f"{minor // 100}.{minor % 100:02}"


def one_round(folder: Path, number: int, customers: Path, invoices: Path) -> tuple[float, ...]:
    """Seconds for: bare executemany, all new, all unchanged, half changed."""
    open_fresh(folder / f"{number}.sqlite3", customers)
    first = timed(lambda: import_invoices(invoices))
    rows = db.execute_sql(f"SELECT {TABLE} FROM invoice ORDER BY id").fetchall()
    again = timed(lambda: import_invoices(invoices))
    db.execute_sql("UPDATE invoice SET memo = 'old', open_minor = 0 WHERE id % 2 = 0")
    changed = timed(lambda: import_invoices(invoices))
    open_fresh(folder / f"{number}-bare.sqlite3", customers)
    bare = timed(lambda: insert(rows))
    return bare, first, again, changed


def open_fresh(path: Path, customers: Path) -> None:
    if db.obj is not None:
        db.obj.close_all()
    db.initialize(open_database(f"sqlite:///{path}"))
    migrate(db.obj)
    import_customers(customers)


def import_customers(path: Path) -> None:
    with staging_database():
        customer_files.plan(path).apply()


def import_invoices(path: Path) -> None:
    with staging_database():
        invoice_files.plan(path, Company.current(), InvoiceOptions()).apply()


def insert(rows: list[tuple]) -> None:
    marks = ", ".join("?" * len(rows[0]))
    with db.atomic():
        db.cursor().executemany(f"INSERT INTO invoice ({TABLE}) VALUES ({marks})", rows)


def timed(run) -> float:
    start = time.perf_counter()
    run()
    return time.perf_counter() - start


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000)
