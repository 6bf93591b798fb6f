"""/customers: the list under both its menu paths."""

import re
import time

import pytest

from app.customers import queries
from app.customers.queries import PAGE_SIZE, Listing
from app.models import Access, Customer, Role, User, db
from tests.conftest import csrf_of
from tests.customers.conftest import unescaped
from tests.ledger import HTMX
from tests.support.pages import text_of


def names(response) -> list[str]:
    return re.findall(r'class="rowlink[^>]*>([^<]+)</a>', unescaped(response))


@pytest.fixture
def many(cast):
    """60 customers more, every second of them with one invited user."""
    role = Role.get(name="Customer Center")
    for n in range(60):
        customer = Customer.create(number=f"N{n}", name=f"{'aB'[n % 2]}cme {n:02}", email=f"own{n}@x.example")
        if n % 2:
            user = User.create(email=f"person{n}@y.example", created_ms=0)
            Access.create(user=user, customer=customer, role=role)


@pytest.mark.parametrize(
    ("url", "path"),
    [("/customers", "Customers Lists Customers"), ("/customers?via=lists", "Lists Relationships Customers")],
)
def test_both_menu_paths_lead_to_one_list_and_stay_in_the_breadcrumb(ruth, cast, url, path):
    page = ruth.get(url)
    assert path in text_of(page) and names(page) == ["Cedar Lane Bakery", "Fennel & Fig Café"]
    edit = re.search(r'href="([^"]+)">Edit<span class="vh"> Cedar', unescaped(page))[1]
    assert path in text_of(ruth.get(edit))


def test_the_columns(ruth, cast, log_in):
    log_in(cast.alice)
    Customer.update(email="hello@cedarlane.example").where(Customer.id == cast.cedar.id).execute()
    page = text_of(ruth.get("/customers"))
    assert "Edit Customer Email Role Access Last login" in page
    assert "Cedar Lane Bakery Account 77 hello@cedarlane.example 3 people have access Customer Center Active" in page
    assert "Fennel & Fig Café Account 81 Add an email address Customer Center Not logged in yet Never" in page


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("cedar", ["Cedar Lane Bakery"]),
        ("81", ["Fennel & Fig Café"]),
        ("CHARLIE@", ["Fennel & Fig Café"]),
        ("vera novak", ["Cedar Lane Bakery"]),
        ("nora@", []),
        ("%", []),
        ("_", []),
        ("\\", []),
        ("100%", []),
    ],
)
def test_customers_are_found_by_name_number_and_email_of_a_person(ruth, cast, query, found):
    """Nora lost her access: her address finds nothing."""
    assert names(ruth.get("/customers", query_string={"q": query})) == found


def test_the_filters_follow_what_happens(ruth, cast, log_in):
    def shown(state):
        return names(ruth.get("/customers", query_string={"access": state}))

    assert (shown("none"), shown("active"), len(shown("invited"))) == ([], [], 2)
    log_in(cast.charlie)
    assert shown("active") == ["Fennel & Fig Café"]
    Access.update(given=False).where(Access.user == cast.charlie).execute()
    assert (shown("none"), shown("active")) == (["Fennel & Fig Café"], [])
    Access.delete().where(Access.customer == cast.cedar).execute()
    assert len(shown("none")) == 2
    assert "All 2 No access 2 Not logged in yet 0 Active 0" in text_of(ruth.get("/customers"))


@pytest.mark.parametrize("args", [{}, {"access": "invited"}, {"q": "cme"}])
def test_pages_forward_and_back_hold_each_customer_once_in_order(ruth, many, args):
    url, seen, back = "/customers?" + "&".join(f"{k}={v}" for k, v in args.items()), [], []
    while url:
        page = ruth.get(url)
        seen.append(names(page))
        last, following = url, re.search(r'rel="next" href="([^"]+)"', unescaped(page))
        url = following and following[1]
    url = last
    while url:
        page = ruth.get(url)
        back.append(names(page))
        before = re.search(r'rel="prev" href="([^"]+)"', unescaped(page))
        url = before and before[1]
    every_name = [name for page_names in seen for name in page_names]
    assert every_name == sorted(every_name, key=str.lower) and len(set(every_name)) == len(every_name) > PAGE_SIZE
    assert back == seen[::-1]


def test_many_of_one_name_are_each_on_one_page(ruth, cast):
    for n in range(60):
        Customer.create(number=f"S{n}", name="Same Name", email="")
    seen, url = [], "/customers?q=same"
    while url:
        page = unescaped(ruth.get(url))
        seen += re.findall(r"Account (S\d+)", page)
        following = re.search(r'rel="next" href="([^"]+)"', page)
        url = following and following[1]
    assert len(seen) == len(set(seen)) == 60


def test_invalid_cursor_shows_the_first_page(ruth, many):
    first = names(ruth.get("/customers"))
    for place in ("x", "'", "\0", "2" * 16):
        assert names(ruth.get("/customers", query_string={"after": place})) == first


def test_a_partial_update_is_the_list_alone(ruth, cast):
    part = ruth.get("/customers?q=cedar", headers=HTMX).get_data(as_text=True)
    assert "<html" not in part and 'id="customers"' in part and "Cedar" in part


def test_when_there_is_nothing(ruth, cast):
    assert "No customer matches" in text_of(ruth.get("/customers?q=zzz"))
    Access.delete().execute()
    Customer.delete().execute()
    assert "No customers yet. Add a customer to give them access" in text_of(ruth.get("/customers"))


def test_names_are_text(ruth, cast):
    Customer.create(number="<b>1</b>", name="<script>alert(1)</script>", email="x@y.example")
    page = ruth.get("/customers").get_data(as_text=True)
    assert "<script>alert" not in page and "<b>1" not in page and "&lt;script&gt;" in page


def test_adding_a_customer(ruth, cast):
    token = csrf_of(ruth.get("/customers/new").get_data(as_text=True))
    data = {"csrf_token": token, "number": "77", "name": "", "email": "alice at cedar", "phone": "", "address": ""}
    wrong = ruth.post("/customers/new", data=data)
    assert wrong.status_code == 422 and 'value="alice at cedar"' in unescaped(wrong)
    for words in ("There is a customer with this number", "Enter the customer's name", "name@example.com"):
        assert words in text_of(wrong)
    response = ruth.post("/customers/new", data={**data, "number": "91", "name": "Dune", "email": "A@Dune.example "})
    made = Customer.get(number="91")
    assert response.location == f"/customers/{made.public_id}/access" and made.email == "a@dune.example"


def test_spaces_of_a_pasted_name_are_spaces(ruth, cast):
    token = csrf_of(ruth.get("/customers/new").get_data(as_text=True))
    pasted = {"name": "Zoë\u00a0&\u202fSons", "phone": "+1\u00a0555", "address": "1\u00a0Main St\r\nPortland\u3000"}
    response = ruth.post("/customers/new", data={"csrf_token": token, "number": "91", "email": "", **pasted})
    made = Customer.get(number="91")
    assert response.status_code == 303 and (made.name, made.phone) == ("Zoë & Sons", "+1 555")
    assert made.address == "1 Main St\nPortland"


@pytest.mark.sqlite
@pytest.mark.parametrize("listing", [Listing(), Listing(state="active"), Listing(state="none"), Listing(text="zq")])
def test_a_page_far_down_a_long_list_is_a_walk_along_an_index(cast, listing):
    db.execute_sql(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000)"
        " INSERT INTO customer (public_id, number, name, email, phone, address, locale, version, access_state)"
        " SELECT printf('p%015d', i), 'c' || i, 'Customer ' || i, '', '', '', '', 1, 0 FROM n"
    )
    plan = " ".join(
        row[3]
        for row in db.execute_sql(
            f"EXPLAIN QUERY PLAN {queries.page_sql(listing, True, False)}",
            {"limit": 26, "state": 2, **queries.search_values("zq"), "key": "customer 0015", "id": 5},
        ).fetchall()
    )
    assert "TEMP B-TREE" not in plan or listing.text
    if not listing.text:
        assert re.search(r"customer_by_(state_and_)?sort_key \((access_state=\? AND )?sort_key>\?\)", plan), plan
    started = time.perf_counter()
    queries.page(listing)
    assert time.perf_counter() - started < 0.3
