"""Status of a payment on its pages, with refunds and disputes made at Braintree. The portal reads those from the
audit trail and doesn't book them."""

from dataclasses import dataclass
from typing import NamedTuple

from app import dates, money
from app.models import Attempt, Audit
from app.web.formatting import day, locale

REFUND, DISPUTE = "payment.refunded", "payment.dispute"


@dataclass(frozen=True, slots=True)
class StatusBadge:
    """A chip (`chip` is its color) and the heading of the payment's page."""

    word: str
    chip: str
    icon: str
    title: str


CHECKING = StatusBadge("Being confirmed", "warn", "clock", "We are checking your payment")
CHARGED = StatusBadge("Being corrected", "warn", "circle-alert", "Your card was charged")
NOT_TAKEN = StatusBadge("Not taken", "mute", "x", "Payment not taken")
BADGES = {
    Attempt.CREATED: CHECKING,
    Attempt.SENT: CHECKING,
    Attempt.DECLINED: NOT_TAKEN,
    Attempt.ABANDONED: NOT_TAKEN,
    Attempt.SUBMITTED: StatusBadge("Processing", "hold", "clock", "Payment received"),
    Attempt.SETTLED: StatusBadge("Paid", "good", "check", "Payment received"),
    Attempt.FAILED: StatusBadge("Failed", "bad", "circle-alert", "Payment failed"),
    Attempt.VOIDED: StatusBadge("Canceled", "mute", "ban", "Payment canceled"),
}


def badge_of(attempt: Attempt, has_money: bool) -> StatusBadge:
    if has_money and attempt.state in (Attempt.DECLINED, Attempt.ABANDONED):
        return CHARGED
    return BADGES[attempt.settlement if attempt.state == Attempt.APPROVED else attempt.state]


def is_decided(attempt: Attempt) -> bool:
    return attempt.state not in (Attempt.CREATED, Attempt.SENT)


class Reversal(NamedTuple):
    """A refund, or one step of a dispute. `state` is like 'opened' or 'won', `reply_by` is ISO text; both and
    `reason` are empty for a refund. `amount_minor` is None if Braintree did not say it."""

    event: str
    at_ms: int
    amount_minor: int | None
    currency: str
    state: str = ""
    reason: str = ""
    reply_by: str = ""

    @classmethod
    def read(cls, line: Audit) -> "Reversal":
        facts = line.facts
        details = [facts.get(name) or "" for name in ("kind", "reason", "reply_by")] if line.event == DISPUTE else ()
        return cls(line.event, line.at_ms, facts.get("amount_minor"), facts.get("currency") or "", *details)

    @property
    def amount(self) -> str:
        if self.amount_minor is None or self.currency not in money.CURRENCIES:
            return ""
        return money.format_money(self.amount_minor, self.currency, locale())

    @property
    def words(self) -> str:
        """'Refund of $12.50 made at Braintree', 'Dispute opened: $600.00, reason: fraud, answer by Dec 6, 2026'."""
        if self.event == REFUND:
            return f"Refund of {self.amount} made at Braintree" if self.amount else "Refund made at Braintree"
        facts = [self.amount]
        if self.reason:
            facts.append(f"reason: {self.reason.replace('_', ' ')}")
        answer_by = dates.read_iso(self.reply_by)
        if answer_by and self.state == "opened":
            facts.append(f"answer by {day(answer_by)}")
        return ": ".join(filter(None, (f"Dispute {self.state}", ", ".join(filter(None, facts)))))


def reversals(references: list[str]) -> dict[str, list[Reversal]]:
    lines: dict[str, list[Reversal]] = {}
    for line in Audit.alerts_about([f"attempt:{reference}" for reference in references]):
        if line.event in (REFUND, DISPUTE):
            lines.setdefault(line.subject.removeprefix("attempt:"), []).append(Reversal.read(line))
    return lines


def refunds(references: list[str]) -> dict[str, list[Reversal]]:
    return {
        reference: mine
        for reference, lines in reversals(references).items()
        if (mine := [line for line in lines if line.event == REFUND])
    }
