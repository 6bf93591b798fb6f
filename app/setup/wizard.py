"""The setup guide: the documented steps in order, each doing the real change."""

from flask import abort, flash, request, url_for
from flask_login import current_user

from app.customers import bulk
from app.formats import company, now, reread_company
from app.htmx import at, go_to, render, wants_fragment
from app.mail import words
from app.menu import CUSTOMERS, GUIDE, INFORMATION
from app.models import Role, reach
from app.security import staff_only
from app.setup import connection, give, saving, trial, trial_mail
from app.setup.blueprint import bp
from app.setup.saving import Outcome
from app.setup.steps import BY_SLUG, Facts, Guide


@bp.get("/setup")
@staff_only
def index():
    """?step= opens one; ?given= is what giving access did, ?person= whose log-in is tried."""
    return guide(request.args.get("step", ""), given=request.args.get("given", ""))


@bp.post("/setup/<slug>")
@staff_only
def save_step(slug):
    """Save the switch of a step, and open the next one that is to do."""
    step = BY_SLUG.get(slug)
    if step is None or step.setting is None:
        abort(404)
    form, outcome = saving.save((step.setting,))
    if outcome is Outcome.SAVED:
        return done()
    return guide(slug, form, outcome)


@bp.post("/setup/view-only")
@staff_only
def view_only():
    """Customers will only view invoices, or also pay them: the steps about paying count or don't."""
    value = {"on": True, "off": False}.get(request.form.get("view_only"))
    if value is None:
        abort(400)
    company().change({"view_only": value}, actor=current_user.email, now=now(), address=request.remote_addr or "")
    flash("Saved. The steps about paying are skipped." if value else "Saved. Customers will also pay.")
    return done()


@bp.post("/setup/connection")
@staff_only
def test_connection():
    connection.test()
    return done("credit-card-payments")


@bp.post("/setup/give-access")
@staff_only
def give_access():
    """Give the ticked customers access; whoever was skipped is named with the reason."""
    form = give.GiveForm.sent()
    result = give.save(form)
    if result is None:
        return guide("give-access", form, Outcome.WRONG)
    return done("give-access", given=form.token) if result.skipped else done()


@bp.post("/setup/test-email")
@staff_only
def send_test_mail():
    trial_mail.send()
    return done("give-access")


@bp.get("/setup/test-email")
@staff_only
def see_test_mail():
    """What became of the test email; the page asks again by itself while it waits."""
    return guide("give-access", fragment="setup/_test_mail.html")


def done(slug: str = "", given: str = ""):
    """The guide once more, at `slug` or else at the next step that is to do."""
    url = url_for(".index", step=slug or None, given=given or None)
    return at(url, guide(slug, given=given)) if wants_fragment() else go_to(url)


def guide(wanted: str, form=None, outcome=None, fragment: str = "setup/_guide.html", given: str = ""):
    reread_company()
    shown = Guide(Facts.read(company(), saving.configured()), wanted, even_locked=form is not None)
    step, tested = shown.open and shown.open.step, connection.last()
    status = outcome.status if outcome else 200
    return render(
        "setup/index.html", fragment, status, nav="setup", here=GUIDE, guide=shown, facts=shown.facts,
        outcome=outcome, focus=wants_fragment(), connection=tested, target="#setup",
        affected=saving.affected(form) if outcome is Outcome.CONFIRM else (),
        information=INFORMATION, customers=CUSTOMERS, **{"form": form, **inside(step, form, given, tested.doubt)},
    )


def inside(step, form, given: str, failure: str) -> dict:
    """What the open step needs beyond its own words."""
    if step is None:
        return {}
    here = f"{GUIDE.url}?step={step.slug}"
    if step.setting:
        return {"form": form or saving.shown((step.setting,)), "save_url": f"{GUIDE.url}/{step.slug}",
                "cancel_url": here}  # fmt: skip
    if step.slug == "give-access":
        return {"test_mail": trial_mail.latest(), "form": form or give.GiveForm.fresh(), "roles": list(Role.by_name()),
                "candidates": give.candidates(), "result": bulk.result(given)}  # fmt: skip
    if step.slug == "login-url":
        return {"untold_mails": reach.untold_mails(), "mail_sentence": words.sentence}
    if step.slug == "check":
        access = reach.access_numbered(request.args.get("person", ""))
        found = trial.verdicts(access, company(), saving.configured(), now(), failure) if access else ()
        return {"people": reach.people_with_access(), "person": access, "verdicts": found}
    return {}
