"""Tests that an administrator can run in the guide: whether email arrives, and what a customer can do now."""

from datetime import datetime

from app.accounts.authentication import TRIES
from app.clock import to_ms
from app.mail.compose import compose
from app.models import Access, Audit, Company, OutboxMail, Throttle, one_transaction
from app.models.access import Viewer
from app.models.audit import Actor
from app.payments.eligibility import Blocker, EligibilityCheck, check_for, first_blocker


@one_transaction
def send_test_email(user: Viewer, actor: Actor, company: Company, locale: str) -> None:
    """Queue a test email to `user`, unless one is queued already. One transaction."""
    at_ms = to_ms(actor.now)
    person, login_url = user.name or user.email, f"{actor.portal_url}/login"
    mail = compose("test", company, locale, person=person, at_ms=at_ms, login_url=login_url)
    if (earlier := latest_test_email(user)) and earlier.waits_to_be_sent:
        return
    OutboxMail.queue(f"{prefix(user)}:{at_ms}", user.email, mail, actor.now)
    Audit.write("test_mail", at_ms, subject=f"user:{user.email}", actor=actor.email, address=actor.address)


def latest_test_email(user: Viewer) -> OutboxMail | None:
    return OutboxMail.latest(prefix(user))


def prefix(user: Viewer) -> str:
    return f"test:{user.user_id}"


def try_access(
    access: Access, company: Company, gateway_configured: bool, now: datetime, failure: str = ""
) -> list[EligibilityCheck]:
    """By the rules of the real login and payment. `failure`: why the card gateway may not work."""
    login = log_in(access, company, now)
    if not company.customer_access:
        return [login]
    view = EligibilityCheck(
        True, f"With the role {access.role.name} they can view the invoices of {access.customer.name}"
    )
    return [login, view, pay(access, company, gateway_configured, failure)]


def log_in(access: Access, company: Company, now: datetime) -> EligibilityCheck:
    user = access.user
    if not user.may_log_in(company):
        closed = check_for(Blocker.CUSTOMER_ACCESS, False, access)
        return EligibilityCheck(False, f"{user.email} cannot log in: {closed.words}", closed.url, closed.label)
    if not user.password_hash:
        record = f"/customers/{access.customer.public_id}/access"
        return EligibilityCheck(
            False, f"{user.email} cannot log in yet: no password is set up", record, "Open the record"
        )
    if Throttle.is_spent({Throttle.account(user.email): TRIES}, now):
        return EligibilityCheck(False, f"{user.email} cannot log in for up to 30 minutes: too many wrong passwords")
    first = ", and chooses a new password first" if user.must_change_password else ""
    return EligibilityCheck(True, f"{user.email} can log in{first}")


def pay(access: Access, company: Company, gateway_configured: bool, failure: str) -> EligibilityCheck:
    blocker = first_blocker(company, gateway_configured, access.viewer())
    if blocker:
        check = check_for(blocker, False, access)
        return EligibilityCheck(False, f"They cannot pay. {check.words}", check.url, check.label)
    if failure:
        return EligibilityCheck(False, f"They may not be able to pay by card. {failure}")
    return EligibilityCheck(True, "They can pay open invoices by card")
