"""The SQL that finds text in a customer's documents and items: their values are :customer, :text and, for what may be a
number, :joined and :digits. Both databases ignore the case of ASCII letters. For others a text is looked for as it was
typed, in lower case (:text_lower) and in upper case (:text_upper).

SQLite reads one covering index of the customer's documents and one of their items, where `text_lookup` can't help: for
a text of one or two characters, and for documents that were imported just now.
"""

from typing import NamedTuple

from app import money
from app.database.text_index import KEY
from app.models.base import db

TEXT = "(number || ' ' || po_number || ' ' || memo)"
# Most customers have many items but few different texts. The first TEXTS texts are looked up one by one in their order;
# after that, every item is read.
TEXTS = 5000
BY_DECIMALS = {d: sorted(c for c in money.CURRENCIES if money.exponent(c) == d) for d in (0, 3)}


class TextSearch(NamedTuple):
    """What the SQL of a search depends on: whether the text may be a number or is a date, whether it `has_cases`
    (letters outside of ASCII in upper or lower case), and the numbers of decimals it has if it is an amount."""

    is_number: bool = False
    is_day: bool = False
    has_cases: bool = False
    decimals: tuple[int, ...] = ()

    def matches(self, expression: str, value: str = ":text") -> str:
        values = [value, f"{value}_lower", f"{value}_upper"] if self.has_cases else [value]
        either = " OR ".join(rf"{expression} {db.like} {one} ESCAPE '\'" for one in values)
        return f"({either})" if self.has_cases else either

    def matches_number(self) -> str:
        """A number as people type it: INV 1041 and inv1041 match INV-1041. Its digits are compared first, because
        that is cheap and excludes most documents."""
        numbers = " OR ".join(self.matches(KEY.format(column), ":joined") for column in ("number", "po_number"))
        return rf"({TEXT} {db.like} :digits ESCAPE '\' AND ({numbers}))"

    def matches_item(self, description: str) -> str:
        """An item also matches without its commas: "Bread flour 25 kg"."""
        bare = self.matches(f"replace({description}, ',', '')")
        return f"({self.matches(description)} OR (instr({description}, ',') > 0 AND {bare}))"

    def text_or_number(self) -> str:
        return " OR ".join([self.matches(TEXT), *[self.matches_number()] * self.is_number])

    def condition(self) -> str:
        return f"{self.text_or_number()} OR id IN (SELECT invoice_id FROM item)"


def has_cases(text: str) -> bool:
    return any(not sign.isascii() and sign.lower() != sign.upper() for sign in text)


def with_clause(search: TextSearch) -> str:
    """The WITH clause for statements that use `condition`."""
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
    WHERE {search.matches_item("item_text.description")}
    UNION
    SELECT l.invoice_id {theirs} AND l.description > (SELECT max(description) FROM item_text)
    AND {search.matches_item("l.description")}
) """


def in_currencies(places: int) -> str:
    """True for currencies with so many decimals. Those not listed have 2."""
    others = [code for d, codes in BY_DECIMALS.items() if places in (2, d) for code in codes]
    codes = ", ".join(f"'{code}'" for code in others)
    return f"currency {'NOT IN' if places == 2 else 'IN'} ({codes})"


def matches_amount(places: int) -> str:
    """True for a document in a currency with so many decimals whose total, or open amount, is :amount{places}."""
    amount = f":amount{places}"
    return f"({in_currencies(places)} AND (total_minor = {amount} OR (NOT is_paid AND open_minor = {amount})))"
