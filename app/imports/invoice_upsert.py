"""Writing invoices and credit memos from a file, without touching payments received in the portal."""

from peewee import SQL

from app.extensions import db
from app.imports import portal_payments
from app.imports.document_parts import DocumentParts
from app.imports.parts import LeftOut
from app.imports.staged_invoices import (
    BECAME_VOID,
    BOOKS,
    CUSTOMER_ID,
    DERIVED_FROM,
    DOCUMENT,
    IDS,
    KEY,
    LINE,
    LINES_DIFFER,
    NAMED,
    NUMBER_AND_IDS,
    RESOLVED,
    SAME_KEY,
    SEEN,
    STAGED_LINE,
    VOID,
    DocumentValues,
    Ids,
    Key,
    Payment,
    StagedLine,
)
from app.imports.staging import (
    ROW_CHANGED,
    ROW_NEW,
    ROW_UNCHANGED,
    StagingTable,
    copy_of,
    drop,
    execute,
    index,
    names,
    public_ids,
)
from app.models.export_run import ExportLine
from app.models.invoice import Invoice

KNOWN_FROM = (
    "i.paid_in_books_minor, COALESCE(i.credited_in_books_minor, i.credited_minor),"
    f" {portal_payments.WAS_BEYOND}, {portal_payments.WAS_CREDITED}"
)
NOT_DATED = 2**53  # an import without a moment comes after every payment


class InvoiceUpsert:
    """Documents of a file, matched by customer, kind and number.

    `columns` are the BOOKS that the file has; the others stay as they are. Without `with_lines` the lines stay too.
    `with_ids`: documents are matched by IDS first, whatever their number. `made_here` is one of
    portal_payments.MADE_HERE_CHOICES. None means: INCLUDED if a document says what is due, otherwise `remembered`, or
    LEFT_OUT if nothing is remembered.

    Call add, add_void and finish while the file is read. Then, in one snapshot: resolve, derive, the checks,
    fold_repeats, compare. If the portal has changed, repeat these. Then upsert for each part of DocumentParts. Between
    resolve and derive, document_identity can still decide which documents are the same.
    """

    def __init__(
        self,
        columns: tuple[str, ...],
        with_lines: bool,
        with_ids: bool,
        made_here: str | None,
        remembered: str,
        is_own: bool = False,
    ):
        self.columns, self.with_lines, self.made_here, self.remembered = columns, with_lines, made_here, remembered
        self.with_ids = with_ids
        self.is_own = is_own
        self.documents = StagingTable("file_document", DOCUMENT)
        self.lines = StagingTable("staged_line", STAGED_LINE, ", PRIMARY KEY (seq, position)")
        self.voids = StagingTable("file_void", VOID)
        self.unread = StagingTable("file_unread", {"number": "TEXT"})
        self.count = 0
        self.has_repeats = False
        self.without_due = 0
        self._has_folded_lines = False
        self._ids: list[str] = []

    def add(
        self,
        row: int,
        key: Key,
        books: DocumentValues,
        lines: list[StagedLine],
        ids: Ids,
        payment: Payment,
        says_due: bool,
        says_open: bool,
    ) -> None:
        """`says_due`: the file says what is due. `says_open`: it says so only by the status."""
        self.count += 1
        self._ids = self._ids or public_ids(1_000)
        identity = (self.count, row, *key, *books, self._ids.pop(), *ids)
        self.documents.add((*identity, *payment, says_due, says_open))
        for position, line in enumerate(lines, 1):
            self.lines.add((self.count, position, *line))

    def add_void(self, row: int, key: Key, ids: Ids) -> None:
        # If the document is here, nothing of it may stay open.
        self.voids.add((row, *key, *ids))

    def add_unread(self, number: str) -> None:
        """A document that is in the file but wasn't added: it is bad, a draft, or left out."""
        self.unread.add((number,))

    def finish(self) -> None:
        for table in (self.documents, self.lines, self.voids, self.unread):
            table.flush()

    def resolve(self) -> None:
        StagingTable("staged_document", DOCUMENT | RESOLVED)
        read = names(name for name in DOCUMENT if name != "customer_id")
        execute(f"""
            INSERT INTO staged_document ({read}, customer_id, invoice_id)
            SELECT {read}, customer_id, (SELECT i.id FROM invoice i WHERE {SAME_KEY})
            FROM (SELECT {names((name for name in DOCUMENT if name != "customer_id"), "f.")},
                {CUSTOMER_ID} AS customer_id FROM file_document f) d""")
        StagingTable("staged_void", VOID)
        read = names((name for name in VOID if name not in ("row", "customer_id")), "f.")
        execute(f"INSERT INTO staged_void SELECT f.row, {CUSTOMER_ID}, {read} FROM file_void f")
        if self._has_folded_lines:
            execute("DELETE FROM staged_line")
            execute("INSERT INTO staged_line SELECT * FROM file_line")
        if self.with_ids:
            self._match_ids()
        index("staged_document_key", "staged_document", "customer_id, kind, number, seq")

    def _match_ids(self) -> None:
        drop("known_id")
        has_one = "internal_id <> '' OR external_id <> ''"
        copy_of("known_id", f"SELECT id, customer_id, kind, {names(IDS)} FROM invoice WHERE {has_one}")
        found = []
        for name in IDS:
            index(f"known_{name}", "known_id", name)
            found.append(
                f"(SELECT k.id FROM known_id k WHERE d.{name} <> '' AND k.{name} = d.{name}"
                " AND (k.customer_id, k.kind) = (d.customer_id, d.kind))"
            )
        known = ", ".join(found)
        execute(f"UPDATE staged_document AS d SET invoice_id = COALESCE({known}, invoice_id)")
        execute(f"""UPDATE staged_void AS d SET number = COALESCE(
            (SELECT i.number FROM invoice i WHERE i.id = COALESCE({known})), number)""")

    def derive(self) -> None:
        """Set `has_repeats`: some documents occur twice. Set `without_due`: how many get their issue date as due
        date because the file has no column for it. Fill missing due dates with those here, or with the issue dates.
        Derive the amounts paid elsewhere and credited (`portal_payments.apply_made_here`)."""
        repeats = f"SELECT 1 FROM staged_document GROUP BY {names(KEY)} HAVING COUNT(*) > 1 LIMIT 1"
        self.has_repeats = bool(execute(repeats).fetchone())
        made = "SELECT COUNT(*) FROM staged_document WHERE due_on IS NULL AND invoice_id IS NULL AND kind = 'invoice'"
        self.without_due = execute(made).fetchone()[0]
        execute("""UPDATE staged_document AS d SET due_on = COALESCE((
            SELECT CASE WHEN i.due_on = i.issued_on THEN d.issued_on ELSE i.due_on END
            FROM invoice i WHERE i.id = d.invoice_id), d.issued_on) WHERE due_on IS NULL""")
        for name in IDS if self.with_ids else ():
            execute(f"""UPDATE staged_document AS d SET {name} = COALESCE((SELECT i.{name} FROM invoice i
                WHERE i.id = d.invoice_id), '') WHERE {name} = ''""")
        if self.is_own:
            portal_payments.keep_what_is_here()
        portal_payments.apply_made_here(self.made_here, self.remembered)

    @property
    def written_columns(self) -> tuple[str, ...]:
        return self.columns + (NUMBER_AND_IDS if self.with_ids else ())

    def compare(self) -> tuple[int, int, int]:
        books = f"""i.is_void OR ({KNOWN_FROM}) <> ({names(DERIVED_FROM, "d.")})
            OR ({names(self.written_columns, "i.")}) <> ({names(self.written_columns, "d.")})"""
        execute(f"""
            UPDATE staged_document AS d SET state = COALESCE((
                SELECT {ROW_CHANGED} FROM invoice i
                WHERE i.id = d.invoice_id AND ({books} {f"OR {LINES_DIFFER}" if self.with_lines else ""})
            ), {ROW_UNCHANGED}), seen = (SELECT {SEEN} FROM invoice i WHERE i.id = d.invoice_id)
            WHERE invoice_id IS NOT NULL""")
        counts = dict(execute("SELECT state, COUNT(*) FROM staged_document GROUP BY state").fetchall())
        closed = execute(f"SELECT COUNT(*) FROM invoice WHERE NOT is_void AND {BECAME_VOID}").fetchone()[0]
        return counts.get(ROW_NEW, 0), counts.get(ROW_CHANGED, 0) + closed, counts.get(ROW_UNCHANGED, 0)

    def upsert(self, now_ms: int | None, today: str) -> list[LeftOut]:
        """Write the documents of this part, see DocumentParts. Call it in the caller's transaction. `today` is the
        date in the company's time zone."""
        db.lock_rows("invoice", NAMED)
        changed = DocumentParts.leave_out_changed()
        self._insert()
        self._update()
        if self.with_lines:
            self._replace_lines()
        record_payments_elsewhere(now_ms, today)
        portal_payments.keep_early_imports(SAME_KEY, now_ms or NOT_DATED)
        if execute(
            f"UPDATE invoice SET is_void = TRUE, version = version + 1 WHERE NOT is_void AND {BECAME_VOID}"
        ).rowcount:
            Invoice.rebalance(SQL(f"is_void AND {BECAME_VOID}"))
        return changed

    @staticmethod
    def leave_out(rows: list[int]) -> None:
        table = StagingTable("left_out", {"row": "INTEGER"})
        for row in rows:
            table.add((row,))
        table.flush()
        for each in ("document", "void"):
            execute(f"DELETE FROM staged_{each} WHERE row IN (SELECT row FROM left_out)")

    @staticmethod
    def confirm_exported(now_ms: int) -> None:
        """Call it in the caller's transaction, after the last part."""
        settled = "SELECT d.invoice_id FROM planned_document d WHERE d.is_rest AND d.invoice_id IS NOT NULL"
        ExportLine.confirm_what_books_have(now_ms, SQL(settled))

    @staticmethod
    def take_over() -> None:
        """From now on, documents of the file that were entered by hand are changed only by imports."""
        execute(f"UPDATE invoice SET source = 'import' WHERE source = 'manual' AND {NAMED}")

    def fold_repeats(self) -> int:
        """Merge documents that occur twice, with the lines of both, or with one set if they are the same. Returns
        how many had the same lines."""
        if not self.has_repeats:
            return 0
        again = execute(f"""
            SELECT d.seq, MIN(f.seq) FROM (
                SELECT {names(KEY)} FROM staged_document GROUP BY {names(KEY)} HAVING COUNT(*) > 1) g
            JOIN staged_document f ON (f.customer_id, f.kind, f.number) = (g.customer_id, g.kind, g.number)
            JOIN staged_document d ON (d.customer_id, d.kind, d.number) = (g.customer_id, g.kind, g.number)
            GROUP BY d.seq HAVING d.seq > MIN(f.seq) ORDER BY d.seq""").fetchall()
        if again and not self._has_folded_lines:
            copy_of("file_line", "SELECT * FROM staged_line")
            self._has_folded_lines = True
        same = {seq for seq, first in again if self._lines_of(seq) == self._lines_of(first)}
        for seq, first in again:
            if seq in same:
                execute("DELETE FROM staged_line WHERE seq = ?", (seq,))
            execute(
                "UPDATE staged_line SET seq = ?, position = position + (SELECT COALESCE(MAX(position), 0)"
                " FROM staged_line WHERE seq = ?) WHERE seq = ?",
                (first, first, seq),
            )
            execute("DELETE FROM staged_document WHERE seq = ?", (seq,))
        return len(same)

    @staticmethod
    def _lines_of(seq: int) -> list[tuple]:
        return execute(f"SELECT {names(LINE)} FROM staged_line WHERE seq = ? ORDER BY position", (seq,)).fetchall()

    def _insert(self) -> None:
        left = "(total_minor - paid_elsewhere_minor - credited_minor)"
        execute(f"""
            INSERT INTO invoice (public_id, {names(KEY)}, {names(BOOKS)}, {names(IDS)},
                processing_minor, paid_online_minor, open_minor, is_paid, {names(DERIVED_FROM)}, is_void)
            SELECT public_id, {names(KEY)}, {names(BOOKS)}, {names(IDS)},
                0, 0, {left}, {left} = 0, {names(DERIVED_FROM)}, FALSE
            FROM staged_document WHERE state = {ROW_NEW} ORDER BY customer_id, kind, number""")

    def _update(self) -> None:
        execute(f"""
            UPDATE invoice SET {", ".join(f"{c} = d.{c}" for c in self.written_columns)},
                {", ".join(f"{c} = d.{c}" for c in DERIVED_FROM)}, is_void = FALSE, version = version + 1
            FROM staged_document d WHERE d.invoice_id = invoice.id AND d.state = {ROW_CHANGED}""")
        Invoice.rebalance(SQL(f"id IN (SELECT invoice_id FROM staged_document WHERE state = {ROW_CHANGED})"))

    def _replace_lines(self) -> None:
        execute(
            f"DELETE FROM invoice_line WHERE invoice_id IN"
            f" (SELECT invoice_id FROM staged_document WHERE state = {ROW_CHANGED})"
        )
        execute(f"""
            INSERT INTO invoice_line (invoice_id, customer_id, position, {names(LINE)})
            SELECT i.id, i.customer_id, l.position, {names(LINE, "l.")} FROM staged_document d
            {db.ordered_join} invoice i ON {SAME_KEY} {db.ordered_join} staged_line l ON l.seq = d.seq
            WHERE d.state IN ({ROW_NEW}, {ROW_CHANGED})""")


# The day on which a payment without a date counts. A new invoice that comes with a payment was due and paid before; an
# invoice that was here without the payment was open until today. Never before the invoice date, or after today.
LISTED_ON = f"""CASE WHEN d.paid_on <= :today THEN d.paid_on WHEN i.issued_on >= :today THEN i.issued_on
    WHEN d.paid_on IS NOT NULL OR d.state <> {ROW_NEW} OR i.due_on > :today THEN :today
    WHEN i.due_on < i.issued_on THEN i.issued_on ELSE i.due_on END"""


def record_payments_elsewhere(now_ms: int | None, today: str) -> None:
    """Bring the PaymentElsewhere rows of an import's documents in line with what was paid elsewhere. Call it in the
    import's transaction. An increase becomes a new payment, a decrease reduces the existing ones."""
    document = f"""FROM staged_document d {db.ordered_join} invoice i
        ON (i.customer_id, i.kind, i.number) = (d.customer_id, d.kind, d.number) AND i.kind = 'invoice'"""
    known = "(SELECT COALESCE(SUM(amount_minor), 0) FROM payment_elsewhere p WHERE p.invoice_id = i.id)"
    execute(f"""DELETE FROM payment_elsewhere WHERE received_payment_id IS NULL AND invoice_id IN (
            SELECT i.id {document} WHERE d.state > 0 AND {known} > i.paid_elsewhere_minor)""")
    execute(
        f"""UPDATE payment_elsewhere SET paid_on = n.paid_on, reference = n.reference,
                listed_on = COALESCE(n.listed_on, payment_elsewhere.listed_on)
        FROM (SELECT (SELECT MAX(id) FROM payment_elsewhere p WHERE p.invoice_id = i.id) AS id,
                d.paid_on, d.payment_reference AS reference,
                CASE WHEN d.paid_on IS NULL THEN NULL ELSE {LISTED_ON} END AS listed_on
            {document} WHERE (d.paid_on IS NOT NULL OR d.payment_reference <> '')
                AND d.recorded_minor = 0 AND i.paid_elsewhere_minor > 0 AND {known} = i.paid_elsewhere_minor) n
        WHERE n.id = payment_elsewhere.id""",
        {"today": today},
    )
    execute(
        f"""INSERT INTO payment_elsewhere
            (invoice_id, customer_id, amount_minor, paid_on, reference, recorded_ms, listed_on)
        SELECT i.id, i.customer_id, i.paid_elsewhere_minor - {known}, d.paid_on, d.payment_reference, :now_ms,
            {LISTED_ON} {document} WHERE d.state > 0 AND i.paid_elsewhere_minor > {known}
        ORDER BY d.seq""",
        {"now_ms": now_ms, "today": today},
    )
