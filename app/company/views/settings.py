"""Enable Features, Accounting Preferences and General Preferences."""

from flask import abort, current_app, make_response, render_template, request

from app.company.company_form import CompanyForm, Outcome, read_form
from app.company.forms import SUBTABS, AccountingForm, FeaturesForm, PreferencesForm, Subtab
from app.company.views import bp
from app.payments import connection_test
from app.web.formatting import company
from app.web.htmx import go_to, render
from app.web.menu import ACCOUNTING, FEATURES, GENERAL, Page
from app.web.security import staff_only


@bp.get("/setup/company/enable-features")
@staff_only
def features():
    return answer(FEATURES, FeaturesForm)


@bp.post("/setup/company/enable-features")
@staff_only
def save_features():
    return answer(FEATURES, FeaturesForm)


@bp.get("/setup/accounting/preferences")
@staff_only
def accounting():
    return answer(ACCOUNTING, AccountingForm)


@bp.post("/setup/accounting/preferences")
@staff_only
def save_accounting():
    return answer(ACCOUNTING, AccountingForm)


@bp.route("/setup/company/preferences", methods=["GET", "POST"])
@staff_only
def preferences():
    form, outcome = read_form(PreferencesForm)
    if outcome is Outcome.SAVED:
        return go_to(GENERAL.url)
    page = render_template("company/preferences.html", nav="setup", here=GENERAL, form=form, stale=form.stale)
    return make_response(page, outcome.status)


def answer(page: Page, form_class: type[CompanyForm]):
    """Saves all subtabs. With `show` in the form, opens another subtab instead and keeps what was entered."""
    if "show" in request.form:
        return show(page, subtab_of(page, request.form["show"]), form_class(company()))
    subtab = subtab_of(page, request.args.get("subtab"))
    form, outcome = read_form(form_class)
    if outcome is Outcome.SAVED:
        return go_to(f"{page.url}?subtab={subtab.slug}")
    return show(page, subtab, form, outcome)


def subtab_of(page: Page, slug: str | None) -> Subtab:
    """The first subtab if there is no slug. Aborts with 404 for an unknown slug."""
    subtabs = SUBTABS[page]
    return next((one for one in subtabs if slug in (one.slug, None, "")), None) or abort(404)


def show(page: Page, subtab: Subtab, form: CompanyForm, outcome: Outcome = Outcome.OPENED):
    wrong = (one for one in SUBTABS[page] if any(form[name].errors for name in one.fields))
    subtab = next(wrong, subtab)
    url = f"{page.url}?subtab={subtab.slug}"
    return render(
        "company/page.html",
        "company/_page.html",
        outcome.status,
        nav="setup",
        here=page,
        subtab=subtab,
        subtabs=SUBTABS[page],
        form=form,
        stale=form.stale,
        outcome=outcome,
        save_url=url,
        cancel_url=url,
        target="#settings",
        connection=connection_test.last(current_app.config["PORTAL"]),
    )
