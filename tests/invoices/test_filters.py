"""Search, dates, sorting and paging of /invoices, and what nonsense in the URL does."""

from datetime import date, timedelta
from operator import attrgetter
from urllib.parse import quote

import pytest

from app.invoices.filters import read_cursor, write_cursor
from app.invoices.queries.invoice_list import SORTS
from app.models import Customer, InvoiceLine
from tests.invoices.conftest import PARTIAL, credit_memo, links, numbers, region, rows
from tests.people import invoice
from tests.support.pages import text_of

NASTY = [
    "\ud800".encode("utf-16", "surrogatepass").decode("latin-1"),
    "\0",
    "x" * 10_000,
    "٣٤",
    "9223372036854775808",
    "sNaN",
    "-1",
    "1e400",
    "%",
    "_",
    "'",
    "<script>",
    "~",
    "~~~",
    "2026-02-30",
    "a~b~invoice",
    "USD~" + "9" * 40 + "~1~invoice",
    "0000-00-00~1~invoice",
    "\u202e",
]


@pytest.fixture
def client_of_alice(log_in, cast):
    return log_in(cast.alice)


@pytest.fixture
def get(client_of_alice):
    return lambda query: client_of_alice.get("/invoices" + query).get_data(as_text=True)


@pytest.fixture
def sixty(cast, in_database):
    """INV~00 … INV~59: due one a day, two an amount. Their numbers hold what a cursor puts between its parts."""
    return [
        invoice(
            cast.cedar,
            f"INV~{n:02}",
            1000 + n // 2,
            date(2026, 12, 1) + timedelta(n),
            po_number=f"~{n % 2}!",
            issued_on=date(2026, 11, 1) - timedelta(n),
        )
        for n in range(60)
    ]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("1037", ["INV-1037"]),
        ("inv-1041", ["INV-1041"]),
        ("2214", ["INV-1048"]),
        ("for sam", ["INV-1041"]),
        ("32.40", ["INV-1048"]),
        ("32.4", ["INV-1048"]),
        ("6.00", ["INV-1053"]),
        ("50.00", ["INV-1001"]),
        ("$32.40", ["INV-1048"]),
        ("USD 32.40", ["INV-1048"]),
        ("32.40 USD", ["INV-1048"]),
        ("€6", ["INV-1053"]),
        ("$", []),
        ("32.40 XXX9", []),
        ("%", []),
        ("_", []),
        ("INV-1_37", []),
        ("٣٢", []),
        ("CM", ["CM-7"]),
    ],
)
def test_search_finds_numbers_po_numbers_memos_and_amounts(get, owed, text, found):
    assert numbers(get(f"?view=all&q={quote(text)}")) == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("#1041", ["INV-1041"]),
        ("Invoice 1041", ["INV-1041"]),
        ("invoice no. INV-1041", ["INV-1041"]),
        ("１０４１", ["INV-1041"]),
        ("cl2168", ["INV-9001"]),
        ("CL 2168", ["INV-9001"]),
        ("cl-2168", ["INV-9001"]),
        ("Bread flour 25 kg", ["INV-9001"]),
        ("Mar 3, 2027", ["INV-9001"]),
        ("3/3/2027", ["INV-9001"]),
        ("2027-03-03", ["INV-9001"]),
        ("3.3.2027", ["INV-9001"]),
        ("5.2.2027", ["INV-9001"]),
    ],
)
def test_search_reads_the_spellings_that_people_use(get, owed, cast, in_database, text, found):
    made = invoice(cast.cedar, "INV-9001", 77_700, date(2027, 3, 3), po_number="CL-2168", issued_on=date(2027, 2, 5))
    InvoiceLine.create(invoice=made, position=0, description="Bread flour, 25 kg", amount_minor=77_700)
    assert numbers(get(f"?view=all&q={quote(text)}")) == found


def test_a_payment_reference_leads_to_the_payment(client_of_alice, owed, cast):
    assert client_of_alice.get("/invoices?q=PAY-AAAAAAAAAA").status_code == 200


def test_signs_that_mean_something_to_the_database_are_searched_for(get, cast, in_database):
    invoice(cast.cedar, "A", 1, date(2026, 12, 1), memo="5%_off \\o/")
    invoice(cast.cedar, "B", 1, date(2026, 12, 2), memo="5 is off")
    for text in ("5%", "%_o", "\\o"):
        assert numbers(get(f"?q={quote(text)}")) == ["A"], text


def test_an_amount_is_read_in_the_invoices_own_currency(get, cast, in_database):
    invoice(cast.cedar, "YEN", 1186, date(2026, 12, 1), currency="JPY")
    invoice(cast.cedar, "DINAR", 1186500, date(2026, 12, 2), currency="KWD")
    invoice(cast.cedar, "DOLLAR", 118650, date(2026, 12, 3))
    assert numbers(get("?q=1,186.50")) == ["DINAR", "DOLLAR"]
    assert numbers(get("?q=1186")) == ["YEN"]


@pytest.mark.parametrize(
    ("locale", "text", "found"),
    [
        ("de_DE", "1.186,50", ["BIG"]),
        ("de_DE", "1186,50 $", ["BIG"]),
        ("de_DE", "1186.50", ["BIG"]),
        ("fr_FR", "1\u202f186,50", ["BIG"]),
        ("de_CH", "1’186.50", ["BIG"]),
        ("de_DE", "32,40", ["INV-1048"]),
        ("ar_KW", "١١٨٦٫٥٠", ["BIG"]),
    ],
)
def test_an_amount_is_searched_for_as_the_page_writes_it(get, owed, cast, in_database, locale, text, found):
    Customer.update(locale=locale).where(Customer.id == cast.cedar.id).execute()
    invoice(cast.cedar, "BIG", 118650, date(2026, 12, 3))
    assert numbers(get(f"?view=all&q={quote(text)}")) == found


@pytest.mark.parametrize(
    ("locale", "text"),
    [
        ("de_DE", "19.12.2026"),
        ("de_DE", "19. Dez. 2026"),
        ("en_US", "Dec 19, 2026"),
        ("en_US", "12/19/2026"),
        ("en_GB", "19/12/2026"),
        ("hu_HU", "2026. 12. 19."),
        ("ja_JP", "2026年12月19日"),
        ("en_US", "2026/12/19"),
    ],
)
def test_a_date_is_typed_as_the_page_writes_it(get, owed, cast, in_database, locale, text):
    Customer.update(locale=locale).where(Customer.id == cast.cedar.id).execute()
    page = get(f"?since={quote(text)}")
    assert numbers(page) == ["INV-1053"] and 'value="2026-12-19"' in page


def test_invoice_matching_in_several_columns_is_listed_once(get, cast, in_database):
    """In its number, as its total and as what is open; and credit memos by what is left of them."""
    invoice(cast.cedar, "1186", 118600, date(2026, 12, 1), memo="1186")
    invoice(cast.cedar, "PARTLY", 200000, date(2026, 12, 2), paid_elsewhere_minor=81400)
    credit_memo(cast.cedar, "CREDIT", 118600, 118600)
    credit_memo(cast.cedar, "USED", 300000, 118600)
    invoice(cast.cedar, "PAID", 118600, date(2026, 12, 3), paid_elsewhere_minor=118600)
    for sort in ("number", "-number", "due", "-amount"):
        assert sorted(numbers(get(f"?view=all&q=1186&sort={sort}"))) == ["1186", "CREDIT", "PAID", "PARTLY", "USED"]
    assert numbers(get("?view=open&q=1186")) == ["1186", "PARTLY"]
    assert numbers(get("?view=paid&q=1186")) == ["PAID"]


def test_pages_of_amounts_found_meet(get, sixty):
    """All of 2, whichever arm of the search found them: 10.00 is in no number."""
    assert sorted(numbers(get("?q=10.00"))) == ["INV~00", "INV~01"]
    found, query = [], "?view=all&q=10"
    while query:
        page = get(query)
        found += numbers(page)
        query = links(page, "next").removeprefix("/invoices")
    assert len(found) == len(set(found)) and set(found) == {"INV~00", "INV~01", "INV~10"}


def test_search_stays_in_its_tab(get, owed):
    assert numbers(get("?view=paid&q=INV")) == ["INV-1001"]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("since=2026-11-13&until=2026-12-03", ["INV-1041", "INV-1048"]),
        ("since=2026-12-19", ["INV-1053"]),
        ("until=2026-10-18", ["INV-1037"]),
        ("dated=issued&since=2026-10-02", []),
    ],
)
def test_dates_are_inclusive(get, owed, query, found):
    assert numbers(get("?" + query)) == found


@pytest.mark.parametrize("sort", [sign + sort for sort in SORTS for sign in ("", "-")])
@pytest.mark.parametrize("view", ["open", "all"])
@pytest.mark.parametrize("narrow", ["", "&since=2026-12-03&until=2027-01-25", "&q=INV"])
def test_pages_show_everything_once_in_order_both_ways(get, sixty, sort, view, narrow):
    pages, url = [], f"?view={view}&sort={sort}{narrow}"
    while url:
        page = get(url)
        pages.append(numbers(page))
        url = links(page, "next").partition("/invoices")[2]
    chosen = [i for i in sixty if not narrow.startswith("&s") or date(2026, 12, 3) <= i.due_on <= date(2027, 1, 25)]
    keys = attrgetter(*SORTS[sort.removeprefix("-")])
    expected = sorted(chosen, key=keys, reverse=sort.startswith("-"))
    assert [number for page in pages for number in page] == [i.number for i in expected]
    assert [len(page) for page in pages] == [25, 25, len(chosen) - 50]
    back = get(links(page, "prev").partition("/invoices")[2])
    assert numbers(back) == pages[1] and numbers(get(links(back, "prev").partition("/invoices")[2])) == pages[0]


POSITION = {
    "due_on": "2026-12-01",
    "issued_on": "2026-11-01",
    "number": "A~1!0",
    "po_number": "~!1~",
    "currency": "USD",
    "total_minor": 1186,
    "kind": "credit_memo",
}


@pytest.mark.parametrize("sort", SORTS)
def test_a_cursor_is_read_as_it_was_written(sort):
    position = tuple(POSITION[column] for column in SORTS[sort])
    assert read_cursor(write_cursor(position), sort) == position
    assert read_cursor(write_cursor(("", *position)), sort) == read_cursor("", sort) == ()


def test_the_first_page_has_no_previous_and_the_last_no_next(get, sixty):
    first = get("")
    assert not links(first, "prev") and links(first, "next")
    assert "1–25 of 60" in text_of(first)


def test_links_keep_what_was_searched(get, sixty):
    next_page = links(get("?q=INV&since=2026-12-02&sort=-due"), "next")
    assert "q=INV" in next_page and "since=2026-12-02" in next_page and "sort=-due" in next_page


@pytest.mark.parametrize(
    ("query", "text"),
    [
        ("since=soon", "Enter a date, like 11/30/2026"),
        ("until=2026-02-30", "Enter a date, like 11/30/2026"),
        ("since=30/11/2026", "Enter a date, like 11/30/2026"),
        ("since=2026-12-01&until=2026-11-01", "The To date must be on or after the From date"),
        ("q=" + "x" * 101, "Search for 100 characters or fewer"),
    ],
)
def test_unreadable_filter_is_reported_at_its_field(client_of_alice, owed, query, text):
    response = client_of_alice.get("/invoices?" + query)
    page = response.get_data(as_text=True)
    assert response.status_code == 422
    assert page.count(text) == 2 and "<title>Error: " in page and 'aria-invalid="true"' in page


def test_a_partial_update_that_cannot_be_read_becomes_the_whole_page(client_of_alice):
    response = client_of_alice.get("/invoices?since=soon", headers=PARTIAL)
    assert response.status_code == 204 and response.headers["HX-Redirect"] == "/invoices?since=soon"


@pytest.mark.parametrize("name", ["view", "q", "sort", "dated", "since", "until", "after", "before", "invoice"])
def test_nonsense_is_never_an_error_of_ours(client_of_alice, owed, name):
    for value in NASTY:
        for more in ("", "&sort=amount", "&sort=number&view=all"):
            response = client_of_alice.get(f"/invoices?{name}={quote(value)}{more}")
            assert response.status_code in (200, 422), (name, value)


def test_bytes_that_are_no_text_are_no_error_of_ours(client_of_alice, owed):
    assert client_of_alice.get("/invoices?q=%ED%A0%80%FF&after=%ED%A0%80").status_code == 200


def test_a_repeated_parameter_counts_once(get, owed):
    assert numbers(get("?view=paid&view=all")) == ["INV-1001"]


def test_a_cursor_outside_of_the_dates_starts_at_the_beginning(get, owed):
    assert numbers(get("?since=2026-12-01&after=2026-11-01~INV-0~invoice"))[0] == "INV-1048"


def test_typed_filter_is_escaped(get, owed):
    page = get("?q=%3Cscript%3Ealert(1)%3C/script%3E")
    assert "<script>alert" not in page and rows(page) == []
    assert "No invoices to pay match “<script>alert(1)</script>”." in text_of(page)


@pytest.mark.parametrize("typed", ["INV 1048", "inv1048", "1048", "INV-1048 ", "INV–1048", "inv/1048"])
def test_a_number_is_found_as_people_write_it(get, owed, typed):
    assert numbers(get(f"?q={quote(typed)}")) == ["INV-1048"]


def test_the_text_of_an_item_is_found(get, owed, cast):
    lamp = invoice(cast.cedar, "INV-2000", 100, date(2026, 12, 3))
    InvoiceLine.create(invoice=lamp, position=1, description="Brass table lamp", amount_minor=100)
    assert numbers(get("?q=table+LAMP")) == ["INV-2000"]


def test_the_tabs_count_what_a_search_finds(get, owed):
    tabs = region(get("?q=INV-100"), "invoice-list").split("</nav>")[0]
    assert text_of(tabs).endswith("To pay 0 Paid 1 All 1")


def test_a_search_that_finds_nothing_in_this_tab_says_what_the_others_have(get, owed):
    page = get("?q=INV-1001")
    empty = region(page, "invoice-empty", "div")
    assert "No invoices to pay match “INV-1001”. 1 in Paid , 1 in All . Clear search" in text_of(empty)
    assert 'href="/invoices?view=paid&amp;q=INV-1001"' in empty


def test_paid_has_the_newest_first_unless_the_url_says_another_order(get, cast, in_database):
    for number, month in (("A", 7), ("B", 9), ("C", 8)):
        invoice(cast.cedar, number, 100, date(2026, 10, 1), issued_on=date(2026, month, 1), paid_elsewhere_minor=100)
    assert numbers(get("?view=paid")) == ["B", "C", "A"]
    assert numbers(get("?view=paid&sort=number")) == ["A", "B", "C"]
    assert numbers(get("?view=paid&sort=due")) == ["A", "B", "C"]


@pytest.mark.parametrize(
    ("query", "order"),
    [
        ("view=all", "newest first"),
        ("view=all&since=2026-12-01", "latest due date first"),
        ("view=all&until=2027-12-01&dated=issued", "newest first"),
        ("view=open&since=2026-12-01", "oldest due date first"),
        ("view=open&since=2026-01-01&dated=issued", "oldest first"),
        ("view=all&since=2026-12-01&sort=-issued", "newest first"),
        ("view=all&since=nonsense", "newest first"),
        ("view=all&dated=due", "newest first"),
    ],
)
def test_dates_that_are_filtered_decide_the_order_unless_another_was_asked_for(get, sixty, query, order):
    page = get("?" + query)
    assert f", {order}." in page
    for direction in ("next", "prev"):
        page = get(links(page, direction).removeprefix("/invoices"))
        assert f", {order}." in page


@pytest.mark.parametrize(
    ("query", "tab", "url"),
    [
        ("", "paid", "/invoices?view=paid"),
        ("?view=paid", "open", "/invoices?view=open"),
        ("?view=paid&sort=due", "all", "/invoices?view=all&amp;sort=due"),
        ("?sort=number", "paid", "/invoices?view=paid&amp;sort=number"),
        ("?view=all&since=2026-01-01", "paid", "/invoices?view=paid&amp;dated=due&amp;since=2026-01-01"),
        (
            "?view=all&since=2026-01-01&sort=-issued",
            "paid",
            "/invoices?view=paid&amp;sort=-issued&amp;dated=due&amp;since=2026-01-01",
        ),
    ],
)
def test_a_tab_keeps_the_order_that_was_asked_for(get, owed, query, tab, url):
    assert f'id="tab-{tab}" href="{url}"' in get(query)


def test_the_only_page_is_not_numbered_and_a_search_says_how_many_it_found(get, owed):
    assert "1–5" not in text_of(get(""))
    assert "2 invoices found" in text_of(get("?q=INV-104").partition('class="pager"')[2])
