"""For each alert to administrators, a sentence about what was done and what is left to do."""

from app.mail import state_labels
from app.models import Attempt, Audit, LedgerEntry, OutboxMail, UnmatchedCharge

NOTHING = "Nothing was changed."
LOOK_UP = "Look it up in the Braintree Control Panel."
REFUND = "Refund it in the Braintree Control Panel, or write to the customer."
OPEN_AGAIN = "The invoices are open again."
DONE = {
    "payment.missing": f"{NOTHING} The payment still counts as paid here. {LOOK_UP}",
    "payment.unmatched": f"{NOTHING} Its order ID looks like one of this portal's: was a backup restored? {LOOK_UP}",
    "payment.unapplied": f"The invoices are open, and the money is not applied to any of them. {REFUND}",
    "restored": "The payments made since the backup are being looked up at Braintree and booked. Online payment then "
    "resumes by itself, unless a charge waits for your decision: see the page below. If the comparison is "
    "not complete after an hour, run: flask books compare",
    "payment.excess": "This payment was missing after a restore. It pays its invoices as far as they were open; the "
    f"amount below pays none. {REFUND}",
    "payment.refunded": f"{NOTHING} The invoices stay marked as paid.",
    "payment.dispute": "A customer's bank disputes this payment. Answer in the Braintree Control Panel. The invoices "
    "stay marked as paid.",
    "payment.corrected": "The payment now has its own transaction. The payment and its invoices stay as they are.",
    "payment.undecided": "The invoices are held until you decide, or until Braintree's answer is clear.",
    "payment.notice_unreadable": f"It is kept. {NOTHING} The nightly comparison will find what it was about.",
    "payment.unreadable": f"{NOTHING} Everything else was compared. {LOOK_UP}",
    "payment.not_audited": "It is tried again every ten minutes. Charges are still confirmed one by one. Check the "
    "worker's log, and test the connection in the setup guide.",
    "payment.no_receipt": "The payment is right, only its receipt is missing. Check the payer's email address.",
    "payment.no_letter": "The invoices are open again. Tell the payer.",
}
WAITS = (
    "It is not booked, because it doesn't say which invoices it pays, or they are not here or paid. If you "
    "imported them after the backup that was restored, import them again: then it is booked by itself. If a file "
    "counts it as paid already, import that file again with --payments-made-here included. Otherwise choose its "
    "customer and invoices on the page below, or set it aside."
)


def action_taken(line: Audit, attempt: Attempt | None) -> str:
    """What the portal did about an alert, and what is left to do. `attempt` is the payment that it is about."""
    facts = line.facts
    if line.event == "payment.unreadable" and attempt and attempt.settlement == Attempt.FAILED:
        return f"{OPEN_AGAIN} {payer_email_status(attempt)} {LOOK_UP}"
    if line.event in ("payment.failed", "payment.voided"):
        return f"{OPEN_AGAIN} {payer_email_status(attempt)}"
    if line.event == "restore_finished":
        rest = f" Not booked: {facts['unmatched']}, see the page below." if facts["unmatched"] else ""
        if facts.get("waiting"):
            rest += f" Online payment was resumed before that was decided: {facts['reason']}"
        return f"Payments made since the backup that were found at Braintree and booked: {facts['adopted']}.{rest}"
    if UnmatchedCharge.alerted(line) is not None:
        return WAITS
    if line.event == "payment.double" and facts.get("why"):
        return f"Nothing was voided: the charge that is booked here could not be confirmed. {LOOK_UP}"
    if line.event == "payment.double":
        return charge_status(attempt, facts["transaction"], "The second charge")
    if line.event != "payment.mismatch":
        return DONE[line.event]
    if attempt.state == Attempt.APPROVED:
        return f"{NOTHING} The payment counts as paid with the agreed amount. {LOOK_UP}"
    return charge_status(attempt, facts["transaction"], "The charge")


def charge_status(attempt: Attempt, transaction_id: str, which: str) -> str:
    """What became of a charge that should not exist: voided, or too late for that."""
    if Audit.has("payment.undone", f"attempt:{attempt.reference}", transaction=transaction_id):
        return f"{which} was voided at Braintree: it takes no money."
    if LedgerEntry.is_unapplied(transaction_id):
        return f"{which} could no longer be voided: it is booked and pays no invoice. {REFUND}"
    return f"The portal is checking {which.lower()}, and will void it if possible."


def payer_email_status(attempt: Attempt) -> str:
    """The current state of the email that tells the payer about the reversal."""
    mail = OutboxMail.latest(f"taken_back:{attempt.reference}")
    if mail is None:
        return f"No email to {attempt.user.email} could be written: tell them."
    return state_labels.so_far(mail)
