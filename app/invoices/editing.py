"""Reasons why a document can no longer be edited."""

from app.models import Invoice


def why_not_editable(document: Invoice) -> str:
    """'' if the document can be changed and voided."""
    number = document.number
    if document.source != Invoice.ENTERED:
        return f"{number} came in with a file. Change it in your accounting system and import it again."
    if document.is_void:
        return f"{number} is void."
    if document.processing_minor:
        return f"{number} is being paid online. Nothing of it can be changed unless that payment fails."
    if document.paid_online_minor:
        return f"{number} was paid online, so it can't be changed or voided."
    if document.paid_elsewhere_minor:
        return f"{number} is paid in part or in full. Remove the payment first."
    if document.credited_minor:
        return f"{number} was credited in part or in full, so it can't be changed or voided."
    if not document.is_untouched:
        return f"{number} has been used, so it can't be changed or voided."
    return ""
