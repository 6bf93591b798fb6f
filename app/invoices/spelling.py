"""What people type for a document's number, PO number or item: "#1041", "Invoice no. 1041", "cl2168"."""

import re
import unicodedata

from app import dates

LABEL = r"(?:(?:(?:{words}|numbers?|no|nr)(?![^\W\d_])|#)[\s.:-]*)+"
INVOICE = re.compile(LABEL.format(words="invoices?|inv|bill|credit memos?|credit notes?|document"), re.IGNORECASE)
PREFIX = re.compile(r"inv[\W_]*", re.IGNORECASE)  # may be a part of the number itself
NUMBER = re.compile(r"[^\W\d_]{0,6}[\W_]?\d[\w/.-]*")
PAYMENT = re.compile(r"PAY[- ]?([0-9A-Z]{10})", re.IGNORECASE)
DOTTED = re.compile(r"\d{1,2}\.\d{1,2}\.\d{4}", re.ASCII)


def one_width(text: str) -> str:
    """Letters and digits of full width, as East Asian keyboards type them, as ordinary ones."""
    wide = [sign for sign in text if "\uff01" <= sign <= "\uff5e"]
    return text.translate({ord(sign): unicodedata.normalize("NFKC", sign) for sign in wide})


def without_label(text: str) -> str:
    """The number alone, of "#1041" or "Invoice 1041"; other texts as they are."""
    said = INVOICE.match(text)
    rest = text[said.end() :] if said else ""
    return rest if NUMBER.fullmatch(rest) and not PREFIX.fullmatch(said[0]) else text


def reference(text: str) -> str:
    """The reference of a payment that `text` is; '' for other texts."""
    found = PAYMENT.fullmatch(text.strip())
    return f"PAY-{found[1].upper()}" if found else ""


def day(text: str, locale: str) -> str:
    """The date that `text` is, in ISO notation; '' for other texts. A date with dots begins with the day."""
    found = dates.read(text, "de" if DOTTED.fullmatch(text) else locale)
    return found.isoformat() if found else ""
