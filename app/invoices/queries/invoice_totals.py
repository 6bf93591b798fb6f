"""Totals of a customer's documents: how many each tab has, and what is owed in each currency.

Counting stops at COUNT_CAP + 1. The sums come from a covering index of the unpaid documents.
"""

from datetime import date, timedelta
from functools import cache, lru_cache
from typing import NamedTuple

from app.invoices.ageing import BUCKETS
from app.invoices.queries.invoice_list import (
    COUNT_CAP,
    COUNTED,
    CREDIT_LEFT,
    CREDIT_USED,
    PAID,
    PAYABLE,
    PROCESSING,
    ListQuery,
    Page,
    Row,
    count_sql,
    decimals_of,
    scope,
    search_values,
    shape_of,
    text_search_in,
    with_clause,
    with_lookup,
)
from app.invoices.queries.text_search import TextSearch
from app.models.base import db


class Counts(NamedTuple):
    """Number of documents in each tab, COUNT_CAP + 1 for more than COUNT_CAP. Something can be paid on `open` ones.
    The `processing` ones are being paid in full, and are listed with them."""

    open: int
    paid: int
    all: int
    processing: int = 0


class Balance(NamedTuple):
    """Amounts due in one currency, in minor units; credit memos are separate, in `credit_minor`.

    Nothing is left to pay on `processing` invoices. `late_30`, `late_60` and `late_more` add up to `overdue_minor`.
    `next_due` is ISO text or None.
    """

    currency: str
    invoices: int = 0
    open_minor: int = 0
    processing_minor: int = 0
    processing: int = 0
    overdue: int = 0
    overdue_minor: int = 0
    late_30: int = 0
    late_60: int = 0
    late_more: int = 0
    next_due: str | None = None
    next_minor: int = 0
    credit_minor: int = 0


class Totals(NamedTuple):
    """The tabs' counts; the balances, starting with the currency with the most invoices; and how many documents a
    search finds in each tab, None without a search."""

    counts: Counts
    balances: tuple[Balance, ...]
    found: Counts | None = None


def counted(state: str) -> str:
    some = f"SELECT 1 FROM invoice {db.indexed_by('invoice_by_number')} WHERE {scope(state)} LIMIT {COUNT_CAP + 1}"
    return f"(SELECT count(*) FROM ({some}) AS counted)"


IN_TAB = {"open": (PAYABLE, PROCESSING), "paid": (PAID,), "all": COUNTED}
SETTLED = (PAID, CREDIT_LEFT, CREDIT_USED)  # the balances count the open ones


@cache
def counts_sql() -> str:
    return ", ".join(map(counted, SETTLED))


@cache
def balances_sql() -> str:
    unpaid, credit = db.indexed_by("invoice_balance"), db.indexed_by("invoice_credit")
    return f"""
SELECT b.*, (SELECT sum(open_minor) FROM invoice {unpaid}
             WHERE customer_id = :customer AND NOT is_paid AND kind = 'invoice' AND currency = b.currency
               AND due_on = b.next_due), 0
FROM (SELECT currency, count(*) FILTER (WHERE open_minor > 0), sum(open_minor), sum(processing_minor),
        count(*) FILTER (WHERE open_minor = 0),
        count(*) FILTER (WHERE open_minor > 0 AND due_on < :today),
        sum(CASE WHEN due_on < :today THEN open_minor ELSE 0 END),
        sum(CASE WHEN due_on < :today AND due_on >= :days_30 THEN open_minor ELSE 0 END),
        sum(CASE WHEN due_on < :days_30 AND due_on >= :days_60 THEN open_minor ELSE 0 END),
        sum(CASE WHEN due_on < :days_60 THEN open_minor ELSE 0 END),
        min(CASE WHEN due_on >= :today AND open_minor > 0 THEN due_on END) AS next_due
      FROM invoice {unpaid} WHERE customer_id = :customer AND NOT is_paid AND kind = 'invoice'
      GROUP BY currency) b
UNION ALL
SELECT currency, 0, 0, 0, 0, 0, 0, 0, 0, 0, NULL, 0, sum(open_minor)
FROM invoice {credit}
WHERE customer_id = :customer AND kind = 'credit_memo' AND open_minor > 0 GROUP BY currency
"""


NO_CURRENCY = ", NULL" * (
    len(Balance._fields) - 1 - len(SETTLED) - len(COUNTED)
)  # the row of counts has them in the columns of the sums


@lru_cache(128)
def totals_sql(shape: ListQuery | None = None, decimals: tuple[int, ...] = (), states=COUNTED) -> str:
    """With the counts of a search of this shape in those `states` of COUNTED."""
    search = text_search_in(shape, decimals) if shape else TextSearch()
    items = with_clause(shape, search) if shape and states else ""
    found = ", ".join(count_sql(shape, search, state) if shape and state in states else "NULL" for state in COUNTED)
    return f"{items}SELECT NULL, {counts_sql()}, {found}{NO_CURRENCY} UNION ALL {balances_sql()}"


def totals(viewer, today: date, query: ListQuery | None = None, page: Page | None = None) -> Totals:
    """The counts and balances of the viewer's customer and, with `query`, how many documents its search finds in
    each tab: one statement. States whose matches are all on the `page` of that search are not searched again."""
    sql, values, known, found = totals_sql(), {}, {}, None
    if query is not None:
        query = page.query if page else with_lookup(viewer, query)
        known = counted_on(query, page)
        states = tuple(state for state in COUNTED if state not in known)
        sql = totals_sql(shape_of(query), decimals_of(query), states)
        values = search_values(query)
    values |= {
        "customer": viewer.customer_id,
        "today": today.isoformat(),
        "days_30": (today - timedelta(BUCKETS[1].last)).isoformat(),
        "days_60": (today - timedelta(BUCKETS[2].last)).isoformat(),
    }
    settled, by_currency = (), {}
    for row in db.execute_sql(sql, values).fetchall():
        if row[0] is None:
            settled, searched = row[1 : 1 + len(SETTLED)], row[1 + len(SETTLED) :][: len(COUNTED)]
            if query is not None:
                found = tab_counts(*(known.get(state, number) for state, number in zip(COUNTED, searched, strict=True)))
            continue
        balance = Balance(*row[:11], row[11] or 0, row[12])
        owed = by_currency.get(balance.currency)
        by_currency[balance.currency] = owed._replace(credit_minor=balance.credit_minor) if owed else balance
    payable, processing = (sum(getattr(b, name) for b in by_currency.values()) for name in ("invoices", "processing"))
    counts = tab_counts(payable, processing, *settled)
    balances = sorted(by_currency.values(), key=lambda b: (-b.invoices, b.currency))
    return Totals(counts, tuple(balances), found)


def counted_on(query: ListQuery, page: Page | None) -> dict[str, int]:
    """The number of matches in each state of its tab, if the page has all of them."""
    if page is None or page.earlier or page.later:
        return {}
    states = [state_of(row) for row in page.rows]
    return {state: states.count(state) for state in IN_TAB[query.tab]}


def state_of(row: Row) -> str:
    if row.kind == "credit_memo":
        return CREDIT_USED if row.is_paid else CREDIT_LEFT
    if row.is_paid:
        return PAID
    return PAYABLE if row.open_minor > 0 else PROCESSING


def tab_counts(payable: int, processing: int, paid: int, *credits: int) -> Counts:
    """The counts of the states of COUNTED, as the tabs show them."""
    every = payable + processing + paid + sum(credits)
    payable, every, processing = (min(COUNT_CAP + 1, number) for number in (payable, every, processing))
    return Counts(payable, paid, every, processing)
