"""Queries of the invoice list. The SQL is built once per shape of a query and cached; rows are plain tuples.

Every sort has an index in its order, in which the rows of each kind and state are adjacent. So a page reads 26 rows of
the index at any depth; the tab All merges four such reads. A search uses an index of trigrams (`text_lookup`), or reads
one covering index of the customer's documents and one of their lines, and sorts no more than a page. A typed amount is
looked up in addition.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import NamedTuple

from app.invoices.queries import text_lookup, text_search
from app.invoices.queries.text_lookup import LISTED, WALKED
from app.invoices.queries.text_search import TextSearch, has_cases, in_currencies
from app.models.base import db

PAGE_SIZE = 25
EXPORT_BATCH = 1_000  # at a time

OPEN = "kind = 'invoice' AND is_paid = FALSE"
PAID = "kind = 'invoice' AND is_paid = TRUE"
CREDIT_LEFT = "kind = 'credit_memo' AND is_paid = FALSE"
CREDIT_USED = "kind = 'credit_memo' AND is_paid = TRUE"
ANY = "kind IN ('invoice', 'credit_memo') AND is_paid IN (FALSE, TRUE)"
ANY_LEFT = "kind IN ('invoice', 'credit_memo') AND is_paid = FALSE"
STATES = {"open": (OPEN, OPEN), "paid": (PAID, ""), "all": (ANY, ANY_LEFT)}
TABS = {"open": (OPEN,), "paid": (PAID,), "all": (OPEN, PAID, CREDIT_LEFT, CREDIT_USED)}
# States that a search counts. Open documents are split into those that can be paid and those being paid.
PAYABLE, PROCESSING = f"{OPEN} AND open_minor > 0", f"{OPEN} AND open_minor = 0"
COUNTED = (PAYABLE, PROCESSING, PAID, CREDIT_LEFT, CREDIT_USED)
# For each sort, the columns that it sorts by. Each sort has the index invoice_by_<sort>
# (customer_id, kind, is_paid, its columns, due_on, issued_on), and its columns are in COLUMNS, Row and, on SQLite,
# invoice_search. The staff's search has an index invoice_by_po_number: a sort by it needs another name.
SORTS = {
    "due": ("due_on", "number", "kind"),
    "issued": ("issued_on", "number", "kind"),
    "number": ("number", "kind"),
    "amount": ("currency", "total_minor", "number", "kind"),
}
COUNT_CAP = 1000
WITH_CASES = "é"  # the text of a shape, see TextSearch.has_cases


def scope(state: str) -> str:
    return f"customer_id = :customer AND {state}"


class Row(NamedTuple):
    """One document of the list. Dates are ISO text, amounts minor units."""

    public_id: str
    kind: str
    number: str
    currency: str
    issued_on: str
    due_on: str
    total_minor: int
    paid_minor: int
    credited_minor: int
    open_minor: int
    processing_minor: int
    is_paid: bool
    is_void: bool


COLUMNS = (
    "public_id, kind, number, currency, issued_on, due_on, total_minor,"
    " paid_elsewhere_minor + paid_online_minor AS paid_minor, credited_minor, open_minor,"
    " processing_minor, is_paid, is_void"
)


@dataclass(frozen=True, slots=True)
class ListQuery:
    """Which documents, in which order, from where on.

    `dated` is the date that since/until (ISO text, inclusive) restrict: "due" or "issued". `cursor` is a
    `position` of the document before the page (or after it, when `backwards`). `amounts` are what `text` is as an
    amount: pairs of a number of decimals and the minor units in currencies that have so many. `groups` are
    the groups of letters and of digits in `text`, if it may be a document's number or PO number; `day` is the date that
    `text` is, as ISO text. `lookup` and `ids` are those of a Lookup, '' without one.
    """

    tab: str = "open"
    sort: str = "due"
    descending: bool = False
    text: str = ""
    amounts: tuple[tuple[int, int], ...] = ()
    groups: tuple[str, ...] = ()
    day: str = ""
    dated: str = "due"
    since: str = ""
    until: str = ""
    cursor: tuple = ()
    backwards: bool = False
    lookup: str = ""
    ids: str = ""


class Page(NamedTuple):
    """`rows` of a page; the `selected` rows, on whatever page they are; True if there are `earlier` and `later`
    pages; and the query with its lookup."""

    rows: tuple[Row, ...]
    selected: tuple[Row, ...]
    earlier: bool
    later: bool
    query: ListQuery


def position(row: Row, sort: str) -> tuple:
    return tuple(getattr(row, name) for name in SORTS[sort])


def page(viewer, query: ListQuery, selected_ids: Sequence[str] = ()) -> Page:
    query = with_lookup(viewer, query)
    sql, values = statement(query, tuple(selected_ids))
    found = db.execute_sql(sql, values | {"customer": viewer.customer_id}).fetchall()
    rows, selected_rows = split_selected(found) if selected_ids else (found, ())
    more = len(rows) > PAGE_SIZE
    rows = rows[:PAGE_SIZE]
    if query.backwards:
        rows.reverse()
    cursor = "at0" in values
    before, after = (more, True) if query.backwards else (cursor, more)
    return Page(tuple(map(Row._make, rows)), tuple(map(Row._make, selected_rows)), before, after, query)


def with_lookup(viewer, query: ListQuery) -> ListQuery:
    """The query with the result of the index lookup, if there is an index. This also decides which text is searched."""
    if not query.text:
        return query
    texts = [query.text, "".join(query.groups) or query.text]
    if has_cases(query.text):
        texts += [case(text) for text in texts for case in (str.lower, str.upper)]
    values = search_values(query) | {"customer": viewer.customer_id}
    search = text_search_in(shape_of(query), decimals_of(query))
    found = text_lookup.look_up(tuple(dict.fromkeys(texts)), search, values)
    return replace(query, lookup=found.kind, ids=found.ids) if found else query


def every(viewer, query: ListQuery) -> Iterator[Row]:
    """All documents of the query from its first page on, in its order."""
    query = with_lookup(viewer, replace(query, cursor=(), backwards=False))
    while True:
        sql, values = statement(query, ())
        values |= {"customer": viewer.customer_id, "limit": EXPORT_BATCH}
        rows = [Row._make(row) for row in db.execute_sql(sql, values).fetchall()]
        yield from rows
        if len(rows) < EXPORT_BATCH:
            return
        query = replace(query, cursor=position(rows[-1], query.sort))


def statement(query: ListQuery, selected_ids: tuple[str, ...]) -> tuple[str, dict]:
    """The SQL of a page and its values, except :customer."""
    query = drop_redundant_bound(query)
    values = {"limit": PAGE_SIZE + 1, **search_values(query)}
    values |= {f"at{n}": value for n, value in enumerate(query.cursor)}
    values |= {f"pick{n}": public_id for n, public_id in enumerate(selected_ids)}
    return page_sql(shape_of(query), decimals_of(query), len(selected_ids)), values


def decimals_of(query: ListQuery) -> tuple[int, ...]:
    return tuple(decimals for decimals, _minor in query.amounts)


def shape_of(query: ListQuery) -> ListQuery:
    """The parts of the query that the SQL depends on: which filters there are, not their values."""
    return replace(
        query,
        text=WITH_CASES if has_cases(query.text) else "x" if query.text else "",
        groups=("x",) if query.groups else (),
        amounts=(),
        day="x" if query.day else "",
        since="x" if query.since else "",
        until="x" if query.until else "",
        cursor=("x",) if query.cursor else (),
        ids="",
    )


def text_search_in(shape: ListQuery, decimals: tuple[int, ...]) -> TextSearch:
    return TextSearch(bool(shape.groups), bool(shape.day), shape.text == WITH_CASES, decimals)


def search_values(query: ListQuery) -> dict:
    amounts = {f"amount{decimals}": minor for decimals, minor in query.amounts}
    digits = max((group for group in query.groups if group.isdecimal()), key=len, default="").lstrip("0")
    texts = {"text": query.text, "bare": query.text.replace(",", ""), "joined": "".join(query.groups)}
    if has_cases(query.text):
        cases = {"lower": str.lower, "upper": str.upper}
        texts |= {f"{name}_{case}": change(text) for name, text in texts.items() for case, change in cases.items()}
    values = {name: like(text) for name, text in texts.items()}
    values |= {"digits": f"%{digits}%", "day": query.day, "ids": query.ids}
    return {**values, "since": query.since, "until": query.until, **amounts}


def split_selected(found: list[tuple]) -> tuple[list, list]:
    return [row[1:] for row in found if row[0] == "row"], [row[1:] for row in found if row[0] == "pick"]


def drop_redundant_bound(query: ListQuery) -> ListQuery:
    # Keep only one lower bound for the index: of two, the database may choose the one that is further away.
    bound = "until" if query.descending != query.backwards else "since"
    limit = getattr(query, bound)
    if not (limit and query.cursor and query.dated == query.sort):
        return query
    inside = query.cursor[0] <= limit if bound == "until" else query.cursor[0] >= limit
    return replace(query, **({bound: ""} if inside else {"cursor": ()}))


def selected(viewer, public_ids: Sequence[str]) -> list[Row]:
    if not public_ids:
        return []
    values = {"customer": viewer.customer_id}
    values |= {f"pick{n}": public_id for n, public_id in enumerate(public_ids)}
    found = db.execute_sql(selected_sql(len(public_ids)) + " ORDER BY due_on, number", values)
    return [Row._make(row) for row in found.fetchall()]


def like(text: str) -> str:
    return "%" + re.sub(r"([\\%_])", r"\\\1", text) + "%"


@lru_cache(512)
def page_sql(shape: ListQuery, decimals: tuple[int, ...], picks: int) -> str:
    """The SQL of a page. Its values are named :customer, :limit, :text, :at0 …

    With `picks`, the first column says whether a row is part of the page or of the selection.
    """
    keys, search = SORTS[shape.sort], text_search_in(shape, decimals)
    direction = "DESC" if shape.descending != shape.backwards else "ASC"
    order = f"ORDER BY {', '.join(f'{key} {direction}' for key in keys)} LIMIT :limit"
    filters = filter_conditions(shape, keys, direction)
    if shape.lookup == LISTED:
        body = f"SELECT {COLUMNS} FROM listed WHERE {' AND '.join([scope(STATES[shape.tab][0]), *filters])} {order}"
    elif shape.text and not shape.lookup:
        found = " UNION ALL ".join(
            f"SELECT * FROM (SELECT id, {', '.join(keys)} FROM invoice {db.indexed_by('invoice_search')}"
            f" WHERE {' AND '.join([*arm, *filters])} {order}) AS arm"
            for arm in searches(*STATES[shape.tab], search)
        )
        body = f"SELECT {COLUMNS} FROM invoice WHERE id IN (SELECT id FROM ({found}) AS arms {order}) {order}"
    else:
        if shape.lookup == WALKED:
            filters.append(text_lookup.walk_condition(search))
        arms = [" AND ".join([scope(state), *filters]) for state in TABS[shape.tab]]
        walk = f"SELECT {COLUMNS} FROM invoice {db.indexed_by(f'invoice_by_{shape.sort}')} WHERE"
        walks = [f"{walk} {arm}" for arm in arms]
        if len(walks) > 1 and not db.merges_ordered_reads:
            walks = [f"SELECT * FROM ({walk} {order}) AS walk" for walk in walks]
        body = " UNION ALL ".join(walks)
        body += f" {order}"
    items = with_clause(shape, search)
    if not picks:
        return items + body
    chosen = selected_sql(picks)
    return f"{items}SELECT 'row', * FROM ({body}) AS listed UNION ALL SELECT 'pick', * FROM ({chosen}) AS selected"


def with_clause(shape: ListQuery, search: TextSearch) -> str:
    """The WITH clause of a statement that searches."""
    if shape.lookup:
        return text_lookup.with_clause()
    return text_search.with_clause(search) if shape.text else ""


def filter_conditions(shape: ListQuery, keys: tuple[str, ...], direction: str) -> list[str]:
    conditions = []
    if shape.since:
        conditions.append(f"{shape.dated}_on >= :since")
    if shape.until:
        conditions.append(f"{shape.dated}_on <= :until")
    if shape.cursor:
        places = ", ".join(f":at{n}" for n in range(len(keys)))
        conditions.append(f"({', '.join(keys)}) {'>' if direction == 'ASC' else '<'} ({places})")
    return conditions


def searches(state: str, left: str, search: TextSearch) -> list[list[str]]:
    """Conditions under which a document is found, no two of which find the same one: text somewhere in number, PO
    number, memo or items, or the date of issue or the due date; and, for an amount, exactly the total or what is open.
    Only the first reads all of a customer's. `left` is the part of `state` in which something can be open; '' for
    none."""
    text = f"({search.condition()}{' OR :day IN (due_on, issued_on)' * search.is_day})"
    arms = [[scope(state), text]]
    for places in search.decimals:
        amount, only = f":amount{places}", [in_currencies(places), f"NOT {text}"]
        arms.append([scope(state), f"total_minor = {amount}", *only])
        if left:
            arms.append([scope(left), f"open_minor = {amount}", f"total_minor <> {amount}", *only])
    return arms


def count_sql(shape: ListQuery, search: TextSearch, state: str) -> str:
    """An expression that counts the matches of the filters in this state of COUNTED, up to COUNT_CAP + 1."""
    shape, keys = replace(shape, cursor=()), SORTS[shape.sort]
    filters = filter_conditions(shape, keys, "ASC")
    listed = f"SELECT 1 FROM listed WHERE {' AND '.join([scope(state), *filters])}"
    if shape.lookup == LISTED:
        return capped_count(listed)
    if shape.lookup == WALKED:
        conditions = [scope(state), *filters, text_lookup.walk_condition(search)]
        walk = f"SELECT 1 FROM invoice {db.indexed_by(f'invoice_by_{shape.dated}')} WHERE {' AND '.join(conditions)}"
        return f"CASE WHEN {capped_count(listed)} > {COUNT_CAP} THEN {COUNT_CAP + 1} ELSE {capped_count(walk)} END"
    index = "invoice_search" if shape.text else f"invoice_by_{shape.dated}"
    left = "" if state in (PAID, CREDIT_USED) else state
    arms = searches(state, left, search) if shape.text else [[scope(state)]]
    found = " UNION ALL ".join(
        f"SELECT 1 FROM invoice {db.indexed_by(index)} WHERE {' AND '.join([*arm, *filters])}" for arm in arms
    )
    return capped_count(f"SELECT * FROM ({found}) AS arms")


def capped_count(rows: str) -> str:
    return f"(SELECT count(*) FROM ({rows} LIMIT {COUNT_CAP + 1}) AS counted)"


def selected_sql(count: int) -> str:
    places = ", ".join(f":pick{n}" for n in range(count))
    return f"SELECT {COLUMNS} FROM invoice WHERE {scope(OPEN)} AND open_minor > 0 AND public_id IN ({places})"
