"""Looks up a search in an index of trigrams before the list is read. SQLite's is here, PostgreSQL's in
`postgres_lookup`.

If few documents match, their ids are a list, and a page and the counts read only those. If many match, reading the list
in its order soon fills a page, and each document read is compared with the text.
"""

import json
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from app.database import text_index
from app.invoices.queries import postgres_lookup
from app.invoices.queries.text_search import TEXT, TextSearch, in_currencies, matches_amount
from app.models.base import db

MAX_LISTED = 2000
MAX_PENDING = 300  # of one customer: with more, the search doesn't use the index
LISTED, WALKED = "listed", "walked"
PENDING = "(SELECT invoice_id FROM text_index_pending WHERE customer_id = :customer)"
OWN = "invoice.customer_id = :customer"
ANY = "invoice.kind IN ('invoice', 'credit_memo') AND invoice.is_paid IN (FALSE, TRUE)"
# The customer's currencies, found with one step along an index for each.
NEXT = """(SELECT min(i.currency) FROM invoice i INDEXED BY invoice_by_amount
        WHERE i.customer_id = :customer AND (i.kind, i.is_paid) = (u.kind, u.is_paid) AND i.currency > u.currency)"""
USED = f"""used (kind, is_paid, currency) AS (
    SELECT u.kind, u.is_paid, {NEXT} FROM (SELECT 'invoice' AS kind, FALSE AS is_paid, '' AS currency
        UNION ALL SELECT 'invoice', TRUE, '' UNION ALL SELECT 'credit_memo', FALSE, ''
        UNION ALL SELECT 'credit_memo', TRUE, '') AS u
    UNION ALL SELECT u.kind, u.is_paid, {NEXT} FROM used u WHERE u.currency IS NOT NULL
)"""
WITH_CLAUSE = f"""WITH listed AS MATERIALIZED (
    SELECT invoice.* FROM json_each(:ids) AS found CROSS JOIN invoice ON invoice.id = found.value WHERE {OWN}
) """


def with_clause() -> str:
    """The WITH clause of a search: all matching documents if they are LISTED, some of them if they are WALKED."""
    return postgres_lookup.WITH_CLAUSE if db.has_trigrams else WITH_CLAUSE


class Lookup(NamedTuple):
    """`ids` is JSON: all matching documents if `kind` is LISTED, some of them if it is WALKED."""

    kind: str
    ids: str


def look_up(texts: tuple[str, ...], search: TextSearch, values: dict) -> Lookup | None:
    """None if no index can answer. `texts` are the search text, and the text without separators if it may be a
    number. `values` are those of the search, with :customer."""
    more = {"most": MAX_LISTED + 1}
    if not db.has_trigrams:
        if not all(map(text_index.can_be_searched, texts)):
            return None
        more["match"] = text_index.expression(values["customer"], *texts)
    sql = lookup_sql(search)
    (pending, _), *rows = db.execute_sql(sql, values | more).fetchall()
    if pending > MAX_PENDING:
        return None
    ids = json.dumps(sorted({row_id for row_id, is_found in rows if is_found}))
    return Lookup(WALKED if len(rows) > MAX_LISTED else LISTED, ids)


@lru_cache(32)
def lookup_sql(search: TextSearch) -> str:
    """The first row is the number of documents that are not indexed yet; further rows are (id, True if it matches)."""
    if db.has_trigrams:
        return postgres_lookup.lookup_sql(search)
    arms = " UNION ALL ".join(f"SELECT * FROM ({arm} LIMIT :most)" for arm in lookups(search))
    return f"WITH RECURSIVE {USED} SELECT (SELECT count(*) FROM {PENDING}), NULL UNION ALL {arms}"


def lookups(search: TextSearch) -> Iterator[str]:
    number = [search.matches_number()] * search.is_number
    text = " OR ".join([search.matches("d.body"), *number])
    yield f"""SELECT m.id, coalesce({OWN} AND m.id NOT IN {PENDING} AND ({text}), FALSE)
        FROM (SELECT rowid AS id FROM text_index WHERE text_index MATCH :match LIMIT :most) AS m
        LEFT JOIN text_index_document d ON d.id = m.id LEFT JOIN invoice ON invoice.id = m.id"""
    text = " OR ".join([read(search), *number])
    yield f"SELECT invoice.id, ({text}) FROM {PENDING} AS p CROSS JOIN invoice ON invoice.id = p.invoice_id WHERE {OWN}"
    for date in ("due", "issued") if search.is_day else ():
        yield f"""SELECT invoice.id, TRUE FROM invoice INDEXED BY invoice_by_{date}
            WHERE {OWN} AND {ANY} AND {date}_on = :day"""
    for places in search.decimals:
        yield f"""SELECT invoice.id, TRUE FROM used CROSS JOIN invoice INDEXED BY invoice_by_amount
            ON {OWN} AND (invoice.kind, invoice.is_paid) = (used.kind, used.is_paid)
            AND invoice.currency = used.currency AND total_minor = :amount{places}
            WHERE used.{in_currencies(places)}"""
        for index, kind in (
            ("balance", "kind = 'invoice' AND NOT is_paid"),
            ("credit", "kind = 'credit_memo' AND open_minor > 0"),
        ):
            yield f"""SELECT invoice.id, TRUE FROM invoice INDEXED BY invoice_{index}
                WHERE {OWN} AND {kind} AND open_minor = :amount{places} AND {in_currencies(places)}"""


def read(search: TextSearch) -> str:
    """True for a document whose own texts contain the text."""
    lines = f"SELECT 1 FROM invoice_line l WHERE l.invoice_id = invoice.id AND {search.matches_item('l.description')}"
    return f"({search.matches(TEXT)} OR EXISTS ({lines}))"


def walk_condition(search: TextSearch) -> str:
    """The condition that a search checks for each invoice while it reads the list in its order."""
    if db.has_trigrams:
        return postgres_lookup.walk_condition(search)
    body = f"EXISTS (SELECT 1 FROM text_index_document d WHERE d.id = invoice.id AND {search.matches('d.body')})"
    conditions = [f"CASE WHEN invoice.id IN {PENDING} THEN {read(search)} ELSE {body} END"]
    if search.is_number:
        conditions.append(search.matches_number())
    if search.is_day:
        conditions.append(":day IN (due_on, issued_on)")
    conditions += map(matches_amount, search.decimals)
    return f"({' OR '.join(conditions)})"
