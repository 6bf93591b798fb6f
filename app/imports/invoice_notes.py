"""Notes on an import's documents: nothing is wrong, but an administrator should know."""

from collections.abc import Iterator

from app.imports import invoice_checks, invoice_preview, portal_payments
from app.imports.report import listed
from app.imports.xero_contacts import XeroContacts
from app.money import to_decimal

CREDITS_INCLUDE = "If these credits are what was paid here, import it again with --payments-made-here included."


def of_documents(surplus: list[tuple[str, int, str]], twice: int, differing: list[str]) -> Iterator[str]:
    """`surplus` is (number, minor units, currency) of credits beyond the remaining balance. `twice` counts documents
    that occur twice with the same lines. `differing` are numbers of documents whose lines don't add up to their
    total."""
    for number, minor, currency in surplus[:20]:
        yield (
            f"{number}: its credits are {to_decimal(minor, currency)} {currency} more than what was left to pay. "
            f"Refund it, or credit it elsewhere. {CREDITS_INCLUDE}"
        )
    if twice:
        yield f"Documents that come twice in the file with the same lines, and were taken once: {twice:,}."
    if differing:
        yield f"Documents whose lines don't add up to their total, kept as they are: {listed(differing)}."


def of_contacts(contacts: XeroContacts, made: list[str]) -> Iterator[str]:
    if made:
        names = listed(made, 10)
        yield f"Customers made from the file: {len(made):,}: {names}. Their number is their name in Xero."
    if odd := [name for name in contacts.without_email if name in made]:
        yield f"Emails that are none, and were left empty: {listed(odd)}."
    if made:
        yield from contacts.emails.notes()


def warnings(due_before_issue: int, *, is_written: bool) -> Iterator[str]:
    if paid := portal_payments.paid_here():
        yield f"Customers have paid toward {len(paid):,} of these documents here: {listed(paid)}."
    if included := portal_payments.includes_recorded():
        yield (
            f"What is paid in the file includes payments recorded here, which count once: {listed(included)}. "
            "If the file means another payment, record that one too."
        )
    if is_written and (entered := invoice_preview.entered_by_hand()):
        yield (
            f"Entered here by hand, and in the file now: {listed(entered)}. They are the same documents: once this "
            "file is imported, they are changed by imports alone."
        )
    if due_before_issue:
        yield f"Documents that are due before their own date: {due_before_issue:,}."
    for what, grown in portal_payments.possibly_counted_twice().items():
        if grown:
            yield (
                f"Customers have paid toward {listed(grown)} here, and the amount {what} in the file has grown. "
                "If that includes what they paid here, import it again with --payments-made-here included."
            )
    if grown := portal_payments.possibly_paid_here():
        yield (
            "After the restore, payments made here may still be missing, and the amount paid in the file has "
            f"grown for {listed(grown)}. If that includes what customers paid here, import it again with "
            "--payments-made-here included."
        )
    if missing := invoice_preview.open_but_not_staged():
        yield (
            f"Open here, of the same customers, and not in the file: {missing:,}. They stay open: export all "
            "statuses, or import them as Voided if they are gone."
        )
    voided = invoice_checks.paid_but_void().fetchall()
    if paid := [number for _row, number, under_way in voided if not under_way]:
        yield f"{listed(paid)}: voided in the books, but customers have paid toward it here. Refund them."
    if paying := [number for _row, number, under_way in voided if under_way]:
        yield (
            f"{listed(paying)}: voided in the books while a customer is paying it here, right now. If the "
            "payment goes through, refund it."
        )
