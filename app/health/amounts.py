"""Checks that the amounts of invoices and payments are consistent. It reads all of them, so only `flask doctor` runs
it."""

from collections.abc import Iterator

from app.health.findings import Finding, ok, problem
from app.models import Attempt, Invoice
from app.models.sums import wrong_sums

MAX_NAMED = 5


def checks(database) -> Iterator[Finding]:
    wrong = wrong_sums(database)
    if not wrong:
        yield ok("Amounts", "all invoices and payments have the sums of what they are made of")
        return
    named = ", ".join(map(name_of, wrong[:MAX_NAMED])) + ", …" * (len(wrong) > MAX_NAMED)
    yield problem(
        "Amounts",
        f"Of {len(wrong):,}, the amount is not the sum of what is recorded: {named}. The portal alone may change the "
        "database. Turn Customers Can Pay Online off, restore a backup from before that (flask restore FILE), and run: "
        "flask books compare",
    )


def name_of(row: str) -> str:
    """The number of a row like `invoice 17`, or the reference of one like `attempt 17`."""
    table, row_id = row.split()
    if table == "attempt":
        return f"payment {Attempt.get_by_id(row_id).reference}"
    return f"invoice {Invoice.get_by_id(row_id).number}"
