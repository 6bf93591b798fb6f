"""The SQL that finds text in a customer's documents and items: their values are :customer, :text and, for what may be a
number, :joined and :digits.

SQLite reads one covering index of the customer's documents and one of their items, where `text_lookup` can't help: for
a text of one or two characters, and for documents that were imported just now.
"""

from app import money
from app.database.text_index import KEY
from app.models.base import db

TEXT = "(number || ' ' || po_number || ' ' || memo)"
# The documents with an item like that. Most customers have few texts for many items: the first TEXTS of them are looked
# up one by one in their order; from there on every item is read.
TEXTS = 5000
BY_DECIMALS = {d: sorted(c for c in money.CURRENCIES if money.exponent(c) == d) for d in (0, 3)}


def matches(expression: str, value: str = ":text") -> str:
    return rf"{expression} {db.like} {value} ESCAPE '\'"


def matches_number() -> str:
    """A number as people write it: INV 1041 or inv1041 is INV-1041. First for its digits alone: one comparison for the
    many documents that don't have them."""
    numbers = " OR ".join(matches(KEY.format(column), ":joined") for column in ("number", "po_number"))
    return f"({matches(TEXT, ':digits')} AND ({numbers}))"


def matches_item(description: str) -> str:
    """An item is found without its commas, too: "Bread flour 25 kg"."""
    bare = matches(f"replace({description}, ',', '')")
    return f"({matches(description)} OR (instr({description}, ',') > 0 AND {bare}))"


def condition(is_number: bool) -> str:
    return f"{text_or_number(is_number)} OR id IN (SELECT invoice_id FROM item)"


def text_or_number(is_number: bool) -> str:
    return " OR ".join([matches(TEXT), *[matches_number()] * is_number])


def prelude() -> str:
    """What a statement begins with that has conditions of `condition`."""
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


def in_currencies(places: int) -> str:
    """The currencies with so many decimals; 2 have all that aren't named."""
    others = [code for d, codes in BY_DECIMALS.items() if places in (2, d) for code in codes]
    codes = ", ".join(f"'{code}'" for code in others)
    return f"currency {'NOT IN' if places == 2 else 'IN'} ({codes})"
