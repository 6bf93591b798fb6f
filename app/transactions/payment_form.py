"""The form of a payment received: an amount for each invoice, or a total that is allocated to the oldest ones."""

from dataclasses import dataclass
from datetime import date

from flask import request
from wtforms import BooleanField, HiddenField, SelectField, StringField
from wtforms.validators import ValidationError

from app import money
from app.models import Invoice, ReceivedPayment, public_id
from app.transactions.document_form import DATE, PLAIN, typed_date
from app.transactions.received import METHODS, CannotRecord, PaymentDetails, Problem, details_of
from app.web import field_parsers
from app.web.formatting import locale
from app.web.forms import filled, parsed_by, stripped
from app.web.versioned_form import Change, VersionedForm

NO_AMOUNT = "Enter the amount received"
FUTURE = "Enter a date that is not in the future"
NOT_A_METHOD = "Choose how the payment was received"
ALREADY_RECORDED = (
    "A payment of this customer with this date, amount, method and reference is recorded already. If this is the same "
    "payment, choose Cancel. If not, check below that it is another one"
)
NO_LONGER_OPEN = "An invoice that you entered an amount for is no longer open. Check the amounts"


@dataclass
class PartField:
    """The typed amount for an invoice. `payable_minor` is the most that this payment can pay of it."""

    invoice: Invoice
    payable_minor: int
    text: str = ""
    error: str = ""

    @property
    def id(self) -> str:
        return f"part-{self.invoice.public_id}"


class PaymentForm(VersionedForm):
    """`parts` has the invoices that the payment can pay, in one currency, oldest due date first.

    `token` becomes the public id of a new payment, so that sending the same form twice records one payment.
    """

    received_on = StringField(
        "Date received", filters=[stripped], validators=[filled("Enter a date"), parsed_by(typed_date)], render_kw=DATE
    )
    method = SelectField("Method", choices=list(METHODS.items()), validate_choice=False)
    reference = StringField("Reference", validators=[parsed_by(field_parsers.one_line)], render_kw=PLAIN)
    token = HiddenField()
    is_confirmed_different = BooleanField("This is another payment")
    amount = StringField("Amount", filters=[stripped], render_kw=PLAIN | {"inputmode": "decimal"})

    def __init__(self, currency: str, invoices: list[Invoice], today: date, payment: ReceivedPayment | None = None):
        super().__init__()
        self.currency, self.today, self.details = currency, today, None
        paid = details_of(payment).parts if payment else {}
        self.parts = [PartField(one, one.open_minor + paid.get(one.id, 0)) for one in invoices]
        self.names_others = False
        self.asks_whether_different = bool(self.is_confirmed_different.data)
        if self.is_submitted():
            typed = dict(zip(request.form.getlist("invoice"), request.form.getlist("part"), strict=False))
            for part in self.parts:
                part.text = typed.pop(part.invoice.public_id, "").strip()
            self.names_others = any(text.strip() for text in typed.values())
        elif payment:
            self._fill(payment, paid)
        else:
            self.received_on.data, self.method.data = today.isoformat(), ReceivedPayment.CHECK
            self.token.data = public_id()

    def _fill(self, payment: ReceivedPayment, paid: dict[int, int]) -> None:
        self.received_on.data, self.method.data = payment.received_on.isoformat(), payment.method
        self.reference.data, self.amount.data = payment.reference, self.format_amount(payment.amount_minor)
        for part in self.parts:
            part.text = self.format_amount(paid[part.invoice.id]) if part.invoice.id in paid else ""

    def format_amount(self, minor: int) -> str:
        return money.format_amount(minor, self.currency, locale())

    def read_amount(self, text: str) -> int:
        """Raises ValueError with a message."""
        return field_parsers.amount(text, self.currency, locale())

    def version_of(self, source: ReceivedPayment) -> str:
        return str(source.version)

    def changes_since(self, payment: ReceivedPayment) -> list[Change]:
        return [
            Change(
                f"It is now {self.format_amount(payment.amount_minor)} {payment.currency}, {METHODS[payment.method]}"
            )
        ]

    def validate_received_on(self, field):
        if isinstance(field.data, date) and field.data > self.today:
            raise ValidationError(FUTURE)

    def validate_method(self, field):
        if field.data not in METHODS:
            raise ValidationError(NOT_A_METHOD)

    def validate_amount(self, field):
        if self.names_others:
            raise ValidationError(NO_LONGER_OPEN)
        if not field.data and not any(part.text for part in self.parts):
            raise ValidationError(NO_AMOUNT)

    def validate(self, extra_validators=None) -> bool:
        valid = super().validate(extra_validators)
        parts = self._read_parts() if not self.amount.errors else None
        if not valid or parts is None:
            return False
        dated = {"received_on": self.received_on.data, "method": self.method.data, "reference": self.reference.data}
        self.details = PaymentDetails(**dated, currency=self.currency, parts=parts)
        return True

    def _read_parts(self) -> dict[int, int] | None:
        """{invoice id: minor units}. None if an amount is wrong; then its field has an error."""
        try:
            total = self.read_amount(self.amount.data) if self.amount.data else None
        except ValueError as error:
            self.amount.errors = [str(error)]
            return None
        if not any(part.text for part in self.parts):
            return self._spread(total or 0)
        read = {}
        for part in self.parts:
            if minor := self._read_part(part):
                read[part.invoice.id] = minor
        if any(part.error for part in self.parts):
            return None
        paid = sum(read.values())
        if not paid or (total is not None and total != paid):
            why = (
                f"The amounts of the invoices come to {self.format_amount(paid)}. They must come to the amount received"
            )
            self.amount.errors = [why if paid else NO_AMOUNT]
            return None
        return read

    def _read_part(self, part: PartField) -> int:
        try:
            minor = self.read_amount(part.text) if part.text else 0
        except ValueError as error:
            part.error = str(error)
            return 0
        if minor > part.payable_minor:
            part.error = f"Enter {self.format_amount(part.payable_minor)} or less: that is all that is open"
        return minor

    def _spread(self, total: int) -> dict[int, int] | None:
        left, spread = total, {}
        for part in self.parts:
            if minor := min(left, part.payable_minor):
                spread[part.invoice.id] = minor
                left -= minor
        if left or not spread:
            room = self.format_amount(sum(part.payable_minor for part in self.parts))
            self.amount.errors = [
                f"Enter {room} or less: that is all that the invoices below have open" if left else NO_AMOUNT
            ]
            return None
        return spread

    def refuse(self, refused: CannotRecord) -> None:
        """Add the errors that were found after the invoices were locked."""
        for part in self.parts:
            if part.invoice.public_id in refused.problems:
                part.error = self._message(refused.problems[part.invoice.public_id], part)
        if refused.may_be_duplicate:
            self.reference.errors = [ALREADY_RECORDED]
        self.asks_whether_different = refused.may_be_duplicate or any(
            one.is_in_books for one in refused.problems.values()
        )

    def _message(self, problem: Problem, part: PartField) -> str:
        if problem.is_paying:
            return "The customer is paying this invoice online right now. Wait until that payment is decided"
        minor = self.details.parts[part.invoice.id]
        if minor > problem.open_minor:
            return f"Enter {self.format_amount(problem.open_minor)} or less: that is all that is still open"
        return (
            f"Your books have a payment of {self.format_amount(minor)} for this invoice, which counts already. "
            "If this is the same payment, choose Cancel. If not, check below that it is another one"
        )

    @property
    def problems(self) -> list[tuple[str, str]]:
        return super().problems + [
            (part.id, f"{part.invoice.number}: {part.error}") for part in self.parts if part.error
        ]
