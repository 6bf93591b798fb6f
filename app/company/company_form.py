"""The base class of forms that edit the company's row, and saving them."""

from enum import StrEnum

from flask import current_app, flash, request
from wtforms import BooleanField

from app.models import Company, access_counts, one_transaction
from app.models.access_counts import AccessCounts
from app.web.actor import current_actor
from app.web.formatting import company, now, reload_company
from app.web.versioned_form import Change, RowForm


class Outcome(StrEnum):
    OPENED = ""
    STALE = "stale"
    WRONG = "wrong"
    CONFIRM = "confirm"
    SAVED = "saved"

    @property
    def status(self) -> int:
        return {"stale": 409, "wrong": 422}.get(self, 200)


class CompanyForm(RowForm):
    """Fields have the names of Company's columns. `stale` is None unless the form was refused as stale."""

    stale: list[Change] | None = None

    def __init__(self, company: Company, **options):
        super().__init__(obj=company, **options)
        self.company = company
        self.carry_version(company)

    def audit_subject(self, source, column: str) -> str:
        return f"company:{column}"

    @property
    def turned_off(self) -> list:
        """The feature switches that saving would turn off."""
        switches = [field for field in self.columns if field.name in Company.FEATURES]
        return [field for field in switches if getattr(self.company, field.name) and not field.data]

    def impact(self) -> list[str]:
        config = current_app.config["PORTAL"]
        counts = access_counts.access_counts(now(), config.session_idle, config.session_absolute)
        can_pay = self.company.online_payment_is_on and config.gateway_configured
        return impact_of({field.name for field in self.turned_off}, counts, can_pay=can_pay)

    def check(self) -> Outcome:
        if not self.validate():
            return Outcome.WRONG
        self.stale = self.conflicts(self.company) or None
        if self.stale:
            self.carry_version(self.company, is_stale=True)
            return Outcome.STALE
        asks = self.turned_off and request.form.get("confirm") != "1"
        return Outcome.CONFIRM if asks else Outcome.SAVED

    def save(self) -> str:
        """Returns the message to show. Turning off Customer Access ends all customer sessions. Call it in a
        transaction."""
        ends_sessions = any(field.name == "customer_access" for field in self.turned_off)
        changed = self.company.change(self.values(), current_actor())
        if ends_sessions:
            access_counts.end_customer_sessions()
        switches = [field for field in self.columns if field.name in changed and isinstance(field, BooleanField)]
        states = [f"{field.label.text} is {'on' if field.data else 'off'}." for field in switches]
        return " ".join(["Saved." if changed else "Nothing was changed.", *states])


def read_form(form_class: type[CompanyForm]) -> tuple[CompanyForm, Outcome]:
    """For a GET, the form with the stored values. For a POST, the form as sent, saved if it is valid, in one
    transaction."""
    if request.method != "POST":
        return form_class(company()), Outcome.OPENED
    form, outcome, message = save_form(form_class)
    if message:
        reload_company()
        flash(message)
    return form, outcome


@one_transaction
def save_form(form_class: type[CompanyForm]) -> tuple[CompanyForm, Outcome, str]:
    form = form_class(Company.locked())
    outcome = form.check()
    return form, outcome, form.save() if outcome is Outcome.SAVED else ""


def impact_of(turned_off: set[str], counts: AccessCounts, *, can_pay: bool) -> list[str]:
    """`turned_off` has names from Company.FEATURES. `can_pay` is True if customers can pay online now."""
    said = []
    if turned_off - {"customer_access"}:
        affected = (
            f"{people(counts.payers)} who can pay online now will not be able to."
            if can_pay and counts.payers
            else "No one can pay online now, so no one is affected."
        )
        said += [affected, "Payments in progress will still be completed."]
    if "customer_access" in turned_off:
        said.append(f"{people(counts.ready)} who can log in now will not be able to log in, view or pay.")
        if counts.invited:
            invited = people(counts.invited)
            said.append(f"{invited} with access but no password yet will not be able to log in either.")
        said.append(sessions(counts.sessions))
        said.append("No one loses their access: it works again when Customer Access is on again.")
    return said


def people(count: int) -> str:
    return "1 person" if count == 1 else f"{count} people"


def sessions(count: int) -> str:
    if not count:
        return "No customer is logged in now."
    return "1 customer session ends immediately." if count == 1 else f"{count} customer sessions end immediately."
