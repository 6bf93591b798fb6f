"""Ticking invoices: on arrival, the panel, the pay bar, and paying's absence."""

from datetime import date

import pytest

from app.models import Company
from tests.invoices.conftest import PARTIAL, region, ticked
from tests.people import invoice
from tests.support.pages import text_of


@pytest.fixture
def client_of_alice(log_in, cast):
    return log_in(cast.alice)


def panel(client, *invoices, **more):
    query = "&".join(f"invoice={i.public_id}" for i in invoices)
    return client.get("/invoices/selected?" + query, **more).get_data(as_text=True)


def test_overdue_invoices_are_ticked_on_arrival(client_of_alice, owed):
    page = client_of_alice.get("/invoices").get_data(as_text=True)
    assert ticked(page) == [owed.late.public_id, owed.later.public_id]
    assert "Pay 2 invoices INV-1037 35 days late $15.00 INV-1041 9 days late $11.86 Total $26.86" in text_of(page)


def test_invoices_due_next_are_ticked_when_none_is_overdue(client_of_alice, cast, in_database):
    invoice(cast.cedar, "B", 100, date(2026, 12, 2))
    first = invoice(cast.cedar, "A", 100, date(2026, 12, 1))
    assert ticked(client_of_alice.get("/invoices").get_data(as_text=True)) == [first.public_id]


def test_overdue_invoices_beyond_the_page_are_mentioned(client_of_alice, cast, in_database):
    for n in range(26):
        invoice(cast.cedar, f"L-{n:02}", 100, date(2026, 10, 1))
    page = text_of(client_of_alice.get("/invoices").get_data(as_text=True))
    assert "Pay 25 invoices" in page and "1 more overdue invoice on later pages" in page


def test_paying_everything_names_the_currency_only_when_there_are_several(client_of_alice, cast, owed):
    assert "Pay all open invoices 4 invoices" in text_of(client_of_alice.get("/invoices").get_data(as_text=True))
    invoice(cast.cedar, "E", 100, date(2026, 12, 1), currency="EUR")
    assert "Pay all open invoices (USD)" in text_of(client_of_alice.get("/invoices").get_data(as_text=True))


def test_ticks_in_two_currencies_share_one_button_on_a_phone(client_of_alice, cast, owed):
    euro = invoice(cast.cedar, "E", 100, date(2026, 12, 1), currency="EUR")
    bar = panel(client_of_alice, owed.next, euro, headers=PARTIAL).partition('id="invoice-paybar"')[2]
    bar = text_of(bar.partition(">")[2])
    assert bar == "2 selected €1.00 $32.40 Review and pay"


@pytest.mark.parametrize("query", ["?sort=-due", "?q=INV", "?after=2026-01-01~A~invoice", "?view=all"])
def test_later_page_ticks_no_invoice_automatically(client_of_alice, owed, query):
    page = client_of_alice.get("/invoices" + query).get_data(as_text=True)
    assert ticked(page) == [] and "Nothing selected" in text_of(page)


def test_ticks_are_kept_across_pages(client_of_alice, owed):
    page = client_of_alice.get(f"/invoices?view=paid&invoice={owed.next.public_id}").get_data(as_text=True)
    assert f'type="hidden" name="invoice" value="{owed.next.public_id}"' in page
    assert "Pay 1 invoice INV-1048 $32.40" in text_of(page)


def test_ticks_on_the_page_are_not_sent_twice(client_of_alice, owed):
    page = client_of_alice.get(f"/invoices?sort=number&invoice={owed.next.public_id}").get_data(as_text=True)
    assert ticked(page) == [owed.next.public_id] and 'type="hidden" name="invoice"' not in page


def test_the_panel_names_the_amount_and_links_to_paying(client_of_alice, owed):
    page = panel(client_of_alice, owed.next, owed.partly, headers=PARTIAL)
    assert "Pay 2 invoices INV-1048 $32.40 INV-1053 $6.00 Total $38.40 Pay $38.40" in text_of(page)
    assert f"/payments/new?invoice={owed.next.public_id}&amp;invoice={owed.partly.public_id}" in page


def test_the_panel_is_a_page_of_its_own(client_of_alice, owed):
    page, fragment = panel(client_of_alice, owed.next), panel(client_of_alice, owed.next, headers=PARTIAL)
    assert region(page, "invoice-panel") == region(fragment, "invoice-panel") and "<h1>" in page
    assert 'hx-target="#invoice-paybar"' in fragment and "1 selected" in text_of(fragment)


def test_only_what_can_be_paid_counts(client_of_alice, owed):
    page = panel(client_of_alice, owed.paid, owed.processing, owed.credit, owed.fennel)
    assert "Nothing selected" in text_of(page)


def test_processing_invoice_has_no_checkbox(client_of_alice, owed):
    page = client_of_alice.get("/invoices?view=all").get_data(as_text=True)
    for document in (owed.processing, owed.paid, owed.credit):
        assert f'value="{document.public_id}"' not in page


def test_two_currencies_are_paid_one_at_a_time(client_of_alice, cast, in_database):
    dollars = invoice(cast.cedar, "D", 1000, date(2026, 12, 1))
    euros = invoice(cast.cedar, "E", 2000, date(2026, 12, 2), currency="EUR")
    page = panel(client_of_alice, dollars, euros)
    assert "Pay each currency separately." in text_of(page)
    assert f'href="/payments/new?invoice={dollars.public_id}"' in page
    assert f'href="/payments/new?invoice={euros.public_id}"' in page


def test_a_long_selection_is_summed_up(client_of_alice, cast, in_database):
    many = [invoice(cast.cedar, f"N-{n:02}", 1000, date(2026, 12, 1)) for n in range(20)]
    text = text_of(panel(client_of_alice, *many))
    assert "Pay 20 invoices" in text and "N-05 $10.00 14 more $140.00 Total $200.00" in text


def test_all_open_ones_can_be_paid_at_once(client_of_alice, owed):
    page = client_of_alice.get("/invoices").get_data(as_text=True)
    assert 'href="/payments/new?all=USD"' in page and "4 invoices, $65.26" in text_of(page)


@pytest.mark.parametrize("switch", ["credit_card_payments", "customers_can_pay_online"])
def test_no_pay_controls_while_paying_is_off(client_of_alice, owed, switch):
    Company.update({switch: False}).execute()
    page = client_of_alice.get("/invoices").get_data(as_text=True)
    assert "Online payment is not available yet. To pay, contact Harbor & Pine Supply at" in text_of(page)
    assert "/payments/new?" not in page and "checkbox" not in page and "Review and pay" not in page


def test_vera_may_only_look(log_in, cast, owed):
    page = log_in(cast.vera).get(f"/invoices?invoice={owed.next.public_id}").get_data(as_text=True)
    assert "You can view invoices but not pay them." in text_of(page)
    assert "/payments/new?" not in page and "checkbox" not in page and "Review and pay" not in page
    assert "Pay $" not in panel(log_in(cast.vera), owed.next)


def test_a_tick_takes_three_statements(client_of_alice, owed, sent):
    sent.clear()
    panel(client_of_alice, owed.late, owed.next, headers=PARTIAL)
    assert len(sent) <= 3, sent


def test_nonsense_selects_nothing(client_of_alice, owed):
    for value in ("", "%00", "x" * 10_000, "%ED%A0%80", "'", "٣"):
        response = client_of_alice.get(f"/invoices/selected?invoice={value}")
        assert response.status_code == 200 and "Nothing selected" in response.get_data(as_text=True)
