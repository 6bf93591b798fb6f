"""What a file says was paid and credited, beside what customers have paid here: nothing may count twice.

All of it works on `staged_document`, once it is known which of its documents are here already. The words:

- taken: what customers paid here, decided or under way
- known: what an earlier file said was paid elsewhere, or credited
- beyond: what of the amount in the file was not paid here, if that includes payments made here
- unsaid: the file doesn't say the amount, and it stays as it is here
- rest: the file says that all is paid, without an amount
- open beside: what is open if the amount in the file counts beside what was paid here

An invoice of 100.00, of which 40.00 is taken, and a file that says 60.00 was paid: with LEFT_OUT 60.00 was paid
elsewhere, and nothing is open; with IN_PAID and INCLUDED 20.00 is beyond, and 40.00 is open.
"""

from typing import NamedTuple

from app.extensions import db
from app.imports.staging import execute
from app.models import Deployment, EarlyImport, UnmatchedCharge
from app.models.import_memory import CREDITED_BEYOND, PAID_BEYOND

PAID_REMAINDER = -1  # as an amount paid: the rest was paid, and the file doesn't say how much that is
PAID_IN_PORTAL = "(i.processing_minor + i.paid_online_minor)"
UNDER_WAY = """(SELECT COALESCE(SUM(a.amount_minor), 0) FROM allocation a JOIN attempt t ON t.id = a.attempt_id
    WHERE a.invoice_id = i.id AND t.state IN ('created', 'sent'))"""
FROM_KNOWN = "FROM staged_document d JOIN invoice i ON i.id = d.invoice_id"


LEFT_OUT, IN_PAID, INCLUDED = "left-out", "in-paid", "included"
MADE_HERE_CHOICES = (INCLUDED, IN_PAID, LEFT_OUT)
WAS_BEYOND = "COALESCE(i.paid_beyond_minor, i.paid_elsewhere_minor - d.recorded_minor)"
WAS_CREDITED = "CASE WHEN i.is_void THEN 0 ELSE COALESCE(i.credited_beyond_minor, i.credited_minor) END"


def keep_what_is_here() -> None:
    """Of a file that this portal has exported: what the books know of documents whose amounts are as they are here
    stays as it is. Call it before `apply_made_here`."""
    execute(f"""
        UPDATE staged_document AS d SET is_unsaid = TRUE, paid_elsewhere_minor = i.paid_elsewhere_minor,
            paid_in_books_minor = i.paid_in_books_minor, paid_beyond_minor = {WAS_BEYOND},
            credited_in_books_minor = COALESCE(i.credited_in_books_minor, i.credited_minor),
            credited_beyond_minor = {WAS_CREDITED}
        FROM invoice i WHERE i.id = d.invoice_id AND i.currency = d.currency AND d.total_minor = i.total_minor
            AND d.paid_elsewhere_minor = i.paid_elsewhere_minor + {PAID_IN_PORTAL}
            AND d.credited_minor = i.credited_minor""")


def apply_made_here(made_here: str | None, remembered: str) -> None:
    """Derive what was paid elsewhere and credited from the amounts in the file, by one of MADE_HERE_CHOICES. That is
    the command's choice. Without one it is INCLUDED if the document says what is due; otherwise the `remembered` one,
    or LEFT_OUT.

    LEFT_OUT: the file leaves out payments made here. IN_PAID: what it says was paid, or is due, includes those that the
    books know by now. INCLUDED: so do its credits. Both derivations are stored with the document, whichever is used. So
    the same file, read again in another way, gives the same result as if it had been read that way at once.

    Payments that administrators recorded (ReceivedPayment) are handled separately: see _take_out_recorded.
    """
    execute(f"UPDATE staged_document SET is_rest = TRUE WHERE paid_elsewhere_minor = {PAID_REMAINDER}")
    _take_out_recorded()
    _fill_in()
    _derive_beyond()
    execute(
        "UPDATE staged_document SET made_here = COALESCE(?, CASE WHEN says_due THEN ? ELSE ? END)",
        (made_here, INCLUDED, remembered or LEFT_OUT),
    )
    for change, choices in (
        ("paid_elsewhere_minor = paid_beyond_minor", f"'{IN_PAID}', '{INCLUDED}'"),
        ("credited_minor = credited_beyond_minor", f"'{INCLUDED}'"),
    ):
        execute(
            f"UPDATE staged_document SET {change} WHERE made_here IN ({choices})"
            " AND invoice_id IS NOT NULL AND NOT is_unsaid"
        )
    back = "paid_elsewhere_minor = paid_elsewhere_minor + recorded_minor"
    execute(f"UPDATE staged_document SET {back} WHERE recorded_minor > 0")
    if may_miss_payments():
        _keep_what_was_known()


def _take_out_recorded() -> None:
    """Handle the payments that administrators recorded here.

    Once the amount paid in the file has grown by them since the last file, the file includes them: they are the same
    payment, and count once. The rest is what else the books have. A file from before they were recorded doesn't include
    them, and they stay. So they are subtracted here, and added back at the end.
    """
    part = "p.invoice_id = d.invoice_id AND p.received_payment_id IS NOT NULL"
    execute(f"""
        UPDATE staged_document AS d SET recorded_minor =
            (SELECT COALESCE(SUM(p.amount_minor), 0) FROM payment_elsewhere p WHERE {part})
        WHERE invoice_id IN (SELECT invoice_id FROM payment_elsewhere WHERE received_payment_id IS NOT NULL)""")
    paid, known = "d.paid_elsewhere_minor", "i.paid_in_books_minor"
    execute(f"""
        UPDATE staged_document AS d SET paid_elsewhere_minor =
            max(0, {paid} - d.recorded_minor, CASE WHEN {paid} >= {known} THEN {known} ELSE 0 END),
            includes_recorded = {paid} > CASE WHEN {paid} >= {known} THEN {known} ELSE 0 END
        FROM invoice i WHERE i.id = d.invoice_id AND d.recorded_minor > 0 AND {paid} >= 0""")


def includes_recorded() -> list[str]:
    """Numbers of invoices with payments recorded here that the amount paid in the file includes."""
    return [n for (n,) in execute("SELECT number FROM staged_document WHERE includes_recorded ORDER BY seq")]


def paid_here() -> list[str]:
    """Numbers of documents of the file that customers have paid toward here."""
    return [n for (n,) in execute(f"SELECT d.number {FROM_KNOWN} WHERE {PAID_IN_PORTAL} > 0 ORDER BY d.seq")]


def _fill_in() -> None:
    """Amounts that the file leaves out stay as they are here; for PAID_REMAINDER it is what is left."""
    credits = "COALESCE(d.credited_minor, CASE WHEN i.is_void THEN 0 ELSE i.credited_minor END)"
    rest = f"max(0, d.total_minor - {credits} - {PAID_IN_PORTAL} - d.recorded_minor)"

    def paid(unsaid: str) -> str:
        return f"CASE WHEN d.paid_elsewhere_minor IS NULL THEN {unsaid} ELSE {rest} END"

    execute(f"""
        UPDATE staged_document AS d SET is_unsaid = TRUE, credited_minor = {credits},
            credited_in_books_minor = COALESCE(d.credited_minor, i.credited_in_books_minor, i.credited_minor),
            credited_beyond_minor = COALESCE(d.credited_minor, {WAS_CREDITED}),
            paid_elsewhere_minor = {paid("i.paid_elsewhere_minor - d.recorded_minor")},
            paid_in_books_minor = {paid("i.paid_in_books_minor")},
            paid_beyond_minor = {paid(WAS_BEYOND)}
        FROM invoice i
        WHERE i.id = d.invoice_id AND COALESCE(d.paid_elsewhere_minor, {PAID_REMAINDER}) = {PAID_REMAINDER}""")
    execute(f"""
        UPDATE staged_document SET credited_minor = COALESCE(credited_minor, 0),
            paid_elsewhere_minor = CASE WHEN paid_elsewhere_minor IS NULL THEN 0
                ELSE total_minor - COALESCE(credited_minor, 0) END
        WHERE COALESCE(paid_elsewhere_minor, {PAID_REMAINDER}) = {PAID_REMAINDER}""")


def _derive_beyond() -> None:
    """For a file that includes payments made here. What was known to be paid elsewhere stays, unless the file says
    less than before: an export from before a payment must not reopen what that payment closed."""
    execute("""UPDATE staged_document SET paid_in_books_minor = paid_elsewhere_minor,
               credited_in_books_minor = credited_minor, paid_beyond_minor = paid_elsewhere_minor,
               credited_beyond_minor = credited_minor WHERE NOT is_unsaid""")
    known = f"CASE WHEN d.paid_elsewhere_minor >= i.paid_in_books_minor THEN {WAS_BEYOND} ELSE 0 END"
    known = f"min({known}, d.total_minor - {PAID_IN_PORTAL} - d.recorded_minor)"
    beyond = PAID_BEYOND.format(paid="d.paid_elsewhere_minor", taken=PAID_IN_PORTAL, known=known)
    execute(f"""
        UPDATE staged_document AS d SET paid_beyond_minor = {beyond}
        FROM invoice i WHERE i.id = d.invoice_id AND NOT d.is_unsaid AND {PAID_IN_PORTAL} > 0""")
    known = f"""CASE WHEN d.credited_minor >= COALESCE(i.credited_in_books_minor, i.credited_minor)
        THEN {WAS_CREDITED} ELSE 0 END"""
    beyond = CREDITED_BEYOND.format(
        credited="d.credited_minor",
        paid="d.paid_elsewhere_minor",
        beyond="d.paid_beyond_minor",
        taken=PAID_IN_PORTAL,
        known=known,
    )
    execute(f"""
        UPDATE staged_document AS d SET credited_beyond_minor = {beyond}
        FROM invoice i WHERE i.id = d.invoice_id AND NOT d.is_unsaid AND {PAID_IN_PORTAL} > 0""")


def may_miss_payments() -> bool:
    # A restore has lost payments that may still be found at the gateway.
    return Deployment.is_held() or UnmatchedCharge.waiting().exists()


def _keep_what_was_known() -> None:
    # Payments that are still missing here may also be included in an earlier file.
    execute(f"""
        UPDATE staged_document AS d SET
            known_paid_minor = CASE WHEN d.paid_in_books_minor >= i.paid_in_books_minor
                THEN COALESCE(e.known_paid_minor, {WAS_BEYOND}) ELSE 0 END,
            known_credited_minor = CASE
                WHEN d.credited_in_books_minor >= COALESCE(i.credited_in_books_minor, i.credited_minor)
                THEN COALESCE(e.known_credited_minor, {WAS_CREDITED}) ELSE 0 END
        FROM invoice i LEFT JOIN early_import e ON e.invoice_id = i.id WHERE i.id = d.invoice_id""")


def keep_early_imports(same_key: str, now_ms: int) -> None:
    """Store what is needed to derive the documents' amounts again when a missing payment is found, for those whose
    amounts in the books have grown. Call it when the documents are written."""
    said = "(d.is_rest OR NOT d.is_unsaid)"
    if EarlyImport.select().exists():
        execute(
            f"DELETE FROM early_import WHERE invoice_id IN (SELECT d.invoice_id FROM staged_document d WHERE {said})"
        )
    if not may_miss_payments():
        return
    execute(
        f"""
        INSERT INTO early_import (invoice_id, read_ms, includes_paid, includes_credits, known_paid_minor,
            known_credited_minor, taken_minor)
        SELECT i.id, ?, d.is_rest OR d.made_here IN ('{IN_PAID}', '{INCLUDED}'), d.made_here = '{INCLUDED}',
            d.known_paid_minor, d.known_credited_minor, {PAID_IN_PORTAL}
        FROM staged_document d {db.ordered_join} invoice i ON {same_key} WHERE i.kind = 'invoice' AND {said}
            AND (i.paid_in_books_minor > d.known_paid_minor OR i.credited_in_books_minor > d.known_credited_minor)
        ORDER BY d.seq""",
        (now_ms,),
    )


def totals_below_taken():
    """(row, number, currency, paid here, of that under way) of invoices whose total would fall below what was paid
    here."""
    return execute(
        f"SELECT d.row, d.number, i.currency, {PAID_IN_PORTAL}, {UNDER_WAY} {FROM_KNOWN}"
        f" WHERE {PAID_IN_PORTAL} > d.total_minor AND i.currency = d.currency ORDER BY d.seq"
    )


def paid_beyond_total():
    """(row, number, currency, paid elsewhere, paid here) of invoices paid for more than their total: certainly, or
    because the amount paid in the file has grown in addition to what was paid here."""
    grown = f"{PAID_IN_PORTAL} > 0 AND d.paid_elsewhere_minor > i.paid_elsewhere_minor"
    credits = f"CASE WHEN {grown} AND d.paid_elsewhere_minor = d.paid_in_books_minor THEN d.credited_minor ELSE 0 END"
    return execute(
        f"SELECT d.row, d.number, d.currency, d.paid_elsewhere_minor, {PAID_IN_PORTAL} {FROM_KNOWN}"
        f" WHERE {PAID_IN_PORTAL} <= d.total_minor AND i.currency = d.currency"
        f" AND d.paid_elsewhere_minor + {PAID_IN_PORTAL} + {credits} > d.total_minor ORDER BY d.seq"
    )


def cap_credits() -> list[tuple[str, int, str]]:
    """Reduce credits to what payments leave. Returns (number, surplus, currency) of the documents concerned."""
    left = f"(d.total_minor - d.paid_elsewhere_minor - {PAID_IN_PORTAL})"
    found = execute(
        f"SELECT d.number, d.credited_minor - {left}, d.currency {FROM_KNOWN}"
        f" WHERE d.credited_minor > {left} ORDER BY d.seq"
    ).fetchall()
    if found:
        execute(
            f"UPDATE staged_document AS d SET credited_minor = {left}"
            f" FROM invoice i WHERE i.id = d.invoice_id AND d.credited_minor > {left}"
        )
    return found


class UnclearAmount(NamedTuple):
    """A document without an amount due that was paid toward here. `paid` or `credited` in the books has grown, and
    may include that payment or not. If it does, `open_minor` is open, otherwise `open_beside_minor`."""

    row: int
    number: str
    currency: str
    was_paid: int
    paid: int
    was_credited: int
    credited: int
    taken: int
    open_minor: int
    open_beside_minor: int


def in_doubt() -> list[UnclearAmount]:
    """All unclear amounts in the order of the file, if nothing was answered before: then all are read as LEFT_OUT."""
    left = "max(0, d.total_minor - {} - {} - " + PAID_IN_PORTAL + ")"
    included = left.format("d.paid_beyond_minor - d.recorded_minor", "d.credited_beyond_minor")
    left_out = left.format("d.paid_elsewhere_minor", "d.credited_minor")
    was_credited = "CASE WHEN i.is_void THEN 0 ELSE i.credited_minor END"
    return [
        UnclearAmount._make(row)
        for row in execute(f"""
        SELECT d.row, d.number, d.currency, i.paid_elsewhere_minor, d.paid_elsewhere_minor, {was_credited},
            d.credited_minor, {PAID_IN_PORTAL}, {included}, {left_out} {FROM_KNOWN}
        WHERE {PAID_IN_PORTAL} > 0 AND NOT d.says_due AND NOT d.is_unsaid AND i.currency = d.currency
            AND {included} <> {left_out}
            AND (d.paid_elsewhere_minor > i.paid_elsewhere_minor OR d.credited_minor > {was_credited})
            AND d.paid_elsewhere_minor + {PAID_IN_PORTAL} <= d.total_minor
        ORDER BY d.seq""")
    ]


def without_due() -> tuple[int, int]:
    """(number of documents with amounts but without an amount due, how many of these customers have paid toward
    here)"""
    return execute(f"""SELECT COUNT(*), COUNT(CASE WHEN {PAID_IN_PORTAL} > 0 THEN 1 END) FROM staged_document d
        LEFT JOIN invoice i ON i.id = d.invoice_id WHERE NOT d.says_due AND NOT d.is_unsaid""").fetchone()


def possibly_paid_here() -> list[str]:
    """Numbers of invoices whose amount paid in the books has grown and counts as paid elsewhere, while payments made
    here may be missing."""
    if not may_miss_payments():
        return []
    grown = f"d.made_here = '{LEFT_OUT}' AND d.paid_in_books_minor > d.known_paid_minor AND NOT d.is_unsaid"
    return [number for (number,) in execute(f"SELECT d.number FROM staged_document d WHERE {grown} ORDER BY d.seq")]


def possibly_counted_twice() -> dict[str, list[str]]:
    """Numbers of invoices paid here whose amount "paid" or "credited" in the books has grown and counts in addition."""
    was = "COALESCE(i.credited_in_books_minor, i.credited_minor)"
    grown = {
        "paid": "d.paid_elsewhere_minor > i.paid_elsewhere_minor "
        " AND d.paid_elsewhere_minor - d.recorded_minor > d.paid_beyond_minor",
        "credited": f"d.credited_in_books_minor > {was} AND d.credited_minor > d.credited_beyond_minor",
    }
    choices = {"paid": f"'{LEFT_OUT}'", "credited": f"'{LEFT_OUT}', '{IN_PAID}'"}
    select = f"SELECT d.number {FROM_KNOWN} WHERE {PAID_IN_PORTAL} > 0 AND "
    return {
        what: [number for (number,) in execute(f"{select} d.made_here IN ({choices[what]}) AND {where} ORDER BY d.seq")]
        for what, where in grown.items()
    }
