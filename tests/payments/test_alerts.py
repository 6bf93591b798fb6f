"""What administrators read about payments, through the worker."""

import pytest

from app.clock import to_ms
from app.models import Audit, OutboxMail
from app.worker import Worker
from tests.payments.conftest import pay
from tests.support.pages import text_of


@pytest.fixture
def duty(app):
    """duty("audit_daily") does that duty of the worker."""

    def _duty(*names):
        with app.extensions["database"].connection_context():
            for name in names:
                getattr(Worker(app), name)()

    return _duty


@pytest.fixture
def alerts(app):
    """alerts("payment.double"): the facts of every such alert."""

    def _alerts(event):
        with app.extensions["database"].connection_context():
            return [line.facts for line in Audit.alerts(0) if line.event == event]

    return _alerts


def test_failing_audit_is_alerted_once_after_two_days(alice, owed, duty, alerts, demo_gateway, clock):
    pay(alice, owed.late)
    demo_gateway.faults.add("search_down", times=None)
    for _ in range(4):
        duty("audit_daily")
        clock.advance(hours=12)
    assert alerts("payment.not_audited") == []
    for _ in range(3):
        duty("audit_daily")
        clock.advance(hours=12)
    assert len(alerts("payment.not_audited")) == 1


def test_without_any_charge_there_is_nothing_to_compare(duty, alerts, demo_gateway, clock):
    demo_gateway.faults.add("search_down", times=None)
    duty("audit_daily")
    clock.advance(days=3)
    duty("audit_daily")
    assert alerts("payment.not_audited") == []


@pytest.fixture
def mails(app, cast, duty):
    """mails() are the administrator's mails after the worker's round, oldest first."""

    def _mails(*names):
        duty(*names, "alert", "alert")
        with app.extensions["database"].connection_context():
            return [mail for mail in reversed(OutboxMail.newest_first()) if mail.recipient == cast.ruth.email]

    return _mails


def test_alert_names_customer_and_action(alice, owed, mails, demo_gateway, clock, cast):
    demo_gateway.faults.add("altered_sale", amount="90.00")
    pay(alice, owed.late)
    (early,) = mails()
    assert "The portal is checking the charge" in early.text
    assert "Braintree has another charge than was agreed: PAY-" in early.subject and "Cedar" in early.subject
    assert "Cedar Lane Bakery, account 77" in early.text and "Invoices: INV-1037" in early.text
    assert "$600.00" in early.text and "Amount at Braintree: $90.00" in early.text and "9000" not in early.text
    assert f"/customers/{cast.cedar.public_id}/payments" in early.text and "mismatch" not in early.text


@pytest.mark.parametrize("settled", [False, True])
def test_the_alert_about_a_second_charge_says_whether_it_was_voided(alice, owed, mails, demo_gateway, settled):
    demo_gateway.faults.add("charged_twice")
    pay(alice, owed.late)
    for transaction in demo_gateway.transactions() if settled else ():
        demo_gateway.settle(transaction["id"])
    texts = [mail.text for mail in mails("audit_daily") if "charged twice" in mail.subject]
    assert len(texts) == 1 and "Nothing was changed" not in texts[0]
    assert ("could no longer be voided" if settled else "was voided at Braintree") in texts[0]


@pytest.mark.parametrize("kind", ["dispute_opened", "dispute_won", "dispute_lost", "dispute_expired"])
def test_dispute_is_alerted_at_once_and_appears_on_the_payment(
    alice, owed, mails, demo_gateway, client, log_in, cast, kind
):
    pay(alice, owed.late)
    charge = demo_gateway.transactions()[0]["id"]
    signature, payload = demo_gateway.webhook(kind, charge)
    for _ in range(2):
        client.post("/webhooks/braintree", data={"bt_signature": signature, "bt_payload": payload})
    words = kind.replace("_", " ").capitalize()
    (mail,) = mails()
    assert f"{words}: PAY-" in mail.subject and charge in mail.text and "Answer by: 2026-12-06" in mail.text
    assert "Amount at Braintree: $600.00" in mail.text and "Reason: fraud" in mail.text
    assert words in text_of(log_in(cast.ruth).get(f"/customers/{cast.cedar.public_id}/payments"))


def test_dispute_of_an_unknown_charge_is_alerted(owed, mails, demo_gateway, client, gateway):
    nonce = demo_gateway.nonces.tokenize("4111111111111111", "12", "2030", "123")["nonce"]
    gateway.sdk.transaction.sale({"amount": "5.00", "payment_method_nonce": nonce, "order_id": "shop-1"})
    charge = demo_gateway.transactions()[0]["id"]
    signature, payload = demo_gateway.webhook("dispute_opened", charge)
    client.post("/webhooks/braintree", data={"bt_signature": signature, "bt_payload": payload})
    (mail,) = mails()
    assert f"Dispute opened: {charge}" in mail.subject


def test_a_refund_in_the_control_panel_names_the_payment(alice, owed, mails, demo_gateway, gateway):
    pay(alice, owed.late)
    charge = demo_gateway.transactions()[0]["id"]
    demo_gateway.settle(charge)
    gateway.sdk.transaction.refund(charge, "12.50")
    (mail,) = mails("audit_daily")
    assert "A refund was made at Braintree: PAY-" in mail.subject and "INV-1037" in mail.text
    assert f"Refund of: {charge}" in mail.text and "Amount at Braintree: $12.50" in mail.text


def test_another_shop_on_the_same_account_is_one_mail_a_day(alice, owed, mails, demo_gateway, gateway, clock):
    for number in range(25):
        nonce = demo_gateway.nonces.tokenize("4111111111111111", "12", "2030", "123")["nonce"]
        order = "cc-" + "0" * 24 if number == 24 else f"shop-{number}"
        gateway.sdk.transaction.sale({"amount": "5.00", "payment_method_nonce": nonce, "order_id": order})
    first, second = sorted(mails("audit_daily"), key=lambda mail: mail.key)
    assert "belongs to no payment here" in first.subject and "cc-000" in first.text
    assert second.subject == "Braintree has 24 transactions that were not made here"
    assert "shop-0, $5.00" in second.text and "And 4 more." in second.text
    clock.advance(days=1, minutes=1)
    assert len(mails("audit_daily")) == 2


@pytest.mark.parametrize("event", ["payment.double", "payment.mismatch", "payment.failed", "payment.voided"])
def test_alert_whose_payment_is_not_in_the_database_is_emailed(app, mails, clock, event):
    with app.extensions["database"].connection_context():
        Audit.write(event, to_ms(clock()), "attempt:PAY-GONE", transaction="abc123", amount_minor=100, currency="USD")
    (mail,) = mails()
    assert "PAY-GONE" in text_of(mail.html)
    assert "Look it up in the Braintree Control Panel." in text_of(mail.html)
