"""Every status that Braintree's documentation knows, and one that it doesn't, at each moment of a charge's life.

What a charge may answer, by call:

charge          201 or 422 with a transaction in any status, 422 without one, nothing, or anything else
find            200 with a transaction in any status, 404, or anything else
find_by_order   a list of transactions in any status, behind by seconds or minutes, or empty
void            200, 422 (91504: not in a status that can be voided), or anything else
between         like find_by_order, of any shop at this merchant
notice          a hint: what counts is what find says then
"""

import pytest

from app.models import Attempt, Audit, Invoice, LedgerEntry, OutboxMail, Webhook
from app.payments.checkout import BeingConfirmed, CardDeclined, Paid
from tests.support.portal import ReplacedAnswer, unreachable

LIVE = ("submitted_for_settlement", "settling", "settlement_confirmed", "settled")
OVER = ("processor_declined", "gateway_rejected", "failed", "voided", "authorization_expired", "settlement_declined")
BETWEEN = ("authorizing", "authorized", "settlement_pending")
UNKNOWN = "held_for_review"


def charged_and_left_in(portal, status):
    """Pay one invoice; the sale answers with `status`, and stays there."""
    portal.demo.faults.add("sale_status", status=status)
    return portal.pay(portal.invoice())


def charge_of(portal) -> str:
    return portal.demo.transactions()[-1]["id"]


def open_amount() -> int:
    return Invoice.get().open_minor


@pytest.mark.parametrize("status", [*BETWEEN, UNKNOWN])
def test_an_answer_that_decides_nothing_is_being_confirmed(portal, status):
    assert isinstance(charged_and_left_in(portal, status), BeingConfirmed)
    portal.recover()
    assert Attempt.get().state == Attempt.SENT and open_amount() == 0
    assert OutboxMail.select().where(OutboxMail.key.startswith("receipt")).count() == 0


@pytest.mark.parametrize("status", LIVE)
def test_an_answer_that_will_settle_is_paid(portal, status):
    assert isinstance(charged_and_left_in(portal, status), Paid)


@pytest.mark.parametrize("status", OVER)
def test_an_answer_that_is_over_never_says_paid(portal, status):
    assert isinstance(charged_and_left_in(portal, status), CardDeclined | BeingConfirmed)
    portal.recover()
    assert Attempt.get().state == Attempt.DECLINED and open_amount() == 10_000


@pytest.mark.parametrize("before", [*BETWEEN, UNKNOWN])
@pytest.mark.parametrize(("later", "state"), [*((s, "approved") for s in LIVE), *((s, "declined") for s in OVER)])
def test_undecided_charge_is_looked_up_until_it_is_decided(portal, before, later, state):
    charged_and_left_in(portal, before)
    portal.clock.advance(minutes=2)
    portal.reconcile()
    assert Attempt.get().state == Attempt.SENT
    portal.demo.move(charge_of(portal), later)
    portal.clock.advance(minutes=2)
    portal.reconcile()
    assert Attempt.get().state == state and open_amount() == (0 if state == "approved" else 10_000)
    portal.check()


@pytest.mark.parametrize("status", [*BETWEEN, UNKNOWN])
def test_undecided_search_result_decides_no_attempt(portal, status):
    portal.demo.faults.add("lost_response")
    portal.pay(portal.invoice())
    portal.demo.move(charge_of(portal), status)
    portal.clock.advance(minutes=2)
    portal.reconcile()
    assert Attempt.get().state == Attempt.SENT


def by_poll(portal):
    portal.clock.advance(minutes=5)
    portal.poll()


def by_notice(portal):
    Webhook.store("one", "transaction_settled", charge_of(portal), "", 0)
    portal.handle_webhooks()


def by_night(portal):
    portal.audit()


WAYS = pytest.mark.parametrize("find_out", [by_poll, by_notice, by_night])


@WAYS
@pytest.mark.parametrize("status", [*OVER, UNKNOWN])
def test_a_charge_that_never_becomes_money_is_taken_back(portal, find_out, status):
    assert isinstance(portal.pay(portal.invoice()), Paid)
    portal.demo.move(charge_of(portal), status)
    find_out(portal)
    attempt = Attempt.get()
    assert attempt.settlement == (Attempt.VOIDED if status in ("voided", "authorization_expired") else Attempt.FAILED)
    assert sum(line.amount_minor for line in LedgerEntry.select()) == 0 and open_amount() == 10_000
    assert f"payment.{attempt.settlement}" in portal.alerts()
    assert OutboxMail.select().where(OutboxMail.key == f"taken_back:{attempt.reference}").count() == 1
    find_out(portal)
    portal.check()


@pytest.mark.parametrize("find_out", [by_notice, by_night])
@pytest.mark.parametrize("status", OVER)
def test_a_settled_charge_that_is_over_later_is_taken_back(portal, find_out, status):
    portal.pay(portal.invoice())
    portal.demo.settle(charge_of(portal))
    by_poll(portal)
    portal.demo.move(charge_of(portal), status)
    find_out(portal)
    assert Attempt.get().settlement in (Attempt.FAILED, Attempt.VOIDED) and open_amount() == 10_000
    portal.check()


@WAYS
@pytest.mark.parametrize("status", BETWEEN)
def test_undecided_status_changes_nothing_and_is_looked_up_again(portal, find_out, status):
    portal.pay(portal.invoice())
    portal.demo.move(charge_of(portal), status)
    find_out(portal)
    assert Attempt.get().settlement == Attempt.SUBMITTED and portal.alerts() == []
    portal.demo.move(charge_of(portal), "settled")
    portal.clock.advance(hours=2)
    portal.poll()
    assert Attempt.get().settlement == Attempt.SETTLED


@pytest.mark.parametrize("find_out", [by_notice, by_night])
@pytest.mark.parametrize("status", LIVE)
@pytest.mark.parametrize("called", ["processor_declined", "voided"])
def test_charge_of_a_failed_payment_is_alerted_and_booked(portal, find_out, status, called):
    portal.pay(portal.invoice())
    portal.demo.move(charge_of(portal), called)
    by_poll(portal)
    portal.demo.move(charge_of(portal), status)
    find_out(portal)
    find_out(portal)
    assert portal.alerts().count("payment.unapplied") == 1
    assert sum(line.amount_minor for line in LedgerEntry.select()) == 10_000 and open_amount() == 10_000


@pytest.mark.parametrize("find_out", [by_notice, by_night])
def test_charge_of_a_declined_payment_is_alerted_and_booked(portal, find_out):
    charged_and_left_in(portal, "processor_declined")
    portal.demo.move(charge_of(portal), "settled")
    find_out(portal)
    assert portal.alerts() == ["payment.unapplied"]
    portal.check()


def test_single_garbled_status_does_not_reverse_the_payment(portal):
    portal.pay(portal.invoice())
    portal.demo.faults.add("altered_response", on="find", status=UNKNOWN)
    by_poll(portal)
    assert Attempt.get().settlement == Attempt.SUBMITTED


# An answer without a transaction id, or with another's


@pytest.mark.parametrize(
    "wrong",
    [
        {"id": None},
        {"id": ""},
        {"missing": ["id"]},
        {"status": None},
        {"missing": ["status"]},
        {"amount": "abc"},
        {"amount": "10.005"},
        {"missing": ["amount"]},
        {"missing": ["currency"]},
        {"order_id": None},
        {"missing": ["order_id"]},
        {"status": "authorizing"},
        {"amount": "NaN"},
        {"amount": "1E+3"},
    ],
)
def test_an_answer_with_a_part_missing_or_wrong_is_no_verdict(portal, wrong):
    portal.demo.faults.add("altered_response", **wrong)
    assert isinstance(portal.pay(portal.invoice()), BeingConfirmed)
    portal.recover()
    portal.check()
    assert Attempt.get().state == Attempt.APPROVED and len(portal.live()) == 1


@pytest.mark.parametrize("status", ["submitted_for_settlement", "processor_declined"])
def test_an_answer_with_the_id_of_another_payment_is_no_verdict(portal, status):
    portal.pay(portal.invoice())
    first = Attempt.get().transaction_id
    portal.demo.faults.add("altered_response", id=first, status=status)
    assert isinstance(portal.pay(portal.invoice()), BeingConfirmed)
    assert Audit.alerts(0).count() == 1
    portal.recover()
    portal.check()
    assert len(portal.live()) == 2 and Attempt.select().where(Attempt.state == Attempt.APPROVED).count() == 2


def test_a_search_that_shows_the_id_of_another_payment_decides_nothing(portal):
    portal.pay(portal.invoice())
    first = Attempt.get().transaction_id
    portal.demo.faults.add("lost_response")
    portal.pay(portal.invoice())
    portal.demo.faults.add("altered_response", on="fetch", id=first)
    portal.clock.advance(minutes=2)
    portal.reconcile()
    assert Attempt.select().where(Attempt.state == Attempt.SENT).count() == 1
    portal.recover()
    portal.check()
    assert len(portal.live()) == 2


WITHOUT_ITS_ORDER = pytest.mark.parametrize("order_id", [None, "shop-7", "cc-" + "0" * 24])


@WITHOUT_ITS_ORDER
def test_a_charge_that_its_answer_named_is_never_given_up(portal, order_id):
    for on in ("sale", "find", "fetch"):
        portal.demo.faults.add("altered_response", on=on, times=None, order_id=order_id)
    assert isinstance(portal.pay(portal.invoice()), BeingConfirmed)
    portal.recover(minutes=(2, 2, 2, 240, 5, 5, 5, 5, 5))
    attempt = Attempt.get()
    assert attempt.state == Attempt.SENT and attempt.needs_decision and open_amount() == 0
    assert Attempt.select().count() == 1 and len(portal.live()) == 1


@WITHOUT_ITS_ORDER
def test_a_charge_that_its_answer_named_and_that_is_void_is_given_up(portal, order_id):
    for on in ("sale", "find", "fetch"):
        portal.demo.faults.add("altered_response", on=on, times=None, order_id=order_id)
    portal.pay(portal.invoice())
    portal.demo.move(charge_of(portal), "voided")
    portal.recover(minutes=(2, 2, 2, 240, 5, 5, 5, 5, 5), audit=False)
    assert Attempt.get().state == Attempt.ABANDONED and open_amount() == 10_000


def test_a_lost_answer_whose_charge_has_no_order_id_is_never_given_up(portal):
    portal.demo.faults.add("lost_response")
    for on in ("find", "fetch"):
        portal.demo.faults.add("altered_response", on=on, times=None, order_id=None)
    portal.pay(portal.invoice())
    portal.recover(minutes=(2, 2, 2, 240, 5, 5, 5, 5, 5))
    assert Attempt.get().needs_decision and open_amount() == 0


def test_an_answer_that_names_anothers_charge_does_not_hold_an_attempt(portal):
    portal.pay(portal.invoice())
    strange = portal.gateway.find(charge_of(portal))
    second = portal.invoice(2_000)
    portal.demo.faults.add("lost_request", times=None)
    portal.pay(second)
    Attempt.select().order_by(Attempt.id.desc()).get().remember(named_id=strange.id)
    portal.recover(minutes=(2, 2, 2, 240, 5, 5, 5, 5, 5))
    assert Invoice.get_by_id(second.id).open_minor == 2_000 and len(portal.live()) == 1


@WAYS
def test_a_charge_that_was_booked_under_an_invented_id_is_kept(portal, find_out):
    """The genuine one is no double: what is in the books does not exist."""
    portal.demo.faults.add("altered_response", id="invented1")
    assert isinstance(portal.pay(portal.invoice()), Paid)
    find_out(portal)
    assert Attempt.get().transaction_id == charge_of(portal) and len(portal.live()) == 1
    assert portal.alerts() == ["payment.corrected"]
    portal.check()


def test_a_charge_that_was_booked_under_a_strangers_id_is_kept(portal):
    nonce = portal.nonce()
    portal.gateway.sdk.transaction.sale({"amount": "100.00", "payment_method_nonce": nonce, "order_id": "shop-7"})
    strange = charge_of(portal)
    portal.demo.faults.add("altered_response", id=strange)
    portal.pay(portal.invoice())
    by_poll(portal)
    assert Attempt.get().transaction_id == charge_of(portal) != strange
    assert [c["status"] for c in portal.demo.transactions()] == ["authorized", "submitted_for_settlement"]


def test_swapped_transaction_ids_are_corrected(portal):
    """The second answer names the first one's transaction, which is not in the books yet."""
    portal.demo.faults.add("lost_response")
    portal.pay(portal.invoice())
    first = charge_of(portal)
    portal.demo.faults.add("altered_response", id=first)
    portal.pay(portal.invoice())
    portal.recover()
    portal.check()
    assert {a.transaction_id for a in Attempt.select()} == {charge["id"] for charge in portal.live()}
    assert len(portal.live()) == 2


def test_status_of_a_foreign_charge_reverses_nothing(portal):
    portal.gateway.sdk.transaction.sale(
        {"amount": "100.00", "payment_method_nonce": portal.nonce(), "order_id": "shop-7"}
    )
    strange = charge_of(portal)
    portal.demo.faults.add("altered_response", id=strange)
    portal.pay(portal.invoice())
    portal.demo.move(strange, "processor_declined")
    by_poll(portal)
    assert Attempt.get().is_believed and Attempt.get().transaction_id == charge_of(portal)


# Doubles


def test_a_second_charge_is_found_by_the_first_poll_and_voided_while_that_is_free(portal):
    portal.demo.faults.add("charged_twice")
    assert isinstance(portal.pay(portal.invoice()), Paid)
    portal.clock.advance(seconds=30)
    portal.poll()
    assert len(portal.live()) == 1 and portal.alerts() == ["payment.double"]
    portal.check()


def test_a_search_that_lags_is_no_proof_that_there_is_no_second_charge(portal):
    portal.demo.faults.add("charged_twice")
    portal.demo.faults.add("search_lag", seconds=3_600)
    portal.pay(portal.invoice())
    by_poll(portal)
    assert len(portal.live()) == 2
    by_poll(portal)
    assert len(portal.live()) == 1


@pytest.mark.parametrize("status", [*OVER, *BETWEEN])
def test_no_double_is_voided_for_a_charge_that_is_no_money_itself(portal, status):
    portal.demo.faults.add("charged_twice")
    portal.pay(portal.invoice())
    portal.demo.move(Attempt.get().transaction_id, status)
    by_poll(portal)
    portal.audit()
    assert len(portal.live()) == 1
    if status in OVER:
        portal.check()


def test_kept_one_of_two_charges_is_looked_up_after_a_lost_answer(portal):
    """The search is behind: what it calls submitted has failed."""
    portal.demo.faults.add("charged_twice")
    portal.pay(portal.invoice(), gateway=ReplacedAnswer(portal.gateway, charge=unreachable))
    portal.clock.advance(minutes=2)
    portal.demo.faults.add("altered_response", on="find", status="processor_declined")
    portal.reconcile()
    assert Attempt.get().state == Attempt.SENT and len(portal.live()) == 2
    portal.recover()
    portal.check()
