"""How each state of a payment looks to the customer who made it."""

from dataclasses import dataclass

from app.models import Attempt


@dataclass(frozen=True, slots=True)
class StatusBadge:
    """A chip (`chip` is its color) and the heading of the payment's page."""

    word: str
    chip: str
    icon: str
    title: str


CHECKING = StatusBadge("Being confirmed", "warn", "clock", "We are checking your payment")
CHARGED = StatusBadge("Being put right", "warn", "circle-alert", "Your card was charged")
NOT_TAKEN = StatusBadge("Not taken", "mute", "x", "Payment not taken")
LOOKS = {
    Attempt.CREATED: CHECKING,
    Attempt.SENT: CHECKING,
    Attempt.DECLINED: NOT_TAKEN,
    Attempt.ABANDONED: NOT_TAKEN,
    Attempt.SUBMITTED: StatusBadge("Processing", "hold", "clock", "Payment received"),
    Attempt.SETTLED: StatusBadge("Paid", "good", "check", "Payment received"),
    Attempt.FAILED: StatusBadge("Failed at settlement", "bad", "circle-alert", "Payment failed at settlement"),
    Attempt.VOIDED: StatusBadge("Canceled", "mute", "ban", "Payment canceled"),
}


def look_of(attempt: Attempt, money_stands: bool) -> StatusBadge:
    """`money_stands` is whether the gateway holds money for it that pays nothing yet."""
    if money_stands and attempt.state in (Attempt.DECLINED, Attempt.ABANDONED):
        return CHARGED
    return LOOKS[attempt.settlement if attempt.state == Attempt.APPROVED else attempt.state]


def is_decided(attempt: Attempt) -> bool:
    return attempt.state not in (Attempt.CREATED, Attempt.SENT)
