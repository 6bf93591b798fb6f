"""Customers stand in the order in which a reader looks for their names, the same on both databases."""

import csv
import io
import re
from itertools import pairwise

import pytest

from app.models import Access, Customer, db
from app.sort_keys import sort_key_of
from app.worker import Worker
from tests.customers.conftest import unescaped
from tests.customers.test_list import names

IN_ORDER = [
    "!", "???", "🦊", "2 Brothers", "3M", "10 Cents", "A.B.C. Lamps", "ABC Motors", "Ægir", "aether", "Åland Ferries",
    "Čapek", "Cedar Lane", "“Cedar Lane”", "cedar-lane bakery", "Cedarlane", "CHAPEL", "Emile", "emile", "Émile",
    "E\u0301mile & Fils", "Emily", "Finch", "ﬁne arts", "Fine Arts & Sons", "İstanbul", "Łódź", "Lodz 2",
    "New York", "Newark", "O'Brien", "OBrien", "O’Brien", "Ostlund", "Östlund", "Østlund", "Ostrava", "   Pad", "Pad",
    "Q" * 250, "Store 2", "Store 010", "Store 10", "Store 11", "Strasse", "Straße", "STRASSE 1",
    "Zürich", "Zusatz", "Ωmega", "Ёлка", "Москва", "名前",
]  # fmt: skip


EACH_TWICE = [name for name in IN_ORDER for _ in range(2)]


@pytest.fixture
def many(cast):
    """Customers with these names, two with each, added in another order."""
    Access.delete().execute()
    Customer.delete().execute()
    for number, name in enumerate(sorted(EACH_TWICE, key=lambda one: one[::-1])):
        Customer.create(number=f"N{number}", name=name)


def paged(browser, url: str) -> list[str]:
    """The names of all pages, following the links to the next one."""
    found = []
    while url:
        page = browser.get(url)
        found += names(page)
        following = re.search(r'rel="next" href="([^"]+)"', unescaped(page))
        url = following and following[1]
    return found


def test_names_stand_where_a_reader_looks_for_them():
    assert [pair for pair in pairwise(IN_ORDER) if not sort_key_of(pair[0]) < sort_key_of(pair[1])] == []


@pytest.mark.parametrize("query", ["", "?access=none", "?q=N"])
def test_pages_are_in_the_order_of_names(ruth, many, query):
    assert paged(ruth, f"/customers{query}") == EACH_TWICE


def test_the_file_is_in_the_order_of_names(ruth, many):
    rows = csv.DictReader(io.StringIO(ruth.get("/customers/export.csv").get_data(as_text=True).lstrip("\ufeff")))
    assert [row["Name"] for row in rows] == EACH_TWICE


def test_customers_of_a_file_stand_in_the_order_of_names_and_so_do_renamed_ones(ruth, many, app, tmp_path):
    file = tmp_path / "customers.csv"
    file.write_text("Customer number,Name\nN0,Ångström\nX1,Édouard\nX2,edith\n")
    app.test_cli_runner().invoke(args=["import", "customers", str(file)])
    found = paged(ruth, "/customers")
    near = ["Ægir", "Ångström", "Čapek", "edith", "Édouard", "Emile"]
    assert list(dict.fromkeys(name for name in found if name in near)) == near


def test_names_that_the_version_before_wrote_are_put_in_order(ruth, many, read, app):
    read(lambda: Customer.update(name="Ängelholm").where(Customer.number == "N0").execute())
    read(lambda: db.execute_sql("UPDATE customer SET sort_key = '' WHERE number > 'N50'"))
    assert paged(ruth, "/customers")[0] != "!"
    read(Worker(app).index_texts)
    found = paged(ruth, "/customers")
    assert found == sorted(found, key=sort_key_of) and found.index("Ängelholm") < found.index("Čapek")
    assert read(lambda: Customer.select().where(Customer.sort_key == "").count()) == 0
