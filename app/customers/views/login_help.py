"""Small steps from the customer's record: unlock a person, email them a reset link, withdraw their invitation."""

from flask import abort, flash, request, url_for

from app.accounts import links
from app.clock import to_ms
from app.customers import access_grants
from app.customers.blueprint import bp
from app.customers.views.access import the_login
from app.customers.views.index import via
from app.customers.views.record import the_customer
from app.models import Audit, Link, Throttle, User, db
from app.web.actor import current_actor
from app.web.formatting import company
from app.web.htmx import go_to
from app.web.security import staff_only

CLOSED = "No link was sent: turn Customer Access on first."
SENT = "A reset link to {email} is queued. It works once, for 60 minutes."
WITHDRAWN = "The invitation of {email} is withdrawn."
ANSWERED = "Nothing was withdrawn: {email} has no invitation waiting."
NO_PASSWORD = "No link was sent: {email} has no password yet. Send the New Access Notification Email."  # noqa: S105


@bp.post("/<public_id>/access/<who>/unlock")
@staff_only
def unlock(public_id, who):
    """Let a locked-out person try again; with ?link=1 in the form, also send them a reset link."""
    user, actor = person_with_access(public_id, who), current_actor()
    with db.atomic():
        Throttle.clear(Throttle.account(user.email))
        Audit.write(
            "login_unlocked", to_ms(actor.now), subject=f"user:{user.email}", actor=actor.email, address=actor.address
        )
    flash(f"{user.email} is unlocked.")
    if request.form.get("link") == "1":
        send_link(user)
    return back(public_id, who)


@bp.post("/<public_id>/access/<who>/reset-link")
@staff_only
def send_reset_link(public_id, who):
    send_link(person_with_access(public_id, who))
    return back(public_id, who)


@bp.post("/<public_id>/access/<who>/withdraw")
@staff_only
def withdraw(public_id, who):
    """Withdraw a colleague's invitation that the person has not answered."""
    customer = the_customer(public_id)
    login = the_login(customer, who)
    if login is None:
        abort(404)
    if not login.is_invitation:
        flash(ANSWERED.format(email=login.user.email))
        return back(public_id, who)
    with access_grants.record_change(customer, current_actor()) as done:
        withdrawn = access_grants.withdraw(login, current_actor())
        if withdrawn:
            done.update(withdrawn=login.user.email)
    flash((WITHDRAWN if withdrawn else ANSWERED).format(email=login.user.email))
    return back(public_id, who)


def person_with_access(public_id: str, who: str) -> User:
    """The person that `who` names on this record. Aborts with 404 when they have no access."""
    login = the_login(the_customer(public_id), who)
    if login is None or not login.given:
        abort(404)
    return login.user


def send_link(user: User) -> None:
    if not user.password_hash:
        flash(NO_PASSWORD.format(email=user.email))
    elif not user.may_log_in(company()):
        flash(CLOSED)
    else:
        links.send(user, Link.RESET, links.RESET_LIFE, current_actor(), company())
        flash(SENT.format(email=user.email))


def back(public_id: str, who: str):
    if who == "own":
        return go_to(url_for("customers.access", public_id=public_id, via=via() or None))
    return go_to(url_for("customers.person", public_id=public_id, who=who, via=via() or None))
