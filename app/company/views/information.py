"""Setup > Company > Company Information: the company's data, logo, bank details and login page."""

from flask import abort, current_app, flash, make_response, render_template, request

from app.company.bank_details import BankDetailsForm
from app.company.company_form import Outcome, read_form
from app.company.forms import InformationForm
from app.company.logo import LogoError, read_logo
from app.company.views import bp
from app.models import CompanyLogo
from app.web.actor import current_actor
from app.web.formatting import company
from app.web.htmx import go_to
from app.web.limits import takes
from app.web.menu import INFORMATION
from app.web.security import immutable, public, staff_only


@bp.route("/setup/company/information", methods=["GET", "POST"])
@staff_only
def information():
    form, outcome = read_form(InformationForm)
    return go_to(INFORMATION.url) if outcome is Outcome.SAVED else show(form, outcome.status)


@bp.post("/setup/company/bank-details")
@staff_only
def save_bank_details():
    form, outcome = read_form(BankDetailsForm)
    if outcome is Outcome.SAVED:
        return go_to(INFORMATION.url)
    return show(InformationForm(form.company, formdata=None), outcome.status, bank=form, stale=form.stale)


@bp.post("/setup/company/logo")
@staff_only
@takes(256)
def save_logo():
    file = request.files.get("logo")
    try:
        logo = None if "remove" in request.form else read_logo(file.read() if file else b"")
    except LogoError as error:
        return show(InformationForm(company(), formdata=None), 422, logo_error=str(error))
    CompanyLogo.keep(logo, current_actor())
    flash("Saved. The logo is on every page." if logo else "Saved. The logo is removed.")
    return go_to(INFORMATION.url)


def show(form: InformationForm, status: int, **parts):
    """The page. `parts` may replace its other forms, to show them as sent, with their errors."""
    context = {
        "login_url": f"{current_app.config['PORTAL'].portal_url}/login",
        "bank": BankDetailsForm(form.company, formdata=None),
        "stale": form.stale,
        **parts,
    }
    page = render_template("company/information.html", nav="setup", here=INFORMATION, form=form, **context)
    return make_response(page, status)


@bp.get("/logo/<digest>")
@public
@immutable
def logo(digest):
    found = CompanyLogo.current() if digest == company().logo_hash else None
    if found is None:
        abort(404)
    response = current_app.response_class(bytes(found.content), mimetype=found.media_type)
    # Browsers treat the sandboxed frame that shows an email as another site.
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response
