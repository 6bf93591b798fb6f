"""Enable Features and Accounting Preferences: the full pages behind the Setup menu."""

from flask import abort, request

from app.htmx import go_to, render
from app.menu import ACCOUNTING, FEATURES, Page
from app.security import staff_only
from app.setup import saving
from app.setup.blueprint import bp
from app.setup.saving import Outcome
from app.setup.settings import ACCESS, CARDS, CURRENCIES, MINIMUM, ONLINE, Form, Setting

SUBTABS = {
    FEATURES: {"transactions": (CARDS,), "web-presence": (ACCESS,)},
    ACCOUNTING: {"items-transactions": (ONLINE, MINIMUM, CURRENCIES)},
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
    subtab, settings = chosen(page)
    return answer(page, subtab, saving.shown(settings))


def save(page: Page):
    subtab, settings = chosen(page)
    form, outcome = saving.save(settings)
    if outcome is Outcome.SAVED:
        return go_to(address(page, subtab))
    return answer(page, subtab, form, outcome)


def chosen(page: Page) -> tuple[str, tuple[Setting, ...]]:
    """The subtab that the URL names, the first without one. Aborts with 404 for another."""
    subtabs = SUBTABS[page]
    subtab = request.args.get("subtab") or next(iter(subtabs))
    return (subtab, subtabs[subtab]) if subtab in subtabs else abort(404)


def address(page: Page, subtab: str) -> str:
    return f"{page.url}?subtab={subtab}"


def answer(page: Page, subtab: str, form: Form, outcome: Outcome | None = None):
    tabs = [(key, settings[0].subtab, address(page, key)) for key, settings in SUBTABS[page].items()]
    return render(
        "setup/page.html", "setup/_page.html", outcome.status if outcome else 200, nav="setup", here=page,
        screen=page, subtab=subtab, tabs=tabs, form=form, outcome=outcome, save_url=address(page, subtab),
        cancel_url=address(page, subtab), target="#settings",
        affected=saving.affected(form) if outcome is Outcome.CONFIRM else (),
    )
