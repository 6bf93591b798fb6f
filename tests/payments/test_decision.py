"""A payment that Braintree says nothing clear about: an administrator decides, in the portal."""

import re
from dataclasses import replace
from types import SimpleNamespace

import pytest

from app.models import Attempt, Audit, Company, Invoice, LedgerEntry, OutboxMail
from app.models.audit import Actor
from app.payments.cashier import Cashier
from app.payments.decisions import CannotDecide, release_as_not_charged
from app.payments.gateway.protocol import Transaction
from app.worker import Worker
from tests.payments.conftest import pay
from tests.support.pages import text_of

UNREADABLE = [
    {"amount": "abc"},
    {"amount": "10.005"},
    {"status": "held_for_review"},
    {"status": None},
    {"missing": ["amount"]},
    {"missing": ["currency"]},
    {"currency": "XXXX"},
    {"amount": "1e5000"},
    {"amount": "-1e5000"},
    {"amount": "0"},
    {"amount": "-100.00"},
    {"amount": "99999999999999999999"},
    {"id": "../../x"},
]


@pytest.fixture
def work(app, clock):
    """work(2, 240) lets the worker look after 2 and again after 240 minutes."""

    def _work(*minutes):
        with app.extensions["database"].connection_context():
            for pause in minutes:
                clock.advance(minutes=pause)
                for duty in ("reconcile", "poll_settlements", "alert"):
                    getattr(Worker(app), duty)()

    return _work


def damage(demo_gateway, **wrong):
    for on in ("find", "fetch"):
        demo_gateway.faults.add("altered_response", on=on, times=None, **wrong)


LONG_ENOUGH = (2, 240, 5, 5, 5, 5)


@pytest.fixture
def undecided(alice, owed, demo_gateway, work, read):
    """undecided(**wrong): a payment that has been unclear for its time; its decision page."""

    def _undecided(**wrong):
        demo_gateway.faults.add("lost_response")
        damage(demo_gateway, **(wrong or {"status": "held_for_review"}))
        pay(alice, owed.late)
        work(*LONG_ENOUGH)
        attempt = read(Attempt.get)
        return f"/customers/{read(lambda: attempt.customer.public_id)}/payments/{attempt.reference}/decision"

    return _undecided


def fields_of(page: str) -> dict:
    """What the decision form sends unless it is changed."""
    form = page[page.index('<form class="card') :]
    found = re.findall(r'<input[^>]*type="(?:hidden|text)"[^>]*>', form)
    pairs = [(re.search(r'name="(\w+)"', one), re.search(r'value="([^"]*)"', one)) for one in found]
    return {name[1]: value[1] for name, value in pairs}


def decide(client, page, outcome, transaction_id=None):
    """Both presses; the last answer."""
    response = client.get(page)
    for _ in range(2):
        form = fields_of(response.get_data(as_text=True))
        form = {**form, "outcome": outcome}
        if transaction_id is not None:
            form["transaction_id"] = transaction_id
        response = client.post(page, data=form)
        if response.status_code != 200:
            break
    return response


@pytest.mark.parametrize("wrong", UNREADABLE, ids=str)
def test_unreadable_charge_needs_a_decision_and_is_not_abandoned(undecided, read, wrong):
    page = undecided(**wrong)
    attempt = read(Attempt.get)
    assert attempt.state == Attempt.SENT and attempt.needs_decision
    mails = read(lambda: [m for m in OutboxMail.newest_first() if "needs your decision" in m.subject])
    assert len(mails) == 1 and page in mails[0].text


def test_recent_undecided_attempt_needs_no_decision(alice, owed, demo_gateway, work, read):
    demo_gateway.faults.add("lost_response")
    damage(demo_gateway, status="held_for_review")
    pay(alice, owed.late)
    work(2, 2, 60, 5, 5, 5, 5)
    assert not read(Attempt.get).needs_decision


def test_the_page_is_reached_from_the_payments_and_the_invoice(undecided, log_in, cast, owed):
    page, ruth = undecided(), log_in(cast.ruth)
    customer = page.partition("/payments")[0]
    for path in (f"{customer}/payments", f"{customer}/invoices/{owed.late.public_id}"):
        assert page in ruth.get(path).get_data(as_text=True)
    shown = text_of(ruth.get(page))
    assert "Held for review, $600.00" in shown and "Cedar Lane Bakery, account 77" in shown


def test_decision_charged_books_the_payment(undecided, log_in, cast, read, demo_gateway, owed, work):
    page, sold = undecided(), demo_gateway.transactions()[0]["id"]
    assert decide(log_in(cast.ruth), page, "charged").status_code == 303
    attempt = read(Attempt.get)
    assert (attempt.state, attempt.transaction_id) == (Attempt.APPROVED, sold)
    assert read(lambda: Invoice.get_by_id(owed.late.id).open_minor) == 0
    assert read(lambda: [m.kind for m in OutboxMail.newest_first()]).count("receipt") == 1
    line = read(lambda: Audit.last("payment.decided"))
    assert line.actor == cast.ruth.email and line.facts == {"charged": True, "transaction": sold}
    work(5, 60)
    assert read(Attempt.get).settlement == Attempt.SUBMITTED  # a person's word is not taken back for an unknown one


@pytest.mark.parametrize("order_id", [None, "shop-7"])
def test_a_charge_without_its_order_id_can_be_booked_and_settles(
    alice, owed, demo_gateway, work, read, log_in, cast, order_id
):
    for on in ("sale", "find", "fetch"):
        demo_gateway.faults.add("altered_response", on=on, times=None, order_id=order_id)
    pay(alice, owed.late)
    work(*LONG_ENOUGH)
    attempt, sold = read(Attempt.get), demo_gateway.transactions()[0]["id"]
    page = f"/customers/{read(lambda: attempt.customer.public_id)}/payments/{attempt.reference}/decision"
    ruth = log_in(cast.ruth)
    assert decide(ruth, page, "not_charged").status_code == 422 and read(Attempt.get).state == Attempt.SENT
    assert decide(ruth, page, "charged").status_code == 303 and read(Attempt.get).transaction_id == sold
    work(5, 60)
    assert read(Attempt.get).settlement == Attempt.SETTLED


def test_decision_not_charged_releases_the_invoices(undecided, log_in, cast, read, owed, demo_gateway):
    page = undecided(status="authorizing")
    assert decide(log_in(cast.ruth), page, "not_charged").status_code == 303
    assert read(Attempt.get).state == Attempt.DECLINED and read(LedgerEntry.select().count) == 0
    assert read(lambda: Invoice.get_by_id(owed.late.id).open_minor) == 60_000
    assert read(lambda: Audit.last("payment.decided")).facts == {"charged": False}


def test_the_charge_that_was_made_is_named_beside_another(app, undecided, read, cast):
    undecided()
    attempt = read(Attempt.get)
    right = Transaction(
        "right1", attempt.order_id, attempt.amount_minor, attempt.currency, Transaction.SETTLED, "settled"
    )
    other = replace(right, id="other1", amount_minor=1)
    gateway = SimpleNamespace(find_by_order=lambda order_id: (other, right))

    def release():
        cashier = Cashier(gateway, app.extensions["clock"], app.config["PORTAL"], Company.current())
        actor = Actor(cast.ruth.email, cashier.clock(), "")
        with pytest.raises(CannotDecide, match="Braintree has charged this card: right1 is settled"):
            release_as_not_charged(attempt, cashier, actor)

    read(release)


def test_first_press_only_shows_the_confirmation(undecided, log_in, cast, read):
    page, ruth = undecided(), log_in(cast.ruth)
    form = fields_of(ruth.get(page).get_data(as_text=True))
    answer = ruth.post(page, data={**form, "outcome": "not_charged"})
    assert answer.status_code == 200 and "Release as not charged" in text_of(answer)
    assert read(Attempt.get).state == Attempt.SENT


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        ("settled", "not_charged"),
        ("submitted_for_settlement", "not_charged"),
        ("processor_declined", "charged"),
        ("voided", "charged"),
    ],
)
def test_decision_against_a_clear_gateway_answer_is_refused(
    undecided, log_in, cast, read, demo_gateway, status, outcome
):
    page = undecided()
    demo_gateway.faults.clear()
    sold = demo_gateway.move(demo_gateway.transactions()[0]["id"], status)["id"]
    answer = decide(log_in(cast.ruth), page, outcome, sold)
    assert answer.status_code == 422 and status.replace("_", " ") in text_of(answer)
    assert read(Attempt.get).state == Attempt.SENT


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ("", "Enter the transaction ID"),
        ("../x", "Enter the transaction ID"),
        ("x" * 41, "Enter the transaction ID"),
        ("x" * 100, "or fewer"),
        ("unknown1", "Braintree has no transaction unknown1"),
    ],
)
def test_a_transaction_id_that_cant_be_is_refused(undecided, log_in, cast, read, typed, says):
    page = undecided()
    answer = decide(log_in(cast.ruth), page, "charged", typed)
    assert answer.status_code == 422 and says in text_of(answer)
    assert read(Attempt.get).state == Attempt.SENT


def test_the_id_of_another_payment_is_refused(alice, owed, undecided, log_in, cast, read):
    pay(alice, owed.due)
    first = read(Attempt.get).transaction_id
    page = undecided().replace(read(Attempt.get).reference, read(lambda: list(Attempt.select()))[-1].reference)
    answer = decide(log_in(cast.ruth), page, "charged", first)
    assert answer.status_code == 422 and "belongs to another payment" in text_of(answer)


def test_a_choice_is_needed(undecided, log_in, cast):
    page = undecided()
    answer = decide(log_in(cast.ruth), page, "")
    assert answer.status_code == 422 and "Choose what happened" in text_of(answer)


def test_the_second_of_two_administrators_reads_that_it_is_decided(undecided, log_in, cast, read):
    page, ruth = undecided(status="authorizing"), log_in(cast.ruth)
    form = fields_of(ruth.get(page).get_data(as_text=True))
    decide(ruth, page, "not_charged")
    answer = ruth.post(page, data={**form, "outcome": "charged", "confirm": "1"}, follow_redirects=True)
    assert "has been decided already" in text_of(answer)
    assert read(Attempt.get).state == Attempt.DECLINED


def test_a_gateway_that_cant_be_asked_leaves_the_word_to_the_person(undecided, log_in, cast, read, demo_gateway):
    page, sold = undecided(), demo_gateway.transactions()[0]["id"]
    demo_gateway.faults.clear()
    demo_gateway.faults.add("lost_request", on="any", times=None)
    assert "can’t be reached" in text_of(log_in(cast.ruth).get(page))
    assert decide(log_in(cast.ruth), page, "charged", sold).status_code == 303
    assert read(Attempt.get).state == Attempt.APPROVED


def test_a_gateway_that_becomes_clear_decides_by_itself(undecided, read, demo_gateway, work, log_in, cast):
    page = undecided()
    demo_gateway.faults.clear()
    work(2)
    assert read(Attempt.get).state == Attempt.APPROVED
    assert "has been decided already" in text_of(log_in(cast.ruth).get(page, follow_redirects=True))


def test_a_known_transaction_is_looked_up_before_a_payment_is_given_up(alice, owed, demo_gateway, work, read, gateway):
    """The answer named it, and the index never shows it."""
    gateway.key_allowed = False
    demo_gateway.faults.add("sale_status", status="authorizing")
    demo_gateway.faults.add("search_lag", times=None, seconds=10 * 86_400)
    pay(alice, owed.late)
    work(*LONG_ENOUGH)
    assert read(Attempt.get).needs_decision
    demo_gateway.move(demo_gateway.transactions()[0]["id"], "settled")
    work(2)
    assert read(Attempt.get).state == Attempt.APPROVED
