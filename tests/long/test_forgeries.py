"""Notifications with a changed signature or payload."""

import random

import pytest

from app.payments.gateway.protocol import BadNotice
from tests.sampling import SEED, times


def forged(draw, genuine):
    """A signature and a payload that the gateway did not sign: a byte changed, removed, doubled, or random ones."""
    pair = list(genuine)
    which = draw.randrange(2)
    text = pair[which].rstrip("\n")
    at = draw.randrange(len(text))
    alphabet = draw.choice(["0123456789abcdef", "+/=ABCxyz\n", "|&\0é☃\ud800 <"])
    letters = "".join(draw.choice(alphabet) for _ in range(draw.randint(1, 4)))
    how = draw.randrange(5)
    pair[which] = [
        text[:at] + letters + text[at + 1 :],
        text[:at] + text[at + 1 :],
        text[:at],
        letters * 20,
        text + letters,
    ][how]
    return pair


@pytest.mark.parametrize("batch", range(times(few=1, many=4)))
def test_a_forged_notification_is_refused(portal, batch):
    portal.pay(portal.invoice())
    genuine = portal.demo.webhook("transaction_settled", portal.live()[0]["id"])
    draw, accepted = random.Random(f"{SEED}-{batch}"), []
    for _ in range(times(few=600, many=5_000)):
        signature, payload = forged(draw, genuine)
        try:
            portal.gateway.notice(signature, payload)
        except BadNotice:
            continue
        if not says_the_same(genuine, signature, payload):
            accepted.append((signature, payload))
    assert accepted == []


def says_the_same(genuine, signature, payload) -> bool:
    """The scheme itself allows a final line break more or less, and other keys' signatures beside ours."""
    return payload.rstrip("\n") == genuine[1].rstrip("\n") and genuine[0] in signature.split("&")
