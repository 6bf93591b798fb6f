"""Setup > Company > Company Information: who the company is, its logo, and where customers log in."""

from zoneinfo import available_timezones

from flask import abort, current_app, flash, request
from flask_login import current_user
from wtforms import EmailField, SelectField, StringField, TextAreaField

from app.company.bank_details import BankDetails
from app.company.blueprint import bp
from app.company.company_form import CompanyForm, page_of, show
from app.company.logo import LogoError, read_logo
from app.models import Company, CompanyLogo, db
from app.web import field_parsers
from app.web.formatting import now, reread_company
from app.web.forms import parsed_by
from app.web.htmx import go_to
from app.web.limits import takes
from app.web.menu import INFORMATION
from app.web.security import immutable, public, staff_only

TEMPLATE = "company/information.html"
LINE = [parsed_by(field_parsers.one_line)]
OTHER_NAMES = ("Etc/", "posix/", "right/", "SystemV/", "US/")
ZONES = sorted(zone for zone in available_timezones() if "/" in zone and not zone.startswith(OTHER_NAMES))


class InformationForm(CompanyForm):
    name = StringField("Company Name", validators=LINE, render_kw={"autocomplete": "organization"})
    address = TextAreaField(
        "Address",
        validators=[parsed_by(field_parsers.several_lines)],
        render_kw={"rows": "3", "autocomplete": "street-address"},
    )
    email = EmailField("Email", validators=[parsed_by(field_parsers.email)], render_kw={"autocomplete": "off"})
    phone = StringField("Phone", validators=LINE, render_kw={"autocomplete": "off"})
    time_zone = SelectField("Time Zone", validators=[parsed_by(field_parsers.time_zone)], validate_choice=False)
    locale = SelectField("Language and country", validators=[parsed_by(field_parsers.locale)], validate_choice=False)
    statement_descriptor = StringField("Name on card statements", validators=LINE)

    def __init__(self, *arguments, **options):
        super().__init__(*arguments, **options)
        current = options["obj"].time_zone
        self.time_zone.choices = list(dict.fromkeys(["UTC", current, *ZONES]))
        self.locale.choices = field_parsers.locale_choices(options["obj"].locale)


@bp.route("/setup/company/information", methods=["GET", "POST"])
@staff_only
def information():
    return page_of(InformationForm, TEMPLATE, INFORMATION, **parts(Company.current()))


@bp.post("/setup/company/bank-details")
@staff_only
def save_bank_details():
    """Pairs of currency= and details="""
    with db.atomic():
        company = Company.locked()
        bank = BankDetails.sent(company, request.form)
        wrong = bank.is_stale or bank.errors
        if not wrong:
            company.change(
                {"bank_details": bank.column}, actor=current_user.email, now=now(), address=request.remote_addr or ""
            )
    if wrong:
        return as_it_is(company, 409 if bank.is_stale else 422, bank=bank)
    reread_company()
    flash("Saved. Customers see how to pay by bank transfer." if bank.rows else "Saved. Bank transfer is not offered.")
    return go_to(INFORMATION.url)


@bp.post("/setup/company/logo")
@staff_only
@takes(256)
def save_logo():
    """The logo that was chosen, or none."""
    file = request.files.get("logo")
    try:
        logo = None if "remove" in request.form else read_logo(file.read() if file else b"")
    except LogoError as error:
        return as_it_is(Company.current(), 422, logo_error=str(error))
    CompanyLogo.keep(logo, actor=current_user.email, now=now(), address=request.remote_addr or "")
    flash("Saved. The logo is on every page." if logo else "Saved. The logo is removed.")
    return go_to(INFORMATION.url)


def as_it_is(company: Company, status: int, **context):
    """The page with the company's details as they are saved, and one of its other parts as it was sent."""
    form = InformationForm(formdata=None, obj=company)
    return show(form, company, TEMPLATE, INFORMATION, status, **parts(company) | {"stale": None} | context)


def parts(company: Company) -> dict:
    """What is on the page beside the form of the company's details."""
    return {"login_url": f"{current_app.config['PORTAL'].portal_url}/login", "bank": BankDetails.shown(company)}


@bp.get("/logo/<digest>")
@public
@immutable
def logo(digest):
    found = CompanyLogo.current() if digest == Company.current().logo_hash else None
    if found is None:
        abort(404)
    return current_app.response_class(bytes(found.content), mimetype=found.media_type)
