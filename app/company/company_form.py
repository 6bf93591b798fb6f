"""Forms of the company's own row, and saving them."""

from flask import flash, make_response, render_template, request
from flask_login import current_user

from app.models import Company, db
from app.web.formatting import now, reread_company
from app.web.htmx import go_to
from app.web.menu import Page
from app.web.versioned_form import RowForm


class CompanyForm(RowForm):
    def audit_subject(self, source, column: str) -> str:
        return f"company:{column}"


def page_of(form_class, template: str, page: Page, **context):
    """GET shows the form, POST saves it: 303, 422 with what is wrong, or 409 with what has changed since."""
    stale = None
    with db.atomic():
        company = Company.locked()
        form = form_class(obj=company)
        valid = form.validate_on_submit()
        if valid:
            stale = form.conflicts(company)
        if valid and not stale:
            changed = company.change(
                form.values(), actor=current_user.email, now=now(), address=request.remote_addr or ""
            )
    if valid and not stale:
        reread_company()
        flash("Saved." if changed else "Nothing was changed.")
        return go_to(page.url)
    return show(
        form, company, template, page, 409 if stale else 422 if form.errors else 200, stale=stale or None, **context
    )


def show(form: CompanyForm, company: Company, template: str, page: Page, status: int, **context):
    form.carry_version(company, is_stale=bool(context.get("stale")))
    return make_response(render_template(template, nav="setup", here=page, form=form, **context), status)
