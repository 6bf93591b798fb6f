"""Webhook notifications: the SDK accepts their signatures and no others."""

import base64

import pytest
from braintree import WebhookNotification
from braintree.exceptions.invalid_signature_error import InvalidSignatureError

from braintree_emulator import webhooks

Kind = WebhookNotification.Kind


@pytest.fixture
def sold(sell):
    return sell("25.00", order_id="PAY-1").transaction.id


@pytest.mark.parametrize("kind", sorted(webhooks.KINDS))
def test_the_sdk_accepts_and_reads_every_kind(sdk, emulator, sold, kind):
    notice = sdk.webhook_notification.parse(*emulator.webhook(kind, sold))
    assert notice.kind == kind
    assert notice.timestamp.year == 2026


def test_a_dispute_has_its_transaction_and_appears_on_it(sdk, emulator, sold):
    notice = sdk.webhook_notification.parse(*emulator.webhook("dispute_opened", sold))
    assert (notice.dispute.status, str(notice.dispute.amount)) == ("open", "25.00")
    assert (notice.dispute.transaction.id, notice.dispute.transaction.order_id) == (sold, "PAY-1")
    emulator.webhook("dispute_lost", sold)
    disputes = sdk.transaction.find(sold).disputes
    assert [dispute.status for dispute in disputes] == ["lost"]
    assert [event.status for event in disputes[0].status_history] == ["open", "lost"]


def test_a_disbursed_transaction_has_its_disbursement_details(sdk, emulator, sold):
    notice = sdk.webhook_notification.parse(*emulator.webhook("transaction_disbursed", sold))
    assert notice.transaction.disbursement_details.is_valid
    assert sdk.transaction.find(sold).disbursement_details.success is True


def test_a_changed_payload_or_signature_is_refused(sdk, emulator, sold):
    signature, payload = emulator.webhook("dispute_opened", sold)
    other = base64.encodebytes(base64.b64decode(payload).replace(b"25.00", b"26.00")).decode()
    forged = [
        (signature, other),
        (signature[:-1] + ("0" if signature[-1] != "0" else "1"), payload),
        (signature.replace("demo_public_key", "other_key"), payload),
        ("", payload),
    ]
    for wrong_signature, wrong_payload in forged:
        with pytest.raises(InvalidSignatureError):
            sdk.webhook_notification.parse(wrong_signature, wrong_payload)


def test_signatures_equal_those_of_the_sdks_samples(sdk, emulator):
    sample = sdk.webhook_testing.sample_notification(Kind.DisputeOpened, "my_id")
    payload = sample["bt_payload"].decode()
    assert webhooks.sign(emulator, payload) == sample["bt_signature"]


def test_signatures_equal_the_sdks_challenge_response(sdk, emulator):
    challenge = "20f9f8ed05f77439fe955c977e4c8a53"
    assert sdk.webhook_notification.verify(challenge) == webhooks.sign(emulator, challenge)


def test_unknown_kinds_are_an_error(emulator, sold):
    with pytest.raises(ValueError, match="no such kind"):
        emulator.webhook("dispute_invented", sold)
