"""What the gateway signs is genuine to the SDK, and nothing else is."""

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
def test_every_kind_is_genuine_and_readable(sdk, demo, sold, kind):
    notice = sdk.webhook_notification.parse(*demo.webhook(kind, sold))
    assert notice.kind == kind
    assert notice.timestamp.year == 2026


def test_a_dispute_names_its_transaction_and_shows_on_it(sdk, demo, sold):
    notice = sdk.webhook_notification.parse(*demo.webhook("dispute_opened", sold))
    assert (notice.dispute.status, str(notice.dispute.amount)) == ("open", "25.00")
    assert (notice.dispute.transaction.id, notice.dispute.transaction.order_id) == (sold, "PAY-1")
    demo.webhook("dispute_lost", sold)
    disputes = sdk.transaction.find(sold).disputes
    assert [dispute.status for dispute in disputes] == ["lost"]
    assert [event.status for event in disputes[0].status_history] == ["open", "lost"]


def test_a_disbursed_transaction_says_so(sdk, demo, sold):
    notice = sdk.webhook_notification.parse(*demo.webhook("transaction_disbursed", sold))
    assert notice.transaction.disbursement_details.is_valid
    assert sdk.transaction.find(sold).disbursement_details.success is True


def test_a_changed_payload_or_signature_is_refused(sdk, demo, sold):
    signature, payload = demo.webhook("dispute_opened", sold)
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


def test_it_signs_as_the_sdks_own_samples_are_signed(sdk, demo):
    sample = sdk.webhook_testing.sample_notification(Kind.DisputeOpened, "my_id")
    payload = sample["bt_payload"].decode()
    assert webhooks.sign(demo, payload) == sample["bt_signature"]


def test_a_challenge_is_answered_with_the_same_digest(sdk, demo):
    challenge = "20f9f8ed05f77439fe955c977e4c8a53"
    assert sdk.webhook_notification.verify(challenge) == webhooks.sign(demo, challenge)


def test_unknown_kinds_are_an_error(demo, sold):
    with pytest.raises(ValueError, match="no such kind"):
        demo.webhook("dispute_invented", sold)
