"""GET /payments: every payment of this customer, with its true state."""

import re
from datetime import date

import pytest

from app.models import Company, booking
from app.payments.cashier import Cashier
from app.payments.settlement import poll_settlements
from tests.payments.conftest import HTMX, pay
from tests.people import invoice
from tests.support.pages import text_of


def references(response) -> list[str]:
    return re.findall(r'class="rowlink" href="/payments/(PAY-\w+)"', response.get_data(as_text=True))


@pytest.fixture
def many(app, cast, clock):
    """60 payments of Cedar's, oldest first, and one of Fennel's in their middle."""
    with app.extensions["database"].connection_context():
        rows = []
        for n in range(60):
            owner, user = (cast.fennel, cast.charlie) if n == 30 else (cast.cedar, cast.alice)
            one = invoice(owner, f"INV-{n}", 1000, date(2026, 12, 1))
            attempt = booking.reserve(
                [(one, 1000)],
                now_ms=n,
                actor="",
                token=f"t{n}",
                order_id=f"o{n}",
                customer=owner,
                user=user,
                amount_minor=1000,
                currency="USD",
            )
            rows.append(attempt.reference)
    return rows


def test_an_empty_list_says_what_will_be_here(alice):
    assert "No payments yet Payments will appear here after you pay an invoice." in text_of(alice.get("/payments"))


def test_a_row_has_reference_person_date_invoices_card_state_and_amount(alice, owed):
    reference = pay(alice, owed.late, owed.due).location.removeprefix("/payments/")
    row = f"{reference} Alice Okafor Nov 22, 2026, 12:00 PM INV-1037, INV-1041 Visa ending 1111 Processing $1,786.50"
    assert row in text_of(alice.get("/payments"))


def test_more_than_two_invoices_are_counted(alice, owed):
    pay(alice, owed.late, owed.due, owed.next, pay="part", amount="1800")
    assert "INV-1037, INV-1041 and 1 more" in text_of(alice.get("/payments"))


def test_the_states_are_the_true_ones(alice, cast, make_invoice, demo_gateway, gateway, app, clock):
    def one(minor, nonce="fake-valid-visa-nonce"):
        return pay(alice, make_invoice(cast.cedar, f"INV-{minor}", minor), nonce=nonce)

    one(11100)
    one(22200)
    clock.advance(minutes=30)
    demo_gateway.decline_settlement(demo_gateway.transactions()[1]["id"])
    with app.extensions["database"].connection_context():
        poll_settlements(Cashier.of(app, Company.current()))
    one(33300)
    one(44400, "fake-processor-declined-visa-nonce")
    demo_gateway.faults.add("lost_response", on="sale")
    one(55500)
    page = text_of(alice.get("/payments"))
    for state in (
        "Paid $111.00",
        "Failed $222.00",
        "Processing $333.00",
        "Not taken $444.00",
        "Being confirmed $555.00",
    ):
        assert state in page


def test_pages_follow_each_other_without_gaps_or_repeats(alice, many):
    first = alice.get("/payments")
    second = alice.get(f"/payments?before={references(first)[-1]}")
    third = alice.get(f"/payments?before={references(second)[-1]}")
    seen = references(first) + references(second) + references(third)
    assert seen == [r for n, r in reversed(list(enumerate(many))) if n != 30]
    assert "Newer" not in text_of(first) and "Older" not in text_of(third)


def test_going_back_shows_the_same_page(alice, many):
    first = references(alice.get("/payments"))
    second = references(alice.get(f"/payments?before={first[-1]}"))
    assert references(alice.get(f"/payments?after={second[0]}")) == first


def test_the_next_page_is_a_partial_update_of_a_real_url(alice, many):
    body = alice.get(f"/payments?before={many[40]}", headers=HTMX).get_data(as_text=True)
    assert "<html" not in body and 'id="payment-list"' in body


@pytest.mark.parametrize("query", ["before=PAY-NOSUCH", "after=%00", "before=%ED%A0%80", "after=" + "9" * 5000])
def test_an_unknown_page_is_a_404(alice, many, query):
    assert alice.get(f"/payments?{query}").status_code == 404


def test_a_foreign_payment_is_no_place_to_start_from(alice, many):
    assert alice.get(f"/payments?before={many[30]}").status_code == 404
