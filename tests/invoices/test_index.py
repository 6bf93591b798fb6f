"""GET /invoices: tabs, tiles, rows, and who sees what."""

import re
from datetime import date

import pytest

from app.config import ROOT
from app.invoices.amounts_due import AGES
from app.models import Company, Customer, Invoice
from tests.invoices.conftest import PARTIAL, credit_memo, numbers, region, reserved, rows
from tests.people import invoice
from tests.support import databases
from tests.support.pages import text_of

PAID = """
import sys
from peewee import sqlite3
other = sqlite3.connect(sys.argv[1])
other.execute("UPDATE invoice SET open_minor = 0, is_paid = 1 WHERE id = ?", (sys.argv[2],))
other.commit()
"""


@pytest.fixture
def get(log_in, cast):
    """get(query) is Alice's page."""
    client = log_in(cast.alice)
    return lambda query="", **more: client.get("/invoices" + query, **more).get_data(as_text=True)


def tiles_of(page: str) -> str:
    return text_of(page.partition('id="invoice-balances"')[2].partition("<form")[0])


@pytest.mark.parametrize("kind", [kinds.split()[-1] for kinds, _label, _spoken in AGES])
def test_each_age_has_its_color_in_the_bar_and_in_the_legend(kind):
    css = (ROOT / "static/css/app.css").read_text()
    assert f".aging .{kind} {{ fill:" in css and f".legend .{kind}::before {{ background:" in css


def test_to_pay_lists_unpaid_invoices_oldest_due_first(get, owed):
    assert numbers(get()) == ["INV-1037", "INV-1041", "INV-1048", "INV-1052", "INV-1053"]


def test_paid_tab_lists_paid_invoices(get, owed):
    assert numbers(get("?view=paid")) == ["INV-1001"]


def test_all_tab_includes_credit_memos(get, owed):
    assert numbers(get("?view=all&sort=due")) == [
        "INV-1001",
        "INV-1037",
        "CM-7",
        "INV-1041",
        "INV-1048",
        "INV-1052",
        "INV-1053",
    ]


def test_all_tab_is_sorted_newest_first(get, cast):
    for number, month in (("A", 7), ("B", 9), ("C", 8)):
        invoice(cast.cedar, number, 100, date(2026, 10, 1), issued_on=date(2026, month, 1))
    assert numbers(get("?view=all")) == ["B", "C", "A"]


def test_tabs_are_counted(get, owed):
    tabs = region(get(), "invoice-list").split("</nav>")[0]
    assert text_of(tabs).endswith("To pay 4 Paid 1 All 7")


def test_processing_amount_is_separate_from_the_payable_one(get, owed):
    """In the tab, beside the list, in Pay all open invoices and in a search."""
    page = text_of(get())
    assert "4 to pay, 1 processing" in page
    assert "Pay all open invoices 4 invoices, $65.26" in page
    assert "plus $11.64 processing" in page
    search = get("?q=INV-10")
    assert len(numbers(search)) == 5, "what is processing stays in the list"
    assert "To pay 4 Paid 1 All 6" in text_of(region(search, "invoice-list"))


def test_list_with_only_processing_invoices_has_nothing_to_pay(get, cast, in_database):
    reserved(invoice(cast.cedar, "INV-1", 764, date(2026, 12, 18)), 764)
    page = text_of(get())
    assert "To pay 0 Paid 0 All 1" in page and "0 to pay, 1 processing" in page


def test_counting_stops_at_a_thousand(get, cast, in_database):
    many = [
        dict(
            customer=cast.cedar,
            number=f"P-{n}",
            currency="USD",
            issued_on=date(2026, 1, 1),
            due_on=date(2026, 1, 1),
            total_minor=1,
            open_minor=0,
            is_paid=True,
            public_id=f"p{n}",
        )
        for n in range(1200)
    ]
    Invoice.insert_many(many).execute()
    assert "Paid 1,000+ All 1,000+" in text_of(get())


def test_charlie_cannot_see_alices_invoices(log_in, cast, owed):
    page = log_in(cast.charlie).get("/invoices?view=all").get_data(as_text=True)
    assert numbers(page) == ["INV-9001"]


def test_searching_does_not_find_another_customers_invoice(get, owed):
    assert numbers(get("?view=all&q=INV-9001")) == []


def test_the_tiles_say_what_is_owed(get, owed):
    tiles = tiles_of(get())
    assert "Balance due $65.26 USD, plus $11.64 processing" in tiles
    assert "Overdue $26.86 2 invoices" in tiles
    assert "Next due $32.40 Dec 3, 2026" in tiles


def test_row_balances_sum_to_the_tile(get, owed):
    balances = [row.split() for row in rows(get())]
    shown = [float(next(w for w in words[::-1] if w not in ("processing", "7.64", "4.00"))) for words in balances]
    assert shown == [15.00, 11.86, 32.40, 0.00, 6.00]


def test_balance_by_age_is_said_in_words(get, owed):
    spoken = "not yet due $38.40, 1 to 30 days late $11.86, 31 to 60 days late $15.00, over 60 days late none"
    assert f'aria-label="Balance by age in USD: {spoken}"' in get()


def test_list_without_payable_invoices_does_not_ask_to_select(get, cast, in_database):
    invoice(cast.cedar, "INV-1", 100, date(2026, 11, 22))
    Invoice.update(processing_minor=100, open_minor=0).execute()
    page = get()
    assert "Processing" in rows(page)[0] and "Nothing to pay here" in text_of(page)
    assert "Select one or more" not in page and 'id="pick-all"' not in page


def test_a_voided_invoice_is_not_called_paid(get, cast, in_database):
    void = invoice(cast.cedar, "INV-1", 100, date(2026, 11, 22))
    Invoice.update(is_void=True).where(Invoice.id == void.id).execute()
    Invoice.rebalance(Invoice.id == void.id)
    assert "Void" in rows(get("?view=paid"))[0]
    page = text_of(get(f"/{void.public_id}"))
    assert "Void Nothing to pay" in page and "In full" not in page


def test_due_today_is_not_overdue(get, cast, in_database):
    invoice(cast.cedar, "INV-1", 100, date(2026, 11, 22))
    page = get()
    assert "today Open" in rows(page)[0]
    assert "Overdue $0.00 Nothing overdue Next due $1.00 Nov 22, 2026" in tiles_of(page)
    assert "not yet due $1.00, 1 to 30 days late none" in page


def test_today_is_the_companys_day(get, cast, clock, in_database):
    """17:00 UTC on 22 November is already the 23rd in Auckland."""
    Company.update(time_zone="Pacific/Auckland").execute()
    invoice(cast.cedar, "INV-1", 100, date(2026, 11, 22))
    assert "1 day late Overdue" in rows(get())[0]


def test_each_state_has_its_chip(get, owed):
    chips = {row.split()[0]: row for row in rows(get("?view=all"))}
    assert "Overdue" in chips["INV-1037"] and "9.00 paid" in chips["INV-1037"]
    assert "Open" in chips["INV-1048"]
    assert "Processing" in chips["INV-1052"]
    assert "Open" in chips["INV-1053"] and "4.00 processing" in chips["INV-1053"]
    assert "Paid" in chips["INV-1001"]
    assert "Credit 12.00 5.00 credit left" in chips["CM-7"]


def test_part_paid_before_it_is_due_is_partly_paid(get, cast, in_database):
    invoice(cast.cedar, "INV-1", 1000, date(2026, 12, 1), paid_elsewhere_minor=400)
    assert "Partly paid 10.00 4.00 paid 6.00" in rows(get())[0]


def test_credits_are_shown_and_not_deducted(get, owed):
    assert "You have $5.00 USD in credit that is not applied to your balance yet." in text_of(get())


def test_currencies_are_never_added_together(get, cast, in_database):
    for currency, minor in (("USD", 1000), ("EUR", 2000), ("JPY", 3000)):
        invoice(cast.cedar, f"I-{currency}", minor, date(2026, 12, 1), currency=currency)
    credit_memo(cast.cedar, "CM-1", 700, 700, currency="EUR")
    page = get()
    tiles = tiles_of(page)
    for amount in ("$10.00 USD", "€20.00 EUR", "¥3,000 JPY", "€7.00 EUR in credit"):
        assert amount in tiles
    assert [row.split()[-1] for row in rows(page)] == ["€20.00", "¥3,000", "$10.00"]


def test_amounts_are_written_as_the_customer_writes_them(get, cast, owed):
    Customer.update(locale="de_DE").where(Customer.id == cast.cedar.id).execute()
    assert "65,26 $" in text_of(get()).replace("\xa0", " ")


def test_numbers_from_the_books_stay_text(get, cast, in_database):
    invoice(cast.cedar, '<script>alert("1")</script>', 100, date(2026, 12, 1))
    page = get()
    assert "<script>alert" not in page and page.count("&lt;script&gt;alert(&") == 3


def test_paid_shows_the_amount_and_neither_a_balance_nor_a_column_for_ticks(get, owed):
    page = get("?view=paid")
    assert rows(page) == ["INV-1001 Issued Oct 1, 2026 Sep 1, 2026 Paid 50.00"]
    table = region(page, "invoice-table", "table")
    assert "Balance due" not in table and "Select to pay" not in table


def test_paid_invoice_shows_its_amount_on_narrow_screens(get, owed):
    page = region(get("?view=all"), "invoice-table", "table")
    assert page.count('class="r b money nil"') == 1


def test_without_any_document_there_is_nothing_to_search_or_to_tick(get):
    page = get()
    assert 'id="invoice-filter"' not in page and "Nothing selected" not in page and "invoice-paybar" not in page
    assert "invoice-keep" not in get("?view=paid", headers=PARTIAL)


def test_list_without_open_invoices_says_so(get, cast, in_database):
    invoice(cast.cedar, "INV-1", 100, date(2026, 9, 1), paid_elsewhere_minor=100)
    assert "Nothing to pay. You have no open invoices." in text_of(get())


def test_no_invoices_yet(get):
    assert "No invoices yet. Your invoices will appear here." in text_of(get())


def test_the_fragment_is_the_pages_own_list(get, owed):
    page, fragment = get("?view=paid"), get("?view=paid", headers=PARTIAL)
    assert fragment.lstrip().startswith('<section class="card" id="invoice-list"')
    assert region(fragment, "invoice-list") == region(page, "invoice-list")


def test_the_balances_come_with_every_partial_update(get, owed):
    """A payment may have been made since the page was loaded: what is on one screen agrees."""
    get()
    invoice(owed.late.customer, "INV-NEW", 5000, date(2026, 11, 2))
    page, fragment = get("?view=open&sort=due"), get("?view=open", headers=PARTIAL)
    for part in ("invoice-balances", "invoice-beside"):
        wrapped = rf'<hx-partial hx-target="#{part}" hx-swap="outerHTML">(.*?)</hx-partial>'
        (update,) = re.findall(wrapped, fragment, re.S)
        assert f'id="{part}"' in update and update.strip() in page
    assert "$76.86" in fragment  # overdue


def test_the_page_takes_four_statements_and_the_fragment_three(log_in, cast, owed, sent):
    """PostgreSQL looks a text up first."""
    client = log_in(cast.alice)
    for query, headers, most in (
        ("", {}, 4),
        ("?view=all&q=1&sort=amount", PARTIAL, 4 if databases.SERVER else 3),
        (f"?view=paid&invoice={owed.next.public_id}", PARTIAL, 3),
    ):
        sent.clear()
        assert client.get("/invoices" + query, headers=headers).status_code == 200
        assert len(sent) <= most, sent


def test_list_requires_login(client):
    assert client.get("/invoices").status_code in (302, 303)
