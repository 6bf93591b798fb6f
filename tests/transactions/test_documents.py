"""Invoices and credit memos entered by hand: totals, errors, changes, voids, and who sees them."""

import re
from datetime import date

import pytest

from app.models import Attempt, Audit, Invoice, booking
from app.transactions.proposals import next_number
from app.web.menu import PAYMENTS_RECEIVED
from tests.conftest import csrf_of
from tests.payments.conftest import fields_of
from tests.people import invoice
from tests.support.pages import text_of
from tests.transactions.conftest import ENTRY, MEMO, NEW


def path_of(document) -> str:
    return f"/transactions/documents/{document.public_id}"


def hidden(page: str, name: str) -> str:
    return re.search(rf'name="{name}"[^>]* value="([^"]*)"', page)[1]


@pytest.fixture
def save(ruth, entered):
    """save(number="X") opens the form of HAND-1 and saves it with these changes."""

    def _save(version=None, **changes):
        page = ruth.get(path_of(entered)).get_data(as_text=True)
        version = version or hidden(page, "version")
        data = {**ENTRY, "csrf_token": csrf_of(page), "version": version, "do": "save", **changes}
        return ruth.post(path_of(entered), data=data)

    return _save


def test_totals_are_computed_on_the_server(entered, in_database):
    found = Invoice.get_by_id(entered.id)
    assert (found.total_minor, found.tax_minor, found.open_minor) == (57456, 4256, 57456)
    assert found.source == "manual" and not found.is_paid and found.due_on == date(2026, 12, 22)
    lines = [(line.description, line.quantity, line.unit_price, line.amount_minor) for line in found.lines]
    assert lines == [("Chairs", "4", "125.5", 50200), ("Delivery", "", "", 3000)]


def test_customer_sees_and_searches_it_like_any_other(entered, log_in, cast):
    alice = log_in(cast.alice)
    page = text_of(alice.get(f"/invoices/{entered.public_id}"))
    assert "HAND-1" in page and "Chairs" in page and "574.56" in page
    assert "HAND-1" in text_of(alice.get("/invoices?q=Delivery&view=all"))
    assert alice.get("/payments/new", query_string={"invoice": entered.public_id}).status_code == 200
    assert log_in(cast.charlie).get(f"/invoices/{entered.public_id}").status_code == 404


def test_amounts_are_typed_as_the_company_writes_them(enter, app, cast):
    with app.extensions["database"].connection_context():
        type(cast.company).update(locale="de_DE").execute()
    lines = {"description": "Stühle", "quantity": "1,5", "unit_price": "1.234,50", "line_amount": "1.851,75"}
    assert enter(**lines, tax="0,25", currency="eur").status_code == 303
    with app.extensions["database"].connection_context():
        found = Invoice.get(Invoice.number == "HAND-1")
    assert (found.total_minor, found.currency) == (185200, "EUR")


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"number": ""}, "Enter a number"),
        ({"issued_on": ""}, "Enter a date"),
        ({"issued_on": "2026-02-30"}, "Enter a date, like 11/30/2026"),
        ({"due_on": "2026-11-01"}, "Enter a due date that is not before the date of the invoice"),
        ({"terms": "as agreed"}, "Enter a due date: these terms don't say a number of days"),
        ({"currency": "XYY"}, "Enter a currency as a three-letter code, like USD"),
        ({"tax": "a lot"}, "“a lot” is not an amount in USD. Enter the tax like 2,500.00"),
        ({"unit_price": ["x", "", ""]}, "Line 1: “x” is not a number with at most 6 decimals. Enter one like 2.5"),
        ({"quantity": ["1/2", "", ""]}, "Line 1: “1/2” is not a number with at most 6 decimals. Enter one like 2.5"),
        ({"unit_price": ["9" * 17, "", ""]}, "Line 1: Enter a number of 999,999,999 or less"),
        ({"unit_price": ["1.000,5", "", ""]}, "Line 1: Write decimals after “.”, like 2.5, not after “,”"),
        ({"quantity": ["1.000,5", "", ""]}, "Line 1: Write decimals after “.”, like 2.5, not after “,”"),
        (
            {"line_amount": ["", "1.234,5", ""]},
            "Line 2: “1.234,5” is not an amount in USD. Enter an amount like 2,500.00",
        ),
        ({"line_amount": ["", "", ""]}, "Line 2: Enter a unit price or an amount"),
        ({"line_amount": ["501.00", "30", ""]}, "Line 1: Quantity times unit price is 502.00"),
        ({"description": ["Chairs", "", ""]}, "Line 2: Enter a description"),
        ({"description": "", "quantity": "", "unit_price": "", "line_amount": ""}, "Enter at least one line"),
        (
            {"quantity": ["999999999", "", ""], "unit_price": ["999999999", "", ""]},
            "is too much for one line: it can be 10,000,000,000.00 at most",
        ),
        ({"line_amount": ["", "-10,000.00", ""]}, "The total must be more than zero"),
        ({"memo": "x" * 1001}, "1,000 characters or fewer"),
    ],
)
def test_each_error_is_said_at_its_field_and_nothing_is_kept(enter, app, changes, said):
    response = enter(**changes)
    assert response.status_code == 422
    page = text_of(response)
    assert page.count(said) >= 1 and "There is a problem" in page
    with app.extensions["database"].connection_context():
        assert not Invoice.select().where(Invoice.source == "manual").exists()


def test_a_discount_is_a_line_with_a_minus(enter, app):
    assert enter(line_amount=["", "-30.00", ""], tax="").status_code == 303
    with app.extensions["database"].connection_context():
        assert Invoice.get(Invoice.number == "HAND-1").total_minor == 47200


def test_number_is_used_once_for_a_customer(entered, enter, cast, app):
    response = enter()
    assert response.status_code == 422
    assert "Cedar Lane Bakery has another invoice HAND-1 already. The next free number is HAND-2" in text_of(response)
    assert enter(customer=cast.fennel.public_id).status_code == 303
    assert enter(MEMO).status_code == 303, "a credit memo has numbers of its own"


def test_next_free_number_is_proposed(entered, enter, ruth, cast, in_database):
    assert next_number("invoice") == "HAND-2" and next_number("credit_memo") == "CM-1001"
    enter(number="HAND-0099")
    assert next_number("invoice") == "HAND-0100"
    page = ruth.get(NEW, query_string={"customer": cast.cedar.public_id}).get_data(as_text=True)
    assert 'value="HAND-0100"' in page and 'value="Net 30"' in page, "and the terms of the customer's last one"


def test_number_that_is_proposed_follows_the_last_one_entered_not_those_of_a_file(entered, enter, cast, in_database):
    invoice(cast.fennel, "SI-77", 100, date(2026, 12, 1))
    assert next_number("invoice") == "HAND-2"
    invoice(cast.fennel, "HAND-2", 100, date(2026, 12, 1))
    assert next_number("invoice") == "HAND-3"
    enter(MEMO, number="CR-5")
    assert (next_number("invoice"), next_number("credit_memo")) == ("HAND-3", "CR-6")


def test_free_number_is_named_beside_one_that_is_taken(enter, cast, in_database):
    for number in ("A-1", "A-2", "B"):
        invoice(cast.cedar, number, 100, date(2026, 12, 1))
    assert "A-1 already. The next free number is A-3" in text_of(enter(number="A-1"))
    assert "B already. The next free number is A-3" in text_of(enter(number="B"))


def test_lines_are_added_and_removed_without_javascript(enter):
    more = enter(do="add").get_data(as_text=True)
    assert more.count("<fieldset") == 4 and 'id="description-4"' in more and "Chairs" in more
    assert "data-focus" in more.partition('id="description-4"')[2].partition(">")[0]
    fewer = enter(do="remove-1").get_data(as_text=True)
    assert fewer.count("<fieldset") == 2 and "Chairs" not in fewer
    total = enter(do="total").get_data(as_text=True)
    assert "$574.56" in total
    for page in (more, fewer):
        assert "$0.00" not in page


def test_lines_have_a_limit(enter):
    lines = {name: ["1"] * 201 for name in ("description", "quantity", "unit_price", "line_amount")}
    assert "Enter at most 200 lines" in text_of(enter(**lines))


def test_customer_is_searched_for_without_javascript(ruth, cast):
    page = ruth.get(f"{NEW}?q=cedar").get_data(as_text=True)
    assert f"{NEW}?customer={cast.cedar.public_id}" in page and "Fennel" not in page
    assert "No customers found" in ruth.get(f"{NEW}?q=zebra").get_data(as_text=True)
    assert ruth.get(f"{NEW}?customer=unknown").status_code == 404


def test_change_is_saved_with_an_audit_line(save, entered, in_database):
    assert save(quantity=["5", "", ""], terms="Net 60", number="HAND-7").status_code == 303
    found = Invoice.get_by_id(entered.id)
    assert (found.number, found.total_minor, found.open_minor, found.version) == ("HAND-7", 70006, 70006, 2)
    assert found.due_on == date(2027, 1, 21)
    line = Audit.last("invoice_changed")
    assert line.actor == "ruth@harborpine.example" and line.facts["total"] == ["574.56 USD", "700.06 USD"]
    assert Audit.last("invoice_entered").facts["total"] == "574.56 USD"


def test_saving_nothing_new_changes_nothing(save, entered, in_database):
    save()
    assert Invoice.get_by_id(entered.id).version == 1 and Audit.last("invoice_changed") is None


def test_stale_form_is_refused_with_what_was_saved(save, entered, in_database):
    save(po_number="PO-1")
    response = save(version="1", memo="mine")
    assert response.status_code == 409
    page = text_of(response)
    assert "Your changes are not saved yet" in page and "po number from empty to PO-1" in page
    assert Invoice.get_by_id(entered.id).memo == ""


def test_void_is_confirmed_and_nothing_is_owed_then(ruth, entered, log_in, cast, in_database):
    page = ruth.get(f"{path_of(entered)}/void").get_data(as_text=True)
    assert "Void invoice HAND-1?" in page
    data = {"csrf_token": csrf_of(page), "version": "1"}
    assert ruth.post(f"{path_of(entered)}/void", data=data).status_code == 303
    found = Invoice.get_by_id(entered.id)
    assert (found.is_void, found.open_minor, found.is_paid) == (True, 0, True)
    assert Audit.last("invoice_voided").facts["customer"] == "77"
    assert "Void" in text_of(log_in(cast.alice).get(f"/invoices/{entered.public_id}"))
    assert ruth.get(path_of(entered)).status_code == 303, "a void document can't be changed"


def test_stale_void_is_refused(ruth, save, entered, in_database):
    save(memo="New")
    page = ruth.get(path_of(entered)).get_data(as_text=True)
    ruth.post(f"{path_of(entered)}/void", data={"csrf_token": csrf_of(page), "version": "1"})
    assert not Invoice.get_by_id(entered.id).is_void


@pytest.fixture
def pay_online(log_in, cast):
    def _pay(document):
        alice = log_in(cast.alice)
        page = alice.get("/payments/new", query_string={"invoice": document.public_id}).get_data(as_text=True)
        response = alice.post("/payments", data={**fields_of(page), "payment_method_nonce": "fake-valid-visa-nonce"})
        assert response.status_code == 303

    return _pay


def test_paid_invoice_is_neither_changed_nor_voided(ruth, save, entered, pay_online, in_database):
    form = ruth.get(path_of(entered)).get_data(as_text=True)
    pay_online(entered)
    data = {**ENTRY, "csrf_token": csrf_of(form), "version": "1", "memo": "late"}
    for url, sent in ((path_of(entered), data), (f"{path_of(entered)}/void", data)):
        assert ruth.post(url, data=sent).status_code == 303
    found = Invoice.get_by_id(entered.id)
    assert found.memo == "" and not found.is_void and found.processing_minor == 57456
    record = text_of(ruth.get(f"/customers/{found.customer.public_id}/invoices/{found.public_id}"))
    assert "HAND-1 is being paid online. Nothing of it can be changed" in record


def test_failed_payment_lets_it_be_changed(save, entered, pay_online, in_database):
    pay_online(entered)
    booking.fail(Attempt.get(), 1)
    assert save(memo="after all").status_code == 303
    assert Invoice.get_by_id(entered.id).memo == "after all"


@pytest.mark.parametrize("paid", [{"paid_elsewhere_minor": 100}, {"credited_minor": 100}])
def test_document_that_is_paid_or_credited_in_part_is_fixed(ruth, entered, in_database, paid):
    form = ruth.get(path_of(entered)).get_data(as_text=True)
    Invoice.update(**paid).where(Invoice.id == entered.id).execute()
    Invoice.rebalance(Invoice.id == entered.id)
    data = {**ENTRY, "csrf_token": csrf_of(form), "version": "1", "memo": "x"}
    assert ruth.post(path_of(entered), data=data).status_code == 303
    assert Invoice.get_by_id(entered.id).memo == ""


def test_page_of_an_open_form_quotes_again_after_a_change(save, entered, log_in, cast, in_database):
    alice = log_in(cast.alice)
    page = alice.get("/payments/new", query_string={"invoice": entered.public_id}).get_data(as_text=True)
    save(quantity=["5", "", ""])
    response = alice.post("/payments", data={**fields_of(page), "payment_method_nonce": "fake-valid-visa-nonce"})
    assert "has changed to $700.06" in text_of(response) and not Attempt.select().exists()


def test_imported_document_is_changed_by_imports_alone(ruth, cast, in_database):
    imported = invoice(cast.cedar, "INV-1", 1000, date(2026, 12, 1))
    assert ruth.get(path_of(imported)).status_code == 303
    record = ruth.get(f"/customers/{cast.cedar.public_id}/invoices/{imported.public_id}").get_data(as_text=True)
    assert path_of(imported) not in record


def test_credit_memo_is_credit_left(enter, log_in, cast, app):
    assert enter(MEMO, number="CM-1").status_code == 303
    with app.extensions["database"].connection_context():
        memo = Invoice.get(Invoice.number == "CM-1")
    assert (memo.kind, memo.open_minor, memo.due_on) == ("credit_memo", 57456, date(2026, 11, 22))
    page = text_of(log_in(cast.alice).get(f"/invoices/{memo.public_id}"))
    assert "Credit memo" in page and "Credit left" in page and "574.56" in page


def test_new_document_is_in_the_currency_of_most_open_ones(ruth, cast, in_database):
    for number, currency in (("A-1", "USD"), ("A-2", "USD"), ("A-3", "JPY")):
        invoice(cast.cedar, number, 5000, date(2026, 12, 22), currency=currency)
    of_cedar = {"customer": cast.cedar.public_id}
    page = ruth.get(NEW, query_string=of_cedar).get_data(as_text=True)
    assert re.search('<input[^>]* name="currency"[^>]*>', page)[0].count('"USD"') == 1 and "$0.00 USD" in page
    page = ruth.get(f"{PAYMENTS_RECEIVED.url}/new", query_string=of_cedar).get_data(as_text=True)
    assert hidden(page, "currency") == "USD"


def test_record_says_why_an_imported_document_has_no_edit_and_what_was_paid_elsewhere(ruth, cast, in_database):
    made = invoice(cast.cedar, "A-1", 5000, date(2026, 12, 22), paid_elsewhere_minor=2000)
    page = ruth.get(f"/customers/{cast.cedar.public_id}/invoices/{made.public_id}")
    assert "A-1 came in with a file. Change it in your accounting system and import it again." in text_of(page)
    assert "Paid elsewhere: $20.00" in text_of(page) and "this customer pay?" in text_of(page)


def test_no_one_is_asked_to_pay_a_credit_memo(ruth, enter, cast, in_database):
    enter(MEMO)
    memo = Invoice.get(Invoice.number == "HAND-1")
    page = text_of(ruth.get(f"/customers/{cast.cedar.public_id}/invoices/{memo.public_id}"))
    assert "this customer pay?" not in page and "Not checked" not in page


def test_number_that_is_written_like_another_is_asked_about(enter, entered, in_database):
    asked = enter(number="hand 1")
    assert asked.status_code == 422
    assert "Cedar Lane Bakery has HAND-1. If hand 1 is another document, say so below, and save" in text_of(asked)
    assert "This is another document" in text_of(asked) and not Invoice.get_or_none(Invoice.number == "hand 1")
    assert enter(number="hand 1", is_confirmed_different="y").status_code == 303
    assert Invoice.get_or_none(Invoice.number == "hand 1")


def test_change_asks_only_about_a_number_that_is_new(enter, entered, save, in_database):
    enter(number="hand 1", is_confirmed_different="y")
    assert save(memo="Thank you").status_code == 303
    assert save(number="HAND 01").status_code == 422
    assert Invoice.get_by_id(entered.id).number == "HAND-1"
