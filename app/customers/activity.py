"""What administrators see of a document: payments, the declines of those who tried, refunds and disputes."""

from typing import NamedTuple

from app import money
from app.bidi import isolated
from app.models import Attempt
from app.payments import declines, reversals
from app.web.formatting import locale

MOST_DECLINES = 20


class Event(NamedTuple):
    icon: str
    words: str
    at_ms: int
    detail: str = ""


def events(paper, invoice_id: int) -> list[Event]:
    """Latest first. Of declines there are MOST_DECLINES at most."""
    paid = [Event(icon, words, ms) for icon, words, _url, ms in paper.events]
    declined = [declined_event(attempt) for attempt in Attempt.declined_of(invoice_id, MOST_DECLINES)]
    by_payment = reversals.found([payment.reference for payment in paper.payments])
    returned = [
        Event(
            "rotate-ccw" if one.event == reversals.REFUND else "triangle-alert",
            one.words,
            one.at_ms,
            f"Payment {reference}. The invoice still counts as paid here.",
        )
        for reference, lines in by_payment.items()
        for one in lines
    ]
    return sorted([*paid, *declined, *returned], key=lambda event: -event.at_ms)


def declined_event(attempt: Attempt) -> Event:
    """'Payment of $324.00 by Bob Lindqvist declined', and why."""
    amount = money.format_money(attempt.amount_minor, attempt.currency, locale())
    who = isolated(attempt.user.name or attempt.user.email)
    return Event(
        "circle-alert",
        f"Payment of {amount} by {who} declined",
        attempt.decided_ms or attempt.created_ms,
        declines.reason_of(attempt),
    )
