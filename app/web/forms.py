"""The base class of all forms, and shared validators."""

from typing import ClassVar

from flask import request
from flask_wtf import FlaskForm
from flask_wtf.form import _Auto, _is_submitted
from wtforms import HiddenField
from wtforms.validators import StopValidation, ValidationError

from app.email_addresses import is_email, is_usual_email
from app.printable import LONGEST_NAME, is_personal_name
from app.web.limits import longest

EMAIL_FORMAT = "Enter an email address in the correct format, like name@example.com"
NOT_A_NAME = "Enter only a name, without links, addresses, long numbers or symbols"
USUAL_EMAIL = "Enter an address of letters, digits and . _ - + before and after the @ sign"
TOO_LONG = "{} must have {:,} characters or fewer"


class Form(FlaskForm):
    """A form of text fields. It ignores uploaded files and JSON.

    Every field has a maximum length, from app/web/limits.py or a shorter one in the form's `limits`.
    """

    limits: ClassVar[dict[str, int]] = {}

    class Meta(FlaskForm.Meta):
        def wrap_formdata(self, form, formdata):
            if formdata is _Auto:
                return request.form if _is_submitted() else None
            return formdata

    @property
    def problems(self) -> list[tuple[str, str]]:
        """(id of the field, text) of every error, in the order of the fields."""
        return [(field.id, field.errors[0]) for field in self if field.errors]

    def longest(self, field) -> int:
        return self.limits.get(field.short_name, longest(field.short_name))

    def validate(self, extra_validators=None):
        """Reports a value that is too long instead of its other errors."""
        valid = super().validate(extra_validators)
        for field in self:
            if self.is_too_long(field):
                field.errors = field.errors or [TOO_LONG.format(field.label.text, self.longest(field))]
                valid = False
        return valid

    def is_too_long(self, field) -> bool:
        # A hidden field is not typed, and its value only needs to match.
        sent = field.raw_data or ()
        return not isinstance(field, HiddenField) and any(
            isinstance(value, str) and len(value) > self.longest(field) for value in sent
        )


# Validators don't set `required`: the server checks forms, with our own messages.


def parsed_by(parse):
    """A validator that replaces the field's data with the result of `parse`. A ValueError of `parse` is the field's
    error."""

    def check(_form, field):
        try:
            field.data = parse(str(field.data or ""))  # the data is a number if the row has one and nothing was sent
        except ValueError as error:
            raise ValidationError(str(error)) from None

    return check


def filled(message: str):
    """A validator that requires a value. Spaces alone don't count as one, except in a password."""

    def check(_form, field):
        if not field.data:
            raise StopValidation(message)

    return check


def personal_name(_form, field):
    if len(field.data) > LONGEST_NAME:
        raise StopValidation(TOO_LONG.format(field.label.text, LONGEST_NAME))
    if not is_personal_name(field.data):
        raise StopValidation(NOT_A_NAME)


def stripped(text: str | None) -> str:
    return (text or "").strip()


def email_format(_form, field):
    if not is_email(field.data):
        raise StopValidation(EMAIL_FORMAT)


def usual_email(_form, field):
    if not is_usual_email(field.data):
        raise StopValidation(USUAL_EMAIL)
