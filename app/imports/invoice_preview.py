"""What an import would do with each document, and which documents here are missing in its file."""

from collections.abc import Iterator

from app.extensions import db
from app.imports.plan import OUTCOME_OF_STATE, Change, PlannedRow, RowOutcome
from app.imports.staged_invoices import (
    BOOKS,
    LINES_DIFFER,
    NAMED,
    NUMBER_AND_IDS,
    SAME_KEY,
    VALID_TOO,
    DocumentValues,
)
from app.imports.staging import ROW_CHANGED, execute, names

IN_BOOKS = ("paid_in_books_minor", "credited_in_books_minor")


def planned(written: tuple[str, ...], *, with_lines: bool) -> Iterator[PlannedRow]:
    """`written` are the columns that the file has. Call it after compare."""
    fields = (*BOOKS, *NUMBER_AND_IDS, *IN_BOOKS)
    new, old = names(fields, "d."), names(fields, "i.")
    for row, customer, kind, number, state, was_void, lines_differ, *values in execute(f"""
        SELECT d.row, d.customer_number, d.kind, d.number, d.state, i.is_void,
            {f"i.id IS NOT NULL AND ({LINES_DIFFER})" if with_lines else "FALSE"}, {new}, {old}
        FROM staged_document d LEFT JOIN invoice i ON i.id = d.invoice_id ORDER BY d.seq"""):
        changes = [Change("status", "void", "valid")] if was_void else []
        if state == ROW_CHANGED:
            both = zip(fields, values[len(fields) :], values[: len(fields)], strict=True)
            differing = [Change(*each) for each in both if each[1] != each[2]]
            changes += [change for change in differing if change.field in written]
            changes += [Change("lines", None, None)] if lines_differ else []
            # The books have booked a payment that was made here. Customers see no difference.
            booked = [one for one in differing if one.field in IN_BOOKS and one.before is not None]
            changes = changes or booked
        outcome = OUTCOME_OF_STATE[state]
        if {change.field for change in changes} == {"paid_elsewhere_minor"}:
            outcome = RowOutcome.PAID_ELSEWHERE
        read = DocumentValues._make(values[: len(BOOKS)])
        yield PlannedRow(
            row,
            customer,
            kind,
            number,
            outcome,
            tuple(changes),
            currency=read.currency,
            total_minor=read.total_minor,
        )
    for row, customer, kind, number, currency, total_minor in execute(f"""
        SELECT d.row, d.customer_number, d.kind, d.number, i.currency, i.total_minor
        FROM staged_void d JOIN invoice i ON {SAME_KEY} WHERE NOT i.is_void AND NOT {VALID_TOO} ORDER BY d.row"""):
        changes = [Change("status", "valid", "void")]
        yield PlannedRow(row, customer, kind, number, RowOutcome.CHANGED, tuple(changes), "", "", currency, total_minor)
    for customer, kind, number, currency, total_minor in execute(f"""
        SELECT c.number, i.kind, i.number, i.currency, i.total_minor
        FROM invoice i JOIN customer c ON c.id = i.customer_id
        WHERE i.open_minor > 0 AND i.source = 'import'
            AND i.customer_id IN (SELECT customer_id FROM staged_document)
            AND i.id NOT IN (SELECT invoice_id FROM staged_document WHERE invoice_id IS NOT NULL)
            AND i.number NOT IN (SELECT number FROM file_unread)
            AND NOT EXISTS (SELECT 1 FROM staged_void d WHERE {SAME_KEY}) ORDER BY c.number, i.number"""):
        yield PlannedRow(None, customer, kind, number, RowOutcome.VANISHED, currency=currency, total_minor=total_minor)


def entered_by_hand() -> list[str]:
    """Numbers of documents that were entered here by hand and are now in the file."""
    found = execute(f"SELECT number FROM invoice WHERE source = 'manual' AND {NAMED} ORDER BY number")
    return [number for (number,) in found]


def open_but_not_staged() -> int:
    """Number of documents that are open here but not in the file, for the customers in the file, except those
    entered by hand. Call it after fold_repeats."""
    of_them = execute(
        "SELECT COUNT(*) FROM (SELECT DISTINCT customer_id FROM staged_document) c"
        f" {db.ordered_join} invoice i ON i.customer_id = c.customer_id WHERE i.open_minor > 0 AND i.source = 'import'"
    ).fetchone()[0]
    staged = execute(
        f"SELECT COUNT(*) FROM staged_document d {db.ordered_join} invoice i ON i.id = d.invoice_id"
        " WHERE i.open_minor > 0 AND i.source = 'import'"
    ).fetchone()[0]
    void = execute(
        f"SELECT COUNT(DISTINCT i.id) FROM staged_void d {db.ordered_join} invoice i ON {SAME_KEY}"
        " WHERE i.open_minor > 0 AND i.source = 'import'"
        " AND d.customer_id IN (SELECT customer_id FROM staged_document)"
        " AND i.id NOT IN (SELECT invoice_id FROM staged_document WHERE invoice_id IS NOT NULL)"
    )
    unread = execute(
        "SELECT COUNT(*) FROM invoice i WHERE i.number IN (SELECT number FROM file_unread)"
        " AND i.open_minor > 0 AND i.source = 'import'"
        " AND i.customer_id IN (SELECT customer_id FROM staged_document)"
        " AND i.id NOT IN (SELECT invoice_id FROM staged_document WHERE invoice_id IS NOT NULL)"
        f" AND NOT EXISTS (SELECT 1 FROM staged_void d WHERE {SAME_KEY})"
    )
    return of_them - staged - void.fetchone()[0] - unread.fetchone()[0]
