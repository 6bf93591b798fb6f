"""PostgreSQL's part of `text_lookup`: what it looks up in its indexes of trigrams.

Each subquery stops at its limit. If many documents have a text, the planner reads some of them instead of the index.
"""

from collections.abc import Iterator

from app.database.text_index import KEY
from app.invoices.queries.text_search import TEXT, TextSearch, in_currencies, matches_amount

WITH_CLAUSE = """WITH listed AS MATERIALIZED (
    SELECT * FROM invoice WHERE id = ANY (CAST(translate(:ids, '[]', '{}') AS bigint[])) AND customer_id = :customer
) """
# Must equal the expressions of the indexes in migration 0050.
BARE = "replace(l.description, ',', '')"
KEYS = f"({KEY.format('number')} || ' ' || {KEY.format('po_number')})"


def lookup_sql(search: TextSearch) -> str:
    arms = " UNION ALL ".join(f"(SELECT {arm} LIMIT :most)" for arm in lookups(search))
    return f"SELECT 0, NULL UNION ALL SELECT id, TRUE FROM ({arms}) AS arms"


def lookups(search: TextSearch) -> Iterator[str]:
    ours = "id FROM invoice WHERE customer_id = :customer AND"
    yield f"{ours} {search.matches(TEXT)}"
    yield f"l.invoice_id AS id FROM invoice_line l WHERE l.customer_id = :customer AND {item(search)}"
    if search.is_number:
        yield f"{ours} {search.matches(KEYS, ':joined')}"
    for date in ("due_on", "issued_on") if search.is_day else ():
        yield f"{ours} kind IN ('invoice', 'credit_memo') AND is_paid IN (FALSE, TRUE) AND {date} = :day"
    for places in search.decimals:
        yield f"{ours} total_minor = :amount{places} AND {in_currencies(places)}"
        yield f"{ours} NOT is_paid AND open_minor = :amount{places} AND {in_currencies(places)}"


def item(search: TextSearch) -> str:
    # The first condition follows from each of the others, and has an index.
    return f"{search.matches(BARE, ':bare')} AND ({search.matches('l.description')} OR {search.matches(BARE)})"


def walk_condition(search: TextSearch) -> str:
    """The condition that a search checks for each invoice while it reads the list in its order."""
    # Not EXISTS: for that the planner would first read the items of all documents.
    line = f"SELECT TRUE FROM invoice_line l WHERE l.invoice_id = invoice.id AND {item(search)} LIMIT 1"
    conditions = [search.matches(TEXT), *[search.matches(KEYS, ":joined")] * search.is_number]
    conditions += [":day IN (due_on, issued_on)"] * search.is_day
    conditions += map(matches_amount, search.decimals)
    return f"({' OR '.join(conditions)} OR coalesce(({line}), FALSE))"
