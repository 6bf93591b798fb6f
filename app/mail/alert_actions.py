"""Texts of alerts: what was done, and what an administrator should do next."""

from babel.dates import format_date

from app import dates
from app.mail import state_labels
from app.models import Allocation, Attempt, Audit, LedgerEntry, OutboxMail, UnmatchedCharge

NOTHING = "Nothing was changed."
LOOK_UP = "Look it up in the Braintree Control Panel."
REFUND = "Refund it in the Braintree Control Panel, or write to the customer."
# Texts with these fields are about the invoices of one payment.
ONE = {"invoices_are": "invoice is", "invoices_stay": "invoice stays"}
SEVERAL = {"invoices_are": "invoices are", "invoices_stay": "invoices stay"}
OPEN_AGAIN = "The {invoices_are} open again."
DONE = {
    "payment.missing": f"{NOTHING} The payment still counts as paid here. {LOOK_UP}",
    "payment.unmatched": f"{NOTHING} Its order ID looks like one of this portal's: was a backup restored? {LOOK_UP}",
    "payment.unapplied": f"The {{invoices_are}} open, and the money is not applied. {REFUND}",
    "restored": "The payments made since the backup are being looked up at Braintree and booked. Online payment then "
    "resumes automatically, unless a charge waits for your decision: see the page below. If the comparison is "
    "not complete after an hour, run: flask books compare",
    "payment.excess": f"This payment was missing after a restore. The amount below is more than was open. {REFUND}",
    "payment.refunded": f"{NOTHING} The {{invoices_stay}} marked as paid.",
    "payment.dispute": "A customer's bank disputes this payment. Answer in the Braintree Control Panel{by}. The "
    "{invoices_stay} marked as paid.",
    "payment.corrected": "The payment now has its own transaction. Nothing else was changed.",
    "payment.undecided": "The {invoices_are} held until you decide, or until Braintree's answer is clear.",
    "payment.notice_unreadable": f"It is kept. {NOTHING} The nightly comparison will find what it was about.",
    "payment.unreadable": f"{NOTHING} Everything else was compared. {LOOK_UP}",
    "payment.not_audited": "We try again every ten minutes. Charges are still confirmed one by one. Check the "
    "worker's log, and test the connection in the setup guide.",
    "payment.no_receipt": "The payment is right, only its receipt is missing. Check the payer's email address.",
    "payment.no_letter": f"{OPEN_AGAIN} Tell the payer.",
    "duty.failing": "It is tried again, with pauses of up to ten minutes. System Status shows how it goes; the "
    "worker's log has the details.",
}
WAITS = (
    "It was not booked: it doesn't say which invoices it pays, or they are missing here or already paid. If you "
    "imported them after the backup was made, import them again, and it will be booked automatically. If a file "
    "already counts it as paid, import that file again and choose “All amounts include them” (on the command line: "
    "--payments-made-here included). Otherwise choose its customer and invoices on the page below, or set it aside."
)


def action_taken(line: Audit, attempt: Attempt | None) -> str:
    facts = line.facts
    if line.event == "restore_finished":
        rest = f" Not booked: {facts['unmatched']}, see the page below." if facts["unmatched"] else ""
        if facts.get("waiting"):
            rest += f" Online payment was resumed before that was decided: {facts['reason']}"
        return f"Payments made since the backup that were found at Braintree and booked: {facts['adopted']}.{rest}"
    if UnmatchedCharge.alerted(line) is not None:
        return WAITS
    if attempt and (action := action_about(line, attempt)):
        return action
    return fill(DONE.get(line.event, LOOK_UP), attempt, by=answer_by(facts))


def action_about(line: Audit, attempt: Attempt) -> str:
    """'' for an event that has a sentence in DONE."""
    facts = line.facts
    if line.event == "payment.unreadable" and attempt.settlement == Attempt.FAILED:
        return f"{fill(OPEN_AGAIN, attempt)} {payer_email_status(attempt)} {LOOK_UP}"
    if line.event in ("payment.failed", "payment.voided"):
        return f"{fill(OPEN_AGAIN, attempt)} {payer_email_status(attempt)}"
    if line.event == "payment.double" and facts.get("why"):
        return f"Nothing was voided: the charge that is booked here could not be confirmed. {LOOK_UP}"
    if line.event == "payment.double":
        return charge_status(attempt, facts["transaction"], "The second charge")
    if line.event == "payment.mismatch" and attempt.state == Attempt.APPROVED:
        return f"{NOTHING} The payment counts as paid with the agreed amount. {LOOK_UP}"
    if line.event == "payment.mismatch":
        return charge_status(attempt, facts["transaction"], "The charge")
    return ""


def fill(text: str, attempt: Attempt | None, by: str = "") -> str:
    has_one = attempt is not None and Allocation.of([attempt]).count() == 1
    return text.format(by=by, **(ONE if has_one else SEVERAL))


def answer_by(facts: dict) -> str:
    date = dates.read_iso(facts.get("reply_by") or "") if facts.get("kind") == "opened" else None
    return f" by {format_date(date, locale='en')}" if date else ""


def charge_status(attempt: Attempt, transaction_id: str, which: str) -> str:
    if Audit.has("payment.undone", f"attempt:{attempt.reference}", transaction=transaction_id):
        return f"{which} was voided at Braintree: it takes no money."
    if LedgerEntry.is_unapplied(transaction_id):
        return f"{which} could no longer be voided: it is booked and pays no invoice. {REFUND}"
    return f"The portal is checking {which.lower()}, and will void it if possible."


def payer_email_status(attempt: Attempt) -> str:
    mail = OutboxMail.latest(f"taken_back:{attempt.reference}")
    if mail is None:
        return f"No email to {attempt.receipt_email} could be written: tell them."
    return state_labels.status_so_far(mail)
