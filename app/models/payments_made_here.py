"""What a file says was paid and credited, beside what customers have paid here: nothing may count twice.

All of it works on the documents that wait in `staged_document`, once it is known which of them are here already.
"""

from app.models.intake import run

REST = -1  # in place of an amount paid: what is left was paid, and the file doesn't say how much that is
TAKEN = "(i.processing_minor + i.paid_online_minor)"
UNDER_WAY = """(SELECT COALESCE(SUM(a.amount_minor), 0) FROM allocation a JOIN attempt t ON t.id = a.attempt_id
    WHERE a.invoice_id = i.id AND t.state IN ('created', 'sent'))"""
KNOWN = "FROM staged_document d JOIN invoice i ON i.id = d.invoice_id"


def fill_in() -> None:
    """Give the documents the amounts that their file leaves out: those that are here, or for REST what is left."""
    credits = "COALESCE(d.credited_minor, CASE WHEN i.is_void THEN 0 ELSE i.credited_minor END)"
    rest = f"max(0, d.total_minor - {credits} - {TAKEN})"
    run(f"""
        UPDATE staged_document AS d SET credited_minor = {credits},
            paid_elsewhere_minor = CASE WHEN d.paid_elsewhere_minor IS NULL THEN i.paid_elsewhere_minor ELSE {rest} END,
            in_books_minor = CASE WHEN d.paid_elsewhere_minor IS NULL THEN i.paid_in_books_minor ELSE {rest} END
        FROM invoice i WHERE i.id = d.invoice_id AND COALESCE(d.paid_elsewhere_minor, {REST}) = {REST}""")
    run(f"""
        UPDATE staged_document SET credited_minor = COALESCE(credited_minor, 0),
            paid_elsewhere_minor = CASE WHEN paid_elsewhere_minor IS NULL THEN 0
                ELSE total_minor - COALESCE(credited_minor, 0) END
        WHERE COALESCE(paid_elsewhere_minor, {REST}) = {REST}""")


def leave_out_payments_made_here() -> None:
    """Take the payments made here out of what the file says was paid.

    At least what goes beyond them was paid elsewhere. What was known to be paid elsewhere stays so, unless
    the file says less than before: an export from before a payment does not open what that payment closed.
    """
    known = "CASE WHEN d.paid_elsewhere_minor >= i.paid_in_books_minor THEN i.paid_elsewhere_minor ELSE 0 END"
    run(f"""
        UPDATE staged_document AS d SET in_books_minor = d.paid_elsewhere_minor,
            paid_elsewhere_minor = max(0, d.paid_elsewhere_minor - {TAKEN},
                min({known}, d.paid_elsewhere_minor, d.total_minor - {TAKEN}))
        FROM invoice i WHERE i.id = d.invoice_id AND d.in_books_minor IS NULL AND {TAKEN} > 0""")


def totals_below_taken():
    """(row, number, currency, taken here, of that under way) of invoices whose total would fall below that."""
    return run(f"SELECT d.row, d.number, i.currency, {TAKEN}, {UNDER_WAY} {KNOWN}"
               f" WHERE {TAKEN} > d.total_minor AND i.currency = d.currency ORDER BY d.seq")


def paid_beyond_total():
    """(row, number, currency, paid elsewhere, taken here) of invoices paid for more than their total: surely, or
    because the amount paid in the file has grown beside what was paid here."""
    grown = f"{TAKEN} > 0 AND d.paid_elsewhere_minor > i.paid_elsewhere_minor"
    credits = f"CASE WHEN {grown} AND d.in_books_minor IS NULL THEN d.credited_minor ELSE 0 END"
    return run(f"SELECT d.row, d.number, d.currency, d.paid_elsewhere_minor, {TAKEN} {KNOWN}"
               f" WHERE {TAKEN} <= d.total_minor AND i.currency = d.currency"
               f" AND d.paid_elsewhere_minor + {TAKEN} + {credits} > d.total_minor ORDER BY d.seq")


def keep_credits_to_what_is_left() -> list[tuple[str, int, str]]:
    """Cut credits that exceed what payments leave: (number, surplus, currency) of those documents."""
    left = f"(d.total_minor - d.paid_elsewhere_minor - {TAKEN})"
    found = run(f"SELECT d.number, d.credited_minor - {left}, d.currency {KNOWN}"
                f" WHERE d.credited_minor > {left} ORDER BY d.seq").fetchall()
    if found:
        run(f"UPDATE staged_document AS d SET credited_minor = {left}"
            f" FROM invoice i WHERE i.id = d.invoice_id AND d.credited_minor > {left}")
    return found


def perhaps_counted_twice() -> list[str]:
    """Numbers of invoices paid here whose amount paid or credited in the books has grown."""
    grown = "d.paid_elsewhere_minor + d.credited_minor > i.paid_elsewhere_minor + i.credited_minor"
    return [number for number, in run(f"SELECT d.number {KNOWN} WHERE {TAKEN} > 0 AND {grown} ORDER BY d.seq")]
