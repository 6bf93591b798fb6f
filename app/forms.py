"""What every form starts from."""

from typing import ClassVar

from flask import request
from flask_wtf import FlaskForm
from flask_wtf.form import _Auto, _is_submitted
from wtforms import HiddenField

from app.limits import longest

TOO_LONG = "{} must have {:,} characters or fewer"


class Form(FlaskForm):
    """A form of text fields: what is sent as a file or as JSON isn't theirs, and counts as not sent.

    Every field has a maximum length: that of app/limits.py, or a shorter one of this form in `limits`.
    """

    limits: ClassVar[dict[str, int]] = {}

    class Meta(FlaskForm.Meta):
        def wrap_formdata(self, form, formdata):
            if formdata is _Auto:
                return request.form if _is_submitted() else None
            return formdata

    def longest(self, field) -> int:
        return self.limits.get(field.short_name, longest(field.short_name))

    def validate(self, extra_validators=None):
        """A value that is too long is an error, whatever the rest of it looks like."""
        valid = super().validate(extra_validators)
        for field in self:
            if self.is_too_long(field):
                field.errors = field.errors or [TOO_LONG.format(field.label.text, self.longest(field))]
                valid = False
        return valid

    def is_too_long(self, field) -> bool:
        """A hidden field is not typed: what it has only needs to match."""
        sent = field.raw_data or ()
        return not isinstance(field, HiddenField) and any(
            isinstance(value, str) and len(value) > self.longest(field) for value in sent)
