"""Descriptions of audit lines."""

from app.bidi import isolated

SETTINGS = {
    "company:credit_card_payments": "Credit Card Payments",
    "company:customer_access": "Customer Access",
    "company:customers_can_pay_online": "Customers Can Pay Online",
    "company:name": "Company Name",
    "company:address": "Address",
    "company:email": "Email",
    "company:phone": "Phone",
    "company:time_zone": "Time Zone",
    "company:locale": "Language and country",
    "company:statement_descriptor": "Name on card statements",
    "company:tax_number": "Tax number",
    "company:password_policy": "Password Policy",
    "company:password_min_length": "Minimum Password Length",
    "company:invitation_hours": "User Registration Link Expiration In Hours",
    "company:welcome_message": "Customer Center Welcome Message",
    "company:minimum_payment": "Minimum partial payment",
    "company:default_role": "Default Role for New Customers",
    "company:currencies": "Currencies customers may pay in",
    "company:asks_postal_code": "Ask for the Card's Postal Code",
    "company:bank_details": "How to pay by bank transfer",
    "company:logo_hash": "Logo",
    "company:payment_link_days": "Payment Link Expiration In Days",
    "company:invoice_mail": "Email New Invoices",
    "company:invoice_mail_after": "Last invoice before the emails began",
    "company:reminders_before": "Reminder Days Before the Due Date",
    "company:reminders_after": "Reminder Days After the Due Date",
    "company:reminders_from": "First day of reminders",
    "company:statement_day": "Statement Day of the Month",
    "company:statements_from": "First day of statements",
    "company:links_in_mail": "Payment Links in Invoice Emails",
    "company:view_only": "Customers will only view invoices",
}
CAUSES = {
    "NEW_ACCESS": "from the set-up link",
    "USER_RESET": "from a reset link",
    "USER_CHANGE": "by themselves",
    "ADMIN_RESET": "by hand, to be changed at the first log-in",
    "ADMIN_SET": "by hand",
}
SENTENCES = {
    "document_file_added": "PDF {file} added to {document} of account {who}",
    "document_file_removed": "PDF {file} removed from {document} of account {who}",
    "access_given": "Access given to {who} for account {customer} as {role}",
    "renamed": "Name of {who} changed from {was} to {to}",
    "access_taken": "Access of {who} to account {customer} removed",
    "access_invited": "{who} invited to account {customer} as {role}",
    "invitation_accepted": "{who} accepted the invitation to account {customer} as {role}",
    "invitation_declined": "{who} declined the invitation to account {customer}",
    "invitation_withdrawn": "Invitation of {who} to account {customer} withdrawn",
    "access_left": "{who} left account {customer}",
    "role_changed": "Role of {who} for account {customer} changed from {was} to {to}",
    "link_sent": "Email with a link for {who} queued ({purpose})",
    "link_opened": "Link for {who} opened, perhaps by a mail scanner ({purpose})",
    "link_used": "{who} used a link ({purpose})",
    "notification_sent": "New Access Notification Email to {who} queued",
    "password_changed": "Password of {who} set {cause}",
    "login": "{who} logged in",
    "logout": "{who} logged out",
    "login_failed": "Wrong password for {who}",
    "login_locked": "{who} locked out for 30 minutes",
    "login_unlocked": "{who} unlocked",
    "mail_failed": "Email to {who} not delivered: {reason}",
    "mail_repeated": "Email to {who} queued again",
    "person_erased": "The personal data of {who} was erased",
    "personal_data_exported": "The personal data of {who} was exported",
    "session_ended": "{who} logged out in {device}",
    "sessions_ended": "{who} logged out everywhere else",
    "logged_out_everywhere": "{who} logged out everywhere",
    "payment_link_made": "Payment Link to {who}{of_account} made{for_recipient}",
    "payment_link_revoked": "Payment Link to {who}{of_account}{for_recipient} revoked",
    "email_text_set": "Text of the email {who} changed: {was} to {to}",
    "email_text_reset": "Email {who} has the standard text again",
    "reminders_stopped": "{who} gets no more reminders for account {customer}",
    "reminders_resumed": "{who} gets reminders for account {customer} again",
    "statements_stopped": "{who} gets no more monthly statements for account {customer}",
    "statements_resumed": "{who} gets monthly statements for account {customer} again",
    "view_as": "Started viewing as customer {who}",
    "view_as_stopped": "Stopped viewing as customer {who}",
    "role_added": "Role {who} added",
    "role_set": "Role {who} changed: {was} to {to}",
    "role_deleted": "Role {who} deleted",
    "invoice_entered": "Invoice {who} of account {customer} entered: {total}",
    "invoice_changed": "Invoice {who} of account {customer} changed",
    "invoice_voided": "Invoice {who} of account {customer} voided",
    "credit_memo_entered": "Credit memo {who} of account {customer} entered: {total}",
    "credit_memo_changed": "Credit memo {who} of account {customer} changed",
    "credit_memo_voided": "Credit memo {who} of account {customer} voided",
    "received_recorded": "Payment of {amount} by account {customer} recorded: {how}",
    "received_changed": "Payment of account {customer} changed from {was} to {to}",
    "received_removed": "Payment of {amount} by account {customer} removed: {how}",
    "customer_added": "Customer {who} added: {name}",
    "customer_saved": "Record of customer {who} saved",
    "bulk_access": "Access given to several customers as {role}",
    "import_undone": "Import of {who} undone",
    "demo_loaded": "The demo company was loaded",
    "test_mail": "Test email queued",
    "gateway_tested": "The connection to Braintree was tested",
    "restored": "The database was restored from a backup",
    "secret_key_replaced": "A new secret key was accepted",
    "secret_key_changed": "Everything was encrypted with a new secret key",
    "restore_ended_logins": "The restore ended {sessions} sessions and {links} emailed links",
    "restore_finished": "Online payment was resumed after the restore: {adopted} payments booked, {unmatched} not",
    "duty.failing": "This keeps failing: {who}",
    "duty.recovered": "This works again: {who}",
    "payment.adopted": "{who} was found at Braintree and booked again",
    "payment.demo_undone": "{who}, made on the demo gateway, was undone",
    "started_empty": "The portal was started without the demo company",
    "alerts_listed": "{count} alerts were put into one email",
    "not_made_here_listed": "{count} transactions that were not made here were put into one email",
    "strangers_listed": "{count} transactions that were not made here were put into one email",  # of earlier releases
    "undelivered_listed": "{count} emails that were not delivered were put into one email",
    "payment.audited": "Payments were compared with Braintree",
    "administrator_made": "{who} became an administrator",
    "code_failed": "Wrong code for {who}",
    "code_locked": "Two-factor codes of {who} locked for 30 minutes",
    "administrator_removed": "{who} is no longer an administrator",
    "payment.foreign": "Braintree has a transaction that was not made here: {who}",
    "payment.decided": "An administrator decided about {who}",
    "payment.matched": "An administrator booked {transaction} as {who} for account {customer}",
    "payment.set_aside": "An administrator set the unmatched charge {who} aside: {reason}",
    "payments_exported": "{payments} exported for the books, run {who}",
    "export_confirmed": "{payments} of export run {who} marked as posted",
    "payment.undone": "A charge for {who} was voided at Braintree",
    "two_factor_on": "Two-factor authentication of {who} turned on",
    "two_factor_off": "Two-factor authentication of {who} turned off",
    "passkey_added": "{who} added the passkey {name}",
    "passkey_renamed": "{who} renamed the passkey {was} to {to}",
    "passkey_removed": "{who} removed the passkey {name}",
    "recovery_codes": "New recovery codes for {who}",
    "recovery_code_used": "{who} used a recovery code",
}
ACCESS_REMOVED = "Access of {taken} to account {who} removed by undoing the import of {undone_import}"
ACCESS_RESTORED = "Access of {restored} to account {who} restored as {role} by undoing the import of {undone_import}"
WITH_CHANGES = ("customer_saved", "invoice_changed", "credit_memo_changed")


class Facts(dict):
    """A fact that an audit line lacks is shown as '?'."""

    def __missing__(self, name):
        return "?"


def describe(line) -> str:
    facts = line.facts
    who = line.subject.partition(":")[2]
    if line.event == "setting":
        return setting_text(SETTINGS.get(line.subject, who), facts)
    if line.event in WITH_CHANGES:
        return record_sentence(line.event, facts).format_map(Facts(facts, who=who)) + changed_columns(facts)
    if line.event == "import":
        return import_text(who, facts)
    if isinstance(facts.get("payments"), int):
        facts["payments"] = f"{facts['payments']:,} payment{'' if facts['payments'] == 1 else 's'}"
    if "recipient" in facts:
        facts["of_account"] = f" of account {facts['customer']}" if "customer" in facts else ""  # older lines have none
        facts["for_recipient"] = f" for {isolated(facts['recipient'])}" if facts["recipient"] else ""
    if "cause" in facts:
        facts["cause"] = CAUSES.get(facts["cause"], facts["cause"])
    for side in ("was", "to"):
        if isinstance(facts.get(side), str):
            facts[side] = value_text(facts[side])
        if isinstance(facts.get(side), dict):
            facts[side] = ", ".join(f"{name} {value_text(value)}" for name, value in facts[side].items())
    if line.event in line.ALERTS:
        return f"{line.title}: {who}"
    text = SENTENCES.get(line.event)
    if text:
        return text.format_map(Facts(facts, who=who or "an unknown person"))
    text = line.event.replace("_", " ").replace(".", " ").capitalize()
    return f"{text}: {who}" if who else text


def record_sentence(event: str, facts: dict) -> str:
    if "undone_import" not in facts:
        return SENTENCES[event]
    return ACCESS_RESTORED if "restored" in facts else ACCESS_REMOVED


def actor_of(line) -> str:
    """The actor's name. Lines without an actor are from the system or, if they have an address, from a visitor who is
    not logged in."""
    return line.actor or ("Not logged in" if line.address else "System")


def import_text(file: str, facts: dict) -> str:
    """'Import of may.csv: invoices, 12 new, 3 changed'. Older lines lack `what` was imported."""
    counts = [f"{facts[name]:,} {name}" for name in ("new", "changed") if name in facts]
    parts = [facts["what"], *counts] if "what" in facts else counts
    return f"Import of {file}: {', '.join(parts)}" if parts else f"Import of {file}"


def setting_text(label: str, facts: dict) -> str:
    on = facts.get("on", facts.get("to"))
    if isinstance(on, bool):
        return f"{label} turned {'on' if on else 'off'}"
    if label == "Logo":
        return "Logo changed" if facts.get("to") else "Logo removed"
    return f"{label} changed from {value_text(facts.get('was'))} to {value_text(facts.get('to'))}"


def changed_columns(facts: dict) -> str:
    changed = [
        f"{name.replace('_', ' ')} from {value_text(value[0])} to {value_text(value[1])}"
        for name, value in facts.items()
        if isinstance(value, list) and len(value) == 2
    ]
    return f": {', '.join(changed)}" if changed else ""


def value_text(value) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "empty" if value in (None, "") else isolated(str(value).replace("\n", ", "))
