"""Documents of a file in the staging database: their columns, and SQL about them.

In SQL, `d` is a staged document or void number, `i` is the document here.
"""

from typing import NamedTuple

from app.imports.staging import ROW_NEW, names


class DocumentValues(NamedTuple):
    """A document's values in the file. `paid_elsewhere_minor` may be portal_payments.PAID_REMAINDER. It and
    `credited_minor` are None if the file doesn't say them; the known ones then stay. Dates that can't be read are
    None too; they are reported as errors of the file."""

    currency: str
    issued_on: str | None
    due_on: str | None
    terms: str
    po_number: str
    memo: str
    bill_to: str
    total_minor: int
    tax_minor: int
    paid_elsewhere_minor: int | None
    credited_minor: int | None


class StagedLine(NamedTuple):
    description: str
    quantity: str
    unit_price: str
    amount_minor: int


class Key(NamedTuple):
    """`customer_id` is None for a customer that the import creates."""

    customer_id: int | None
    customer_number: str
    kind: str
    number: str


class Ids(NamedTuple):
    """Ids of the accounting system; "" if the file has none."""

    internal_id: str = ""
    external_id: str = ""


class Payment(NamedTuple):
    """The last payment that the books received elsewhere, as far as the file contains it."""

    paid_on: str | None = None
    reference: str = ""


BOOKS = DocumentValues._fields
LINE = StagedLine._fields
IDS = Ids._fields
NUMBER_AND_IDS = ("number", *IDS)  # a document that is matched by an id may have a new number
KEY = ("customer_id", "kind", "number")
SAME_KEY = "i.customer_id = d.customer_id AND i.kind = d.kind AND i.number = d.number"
DERIVED_FROM = ("paid_in_books_minor", "credited_in_books_minor", "paid_beyond_minor", "credited_beyond_minor")
SQL_TYPES = {"minor": "BIGINT", "on": "DATE"}
DOCUMENT = {
    "seq": "INTEGER PRIMARY KEY",
    "row": "INTEGER",
    "customer_id": "INTEGER",
    "customer_number": "TEXT",
    "kind": "TEXT",
    "number": "TEXT",
    **{name: SQL_TYPES.get(name.rpartition("_")[2], "TEXT") for name in BOOKS},
    "public_id": "TEXT",
    **dict.fromkeys(IDS, "TEXT"),
    "paid_on": "DATE",
    "payment_reference": "TEXT",
    "says_due": "BOOLEAN",
    "says_open": "BOOLEAN",
}
RESOLVED = {
    "invoice_id": "INTEGER",
    "made_here": "TEXT DEFAULT NULL",
    **dict.fromkeys(DERIVED_FROM, "BIGINT DEFAULT NULL"),
    "is_unsaid": "BOOLEAN DEFAULT FALSE",
    "is_rest": "BOOLEAN DEFAULT FALSE",
    "known_paid_minor": "BIGINT DEFAULT 0",
    "known_credited_minor": "BIGINT DEFAULT 0",
    "recorded_minor": "BIGINT DEFAULT 0",
    "includes_recorded": "BOOLEAN DEFAULT FALSE",
    "state": f"INTEGER DEFAULT {ROW_NEW}",
    "seen": "TEXT DEFAULT NULL",
}
STAGED_LINE = {"seq": "INTEGER", "position": "INTEGER", **dict.fromkeys(LINE, "TEXT"), "amount_minor": "BIGINT"}
VOID = {
    "row": "INTEGER",
    "customer_id": "INTEGER",
    **dict.fromkeys(("customer_number", "kind", "number", *IDS), "TEXT"),
}
# A customer that the import creates has a negative id until it is written.
CUSTOMER_ID = """COALESCE(f.customer_id, (SELECT id FROM customer WHERE number = f.customer_number),
    (SELECT -s.id FROM staged_customer s WHERE s.number = f.customer_number))"""
LINES_DIFFER = f"""(SELECT COUNT(*) FROM staged_line l WHERE l.seq = d.seq)
        <> (SELECT COUNT(*) FROM invoice_line o WHERE o.invoice_id = i.id)
    OR EXISTS (SELECT 1 FROM staged_line l LEFT JOIN invoice_line o
        ON o.invoice_id = i.id AND o.position = l.position
        WHERE l.seq = d.seq AND (o.id IS NULL OR ({names(LINE, "o.")}) <> ({names(LINE, "l.")})))"""
VALID_TOO = """(EXISTS (SELECT 1 FROM staged_document s
    WHERE (s.customer_id, s.kind, s.number) = (d.customer_id, d.kind, d.number))
    OR i.id IN (SELECT invoice_id FROM staged_document WHERE invoice_id IS NOT NULL))"""
BECAME_VOID = f"id IN (SELECT i.id FROM staged_void d JOIN invoice i ON {SAME_KEY} WHERE NOT {VALID_TOO})"

# If this is unchanged for a document here, values derived from it are still valid. `version` counts changes by hand and
# by files, but not payments.
SEEN = " || ' ' || ".join(
    f"i.{name}"
    for name in (
        "version",
        "total_minor",
        "paid_elsewhere_minor",
        "credited_minor",
        "processing_minor",
        "paid_online_minor",
        "paid_in_books_minor",
    )
)
# Since the file was checked, the document was changed, deleted or added by others.
IS_CHANGED_HERE = f"""((d.invoice_id IS NULL AND EXISTS (SELECT 1 FROM invoice i WHERE {SAME_KEY}))
    OR (d.invoice_id IS NOT NULL
        AND NOT EXISTS (SELECT 1 FROM invoice i WHERE i.id = d.invoice_id AND {SEEN} = d.seen)))"""

# The documents here that the file names.
NAMED = f"""(id IN (SELECT invoice_id FROM staged_document)
    OR id IN (SELECT i.id FROM staged_void d JOIN invoice i ON {SAME_KEY}))"""
