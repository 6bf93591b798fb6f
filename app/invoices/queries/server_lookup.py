"""What PostgreSQL looks up in its indexes of trigrams, for `text_lookup`.

Each arm ends at its limit: for a text that many documents have, the planner reads some of them instead of the index.
"""

from collections.abc import Iterator

from app.database.text_index import KEY
from app.invoices.queries.text_search import TEXT, in_currencies, matches

PRELUDE = """WITH listed AS MATERIALIZED (
    SELECT * FROM invoice WHERE id = ANY (CAST(translate(:ids, '[]', '{}') AS bigint[])) AND customer_id = :customer
) """
# Both as migration 0050 has them in indexes.
BARE = "replace(l.description, ',', '')"
KEYS = f"({KEY.format('number')} || ' ' || {KEY.format('po_number')})"


def lookup_sql(is_number: bool, is_day: bool, decimals: tuple[int, ...]) -> str:
    arms = " UNION ALL ".join(f"(SELECT {arm} LIMIT :most)" for arm in lookups(is_number, is_day, decimals))
    return f"SELECT 0, NULL UNION ALL SELECT id, TRUE FROM ({arms}) AS arms"


def lookups(is_number: bool, is_day: bool, decimals: tuple[int, ...]) -> Iterator[str]:
    ours = "id FROM invoice WHERE customer_id = :customer AND"
    yield f"{ours} {matches(TEXT)}"
    yield f"l.invoice_id AS id FROM invoice_line l WHERE l.customer_id = :customer AND {item()}"
    if is_number:
        yield f"{ours} {matches(KEYS, ':joined')}"
    for date in ("due_on", "issued_on") if is_day else ():
        yield f"{ours} kind IN ('invoice', 'credit_memo') AND is_paid IN (FALSE, TRUE) AND {date} = :day"
    for places in decimals:
        yield f"{ours} total_minor = :amount{places} AND {in_currencies(places)}"
        yield f"{ours} NOT is_paid AND open_minor = :amount{places} AND {in_currencies(places)}"


def item() -> str:
    # The first condition, which an index has, follows from each of the others.
    return f"{matches(BARE, ':bare')} AND ({matches('l.description')} OR {matches(BARE)})"


def amount(places: int) -> str:
    return f"(total_minor = :amount{places} OR (NOT is_paid AND open_minor = :amount{places}))"


def on_the_way(is_number: bool, is_day: bool, decimals: tuple[int, ...]) -> str:
    """The condition under which an invoice is found, which the way through the list reads it for."""
    # As a value and not as EXISTS, for which the planner reads the items of all documents first.
    line = f"SELECT TRUE FROM invoice_line l WHERE l.invoice_id = invoice.id AND {item()} LIMIT 1"
    conditions = [matches(TEXT), *[matches(KEYS, ":joined")] * is_number, *[":day IN (due_on, issued_on)"] * is_day]
    conditions += [f"({in_currencies(places)} AND {amount(places)})" for places in decimals]
    return f"({' OR '.join(conditions)} OR coalesce(({line}), FALSE))"
