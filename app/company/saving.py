"""Saving a form of settings: stale, wrong, to be confirmed, or saved."""

from enum import StrEnum

from flask import current_app, flash, request
from flask_login import current_user

from app.company.settings import ACCESS, Field, Form, Setting
from app.models import Company, access_counts, db
from app.web.formatting import now, reread_company


class Outcome(StrEnum):
    STALE = "stale"
    WRONG = "wrong"
    CONFIRM = "confirm"
    SAVED = "saved"

    @property
    def status(self) -> int:
        return {"stale": 409, "wrong": 422}.get(self, 200)


def current_form(settings: tuple[Setting, ...]) -> Form:
    """A form with the current values."""
    return Form(settings, Company.current(), configured())


def confirmation_form(settings: tuple[Setting, ...]) -> Form:
    """The submitted values, neither validated nor saved, for a change of the subtab."""
    return Form(settings, Company.current(), configured(), request.form, judge=False)


def save(settings: tuple[Setting, ...]) -> tuple[Form, Outcome]:
    """Validate the submitted form and save it, all or nothing. One transaction."""
    with db.atomic():
        form = Form(settings, Company.locked(), configured(), request.form)
        outcome = validate(form, confirmed=request.form.get("confirm") == "1")
        if outcome is Outcome.SAVED:
            write(form)
    if outcome is Outcome.SAVED:
        reread_company()
        flash(form.words)
    return form, outcome


def validate(form: Form, *, confirmed: bool) -> Outcome:
    if form.stale:
        return Outcome.STALE
    if form.errors:
        return Outcome.WRONG
    return Outcome.CONFIRM if form.turned_off and not confirmed else Outcome.SAVED


def write(form: Form) -> None:
    """Save the changed fields, each with an audit line. Turning off Customer Access ends all customer sessions."""
    values = {field.id: field.new for field in form.changed}
    form.company.change(values, actor=current_user.email, now=now(), address=request.remote_addr or "")
    if any(field.setting is ACCESS for field in form.turned_off):
        access_counts.end_customer_sessions()


def configured() -> bool:
    return current_app.config["PORTAL"].gateway_configured


def affected(form: Form) -> list[str]:
    """Sentences about the people affected by what the form turns off."""
    config = current_app.config["PORTAL"]
    counts = access_counts.access_counts(now(), config.session_idle, config.session_absolute)
    return [sentence for field in form.turned_off for sentence in effects(field, form.company, counts)]


def effects(field: Field, company: Company, counts: access_counts.AccessCounts) -> list[str]:
    paying = company.online_payment_is_on and configured()
    payers = [
        f"{people(counts.payers)} who can pay online now will not be able to."
        if paying and counts.payers
        else "No one can pay online now, so no one is affected.",
    ]
    if field.setting is not ACCESS:
        return [*payers, "Payments in progress will still be completed."]
    return [
        f"{people(counts.ready)} who can log in now will not be able to log in, view or pay.",
        *(
            [f"{people(counts.invited)} with access but no password yet will not be able to log in either."]
            if counts.invited
            else []
        ),
        f"{sessions(counts.sessions)}.",
        "No one loses their access: it works again when Customer Access is on again.",
    ]


def people(count: int) -> str:
    return "1 person" if count == 1 else f"{count} people"


def sessions(count: int) -> str:
    if not count:
        return "No customer is logged in now"
    return "1 customer session ends immediately" if count == 1 else f"{count} customer sessions end immediately"
