"""What a search finds by an index of trigrams, SQLite's or in `server_lookup` PostgreSQL's, looked up before the list
is read.

If that is few documents, they are a list of ids: a page and the counts read those alone. If it is many, a page is soon
full on the way through the list in its order, and each document on the way is compared with the text.
"""

import json
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from app.database import text_index
from app.invoices.queries import server_lookup
from app.invoices.queries.text_search import TEXT, Typed, in_currencies
from app.models.base import db

MOST_LISTED = 2000
MOST_PENDING = 300  # of one customer: with more of them the search does without the index
LISTED, WALKED = "listed", "walked"
PENDING = "(SELECT invoice_id FROM text_index_pending WHERE customer_id = :customer)"
OWN = "invoice.customer_id = :customer"
ANY = "invoice.kind IN ('invoice', 'credit_memo') AND invoice.is_paid IN (FALSE, TRUE)"
# The currencies of the customer, a step along an index for each.
NEXT = """(SELECT min(i.currency) FROM invoice i INDEXED BY invoice_by_amount
        WHERE i.customer_id = :customer AND (i.kind, i.is_paid) = (u.kind, u.is_paid) AND i.currency > u.currency)"""
USED = f"""used (kind, is_paid, currency) AS (
    SELECT u.kind, u.is_paid, {NEXT} FROM (SELECT 'invoice' AS kind, FALSE AS is_paid, '' AS currency
        UNION ALL SELECT 'invoice', TRUE, '' UNION ALL SELECT 'credit_memo', FALSE, ''
        UNION ALL SELECT 'credit_memo', TRUE, '') AS u
    UNION ALL SELECT u.kind, u.is_paid, {NEXT} FROM used u WHERE u.currency IS NOT NULL
)"""
PRELUDE = f"""WITH listed AS MATERIALIZED (
    SELECT invoice.* FROM json_each(:ids) AS found CROSS JOIN invoice ON invoice.id = found.value WHERE {OWN}
) """


def prelude() -> str:
    """What a search begins with: the listed documents, or some of the many."""
    return server_lookup.PRELUDE if db.has_trigrams else PRELUDE


class Lookup(NamedTuple):
    """`ids` is JSON: of all documents that were found if it is LISTED, of some of them if it is WALKED."""

    kind: str
    ids: str


def look_up(texts: tuple[str, ...], typed: Typed, values: dict) -> Lookup | None:
    """None without an index that knows enough. `texts` are what is searched for, and that without signs if it may be a
    number; `values` those of the search with :customer."""
    more = {"most": MOST_LISTED + 1}
    if not db.has_trigrams:
        if not all(map(text_index.may_be_found, texts)):
            return None
        more["match"] = text_index.expression(values["customer"], *texts)
    sql = lookup_sql(typed)
    (pending, _), *rows = db.execute_sql(sql, values | more).fetchall()
    if pending > MOST_PENDING:
        return None
    ids = json.dumps(sorted({row_id for row_id, is_found in rows if is_found}))
    return Lookup(WALKED if len(rows) > MOST_LISTED else LISTED, ids)


@lru_cache(32)
def lookup_sql(typed: Typed) -> str:
    """Its first row is how many documents wait for the index; then (id, whether it is found)."""
    if db.has_trigrams:
        return server_lookup.lookup_sql(typed)
    arms = " UNION ALL ".join(f"SELECT * FROM ({arm} LIMIT :most)" for arm in lookups(typed))
    return f"WITH RECURSIVE {USED} SELECT (SELECT count(*) FROM {PENDING}), NULL UNION ALL {arms}"


def lookups(typed: Typed) -> Iterator[str]:
    number = [typed.matches_number()] * typed.is_number
    text = " OR ".join([typed.matches("d.body"), *number])
    yield f"""SELECT m.id, coalesce({OWN} AND m.id NOT IN {PENDING} AND ({text}), FALSE)
        FROM (SELECT rowid AS id FROM text_index WHERE text_index MATCH :match LIMIT :most) AS m
        LEFT JOIN text_index_document d ON d.id = m.id LEFT JOIN invoice ON invoice.id = m.id"""
    text = " OR ".join([read(typed), *number])
    yield f"SELECT invoice.id, ({text}) FROM {PENDING} AS p CROSS JOIN invoice ON invoice.id = p.invoice_id WHERE {OWN}"
    for date in ("due", "issued") if typed.is_day else ():
        yield f"""SELECT invoice.id, TRUE FROM invoice INDEXED BY invoice_by_{date}
            WHERE {OWN} AND {ANY} AND {date}_on = :day"""
    for places in typed.decimals:
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


def read(typed: Typed) -> str:
    """The condition under which a document's own texts have the text."""
    lines = f"SELECT 1 FROM invoice_line l WHERE l.invoice_id = invoice.id AND {typed.matches_item('l.description')}"
    return f"({typed.matches(TEXT)} OR EXISTS ({lines}))"


def on_the_way(typed: Typed) -> str:
    """The condition under which an invoice is found, which the way through the list reads it for."""
    if db.has_trigrams:
        return server_lookup.on_the_way(typed)
    body = f"EXISTS (SELECT 1 FROM text_index_document d WHERE d.id = invoice.id AND {typed.matches('d.body')})"
    conditions = [f"CASE WHEN invoice.id IN {PENDING} THEN {read(typed)} ELSE {body} END"]
    if typed.is_number:
        conditions.append(typed.matches_number())
    if typed.is_day:
        conditions.append(":day IN (due_on, issued_on)")
    for places in typed.decimals:
        amount = f"total_minor = :amount{places} OR (NOT is_paid AND open_minor = :amount{places})"
        conditions.append(f"({in_currencies(places)} AND ({amount}))")
    return f"({' OR '.join(conditions)})"
