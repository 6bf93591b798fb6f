"""SQLite and PostgreSQL give the same rows in the same order, whatever is in numbers and names."""

from dataclasses import replace
from datetime import date
from types import SimpleNamespace

import pytest

from app.customers import queries as customers
from app.invoices.queries import invoice_list
from app.invoices.queries.invoice_list import SORTS, ListQuery, position
from app.models import Customer
from app.sort_keys import sort_key_of, words_of
from tests.people import invoice

TEXTS = [
    "Zürich AG", "zürich ag", "ZURICH AG", "Éclair", "éclair", "ECLAIR", "e\u0301clair", "Straße 1", "STRASSE 1",
    "İstanbul", "istanbul", "ISTANBUL", "ıstanbul", "Ωmega", "ωmega", "Ąb", "ąb", "名前", "なまえ", "ＡＢＣ", "abc",
    "🦊 fox", "_a", "%a", "\\a", "'a", '"a', "[a", "^a", "`a", "{a", "~a", "a b", "a-b", "ab", "a", "A", "aA", "Aa",
    "2", "10", "010", "1e1", "-1", "\u200fa", "ﬁn", "fin", "\u00a0a", "K", "k",
]  # fmt: skip
SOUGHT = [
    "é", "É", "éclair", "ÉCLAIR", "Straße", "ü", "ß", "ss", "i", "İ", "ω", "ą", "名", "🦊", "%", "_", "\\",
    "'", "k", "ab", "A B", "fin", "10",
]  # fmt: skip


def lower(text: str) -> str:
    """As both databases fold case: ASCII letters alone."""
    return text.translate({code: code + 32 for code in range(ord("A"), ord("Z") + 1)})


@pytest.fixture
def named(cast, in_database):
    return [Customer.create(number=f"№{chr(0x4E00 + n)}", name=text) for n, text in enumerate(TEXTS + TEXTS)]


def pages(page, start, cursor_of, backwards=False) -> list:
    """All rows, following the pages from `start` on."""
    rows, query = [], start
    while True:
        found = page(query)
        rows = [*found.rows, *rows] if backwards else [*rows, *found.rows]
        if not (found.earlier if backwards else found.later):
            return rows
        query = replace(query, cursor=cursor_of(found.rows[0 if backwards else -1]), backwards=backwards)


def test_customers_are_in_one_order_on_all_pages(named):
    start = customers.Listing()
    found = pages(customers.page, start, lambda row: row.public_id)
    expected = sorted(Customer.select(), key=lambda one: (sort_key_of(one.name).encode(), one.id))
    assert [row.id for row in found] == [one.id for one in expected]
    last = replace(start, cursor=found[-1].public_id, backwards=True)
    assert [row.id for row in pages(customers.page, last, lambda row: row.public_id, True)] == [
        one.id for one in expected[:-1]
    ]


@pytest.mark.parametrize("text", SOUGHT)
def test_a_search_finds_the_same_customers(named, text):
    found = pages(customers.page, customers.Listing(text=text), lambda row: row.public_id)
    words = words_of(text)
    expected = {one for one in TEXTS if lower(text) in lower(one) or (len(words) > 1 and words in words_of(one))}
    assert {row.name for row in found if row.number[0] == "№"} == expected


@pytest.fixture
def alice(cast, in_database):
    for n, text in enumerate(TEXTS):
        invoice(cast.cedar, text, 1000 + n // 3, date(2026, 12, 1 + n // 9), issued_on=date(2026, 11, 1 + n % 4))
    return SimpleNamespace(customer_id=cast.cedar.id)


@pytest.mark.parametrize("descending", [False, True])
@pytest.mark.parametrize("sort", SORTS)
def test_documents_are_in_one_order_on_all_pages(alice, sort, descending):
    def page(query):
        return invoice_list.page(alice, query)

    def cursor_of(row):
        return position(row, sort)

    def key(row):
        return [part.encode() if isinstance(part, str) else part for part in position(row, sort)]

    start = ListQuery(sort=sort, descending=descending)
    found = pages(page, start, cursor_of)
    assert len(found) == len(TEXTS)
    assert found == sorted(found, key=key, reverse=descending)
    last = replace(start, cursor=cursor_of(found[-1]), backwards=True)
    assert pages(page, last, cursor_of, True) == found[:-1]


@pytest.mark.parametrize("text", SOUGHT)
def test_a_search_finds_the_same_documents(alice, text):
    found = pages(lambda query: invoice_list.page(alice, query), ListQuery(text=text), lambda row: position(row, "due"))
    cases = {lower(case) for case in (text, text.lower(), text.upper())}
    assert {row.number for row in found} == {one for one in TEXTS if any(case in lower(one) for case in cases)}
