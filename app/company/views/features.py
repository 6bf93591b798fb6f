"""Enable Features and Accounting Preferences: the full pages behind the Setup menu."""

from flask import abort, request

from app.company import saving
from app.company.blueprint import bp
from app.company.saving import Outcome
from app.company.settings import ACCESS, CARDS, CURRENCIES, MINIMUM, ONLINE, POSTAL_CODE, Form, Setting
from app.payments import connection_test
from app.web.htmx import go_to, render
from app.web.menu import ACCOUNTING, FEATURES, Page
from app.web.security import staff_only

SUBTABS = {
    FEATURES: {"transactions": (CARDS,), "web-presence": (ACCESS,)},
    ACCOUNTING: {"items-transactions": (ONLINE, POSTAL_CODE, MINIMUM, CURRENCIES)},
}


@bp.get("/setup/company/enable-features")
@staff_only
def features():
    """?subtab=transactions|web-presence"""
    return show(FEATURES)


@bp.post("/setup/company/enable-features")
@staff_only
def save_features():
    return save(FEATURES)


@bp.get("/setup/accounting/preferences")
@staff_only
def accounting():
    return show(ACCOUNTING)


@bp.post("/setup/accounting/preferences")
@staff_only
def save_accounting():
    return save(ACCOUNTING)


def show(page: Page):
    subtab, settings = chosen(page, request.args.get("subtab"))
    return answer(page, subtab, saving.current_form(settings))


def save(page: Page):
    """One Save for all subtabs. Another subtab is asked for with `show`: what is checked there comes along."""
    if "show" in request.form:
        subtab, settings = chosen(page, request.form["show"])
        return answer(page, subtab, saving.confirmation_form(settings))
    subtab, settings = chosen(page, request.args.get("subtab"))
    form, outcome = saving.save(settings)
    if outcome is Outcome.SAVED:
        return go_to(address(page, subtab))
    return answer(page, subtab, form, outcome)


def chosen(page: Page, wanted: str | None) -> tuple[str, tuple[Setting, ...]]:
    """The subtab that is wanted, or the first, and the settings of all of them. Aborts with 404 for another."""
    subtabs = SUBTABS[page]
    subtab = wanted or next(iter(subtabs))
    if subtab not in subtabs:
        abort(404)
    return subtab, tuple(setting for settings in subtabs.values() for setting in settings)


def address(page: Page, subtab: str) -> str:
    return f"{page.url}?subtab={subtab}"


def answer(page: Page, subtab: str, form: Form, outcome: Outcome | None = None):
    tabs = [(key, settings[0].subtab) for key, settings in SUBTABS[page].items()]
    wrong = next((key for key, settings in SUBTABS[page].items() if any(form.error_in(one) for one in settings)), "")
    subtab = wrong or subtab
    return render(
        "company/page.html",
        "company/_page.html",
        outcome.status if outcome else 200,
        nav="setup",
        here=page,
        screen=page,
        subtab=subtab,
        here_too=SUBTABS[page][subtab],
        tabs=tabs,
        form=form,
        outcome=outcome,
        save_url=address(page, subtab),
        cancel_url=address(page, subtab),
        connection=connection_test.last(),
        target="#settings",
        affected=saving.affected(form) if outcome is Outcome.CONFIRM else (),
    )
