"""How the database reads the list: an index in order, at any depth, for any customer.

The plans are asked for without statistics and with those of a customer of 20,000 invoices.
"""

import re
from dataclasses import replace
from datetime import date, timedelta
from itertools import product
from types import SimpleNamespace

import pytest

from app.database.sqlite import migrate, open_database
from app.extensions import db
from app.invoices.queries import invoice_list, text_lookup, text_search
from app.invoices.queries.invoice_list import (
    SORTS,
    TABS,
    WITH_CASES,
    ListQuery,
    drop_redundant_bound,
    page_sql,
    selected_sql,
)
from app.invoices.queries.invoice_totals import COUNT_CAP, SETTLED, Counts, balances_sql, totals, totals_sql
from app.invoices.queries.text_search import TextSearch
from app.models import Customer, Invoice, InvoiceLine
from tests.support.statements import counted

pytestmark = pytest.mark.sqlite
VALUES = (
    "customer",
    "limit",
    "most",
    "match",
    "ids",
    "day",
    "text",
    "text_lower",
    "text_upper",
    "joined",
    "joined_lower",
    "joined_upper",
    "digits",
    "since",
    "until",
    "at0",
    "at1",
    "at2",
    "at3",
    "amount0",
    "amount2",
    "amount3",
    "today",
    "days_30",
    "days_60",
    "pick0",
)
MANY = 20_000
ITEMS = text_search.TEXTS + 500
VIEWER = SimpleNamespace(customer_id=1)


@pytest.fixture(scope="module")
def many(tmp_path_factory):
    """One customer with 20,000 invoices and one with 100, in a database of their own."""
    database = open_database(f"sqlite:///{tmp_path_factory.mktemp('plan') / 'plan.sqlite3'}")
    migrate(database)
    before = db.obj
    db.initialize(database)
    with database.connection_context():
        for number in ("1", "2"):
            Customer.create(number=number, name=number)
        with database.atomic():
            for at in range(0, MANY, 1000):
                Invoice.insert_many([document(n) for n in range(at, at + 1000)]).execute()
            InvoiceLine.insert_many([item(n) for n in range(ITEMS)]).execute()
        yield database
    database.close_all()
    db.initialize(before)


@pytest.fixture(scope="module", params=["read", "indexed"])
def texts(request, many):
    """How the texts are found: each is read, or all are in the index."""
    many.execute_sql("INSERT OR IGNORE INTO text_index_pending SELECT customer_id, id FROM invoice")
    if request.param == "indexed":
        many.index_texts(60)
        assert many.execute_sql("SELECT count(*) FROM text_index_pending").fetchone() == (0,)


def document(n: int) -> dict:
    day = date(2010, 1, 1) + timedelta(n % 5000)
    left = 0 if n % 50 else 100 + n
    return dict(
        public_id=f"p{n}",
        customer=1 if n % 200 else 2,
        number=f"INV-{n:06}",
        currency="USD",
        issued_on=day,
        due_on=day + timedelta(30),
        total_minor=100 + n,
        open_minor=left,
        is_paid=not left,
        kind="credit_memo" if n % 90 == 0 else "invoice",
    )


def item(n: int) -> dict:
    """An item of the n-th document, with a text of its own; see `document` for its customer."""
    return dict(invoice=n + 1, position=1, description=f"Part {n:06}", amount_minor=1)


def plan(database, sql: str) -> list[str]:
    rows = database.execute_sql("EXPLAIN QUERY PLAN " + sql, {name: 1 for name in VALUES if f":{name}" in sql})
    return [row[3] for row in rows.fetchall()]


def reads_in_order(steps: list[str]) -> bool:
    searched = [step for step in steps if step.startswith("SEARCH invoice")]
    scanned = [step for step in steps if step.startswith("SCAN invoice")]
    return bool(searched) and not scanned and not any("TEMP B-TREE" in step for step in steps)


SHAPES = [
    drop_redundant_bound(
        ListQuery(
            tab=tab,
            sort=sort,
            descending=descending,
            dated=dated,
            since=since,
            until=until,
            cursor=cursor,
            backwards=backwards,
        )
    )
    for tab, sort, descending, dated, (since, until), (cursor, backwards) in product(
        TABS,
        SORTS,
        (False, True),
        ("due", "issued"),
        (("", ""), ("x", ""), ("", "x"), ("x", "x")),
        (((), False), (("x",), False), (("x",), True)),
    )
]


@pytest.mark.parametrize("statistics", [False, True])
def test_no_page_scans_the_table_or_sorts(many, statistics):
    if statistics:
        many.execute_sql("ANALYZE")
    for shape in SHAPES:
        steps = plan(many, page_sql(shape, (), 0))
        assert reads_in_order(steps), (shape, steps)
        assert any(f"invoice_by_{shape.sort} " in step for step in steps), (shape, steps)


def test_a_cursor_is_where_the_walk_begins(many):
    for sort, (first, *_) in SORTS.items():
        steps = plan(many, page_sql(ListQuery(sort=sort, cursor=("x",)), (), 0))
        assert any(
            f"invoice_by_{sort} (customer_id=? AND kind=? AND is_paid=? AND" in step and first in step for step in steps
        ), steps


def test_searching_reads_one_index_of_one_customer(many):
    for shape, decimals in product([s for s in SHAPES if not s.cursor], ((), (0, 2, 3))):
        searching = ListQuery(tab=shape.tab, sort=shape.sort, descending=shape.descending, text="x")
        steps = plan(many, page_sql(searching, decimals, 0))
        searched = [step for step in steps if "invoice_search" in step]
        where = "SEARCH invoice USING COVERING INDEX invoice_search (customer_id=? AND kind=? AND is_paid=?"
        assert where + ")" in searched and all(step.startswith(where) for step in searched), steps
        assert sum("total_minor=?" in step for step in searched) == len(decimals)  # a total is looked up


@pytest.mark.parametrize(
    "query",
    [
        ListQuery(tab="all", text="INV-0001"),
        ListQuery(tab="all", text="INV-00001"),
        ListQuery(text="inv 19", groups=("inv", "19")),
        ListQuery(tab="paid", text="999"),
        ListQuery(text="1.50", amounts=((2, 150),)),
        ListQuery(text="nowhere"),
        ListQuery(tab="all", text="nowhere"),
        ListQuery(since="2012-01-01", until="2012-01-31"),
        ListQuery(text="INV"),
        ListQuery(tab="all", text="inv 0", groups=("inv", "0")),
        ListQuery(tab="all", text="1.51", amounts=((2, 151),)),
        ListQuery(tab="all", text="01/15/2012", day="2012-01-15"),
    ],
)
def test_a_search_counts_every_tab_of_any_customer(texts, query):
    """In the page that has all, in a statement that stops at COUNT_CAP, or in both."""
    page = invoice_list.page(VIEWER, query)
    found = totals(VIEWER, date(2024, 1, 1), query, page).found
    expected = [document(n) for n in range(MANY) if document(n)["customer"] == 1 and is_found(document(n), query)]
    is_open = [one for one in expected if one["kind"] == "invoice" and not one["is_paid"]]
    paid = [one for one in expected if one["kind"] == "invoice" and one["is_paid"]]
    assert found == Counts(*(min(COUNT_CAP + 1, len(rows)) for rows in (is_open, paid, expected)))


def is_found(one: dict, query: ListQuery) -> bool:
    if query.since:
        return query.since <= one["due_on"].isoformat() <= query.until
    compact = one["number"].lower().replace("-", "")
    return (
        query.text.lower() in one["number"].lower()
        or "".join(query.groups or ["-"]).lower() in compact
        or query.day in (one["due_on"].isoformat(), one["issued_on"].isoformat())
        or any(minor in (one["total_minor"], one["open_minor"]) for _decimals, minor in query.amounts)
    )


@pytest.mark.parametrize("tab", ["all", "open", "paid"])
@pytest.mark.parametrize("text", ["part 0000", "PART 005", f"Part {ITEMS - 1:06}", "Part 000200", "part", "nowhere"])
def test_items_are_found_for_any_customer(texts, tab, text):
    """Among the first texts, after them, in both; and those of the other customer never."""
    query = ListQuery(tab=tab, text=text)
    page = invoice_list.page(VIEWER, query)
    with_it = [n for n in range(ITEMS) if text.lower() in f"part {n:06}" and document(n)["customer"] == 1]
    shown = [
        n
        for n in with_it
        if tab == "all" or (document(n)["kind"] == "invoice" and document(n)["is_paid"] == (tab == "paid"))
    ]
    assert len(page.rows) == min(25, len(shown)) and {row.public_id for row in page.rows} <= {f"p{n}" for n in shown}
    assert totals(VIEWER, date(2024, 1, 1), query, page).found.all == min(COUNT_CAP + 1, len(with_it))


@pytest.mark.parametrize("text", ["x", WITH_CASES])
def test_items_come_from_an_index_of_one_customer(many, text):
    for sql in (page_sql(ListQuery(text=text), (), 0), totals_sql(ListQuery(text=text), ())):
        steps = [step for step in plan(many, sql) if "invoice_line" in step]
        where = "SEARCH l USING COVERING INDEX invoice_line_search (customer_id=?"
        assert steps and all(step.startswith(where) for step in steps), steps


@pytest.mark.parametrize("text", ["x", WITH_CASES])
def test_rows_of_the_text_index_are_looked_up_by_key(many, text):
    steps = plan(many, text_lookup.lookup_sql(TextSearch(True, True, text == WITH_CASES, (0, 2, 3))))
    read = [step for step in steps if re.search(r"\b(invoice|i|l|d|text_index\w*)\b", step)]
    virtual = "SCAN text_index VIRTUAL TABLE INDEX 0:M"
    assert read and all(step.startswith(("SEARCH", virtual)) for step in read), read
    for shape in (replace(shape, text=text, lookup=text_lookup.WALKED) for shape in SHAPES):
        steps = plan(many, page_sql(shape, (2,), 0))
        assert reads_in_order(steps) and any(f"invoice_by_{shape.sort} " in step for step in steps), (shape, steps)


def test_search_counts_use_indexes(many):
    for shape in (ListQuery(text="x", groups=("x",)), ListQuery(text="x"), ListQuery(since="x", until="x")):
        steps = [step for step in plan(many, totals_sql(shape, (2,) if shape.text else ())) if " invoice " in step]
        assert steps and all(step.startswith("SEARCH invoice USING") for step in steps), steps


def test_balances_read_one_covering_index(many):
    steps = plan(many, balances_sql())
    read = [step for step in steps if "invoice" in step]
    assert len(read) == 3 and all("COVERING INDEX invoice_" in step for step in read), steps


def test_counts_and_balances_together_read_indexes_alone(many):
    read = [step for step in plan(many, totals_sql()) if "invoice" in step]
    assert len(read) == 3 + len(SETTLED) and all("COVERING INDEX invoice_" in step for step in read), read


def test_ticks_are_looked_up_one_by_one(many):
    assert any("public_id=?" in step for step in plan(many, selected_sql(1)))


def test_a_cursor_inside_of_the_dates_is_the_only_bound_of_the_walk(many):
    query = ListQuery(tab="all", since="2010-01-01", cursor=("2015-06-01", "INV-000000", "invoice"))
    with counted() as sent:
        assert invoice_list.page(VIEWER, query).rows[0].due_on >= "2015-06-01"
    assert ":since" not in sent[0]
