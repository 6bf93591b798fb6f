"""The SQL that finds text in a customer's documents and items: their values are :customer, :text and, for what may be a
number, :spaced, :joined and :digits.

SQLite reads one covering index of the customer's documents and one of their items. PostgreSQL looks text up in an
index of trigrams, and then tests whether a document is among those found.
"""

from app.models.base import db

TEXT = "(number || ' ' || po_number || ' ' || memo)"
# The documents with an item like that. Most customers have few texts for many items: the first TEXTS of them are looked
# up one by one in their order; from there on every item is read.
TEXTS = 5000


def matches(expression: str, value: str = ":text") -> str:
    return rf"{expression} {db.like} {value} ESCAPE '\'"


def is_number_like() -> str:
    """A number as people write it, INV 1041 or inv1041: its groups with any one sign between them, or none."""
    return " OR ".join(matches(column, value) for column in ("number", "po_number") for value in (":spaced", ":joined"))


def matches_item(description: str) -> str:
    """An item is found without its commas, too: "Bread flour 25 kg"."""
    bare = matches(f"replace({description}, ',', '')")
    return f"({matches(description)} OR (instr({description}, ',') > 0 AND {bare}))"


def prelude(is_number: bool) -> str:
    """What a statement begins with that has conditions of `condition`."""
    return with_trigrams(is_number) if db.has_trigrams else with_walk()


def condition(is_number: bool) -> str:
    if db.has_trigrams:
        return "id IN (SELECT invoice_id FROM item)"
    text = matches(TEXT)
    if is_number:  # first for its digits alone: one comparison for the many documents that don't have them
        text = f"{matches(TEXT, ':digits')} AND ({text} OR {is_number_like()})"
    return f"{text} OR id IN (SELECT invoice_id FROM item)"


def with_trigrams(is_number: bool) -> str:
    text = matches(TEXT)
    if is_number:
        text += f" OR (({matches(TEXT, ':spaced')} OR {matches(TEXT, ':joined')}) AND ({is_number_like()}))"
    return f"""WITH item (invoice_id) AS MATERIALIZED (
    SELECT id FROM invoice WHERE customer_id = :customer AND ({text})
    UNION
    SELECT l.invoice_id FROM invoice_line l WHERE l.customer_id = :customer AND {matches_item("l.description")}
) """


def with_walk() -> str:
    index = db.indexed_by("invoice_line_search")
    theirs = f"FROM invoice_line l {index} WHERE l.customer_id = :customer"
    return f"""WITH RECURSIVE item_text (description, place) AS (
    SELECT min(l.description), 1 {theirs}
    UNION ALL
    SELECT (SELECT min(l.description) {theirs} AND l.description > item_text.description), place + 1
    FROM item_text WHERE description IS NOT NULL AND place < {TEXTS}
), item (invoice_id) AS MATERIALIZED (
    SELECT l.invoice_id FROM item_text CROSS JOIN invoice_line l {index}
    ON l.customer_id = :customer AND l.description = item_text.description
    WHERE {matches_item("item_text.description")}
    UNION
    SELECT l.invoice_id {theirs} AND l.description > (SELECT max(description) FROM item_text)
    AND {matches_item("l.description")}
) """
