"""Words for the state of an email."""

from collections import Counter
from dataclasses import dataclass

from app.clock import format_moment, from_ms
from app.models import OutboxMail


@dataclass(frozen=True, slots=True)
class StateBadge:
    """A chip: its word, color and icon. `tally` is the word in a count of emails."""

    word: str
    chip: str
    icon: str
    tally: str


NOT_DELIVERED = "not delivered"
SAVED = "Saved to a file, not sent"
BADGES = {
    OutboxMail.QUEUED: StateBadge("Queued", "hold", "clock", "queued"),
    OutboxMail.RETRYING: StateBadge("Waiting to be retried", "warn", "clock", "waiting to be retried"),
    OutboxMail.SENT: StateBadge("Sent", "good", "check", "sent"),
    OutboxMail.SAVED: StateBadge(SAVED, "warn", "circle-alert", SAVED.lower()),
    OutboxMail.REFUSED: StateBadge("Refused", "bad", "circle-alert", NOT_DELIVERED),
    OutboxMail.GAVE_UP: StateBadge("Given up", "bad", "circle-alert", NOT_DELIVERED),
    OutboxMail.BOUNCED: StateBadge("Bounced", "bad", "circle-alert", NOT_DELIVERED),
    OutboxMail.CANCELED: StateBadge("Canceled", "mute", "ban", "canceled"),
}


@dataclass(frozen=True, slots=True)
class Cause:
    """Why a mail was not delivered, in plain words, and what an administrator and a customer can do about it."""

    reason: str
    advice: str
    to_customer: str


ADDRESS = "Check the address."
CAUSES = (
    (
        ("5.2.2", "quota", "mailbox full", "mailbox is full"),
        Cause("their mailbox is full", "The mailbox is full: ask them to make room.", "Ask them to make room."),
    ),
    (
        ("5.3.4", "too large"),
        Cause("the email is too large for their server", "The email is too large for their server.", "Contact us."),
    ),
    (
        ("5.7.", "relay"),
        Cause("the mail server did not accept it from us", "Ask the people who run your mail server.", "Contact us."),
    ),
    (
        ("5.1.1", "no such", "unknown", "does not exist", "doesn't exist", "not found"),
        Cause("there is no mailbox with this address", ADDRESS, ADDRESS),
    ),
)
REFUSED = Cause("their mail server refused it", ADDRESS, ADDRESS)
NOT_TAKEN = Cause("our mail server did not accept it", "Check the mail server.", "Send it again later, or contact us.")
KINDS = {
    "receipt": "Receipt",
    "taken_back": "Payment reversed",
    "payment_link": "Payment Link",
    "new_invoice": "New invoice",
    "reminder": "Reminder",
    "statement": "Statement",
    "invitation": "New Access Notification Email",
    "reset_link": "Password reset link",
    "password_changed": "Password changed",
    "second_factor": "Two-factor authentication",
    "locked_out": "Person locked out",
    "alert": "Payment alert",
    "not_made_here": "Transactions not made here",
    "test": "Test email",
    "undelivered": "Emails not delivered",
    "colleague_invitation": "Invitation by a colleague",
}


def kind_label(mail: OutboxMail) -> str:
    return label(mail.kind)


def label(kind: str) -> str:
    return KINDS.get(kind, kind.replace("_", " ").capitalize())


def badge(mail: OutboxMail) -> StateBadge:
    return BADGES[mail.state]


def cause(mail: OutboxMail) -> Cause:
    reason = mail.error.lower()
    if mail.state == OutboxMail.GAVE_UP and not is_answer(mail):
        return NOT_TAKEN
    return next((cause for marks, cause in CAUSES if any(mark in reason for mark in marks)), REFUSED)


def is_answer(mail: OutboxMail) -> bool:
    return mail.error[:3].isdigit()


def advice(mail: OutboxMail) -> str:
    return cause(mail).advice


def failed_invitation(mail: OutboxMail) -> str:
    """What a customer's manager reads about a failed invitation. It doesn't name our own server or its errors."""
    because = cause(mail)
    answer = f" ({mail.error.rstrip('.')})" if is_answer(mail) else ""
    return f"The invitation was not delivered: {because.reason}{answer}. {because.to_customer}"


def sentence(mail: OutboxMail, what: str = "Email") -> str:
    """'Email with a link not delivered: 550 no such user. Check the address.'"""
    if mail.state == OutboxMail.SAVED:
        return f"{what} {SAVED.lower()}: {with_full_stop(mail.error)}"
    if mail.is_undelivered:
        return f"{what} not delivered: {with_full_stop(mail.error)} {advice(mail)}"
    if mail.state == OutboxMail.RETRYING:
        return f"{what} waiting to be retried: {with_full_stop(mail.error)}"
    if mail.state == OutboxMail.CANCELED:
        return f"{what} canceled: {with_full_stop(mail.error)}"
    return f"{what} {BADGES[mail.state].tally}"


def status_so_far(mail: OutboxMail) -> str:
    if mail.is_undelivered or mail.state == OutboxMail.RETRYING:
        return sentence(mail, f"Email to {mail.recipient}")
    if mail.state == OutboxMail.QUEUED:
        return f"An email to {mail.recipient} is queued."
    return f"An email to {mail.recipient} was {BADGES[mail.state].tally}."


def moment_text(mail: OutboxMail, time_zone: str, locale: str) -> str:
    if mail.state == OutboxMail.RETRYING:
        return f"next try {format_moment(from_ms(mail.next_try_ms), time_zone, locale)}"
    ended_ms = mail.sent_ms if mail.state == OutboxMail.SENT else mail.ended_ms
    return format_moment(from_ms(ended_ms or mail.created_ms), time_zone, locale)


def with_full_stop(reason: str) -> str:
    return reason if reason.endswith((".", "!", "?")) else f"{reason}."


def receipt_status(mail: OutboxMail | None, has_mail: bool) -> str:
    """What the payer reads about their receipt; '' if none was written. `has_mail`: queued mail will be sent."""
    if mail is None:
        return ""
    if mail.state == OutboxMail.SENT:
        return f"We emailed the receipt to {mail.recipient}."
    if mail.state == OutboxMail.SAVED or (mail.waits_to_be_sent and not has_mail):
        return f"We did not email the receipt to {mail.recipient}: no mail server is set up here yet."
    if mail.waits_to_be_sent:
        return f"We will email the receipt to {mail.recipient}."
    return f"We could not email the receipt to {mail.recipient}: {with_full_stop(mail.error)} {advice(mail)}"


def tally(mails) -> str:
    """'2 emails queued', or '1 email sent, 1 email not delivered'."""
    counts = Counter(BADGES[mail.state].tally for mail in mails)
    return ", ".join(f"{count} {'email' if count == 1 else 'emails'} {word}" for word, count in counts.items())
