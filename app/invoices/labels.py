"""Words for a document's state and for the distance of a date."""

from datetime import date

CHIPS = {
    "open": ("mute", "Open", "circle"),
    "part": ("warn", "Partly paid", "circle-dashed"),
    "overdue": ("bad", "Overdue", "circle-alert"),
    "processing": ("hold", "Processing", "clock"),
    "paid": ("good", "Paid", "check"),
    "void": ("mute", "Void", "ban"),
    "credit": ("good", "Credit", "rotate-ccw"),
}


def state(row, late: bool) -> str:
    """A key of CHIPS. `row` has kind, is_paid, is_void and minor amounts: open, paid, credited."""
    if row.kind == "credit_memo":
        return "credit"
    if row.is_void and row.is_paid:
        return "void"
    if row.is_paid:
        return "paid"
    if not row.open_minor:
        return "processing"
    if late:
        return "overdue"
    return "part" if row.paid_minor or row.credited_minor else "open"


def distance(due: date, today: date) -> str:
    """'35 days late', 'today', 'tomorrow', 'in 11 days'."""
    days = (due - today).days
    if days < 0:
        return "1 day late" if days == -1 else f"{-days} days late"
    return ("today", "tomorrow")[days] if days < 2 else f"in {days} days"


def invoices(count: int) -> str:
    return "1 invoice" if count == 1 else f"{count} invoices"
