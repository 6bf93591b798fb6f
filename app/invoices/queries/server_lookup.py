"""What PostgreSQL looks up in its indexes of trigrams, for `text_lookup`.

Each arm ends at its limit: for a text that many documents have, the planner reads some of them instead of the index.
"""

from collections.abc import Iterator

from app.database.text_index import KEY
from app.invoices.queries.text_search import TEXT, Typed, in_currencies

PRELUDE = """WITH listed AS MATERIALIZED (
    SELECT * FROM invoice WHERE id = ANY (CAST(translate(:ids, '[]', '{}') AS bigint[])) AND customer_id = :customer
) """
# Both as migration 0050 has them in indexes.
BARE = "replace(l.description, ',', '')"
KEYS = f"({KEY.format('number')} || ' ' || {KEY.format('po_number')})"


def lookup_sql(typed: Typed) -> str:
    arms = " UNION ALL ".join(f"(SELECT {arm} LIMIT :most)" for arm in lookups(typed))
    return f"SELECT 0, NULL UNION ALL SELECT id, TRUE FROM ({arms}) AS arms"


def lookups(typed: Typed) -> Iterator[str]:
    ours = "id FROM invoice WHERE customer_id = :customer AND"
    yield f"{ours} {typed.matches(TEXT)}"
    yield f"l.invoice_id AS id FROM invoice_line l WHERE l.customer_id = :customer AND {item(typed)}"
    if typed.is_number:
        yield f"{ours} {typed.matches(KEYS, ':joined')}"
    for date in ("due_on", "issued_on") if typed.is_day else ():
        yield f"{ours} kind IN ('invoice', 'credit_memo') AND is_paid IN (FALSE, TRUE) AND {date} = :day"
    for places in typed.decimals:
        yield f"{ours} total_minor = :amount{places} AND {in_currencies(places)}"
        yield f"{ours} NOT is_paid AND open_minor = :amount{places} AND {in_currencies(places)}"


def item(typed: Typed) -> str:
    # The first condition, which an index has, follows from each of the others.
    return f"{typed.matches(BARE, ':bare')} AND ({typed.matches('l.description')} OR {typed.matches(BARE)})"


def amount(places: int) -> str:
    return f"(total_minor = :amount{places} OR (NOT is_paid AND open_minor = :amount{places}))"


def on_the_way(typed: Typed) -> str:
    """The condition under which an invoice is found, which the way through the list reads it for."""
    # As a value and not as EXISTS, for which the planner reads the items of all documents first.
    line = f"SELECT TRUE FROM invoice_line l WHERE l.invoice_id = invoice.id AND {item(typed)} LIMIT 1"
    conditions = [typed.matches(TEXT), *[typed.matches(KEYS, ":joined")] * typed.is_number]
    conditions += [":day IN (due_on, issued_on)"] * typed.is_day
    conditions += [f"({in_currencies(places)} AND {amount(places)})" for places in typed.decimals]
    return f"({' OR '.join(conditions)} OR coalesce(({line}), FALSE))"
