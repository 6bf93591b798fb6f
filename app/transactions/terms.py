"""Terms of payment, and the due date that follows from them."""

import re
from datetime import date, timedelta

USUAL = ("Due on receipt", "Net 7", "Net 10", "Net 14", "Net 15", "Net 30", "Net 45", "Net 60", "Net 90")
NET = re.compile(r"(?:.*\s)?(?:net|n)[ /-]*([0-9]{1,3})(?: days?)?", re.IGNORECASE | re.ASCII)
AT_ONCE = re.compile(r"(?:due |payable )?(?:on|upon) receipt|cash|cod", re.IGNORECASE)


def due_date(terms: str, issued_on: date) -> date | None:
    """None for terms that don't say a number of days: '2% 10 Net 30' is due after 30."""
    if AT_ONCE.fullmatch(terms):
        return issued_on
    found = NET.fullmatch(terms)
    return issued_on + timedelta(int(found[1])) if found else None
