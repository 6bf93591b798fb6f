"""What was done about what administrators are alerted to, in words, and what is left to do."""

from app.mail import state_labels
from app.models import Attempt, Audit, LedgerEntry, OutboxMail, UnmatchedCharge

NOTHING = "Nothing was changed."
LOOK_UP = "Look it up in the Braintree Control Panel."
REFUND = "Refund it in the Braintree Control Panel, or write to the customer."
OPEN_AGAIN = "The invoices are open again."
DONE = {
    "payment.missing": f"{NOTHING} The payment still counts as paid here. {LOOK_UP}",
    "payment.unmatched": f"{NOTHING} Its order id looks like one of this portal's: was a backup restored? {LOOK_UP}",
    "payment.unapplied": f"The invoices are open; the money is in the books and pays none of them. {REFUND}",
    "restored": "The payments made since the backup are being looked up at Braintree and booked. Online payment opens "
                "by itself after that, unless a charge waits for your decision: see the page below. If it is still "
                "being compared after an hour, run: flask books compare",
    "payment.excess": "The books had lost this payment. It pays its invoices as far as they were open; the amount "
                      f"below pays none. {REFUND}",
    "payment.refunded": f"{NOTHING} The invoices still count as paid here.",
    "payment.dispute": f"{NOTHING} The invoices still count as paid here. Follow it in the Braintree Control Panel.",
    "payment.corrected": "The books now name its own transaction. The payment and its invoices stay as they are.",
    "payment.undecided": "The invoices are held until you decide, or until Braintree's answer is clear.",
    "payment.notice_unreadable": f"It is kept. {NOTHING} The nightly comparison finds what it was about.",
    "payment.unreadable": f"{NOTHING} Everything else was compared. {LOOK_UP}",
    "payment.not_audited": "It is tried again every ten minutes. Charges are still confirmed one by one. Look at the "
                           "worker's log, and test the connection in the setup guide.",
    "payment.no_receipt": "The payment is right, only its receipt is missing. Look at the payer's email address.",
    "payment.no_letter": "The invoices are open again. Tell the payer.",
}  # fmt: skip
WAITS = ("It is not booked, because it doesn't say which invoices it pays, or they are not here or paid. If they were "
         "imported after the backup that was restored, import them again: then it is booked by itself. If a file "
         "counts it as paid already, import that file again with --payments-made-here included. Otherwise name its "
         "customer and invoices on the page below, or set it aside.")


def action_taken(line: Audit, attempt: Attempt | None) -> str:
    """What the portal did about it, and what is left to do. `attempt` is the payment that it concerns."""
    facts = line.facts
    if line.event == "payment.unreadable" and attempt and attempt.settlement == Attempt.FAILED:
        return f"{OPEN_AGAIN} {payer_email_status(attempt)} {LOOK_UP}"
    if line.event in ("payment.failed", "payment.voided"):
        return f"{OPEN_AGAIN} {payer_email_status(attempt)}"
    if line.event == "restore_finished":
        rest = f" Not booked: {facts['unmatched']}, see the page below." if facts["unmatched"] else ""
        rest += f" It was opened before that was decided: {facts['reason']}" if facts.get("waiting") else ""
        return f"Payments made since the backup that were found at Braintree and booked: {facts['adopted']}.{rest}"
    if UnmatchedCharge.alerted(line) is not None:
        return WAITS
    if line.event == "payment.double" and facts.get("why"):
        return f"Nothing was voided: the charge that is in the books could not be confirmed. {LOOK_UP}"
    if line.event == "payment.double":
        return charge_status(attempt, facts["transaction"], "The second charge")
    if line.event != "payment.mismatch":
        return DONE[line.event]
    if attempt.state == Attempt.APPROVED:
        return f"{NOTHING} The payment counts as paid with what was agreed. {LOOK_UP}"
    return charge_status(attempt, facts["transaction"], "The charge")


def charge_status(attempt: Attempt, transaction_id: str, which: str) -> str:
    """A charge that should not be: voided, or too late for that."""
    if Audit.has("payment.undone", f"attempt:{attempt.reference}", transaction=transaction_id):
        return f"{which} was voided at Braintree: it takes no money."
    if LedgerEntry.is_unapplied(transaction_id):
        return f"{which} could not be voided any more: it is in the books and pays no invoice. {REFUND}"
    return f"The portal is finding out whether {which.lower()} stands, and voids it if it can."


def payer_email_status(attempt: Attempt) -> str:
    """What has become, so far, of the email to the payer that their payment was reversed."""
    mail = OutboxMail.latest(f"taken_back:{attempt.reference}")
    if mail is None:
        return f"No email to {attempt.user.email} could be written: tell them."
    return state_labels.so_far(mail)
