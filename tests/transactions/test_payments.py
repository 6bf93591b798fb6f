"""Payments received elsewhere: recorded, corrected, removed; beside online payments and beside what files say."""

import re
import threading
from datetime import date
from itertools import product

import pytest

from app.models import Allocation, Attempt, Audit, Invoice, PaymentElsewhere, ReceivedPayment, booking
from tests.conftest import csrf_of
from tests.payments.conftest import fields_of
from tests.people import invoice
from tests.support.importing import import_invoices
from tests.support.pages import text_of

PATH = "/transactions/customers/payments"
SENT = {"received_on": "2026-11-20", "method": "check", "reference": "1041", "currency": "USD"}


@pytest.fixture
def owed(cast, in_database):
    """Two open invoices of Cedar's: 100.00 and, due later, 50.00."""
    numbers = (("INV-1", 10_000, date(2026, 12, 1)), ("INV-2", 5_000, date(2026, 12, 2)))
    return [invoice(cast.cedar, *each) for each in numbers]


@pytest.fixture
def record(ruth, cast, owed):
    """record(amount="120.00", parts=["70.00", "50.00"]) sends the form."""

    def _record(amount="", parts=("", ""), **changes):
        page = ruth.get(f"{PATH}/new", query_string={"customer": cast.cedar.public_id}).get_data(as_text=True)
        token = re.search('name="token"[^>]*value="([^"]+)"', page)
        data = {**SENT, "customer": cast.cedar.public_id, "csrf_token": csrf_of(page), "amount": amount}
        data["token"] = token[1] if token else "0" * 16
        return ruth.post(
            f"{PATH}/new", data={**data, "invoice": [one.public_id for one in owed], "part": list(parts), **changes}
        )

    return _record


@pytest.fixture
def correct(ruth, owed):
    """correct(payment, amount="1.00") sends the form of a recorded payment."""

    def _correct(payment, what="", version=None, **changes):
        page = ruth.get(f"{PATH}/{payment.public_id}{what}").get_data(as_text=True)
        version = version or str(payment.version)
        data = {**SENT, "csrf_token": csrf_of(page), "version": version, "invoice": [o.public_id for o in owed]}
        return ruth.post(f"{PATH}/{payment.public_id}{what}", data={**data, "part": ["", ""], **changes})

    return _correct


def open_minor() -> list[int]:
    """What is open of INV-1 and INV-2, whose columns agree with their payments."""
    found = list(Invoice.select().where(Invoice.number.in_(["INV-1", "INV-2"])).order_by(Invoice.number))
    for one in found:
        here = one.processing_minor + one.paid_online_minor
        assert one.total_minor == one.paid_elsewhere_minor + one.credited_minor + here + one.open_minor
        assert sum(row.amount_minor for row in PaymentElsewhere.of_invoice(one.id)) == one.paid_elsewhere_minor
    return [one.open_minor for one in found]


def test_payment_is_recorded_and_its_invoices_follow(record, log_in, cast, owed):
    assert record("120.00", ["100.00", "20.00"]).status_code == 303
    assert open_minor() == [0, 3000] and Invoice.get_by_id(owed[0].id).is_paid
    payment = ReceivedPayment.get()
    assert (payment.amount_minor, payment.method, payment.actor) == (12000, "check", "ruth@harborpine.example")
    alice = log_in(cast.alice)
    page = text_of(alice.get("/payments"))
    assert "INV-1 Nov 20, 2026 Check 1041 $100.00" in page and "INV-2 Nov 20, 2026 Check 1041 $20.00" in page
    assert "Check 1041" in text_of(alice.get(f"/invoices/{owed[0].public_id}"))
    assert "Check 1041" not in text_of(log_in(cast.charlie).get("/payments"))
    assert Audit.last("received_recorded").facts == {"amount": "120.00 USD", "customer": "77", "how": "Check 1041"}


def test_record_of_a_customer_leads_to_recording(ruth, cast, owed):
    page = ruth.get(f"/customers/{cast.cedar.public_id}/payments").get_data(as_text=True)
    assert f'href="{PATH}/new?customer={cast.cedar.public_id}"' in page and "Payment received" in page
    assert "INV-1" in text_of(ruth.get(f"{PATH}/new?customer={cast.cedar.public_id}"))


def test_without_parts_the_oldest_due_is_paid_first(record):
    assert record("120.00").status_code == 303
    assert open_minor() == [0, 3000]


def test_parts_alone_are_enough(record):
    assert record("", ["1.00", ""]).status_code == 303
    assert open_minor() == [9900, 5000] and ReceivedPayment.get().amount_minor == 100


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({"amount": "150.01"}, "Enter 150.00 or less: that is all that the invoices below have open"),
        ({"amount": ""}, "Enter the amount received"),
        ({"amount": "0"}, "Enter the amount received"),
        ({"amount": "-5"}, "“-5” is below zero. Enter an amount like 2,500.00"),
        ({"parts": ["100.01", ""]}, "INV-1: Enter 100.00 or less: that is all that is open"),
        ({"parts": ["x", ""]}, "INV-1: “x” is not an amount in USD. Enter an amount like 2,500.00"),
        ({"amount": "9.00", "parts": ["1.00", "2.00"]}, "The amounts of the invoices come to 3.00"),
        ({"amount": "1.00", "received_on": "2026-11-23"}, "Enter a date that is not in the future"),
        ({"amount": "1.00", "received_on": ""}, "Enter a date"),
        ({"amount": "1.00", "method": "gold"}, "Choose how the payment was received"),
    ],
)
def test_each_error_is_said_and_nothing_is_kept(record, sent, said):
    response = record(**sent)
    assert response.status_code == 422 and said in text_of(response)
    assert open_minor() == [10000, 5000] and not ReceivedPayment.select().exists()


def test_payment_that_is_recorded_from_a_second_form_is_asked_about(record, owed):
    assert record("20.00", reference="No. 7").status_code == 303
    answer = record("20.00", reference="no. 7")
    page = text_of(answer)
    assert answer.status_code == 422 and open_minor() == [8000, 5000]
    assert "A payment of this customer with this date, amount, method and reference is recorded already." in page
    assert "This is another payment" in page
    for changes in ({"reference": "No. 8"}, {"received_on": "2026-11-19"}, {"method": "transfer"}):
        assert record("20.00", **{"reference": "No. 7", **changes}).status_code == 303
    assert record("20.00", reference="No. 7", is_confirmed_different="y").status_code == 303
    assert ReceivedPayment.select().count() == 5 and open_minor() == [0, 5000]


def test_payment_is_corrected_and_removed(record, correct):
    record("120.00")
    payment = ReceivedPayment.get()
    assert correct(payment, amount="30.00", method="cash", reference="").status_code == 303
    assert open_minor() == [7000, 5000]
    payment = ReceivedPayment.get()
    assert (payment.amount_minor, payment.method, payment.version) == (3000, "cash", 2)
    assert Audit.last("received_changed").facts["to"] == "30.00 USD, Cash, 2026-11-20"
    assert correct(payment, amount="30.00", method="cash", reference="").status_code == 303
    assert ReceivedPayment.get().version == 2, "nothing differed"
    assert correct(payment, "/remove").status_code == 303
    assert open_minor() == [10000, 5000] and not PaymentElsewhere.select().exists()
    assert Audit.last("received_removed").facts["how"] == "Cash"


def test_stale_form_changes_nothing(record, correct):
    record("120.00")
    first = ReceivedPayment.get()
    correct(first, amount="30.00")
    response = correct(first, amount="40.00", version="1")
    assert response.status_code == 409 and "It is now 30.00 USD, Check" in text_of(response)
    correct(first, "/remove", version="1")
    assert open_minor() == [7000, 5000]


def test_invoice_with_a_recorded_payment_is_not_edited(enter, record, ruth, cast):
    enter(number="HAND-1")
    document = Invoice.get(Invoice.number == "HAND-1")
    page = ruth.get(f"{PATH}/new", query_string={"customer": cast.cedar.public_id}).get_data(as_text=True)
    data = {**SENT, "customer": cast.cedar.public_id, "csrf_token": csrf_of(page), "token": "0" * 16}
    answer = ruth.post(f"{PATH}/new", data={**data, "invoice": document.public_id, "part": "1.00"})
    assert answer.status_code == 303
    assert ruth.get(f"/transactions/documents/{document.public_id}").status_code == 303


def test_list_has_payments_of_every_kind(record, ruth, log_in, cast, owed, pay_invoice):
    record("20.00", ["20.00", ""])
    pay_invoice(owed[1])
    PaymentElsewhere.create(
        invoice=owed[0], customer=cast.cedar, amount_minor=1, listed_on=date(2026, 11, 1), reference="From the file"
    )
    page = text_of(ruth.get(PATH))
    assert page.index("$50.00") < page.index("1041") < page.index("From the file")
    for query, there, missing in (
        ("method=online", "$50.00", "1041"),
        ("method=check", "1041", "$50.00"),
        ("method=books", "From the file", "1041"),
        ("since=2026-11-20&until=2026-11-20", "1041", "$50.00"),
        ("q=zebra", "No payment matches this filter. All payments", "1041"),
        ("q=cedar", "1041", "No payment matches"),
    ):
        found = text_of(ruth.get(f"{PATH}?{query}"))
        assert there in found and missing not in found, query
    assert ruth.get(f"{PATH}?since=x").status_code == 422
    assert ruth.get(f"{PATH}?cursor=x").status_code == 404


def test_list_goes_on_where_a_page_ends(ruth, cast, owed, in_database):
    for n in range(30):
        for received in (None, n):
            payment = received is not None and ReceivedPayment.create(
                customer=cast.cedar,
                received_on=date(2026, 11, 1 + n // 4),
                method="cash",
                reference=f"R{n}.",
                currency="USD",
                amount_minor=1,
                actor="",
                recorded_ms=1,
            )
            PaymentElsewhere.create(
                invoice=owed[0],
                customer=cast.cedar,
                amount_minor=1,
                listed_on=date(2026, 11, 1 + n // 4),
                reference=f"B{n}.",
                received_payment=payment or None,
            )
    seen, url = [], PATH
    while url:
        page = ruth.get(url).get_data(as_text=True)
        seen += [ref for n in range(30) for ref in (f"B{n}.", f"R{n}.") if ref in page]
        url = page.partition('rel="next" href="')[2].partition('"')[0].replace("&amp;", "&")
    assert len(seen) == 60 and len(set(seen)) == 60


@pytest.fixture
def pay_invoice(log_in, cast):
    def _pay(one):
        alice = log_in(cast.alice)
        page = alice.get("/payments/new", query_string={"invoice": one.public_id}).get_data(as_text=True)
        response = alice.post("/payments", data={**fields_of(page), "payment_method_nonce": "fake-valid-visa-nonce"})
        assert response.status_code == 303

    return _pay


def test_invoice_that_is_being_paid_online_is_refused(record, pay_invoice, owed):
    booking.reserve(
        [(owed[0], 4000)],
        now_ms=1,
        actor="",
        token="t" * 24,
        order_id="cc-1",
        customer=owed[0].customer_id,
        user=1,
        amount_minor=4000,
        currency="USD",
    )
    response = record("", ["10.00", ""])
    assert response.status_code == 422
    assert "INV-1: The customer is paying this invoice online right now" in text_of(response)
    assert open_minor() == [6000, 5000]


def test_customer_is_asked_again_when_a_check_was_recorded(record, log_in, cast, owed):
    alice = log_in(cast.alice)
    page = alice.get("/payments/new", query_string={"invoice": owed[0].public_id}).get_data(as_text=True)
    record("", ["60.00", ""])
    response = alice.post("/payments", data={**fields_of(page), "payment_method_nonce": "fake-valid-visa-nonce"})
    assert "has changed to $40.00" in text_of(response) and not Attempt.select().exists()


@pytest.mark.parametrize("round_number", range(6))
def test_check_and_card_at_once_are_never_more_than_the_total(app, ruth, log_in, cast, owed, round_number):
    alice = log_in(cast.alice)
    page = alice.get("/payments/new", query_string={"invoice": owed[0].public_id}).get_data(as_text=True)
    card = {**fields_of(page), "payment_method_nonce": "fake-valid-visa-nonce"}
    form = ruth.get(f"{PATH}/new", query_string={"customer": cast.cedar.public_id}).get_data(as_text=True)
    check = {**SENT, "customer": cast.cedar.public_id, "csrf_token": csrf_of(form)}
    check |= {"invoice": owed[0].public_id, "part": "100.00", "token": "0" * 16}
    app.extensions["database"].close()
    barrier, answers = threading.Barrier(2), {}

    def send(name, client, path, data):
        barrier.wait()
        answers[name] = client.post(path, data=data).status_code

    jobs = [("card", alice, "/payments", card), ("check", ruth, f"{PATH}/new", check)]
    threads = [threading.Thread(target=send, args=job) for job in (jobs if round_number % 2 else jobs[::-1])]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    assert open_minor() == [0, 5000]
    paid = Invoice.get_by_id(owed[0].id)
    assert {paid.paid_elsewhere_minor, paid.processing_minor} == {0, 10000}
    assert max(answers.values()) < 500 and sorted(answers.values()).count(303) >= 1


def pay_by_card(number: str, minor: int) -> None:
    found = Invoice.get(Invoice.number == number)
    attempt = Attempt.create(
        token="t" * 24,
        order_id="cc-1",
        customer=found.customer_id,
        user=1,
        amount_minor=minor,
        currency="USD",
        state=Attempt.APPROVED,
        settlement=Attempt.SETTLED,
        created_ms=1,
        touched_ms=1,
        decided_ms=1,
    )
    Allocation.create(attempt=attempt, invoice=found, amount_minor=minor)
    Invoice.recount([found.id])


HEADER = "Customer number,Number,Date,Due date,Currency,Total,"


@pytest.fixture
def books(app, cast, clock, tmp_path, in_database):
    """books("Amount paid", "30.00") imports INV-1 over 100.00 with these amounts, and is the report."""

    def _import(columns: str, cells: str, **options):
        path = tmp_path / "books.csv"
        path.write_text(f"{HEADER}{columns}\n{cast.cedar.number},INV-1,2026-10-01,2026-12-01,USD,100.00,{cells}\n")
        with app.app_context():
            return import_invoices(path, now=clock(), **options)

    return _import


def paid_elsewhere() -> int:
    open_minor()
    return Invoice.get(Invoice.number == "INV-1").paid_elsewhere_minor


def test_file_that_includes_the_payment_counts_it_once(books, record):
    books("Amount paid", "10.00")
    record("", ["40.00", ""])
    assert paid_elsewhere() == 5000
    report = books("Amount paid", "50.00")
    assert paid_elsewhere() == 5000 and report.unchanged == 1
    assert any("payments recorded here, which count once: INV-1." in note for note in report.notes)
    assert books("Amount paid", "50.00").unchanged == 1, "and again"
    books("Amount paid", "65.00")
    assert paid_elsewhere() == 6500, "what has grown beyond it is another payment"


def test_file_from_before_the_payment_leaves_it(books, record):
    books("Amount paid", "10.00")
    record("", ["40.00", ""])
    report = books("Amount paid", "10.00")
    assert paid_elsewhere() == 5000 and report.unchanged == 1
    assert not any("recorded here" in note for note in report.notes)
    books("Amount paid", "0.00")
    assert paid_elsewhere() == 4000, "the file takes back its own payment, not the recorded one"


@pytest.mark.parametrize(
    ("columns", "cells", "paid"),
    [
        ("Amount due", "50.00", 5000),
        ("Amount due", "90.00", 5000),
        ("Amount due", "60.00", 5000),
        ("Status", "Paid", 10000),
        ("Memo", "x", 5000),
    ],
)
def test_other_columns_count_it_once_too(books, record, columns, cells, paid):
    books("Amount due", "90.00")
    record("", ["40.00", ""])
    books(columns, cells)
    assert paid_elsewhere() == paid
    books(columns, cells)
    assert paid_elsewhere() == paid


@pytest.mark.parametrize("readings", list(product(("included", "in-paid", "left-out"), repeat=2)))
def test_reading_of_online_payments_does_not_count_it_twice(books, record, readings):
    """100.00: 20.00 by card, 40.00 by check, both in the books."""
    books("Amount paid", "0.00")
    pay_by_card("INV-1", 2000)
    record("", ["40.00", ""])
    for reading in readings:
        books("Amount paid", "60.00", made_here=reading)
    assert paid_elsewhere() == (6000 if readings[-1] == "left-out" else 4000)


def test_payment_that_the_books_have_already_is_not_recorded_unasked(books, record):
    books("Amount paid", "40.00")
    answer = record("", ["40.00", ""])
    assert answer.status_code == 422 and paid_elsewhere() == 4000 and not ReceivedPayment.select().exists()
    page = text_of(answer)
    assert "INV-1: Your books have a payment of 40.00 for this invoice, which counts already" in page
    assert "This is another payment" in page
    assert record("", ["40.00", ""], is_confirmed_different="y").status_code == 303
    assert paid_elsewhere() == 8000
    assert books("Amount paid", "80.00").unchanged == 1, "the second one came into the books"
    books("Amount paid", "90.00")
    assert paid_elsewhere() == 9000


def test_sum_of_payments_in_the_books_is_asked_about_too(books, record):
    books("Amount paid", "20.00")
    books("Amount paid", "50.00")
    for amount, status in (("30.00", 422), ("50.00", 422), ("20.00", 422), ("25.00", 303)):
        assert record("", [amount, ""]).status_code == status, amount


def test_spread_amount_is_asked_about(books, record):
    books("Amount paid", "50.00")
    assert record("50.00").status_code == 422 and paid_elsewhere() == 5000


def test_invoice_paid_before_payments_had_rows_is_asked_about(record, owed):
    Invoice.update(paid_elsewhere_minor=4000).where(Invoice.id == owed[0].id).execute()
    Invoice.recount([owed[0].id])
    assert record("", ["40.00", ""]).status_code == 422 and not ReceivedPayment.select().exists()


def test_correction_of_a_recorded_payment_asks_only_about_what_it_changes(books, record, correct):
    books("Amount paid", "40.00")
    record("", ["40.00", ""], is_confirmed_different="y")
    payment = ReceivedPayment.get()
    assert correct(payment, part=["40.00", ""], reference="1042").status_code == 303
    payment = ReceivedPayment.get()
    assert payment.reference == "1042" and paid_elsewhere() == 8000
    assert correct(payment, part=["30.00", ""]).status_code == 303
    assert correct(ReceivedPayment.get(), part=["40.00", ""]).status_code == 422


def test_removed_payment_that_the_books_have_comes_back_with_them(books, record, correct):
    books("Amount paid", "0.00")
    record("", ["40.00", ""])
    books("Amount paid", "40.00")
    correct(ReceivedPayment.get(), "/remove")
    assert paid_elsewhere() == 0
    books("Amount paid", "40.00")
    assert paid_elsewhere() == 4000


def test_open_in_a_file_without_amounts_asks_nothing_about_a_check(books, record):
    books("Amount due", "100.00")
    record("", ["100.00", ""])
    books("Status", "Open")
    assert paid_elsewhere() == 10000


def test_form_that_is_sent_twice_is_one_payment(record):
    first = record("40.00", token="a" * 16)
    again = record("40.00", token="a" * 16)
    assert first.status_code == again.status_code == 303 and first.location == again.location
    assert ReceivedPayment.select().count() == 1 and open_minor() == [6000, 5000]


def test_form_sent_again_with_another_amount_says_what_is_recorded(record, ruth):
    record("40.00", token="a" * 16)
    again = record("50.00", token="a" * 16)
    assert "Saved. The payment of $40.00 from Cedar Lane Bakery is recorded." in ruth.get(again.location).text
    assert open_minor() == [6000, 5000]


def test_form_that_paid_everything_is_answered_as_saved_again(record):
    assert record("150.00", token="b" * 16).status_code == 303
    again = record("150.00", token="b" * 16)
    assert again.status_code == 303 and "/customers/" in again.location
    assert ReceivedPayment.select().count() == 1


def pay_elsewhere(*invoices: Invoice) -> None:
    for one in invoices:
        Invoice.update(paid_elsewhere_minor=one.total_minor).where(Invoice.id == one.id).execute()
    Invoice.recount([one.id for one in invoices])


def test_amount_for_an_invoice_that_was_paid_since_is_not_moved_to_another(record, owed):
    pay_elsewhere(owed[1])
    for amount, parts in (("", ["50.00", "30.00"]), ("30.00", ["", "30.00"])):
        answer = record(amount, parts)
        assert answer.status_code == 422 and "is no longer open. Check the amounts" in text_of(answer)
    assert not ReceivedPayment.select().exists()


def test_payment_is_never_recorded_in_another_currency(record, cast, owed, ruth):
    invoice(cast.cedar, "EUR-1", 10_000, date(2026, 12, 1), currency="EUR")
    pay_elsewhere(*Invoice.select().where(Invoice.currency == "USD", Invoice.open_minor > 0))
    answer = record("100.00")
    assert answer.status_code == 303 and not ReceivedPayment.select().exists()
    assert "Nothing was recorded" in text_of(ruth.get(answer.location))


def test_invoices_of_a_payment_are_listed_before_older_ones(record, cast, owed):
    record("", ["", "50.00"])
    assert [one.number for one in Invoice.open_or_among(cast.cedar.id, "USD", [owed[1].id], 1)] == ["INV-2"]


def test_period_that_ends_before_it_begins_is_said(ruth):
    response = ruth.get("/transactions/customers/payments?since=2026-11-02&until=2026-11-01")
    assert "The To date must be on or after the From date" in text_of(response)
    assert all(f'value="{day}"' in response.text for day in ("2026-11-02", "2026-11-01"))
