"""The form of an invoice or a credit memo. A valid form has `details`, the data to save."""

from dataclasses import dataclass
from datetime import date

from flask import request
from wtforms import BooleanField, StringField, TextAreaField
from wtforms.validators import ValidationError

from app import dates, money, terms
from app.audit.descriptions import describe
from app.models import Customer, Invoice
from app.transactions import documents
from app.transactions.documents import DocumentDetails, EnteredLine
from app.transactions.lines import EMPTY_LINES, MAX_LINES, TypedLine, typed_lines
from app.transactions.proposals import similar_number
from app.web import field_parsers
from app.web.formatting import locale
from app.web.forms import filled, parsed_by, stripped
from app.web.versioned_form import Change, VersionedForm

PLAIN = {"autocomplete": "off", "spellcheck": "false"}
DATE = {"type": "date"}
NO_DUE_DATE = "Enter a due date: these terms don't say a number of days"
DUE_BEFORE = "Enter a due date that is not before the date of the invoice"
NO_LINES = "Enter at least one line"
TOO_MANY_LINES = f"Enter at most {MAX_LINES} lines"
NOTHING_TO_PAY = "The total must be more than zero"


@dataclass(frozen=True, slots=True)
class Proposed:
    """The initial values of a new form."""

    number: str
    currency: str
    issued_on: date
    terms: str = ""


def typed_date(text: str) -> date | None:
    """None for an empty field. Raises ValueError for text that is not a date."""
    if not text:
        return None
    day = dates.read(text, locale())
    if day is None:
        raise ValueError(dates.format_hint(locale()))
    return day


def currency_code(text: str) -> str:
    code = text.strip().upper()
    if code not in money.CURRENCIES:
        raise ValueError("Enter a currency as a three-letter code, like USD")
    return code


class DocumentForm(VersionedForm):
    """`lines` are the lines as typed. A credit memo has no terms and is due on its own date."""

    number = StringField(
        "Number",
        validators=[parsed_by(field_parsers.one_line), filled("Enter a number")],
        render_kw=PLAIN,
    )
    issued_on = StringField(
        "Date", filters=[stripped], validators=[filled("Enter a date"), parsed_by(typed_date)], render_kw=DATE
    )
    terms = StringField(
        "Terms", validators=[parsed_by(field_parsers.one_line)], render_kw=PLAIN | {"list": "terms-list"}
    )
    due_on = StringField("Due date", filters=[stripped], validators=[parsed_by(typed_date)], render_kw=DATE)
    currency = StringField(
        "Currency",
        filters=[stripped],
        validators=[filled("Enter a currency"), parsed_by(currency_code)],
        render_kw=PLAIN,
    )
    po_number = StringField("PO number", validators=[parsed_by(field_parsers.one_line)], render_kw=PLAIN)
    bill_to = TextAreaField("Bill to", validators=[parsed_by(field_parsers.several_lines)], render_kw={"rows": "3"})
    memo = TextAreaField("Memo", validators=[parsed_by(field_parsers.several_lines)], render_kw={"rows": "2"})
    is_confirmed_different = BooleanField("This is another document")
    tax = StringField("Tax", filters=[stripped], render_kw=PLAIN | {"inputmode": "decimal"})

    def __init__(self, kind: str, *, document: Invoice | None = None, proposed: Proposed | None = None):
        super().__init__()
        self.kind = kind
        self.line_errors = ""
        self.asks_whether_different = bool(self.is_confirmed_different.data)
        self.lines: list[TypedLine] = []
        self.read_lines: list[EnteredLine] = []
        self.tax_minor = 0
        self.focused = 0  # the number of the line that gets the focus
        if self.is_submitted():
            self.lines = typed_lines(request.form)
        elif document is not None:
            self._fill(document)
        elif proposed is not None:
            self._propose(proposed)

    def _propose(self, proposed: Proposed) -> None:
        self.lines = [TypedLine() for _ in range(EMPTY_LINES)]
        self.number.data, self.currency.data = proposed.number, proposed.currency
        self.issued_on.data, self.terms.data = proposed.issued_on.isoformat(), proposed.terms

    def _fill(self, document: Invoice) -> None:
        for name in ("number", "currency", "terms", "po_number", "bill_to", "memo"):
            self[name].data = getattr(document, name)
        self.issued_on.data = document.issued_on.isoformat()
        follows = terms.due_date(document.terms, document.issued_on) == document.due_on
        self.due_on.data = "" if follows else document.due_on.isoformat()
        currency, reader_locale = document.currency, locale()
        self.tax.data = money.format_amount(document.tax_minor, currency, reader_locale) if document.tax_minor else ""
        self.lines = [TypedLine.of(line, currency, reader_locale) for line in documents.lines_of(document)] or [
            TypedLine()
        ]

    def add_line(self) -> None:
        if len(self.lines) < MAX_LINES:
            self.lines.append(TypedLine())
        self.focused = len(self.lines)

    def remove_line(self, number: int) -> None:
        if 0 < number <= len(self.lines):
            del self.lines[number - 1]
            self.lines = self.lines or [TypedLine()]
        self.focused = min(max(number, 1), len(self.lines))

    def version_of(self, source: Invoice) -> str:
        return str(source.version)

    def changes_since(self, document: Invoice) -> list[Change]:
        lines = documents.saves_since(document, self.sent_version)
        return [Change(describe(line), line.actor, line.at_ms) for line in lines]

    def validate_due_on(self, field):
        issued_on = self.issued_on.data
        if not isinstance(issued_on, date) or field.errors:
            return
        if self.kind == Invoice.CREDIT_MEMO:
            field.data = issued_on
        elif field.data is None:
            field.data = terms.due_date(self.terms.data, issued_on) or (None if self.terms.data else issued_on)
        if field.data is None:
            raise ValidationError(NO_DUE_DATE)
        if field.data < issued_on:
            raise ValidationError(DUE_BEFORE)

    def validate_tax(self, field):
        if field.data and not self.currency.errors:
            try:
                self.tax_minor = field_parsers.amount(field.data, self.currency.data, locale(), "the tax")
            except ValueError as error:
                raise ValidationError(str(error)) from None

    def validate(self, extra_validators=None) -> bool:
        valid = super().validate(extra_validators)
        return self._read_lines() and valid

    def prepare_to_render(self) -> None:
        """Call it before rendering a form that was sent. It keeps an empty due date empty, so that the due date still
        follows the terms."""
        if self.due_on.raw_data:
            self.due_on.data = self.due_on.raw_data[0]

    def _read_lines(self) -> bool:
        typed = [line for line in self.lines if not line.is_blank]
        if not typed or len(self.lines) > MAX_LINES:
            self.line_errors = TOO_MANY_LINES if typed else NO_LINES
            return False
        if self.currency.errors:
            return False
        read = [line.read(self.currency.data, locale()) for line in typed]
        self.read_lines = [line for line in read if line is not None]
        if len(self.read_lines) < len(read):
            return False
        if not 0 < self.total_minor <= money.MAX_MINOR:
            self.line_errors = NOTHING_TO_PAY if self.total_minor <= 0 else "The total is too much for one document"
        return not self.line_errors

    def asks_about_number(self, customer: Customer, before: str = "") -> bool:
        """True if the customer has a document with a similar number; then the form asks whether this is another one.
        `before` is the document's number before the change."""
        number = self.number.data
        similar = "" if number == before else similar_number(customer, self.kind, number)
        if not similar or self.is_confirmed_different.data:
            return False
        self.asks_whether_different = True
        self.number.errors = [f"{customer.name} has {similar}. If {number} is another document, say so below, and save"]
        return True

    @property
    def has_total(self) -> bool:
        """True if all lines are valid. Otherwise a total would be incomplete."""
        return all(line.is_blank or line.amount_minor is not None for line in self.lines)

    @property
    def total_minor(self) -> int:
        return sum(line.amount_minor for line in self.lines if line.amount_minor is not None) + self.tax_minor

    @property
    def display_currency(self) -> str:
        """The currency for displaying amounts; USD if the typed code is wrong."""
        code = (self.currency.data or "").upper()
        return code if code in money.CURRENCIES else "USD"

    @property
    def details(self) -> DocumentDetails:
        """The data to save. Only for a valid form."""
        texts = {name: self[name].data for name in ("number", "currency", "po_number", "memo", "bill_to", "terms")}
        dated = {"issued_on": self.issued_on.data, "due_on": self.due_on.data}
        return DocumentDetails(**texts, **dated, tax_minor=self.tax_minor, lines=tuple(self.read_lines))

    @property
    def problems(self) -> list[tuple[str, str]]:
        """(id of the field, text) of every error, in the order of the fields."""
        found = [(field.id, field.errors[0]) for field in self if field.errors and field is not self.tax]
        found += [("description-1", self.line_errors)] if self.line_errors else []
        found += [
            (f"{name}-{number}", f"Line {number}: {text}")
            for number, line in enumerate(self.lines, 1)
            for name, text in line.errors.items()
        ]
        return found + ([(self.tax.id, self.tax.errors[0])] if self.tax.errors else [])
