"""Texts of emails that administrators can change: subject, opening and closing. A field in braces is replaced by a
value of the email. What is typed is text with fields, not a template, so it can't access anything else."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from markupsafe import Markup

from app.bidi import ISOLATE, bdi, isolated
from app.models import Company, EmailTemplate

FIELD = re.compile(r"( ?)\{([^{}]*)\}")
OF_INVOICE = ("customer", "company", "invoice", "amount", "due date")


class Texts(NamedTuple):
    """As typed. Blank lines separate paragraphs."""

    subject: str
    opening: str
    closing: str = ""


@dataclass(frozen=True, slots=True)
class Kind:
    """An email whose texts can be changed; `sent` describes when it is sent."""

    key: str
    label: str
    sent: str
    fields: tuple[str, ...]
    standard: Texts

    @property
    def audit_subject(self) -> str:
        return f"email_template:{self.label}"


EDITABLE = (
    Kind(
        "new_invoice",
        "New invoice",
        "When an invoice is added, if Email New Invoices is on in General Preferences.",
        OF_INVOICE,
        Texts(
            "Invoice {invoice} from {company}: {amount} due {due date}",
            "Hello,\n\nHere is a new invoice for {customer}.",
        ),
    ),
    Kind(
        "reminder_before",
        "Reminder before the due date",
        "On the days set under Reminder Days Before the Due Date in General Preferences.",
        OF_INVOICE,
        Texts(
            "Reminder: invoice {invoice}, {amount} due {due date}",
            "Hello,\n\nThis is a reminder that an invoice for {customer} is due soon.",
        ),
    ),
    Kind(
        "reminder_after",
        "Reminder after the due date",
        "On the days set under Reminder Days After the Due Date in General Preferences.",
        OF_INVOICE,
        Texts(
            "Overdue: invoice {invoice}, {amount} was due {due date}",
            "Hello,\n\nThis invoice for {customer} is overdue. If you have already paid, please ignore this email.",
        ),
    ),
    Kind(
        "statement",
        "Statement",
        "On the Statement Day of the Month set in General Preferences, for the previous month.",
        ("customer", "company", "period", "amount"),
        Texts(
            "Statement from {company} for {period}: balance {amount}",
            "Hello,\n\nHere is the {period} statement for {customer}.",
        ),
    ),
    Kind(
        "payment_link",
        "Payment Link",
        "When you email a Payment Link from an invoice.",
        OF_INVOICE,
        Texts(
            "Invoice {invoice} from {company}: {amount} due {due date}",
            "Hello,\n\nHere is invoice {invoice} for {customer}.",
        ),
    ),
    Kind(
        "receipt",
        "Receipt",
        "After every payment by card.",
        ("customer", "company", "name", "amount", "reference"),
        Texts(
            "Your payment of {amount} to {company} ({reference})",
            "Hello {name},\n\nThank you. {customer} paid {amount} by card.",
        ),
    ),
    Kind(
        "invitation",
        "Standard Customer Center Access Email",
        "When you give someone access and check Send New Access Notification Email.",
        ("customer", "company", "name"),
        Texts(
            "You can now see your {company} invoices",
            "Hello {name},\n\n{company} has given you online access to invoices for {customer}.",
        ),
    ),
)
KINDS = {kind.key: kind for kind in EDITABLE}


class Passage(NamedTuple):
    text: str
    html: Markup


class Filled(NamedTuple):
    """The texts of one email, with the values of their fields."""

    subject: str
    opening: Passage
    closing: Passage


def checked(text: str, kind: Kind) -> str:
    """Raises ValueError if a brace isn't part of a field of the email."""
    allowed = ", ".join(f"{{{name}}}" for name in kind.fields)
    for _space, name in FIELD.findall(text):
        if name not in kind.fields:
            raise ValueError(f"{{{name[:60]}}} is not available in this email. Use {allowed}")
    if set(FIELD.sub("", text)) & set("{}"):
        raise ValueError(f"Use {{ and }} only around a field name. Use {allowed}")
    return text


def source_of(kind: Kind) -> EmailTemplate:
    """The saved row, or a new one with the standard texts."""
    return EmailTemplate.of(kind.key) or EmailTemplate(kind=kind.key, **kind.standard._asdict())


def saved(key: str) -> Texts:
    row = source_of(KINDS[key])
    return Texts(row.subject, row.opening, row.closing)


def filled(key: str, company: Company, values: dict[str, str], typed: Texts | None = None) -> Filled:
    """The saved texts of the email `key`, or what was `typed`, with fields filled in. If a field has no value, the
    space before it is dropped too."""
    subject, opening, closing = typed or saved(key)
    values = {"company": company.name or "Customer Center"} | values
    return Filled(fill(subject, values, str), passage(opening, values), passage(closing, values))


def passage(text: str, values: dict[str, str]) -> Passage:
    paragraphs = [part for part in re.split(r"\n{2,}", text.strip()) if part]
    return Passage(
        "\n\n".join(fill(part, values, in_text) for part in paragraphs),
        Markup("\n").join(paragraph(part, values) for part in paragraphs),
    )


def paragraph(text: str, values: dict[str, str]) -> Markup:
    parts = (
        in_html(part) if is_value else Markup("<br>").join(part.split("\n")) for is_value, part in pieces(text, values)
    )
    return Markup('<p dir="auto">{}</p>').format(Markup("").join(parts))


def fill(text: str, values: dict[str, str], write: Callable[[str], str]) -> str:
    return "".join(write(part) if is_value else part for is_value, part in pieces(text, values))


def pieces(text: str, values: dict[str, str]) -> Iterator[tuple[bool, str]]:
    """(True if it is the value of a field, the piece). Values are not searched for fields."""
    end = 0
    for found in FIELD.finditer(text):
        yield False, text[end : found.start()]
        end = found.end()
        value = values.get(found[2])
        if value is None:
            yield False, found[0]
        elif value:
            yield False, found[1]
            yield True, value
    yield False, text[end:]


def in_text(value: str) -> str:
    return value if value.startswith(ISOLATE) else isolated(value)


def in_html(value: str) -> str:
    return value if value.startswith(ISOLATE) else bdi(value)
