"""Parses terms of payment, typed or from a file, and calculates the due date."""

import re
from datetime import date, timedelta

USUAL = ("Due on receipt", "Net 7", "Net 10", "Net 14", "Net 15", "Net 30", "Net 45", "Net 60", "Net 90")
MAX_DAYS = 3_650
# fmt: off
DUE_ON_RECEIPT = {
    "due on receipt", "due upon receipt", "on receipt", "upon receipt", "payable on receipt",
    "payable upon receipt", "receipt", "immediate", "immediately", "due immediately", "cod", "c.o.d.",
    "cash on delivery", "cash", "prepaid", "prepayment", "sofort", "sofort fällig", "sofort zahlbar",
    "zahlbar sofort", "bei erhalt", "à réception", "al recibir", "a la vista",
}
# fmt: on
UNITS = r"(?:days?|d|tage|tagen|jours?|días|dias|giorni|dagen|dagar|dage)"
NET = r"(?:net|netto|n|due in|due within|within|payable in|payable within|innerhalb(?: von)?|in)[\s/-]*"
DISCOUNT = rf"(?:\d{{1,2}}(?:[.,]\d+)?\s?%?[\s/,-]*\d{{1,3}}\s?{UNITS}?[\s,/-]+)?"  # 2% 10, or 2/10
AFTER = r"(?:\s?(?:net|netto|(?:after|from) (?:the )?(?:invoice )?date(?: of invoice)?))?"
DAYS = re.compile(rf"{DISCOUNT}{NET}(\d{{1,4}})\s?{UNITS}?{AFTER}|(\d{{1,3}})\s?{UNITS}{AFTER}|(\d{{1,3}})")


def days_of(terms: str) -> int | None:
    """Days from the invoice's date to its due date. None if the terms don't say it clearly."""
    text = " ".join(terms.casefold().rstrip(".").split())
    if text in DUE_ON_RECEIPT:
        return 0
    found = DAYS.fullmatch(text) if len(text) <= 60 else None
    days = int(found[1] or found[2] or found[3]) if found else MAX_DAYS + 1
    return days if days <= MAX_DAYS else None


def due_date(terms: str, issued_on: date) -> date | None:
    """None if the terms don't give a number of days."""
    days = days_of(terms)
    return None if days is None else issued_on + timedelta(days)
