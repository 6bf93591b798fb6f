"""The setup guide: the documented steps in order. Each step makes the real change."""

from flask import Blueprint, abort, current_app, flash, request, url_for
from flask_login import current_user

from app.company.company_form import Outcome, read_form
from app.customers import bulk_access
from app.guide import access_step, trials
from app.guide.steps import BY_SLUG, Facts, Guide
from app.imports.forms import KIND_CHOICES
from app.mail import state_labels
from app.models import access_counts
from app.payments import connection_test
from app.payments.cashier import Cashier
from app.web.actor import current_actor
from app.web.formatting import company, locale, now, reload_company
from app.web.htmx import go_to, push_url, render, wants_fragment
from app.web.menu import CUSTOMERS, GUIDE, IMPORT, INFORMATION
from app.web.security import staff_only

bp = Blueprint("guide", __name__)


@bp.get("/setup")
@staff_only
def index():
    """?step= the step to open, ?given= the token of a bulk grant, ?person= the id of an access to test"""
    return guide(request.args.get("step", ""), given=request.args.get("given", ""))


@bp.post("/setup/<slug>")
@staff_only
def save_step(slug):
    step = BY_SLUG.get(slug)
    if step is None or step.form is None:
        abort(404)
    form, outcome = read_form(step.form)
    if outcome is Outcome.SAVED:
        return done()
    return guide(slug, form, outcome)


@bp.post("/setup/view-only")
@staff_only
def view_only():
    value = {"on": True, "off": False}.get(request.form.get("view_only"))
    if value is None:
        abort(400)
    company().change({"view_only": value}, current_actor())
    flash("Saved. The payment steps are skipped." if value else "Saved. The payment steps are no longer skipped.")
    return done()


@bp.post("/setup/connection")
@staff_only
def test_connection():
    connection_test.test(Cashier.of(current_app, company()), current_actor())
    return done("credit-card-payments")


@bp.post("/setup/give-access")
@staff_only
def give_access():
    form = access_step.GiveAccessForm()
    result = access_step.save(form)
    if result is None:
        return guide("give-access", form, Outcome.WRONG)
    return done("give-access", given=form.token.data) if result.skipped else done()


@bp.post("/setup/test-email")
@staff_only
def send_test_mail():
    trials.send_test_email(current_user, current_actor(), company(), locale())
    return done("give-access")


@bp.get("/setup/test-email")
@staff_only
def see_test_mail():
    return guide("give-access", fragment="guide/_test_mail.html")


def done(slug: str = "", given: str = ""):
    """Redirects to the guide, at `slug` or at the next step that is not done."""
    url = url_for(".index", step=slug or None, given=given or None)
    return push_url(url, guide(slug, given=given)) if wants_fragment() else go_to(url)


def guide(wanted: str, form=None, outcome=None, fragment: str = "guide/_guide.html", given: str = ""):
    reload_company()
    shown = Guide(Facts.read(company(), is_configured()), wanted, even_locked=form is not None)
    step, tested = shown.open and shown.open.step, connection_test.last(current_app.config["PORTAL"])
    status = outcome.status if outcome else 200
    return render(
        "guide/index.html",
        fragment,
        status,
        nav="setup",
        here=GUIDE,
        guide=shown,
        facts=shown.facts,
        outcome=outcome,
        focus=wants_fragment(),
        connection=tested,
        target="#setup",
        stale=getattr(form, "stale", None),
        information=INFORMATION,
        customers=CUSTOMERS,
        imports=IMPORT,
        kinds=KIND_CHOICES,
        **{"form": form, **step_context(step, form, given, tested.doubt)},
    )


def is_configured() -> bool:
    return current_app.config["PORTAL"].gateway_configured


def step_context(step, form, given: str, failure: str) -> dict:
    if step is None:
        return {}
    here = f"{GUIDE.url}?step={step.slug}"
    if step.form:
        return {
            "form": form or step.form(company()),
            "save_url": f"{GUIDE.url}/{step.slug}",
            "cancel_url": here,
        }
    if step.slug == "give-access":
        return {
            "test_mail": trials.latest_test_email(current_user),
            "form": form or access_step.GiveAccessForm.fresh(),
            "candidates": access_step.candidates(),
            "result": bulk_access.result(given),
        }
    if step.slug == "login-url":
        return {"uninvited_mails": access_counts.uninvited_mails(), "mail_sentence": state_labels.sentence}
    if step.slug == "check":
        access = access_counts.access_numbered(request.args.get("person", ""))
        found = trials.try_access(access, company(), is_configured(), now(), failure) if access else ()
        return {"people": access_counts.people_with_access(), "person": access, "verdicts": found}
    return {}
