"""Documents of a file whose number is another spelling of a number here, or further up in the file.

Everything works on `staged_document`, after it is known which of its documents are already here.
"""

from typing import NamedTuple

from app.extensions import db
from app.imports.staged_invoices import KEY
from app.imports.staging import OWN_KEY, StagingTable, execute, index, names
from app.number_spellings import FAINT, LIKELY, SURE, spellings

MAX_SPELLINGS = 100  # of one number of one customer: more can't be typing errors, and each pair is compared
VALUES = ("issued_on", "total_minor", "currency")
SPELLED = {"key": "TEXT", "need": "INTEGER", "form": "BOOLEAN"}
NUMBERED = {
    "customer_id": "INTEGER",
    "kind": "TEXT",
    "number": "TEXT",
    "row": "INTEGER",
    "seq": "INTEGER",
    "is_void": "BOOLEAN",
    "invoice_id": "INTEGER",
    "open_minor": "BIGINT",
    "is_in_file": "BOOLEAN",
    "issued_on": "DATE",
    "total_minor": "BIGINT",
    "currency": "TEXT",
}
SHAPE = SPELLED | NUMBERED
NOT_HERE = "d.invoice_id IS NULL"
VOID_NOT_HERE = "TRUE" + "".join(
    f" AND NOT EXISTS (SELECT 1 FROM {table} x WHERE (x.customer_id, x.kind, x.{number}) = ({names(KEY, 'd.')}){more})"
    for table, number, more in (
        ("invoice", "number", ""),
        ("staged_document", "number", ""),
        ("number_spelling", "written", " AND x.invoice_id IS NULL"),
    )
)
# If the import creates the other customer, both customers are the same.
NAMES = "COALESCE(c.name, s.name), COALESCE(c.number, s.number), COALESCE(w.name, s.name), COALESCE(w.number, s.number)"
AGREEING = """(CASE WHEN n.issued_on IS NOT DISTINCT FROM o.issued_on THEN 1 ELSE 0 END
    + CASE WHEN n.total_minor IS NOT DISTINCT FROM o.total_minor AND n.currency IS NOT DISTINCT FROM o.currency
        THEN 1 ELSE 0 END)"""


class Pair(NamedTuple):
    """A document of the file, in `row`, and another one that it may be the same as: one that is here, with
    `open_minor`, or one in `other_row`. `customer` is the customer of the other one. A void row has no date and no
    total."""

    row: int
    is_void: bool
    customer_id: int
    kind: str
    number: str
    issued_on: str | None
    total_minor: int | None
    currency: str | None
    other_customer_id: int
    other_row: int | None
    other_number: str
    other_issued_on: str
    other_total_minor: int
    other_currency: str
    open_minor: int | None
    customer: str
    customer_number: str
    own_customer: str
    own_customer_number: str

    @property
    def key(self) -> tuple[int, str, str]:
        return self.customer_id, self.kind, self.number

    @property
    def is_of_one_customer(self) -> bool:
        return self.customer_id == self.other_customer_id

    @property
    def agrees(self) -> bool:
        return (self.issued_on, self.total_minor, self.currency) == (
            self.other_issued_on,
            self.other_total_minor,
            self.other_currency,
        )


def apply_confirmed() -> None:
    # Date or total must agree, because a number may be reused.
    agree = "(i.issued_on = d.issued_on OR (i.total_minor, i.currency) = (d.total_minor, d.currency))"
    for table, where in (("staged_document", f"d.invoice_id IS NULL AND {agree}"), ("staged_void", "TRUE")):
        found = execute(f"""
            SELECT DISTINCT {names(KEY, "d.")}, i.number FROM {table} d
            JOIN number_spelling s ON (s.customer_id, s.kind, s.written) = ({names(KEY, "d.")})
            JOIN invoice i ON i.id = s.invoice_id WHERE {where}""")
        for customer_id, kind, written, number in found.fetchall():
            use_number(customer_id, kind, written, number)


def use_number(customer_id: int, kind: str, written: str, number: str) -> None:
    """From now on, documents that the file calls `written` have the number `number`."""
    key = (customer_id, kind, written)
    for table in ("staged_document", "staged_void"):
        execute(f"UPDATE {table} SET number = ? WHERE ({names(KEY)}) = (?, ?, ?)", (number, *key))
    execute(
        f"""UPDATE staged_document AS d SET invoice_id = (SELECT i.id FROM invoice i
        WHERE (i.customer_id, i.kind, i.number) = (d.customer_id, d.kind, d.number))
        WHERE ({names(KEY)}) = (?, ?, ?)""",
        (customer_id, kind, number),
    )


def remember(customer_id: int, kind: str, written: str, number: str | None) -> None:
    """Store for later files that `written` is the document `number`, or no document that is here. A negative id is
    that of a customer that this import creates."""
    if customer_id < 0:
        made = "SELECT c.id FROM customer c JOIN staged_customer s ON s.number = c.number WHERE s.id = ?"
        customer_id = execute(made, (-customer_id,)).fetchone()[0]
    here = "(SELECT id FROM invoice WHERE (customer_id, kind, number) = (?, ?, ?))"
    execute(
        f"""INSERT INTO number_spelling (customer_id, kind, written, invoice_id) VALUES (?, ?, ?, {here})
        ON CONFLICT (customer_id, kind, written) DO UPDATE SET invoice_id = excluded.invoice_id""",
        (customer_id, kind, written, customer_id, kind, number),
    )


def stage_spellings() -> bool:
    """Split the new numbers of the file into parts, and those that they may match. Returns False if nothing is new."""
    new = f"""SELECT 1 FROM staged_document d WHERE {NOT_HERE}
        UNION ALL SELECT 1 FROM staged_void d WHERE {VOID_NOT_HERE} LIMIT 1"""
    if not execute(new).fetchone():
        return False
    index("staged_document_known", "staged_document", "invoice_id")
    index("staged_document_new", "staged_document", "issued_on, total_minor", "invoice_id IS NULL")
    StagingTable("staged_spelling", SHAPE)
    for source in (NEW_IN_FILE, of_their_customers()):
        add_spellings("staged_spelling", source)
    index("staged_spelling_key", "staged_spelling", "customer_id, kind, key")
    StagingTable("staged_elsewhere", {"id": OWN_KEY} | SHAPE)
    add_spellings("staged_elsewhere", OF_OTHER_CUSTOMERS)
    index("staged_elsewhere_key", "staged_elsewhere", "key, total_minor, issued_on")
    return True


NEW_IN_FILE = f"""
    SELECT {names(KEY, "d.")}, MIN(d.row), MIN(d.seq), FALSE, CAST(NULL AS BIGINT), CAST(NULL AS BIGINT), TRUE,
        {", ".join(f"MIN(d.{name})" for name in VALUES)}
    FROM staged_document d WHERE {NOT_HERE} GROUP BY {names(KEY, "d.")}
    UNION ALL SELECT {names(KEY, "d.")}, MIN(d.row), NULL, TRUE, NULL, NULL, TRUE, NULL, NULL, NULL
    FROM staged_void d WHERE {VOID_NOT_HERE} GROUP BY {names(KEY, "d.")}"""


def of_their_customers() -> str:
    return f"""
    SELECT {names(KEY, "i.")}, NULL, NULL, FALSE, i.id, i.open_minor, d.seq IS NOT NULL,
        {", ".join(f"COALESCE(d.{name}, i.{name})" for name in VALUES)}
    FROM (SELECT d.customer_id FROM staged_document d WHERE {NOT_HERE}
        UNION SELECT d.customer_id FROM staged_void d WHERE {VOID_NOT_HERE}) c
    {db.ordered_join} invoice i ON i.customer_id = c.customer_id LEFT JOIN staged_document d ON d.invoice_id = i.id"""


OF_OTHER_CUSTOMERS = f"""
    SELECT {names(KEY, "i.")}, NULL, NULL, FALSE, i.id, i.open_minor, FALSE, {names(VALUES, "i.")} FROM invoice i
    WHERE NOT i.is_void AND EXISTS (SELECT 1 FROM staged_document d WHERE {NOT_HERE} AND d.issued_on = i.issued_on
            AND d.total_minor = i.total_minor AND d.currency = i.currency AND d.customer_id <> i.customer_id)
        AND NOT EXISTS (SELECT 1 FROM staged_document f WHERE f.invoice_id = i.id)
        AND NOT EXISTS (SELECT 1 FROM staged_void v WHERE ({names(KEY, "v.")}) = ({names(KEY, "i.")}))"""


def add_spellings(table: str, source: str) -> None:
    # Numbers are split only once, even if documents are checked again, because then the portal's database is locked.
    StagingTable("staged_number", NUMBERED)
    execute(f"INSERT INTO staged_number {source}")
    spelled = StagingTable("spelling_of", {"number": "TEXT", **SPELLED}, is_kept=True)
    index("spelling_of_number", "spelling_of", "number")
    for (number,) in execute("SELECT number FROM staged_number EXCEPT SELECT number FROM spelling_of"):
        for spelling in spellings(number):
            spelled.add((number, *spelling))
    spelled.flush()
    execute(f"""INSERT INTO {table} ({names(SHAPE)}) SELECT {names(SPELLED, "s.")}, {names(NUMBERED, "n.")}
        FROM staged_number n {db.ordered_join} spelling_of s ON s.number = n.number""")


def over_limit():
    """(row, number) if one customer has more than MAX_SPELLINGS documents whose numbers are spellings of each
    other."""
    return execute(f"""SELECT MAX(row), MAX(number) FROM staged_spelling GROUP BY customer_id, kind, key
        HAVING COUNT(*) FILTER (WHERE form) > {MAX_SPELLINGS} AND MAX(row) IS NOT NULL""")


def in_doubt() -> list[Pair]:
    """Pairs of documents that may be the same, in the order of the file. Call it after stage_spellings."""
    pair = f"""
        n.row, n.is_void, {names((*KEY, *VALUES), "n.")}, o.customer_id, o.row, o.number, {names(VALUES, "o.")},
        o.open_minor, {NAMES}"""
    # A file that has both spellings has two documents, unless they agree in something; so it has with two prefixes.
    of_one_customer = f"""
        SELECT DISTINCT {pair} FROM staged_spelling n
        {db.ordered_join} staged_spelling o ON (o.customer_id, o.kind, o.key) = (n.customer_id, n.kind, n.key)
        LEFT JOIN customer c ON c.id = o.customer_id LEFT JOIN customer w ON w.id = n.customer_id
        LEFT JOIN staged_customer s ON s.id = -n.customer_id
        WHERE n.invoice_id IS NULL AND (o.invoice_id IS NOT NULL OR o.seq < n.seq)
            AND n.number <> o.number AND (n.form OR o.form)
            AND CASE WHEN n.is_void THEN NOT o.is_in_file AND max(n.need, o.need) <= {LIKELY}
                ELSE {AGREEING} >= max(n.need, o.need, CASE WHEN o.is_in_file THEN 1 ELSE 0 END)
                    AND NOT (o.is_in_file AND max(n.need, o.need) = {FAINT}) END"""
    of_two = f"""
        SELECT {pair} FROM staged_spelling n JOIN staged_elsewhere o ON o.id = (
            SELECT o.id FROM staged_elsewhere o WHERE o.key = n.key AND {AGREEING} = 2 AND o.kind = n.kind
                AND o.customer_id <> n.customer_id AND o.number <> n.number LIMIT 1)
        JOIN customer c ON c.id = o.customer_id LEFT JOIN customer w ON w.id = n.customer_id
        LEFT JOIN staged_customer s ON s.id = -n.customer_id
        WHERE n.seq IS NOT NULL AND n.need = {SURE}"""
    found = map(Pair._make, {*execute(of_one_customer), *execute(of_two)})
    return sorted(found, key=lambda pair: (pair.row, pair.other_number))


def with_another_customer(even_if_in_file: bool = False) -> list[Pair]:
    """Documents that are not here, valid or void, whose exact number belongs to another customer's document here
    that is not void. The other one is not in the file, unless `even_if_in_file`, and not void in it."""
    is_new = f"NOT EXISTS (SELECT 1 FROM invoice i WHERE ({names(KEY, 'i.')}) = ({names(KEY, 'v.')}))"
    new = f"""SELECT d.row, FALSE AS is_void, {names((*KEY, *VALUES), "d.")} FROM staged_document d WHERE {NOT_HERE}
        UNION ALL SELECT v.row, TRUE, {names(KEY, "v.")}, NULL, NULL, NULL FROM staged_void v WHERE {is_new}"""
    in_file = "" if even_if_in_file else "AND NOT EXISTS (SELECT 1 FROM staged_document f WHERE f.invoice_id = i.id)"
    # Not one row for every two: many customers may have a document called 1.
    found = execute(f"""
        WITH new AS ({new}), other AS (
            SELECT i.kind, i.number, MIN(i.id) AS id FROM invoice i
            WHERE NOT i.is_void AND i.number IN (SELECT number FROM new) {in_file}
                AND NOT EXISTS (SELECT 1 FROM staged_void v WHERE ({names(KEY, "v.")}) = ({names(KEY, "i.")}))
            GROUP BY i.kind, i.number)
        SELECT n.row, n.is_void, {names((*KEY, *VALUES), "n.")}, o.customer_id, NULL, o.number, {names(VALUES, "o.")},
            o.open_minor, {NAMES}
        FROM new n JOIN other ON (other.kind, other.number) = (n.kind, n.number)
        JOIN invoice o ON o.id = other.id JOIN customer c ON c.id = o.customer_id
        LEFT JOIN customer w ON w.id = n.customer_id LEFT JOIN staged_customer s ON s.id = -n.customer_id
        WHERE NOT EXISTS (SELECT 1 FROM number_spelling k
            WHERE k.invoice_id IS NULL AND (k.customer_id, k.kind, k.written) = ({names(KEY, "n.")}))
        ORDER BY n.row""")
    return [Pair._make(row) for row in found]
