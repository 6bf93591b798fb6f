"""Forms of the company's own row: with an optimistic lock on the values that each displayed."""

import hashlib
import json

from flask import flash, make_response, render_template, request
from flask_login import current_user
from wtforms import HiddenField
from wtforms.validators import ValidationError

from app.models import Audit, Company, db
from app.web.formatting import now, reread_company
from app.web.forms import Form
from app.web.htmx import go_to
from app.web.menu import Page


def read_with(read):
    """A validator: the field becomes what `read` makes of its text, whose ValueError is its error."""

    def check(_form, field):
        try:
            field.data = read(str(field.data or ""))  # a number when the row has one and nothing was sent
        except ValueError as error:
            raise ValidationError(str(error)) from None

    return check


class CompanyForm(Form):
    """Fields that are named as the columns they set. `was` is a digest of what the form showed."""

    was = HiddenField()

    @property
    def shown(self) -> list:
        """The fields that are columns."""
        return [field for field in self if field.name not in ("was", "csrf_token")]

    def values(self) -> dict:
        return {field.name: field.data for field in self.shown}

    def is_stale(self, company: Company) -> bool:
        return self.was.data != self.digest(company)

    def digest(self, company: Company) -> str:
        row = json.dumps([company.__data__[field.name] for field in self.shown])
        return hashlib.sha256(row.encode()).hexdigest()[:16]


class Conflict:
    """A column that has another value than what was typed: `now`, set by `who` at `at_ms` if that is known."""

    def __init__(self, field, company: Company):
        self.label, self.now = field.label.text, str(company.__data__[field.name])
        line = Audit.about(f"company:{field.name}").first()
        self.who, self.at_ms = (line.actor, line.at_ms) if line else ("", 0)


def page_of(form_class, template: str, page: Page, **context):
    """GET shows the form, POST saves it: 303, 422 with what is wrong, or 409 with what has changed since."""
    conflicts = []
    with db.atomic():
        company = Company.locked()
        form = form_class(obj=company)
        valid = form.validate_on_submit()
        if valid and form.is_stale(company):
            conflicts = [Conflict(f, company) for f in form.shown if str(company.__data__[f.name]) != str(f.data)]
        if valid and not conflicts:
            changed = company.change(
                form.values(), actor=current_user.email, now=now(), address=request.remote_addr or ""
            )
    if valid and not conflicts:
        reread_company()
        flash("Saved." if changed else "Nothing was changed.")
        return go_to(page.url)
    return show(
        form, company, template, page, 409 if conflicts else 422 if form.errors else 200, conflicts=conflicts, **context
    )


def show(form: CompanyForm, company: Company, template: str, page: Page, status: int, **context):
    form.was.data = form.digest(company)
    return make_response(render_template(template, nav="setup", here=page, form=form, **context), status)
