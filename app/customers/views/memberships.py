"""The person's own customers: choosing and switching, answering an invitation, leaving."""

from flask import Blueprint, abort, flash, render_template, request, url_for
from flask_login import current_user

from app.customers import access_grants
from app.models import Access, Session, User
from app.web import customer_choice, sessions
from app.web.actor import current_actor
from app.web.htmx import go_to
from app.web.security import any_login, is_local_path

bp = Blueprint("memberships", __name__)


@bp.get("/account/customers")
@any_login
def choose():
    """Asks which customer to open. ?next= is the page to open afterwards; it may identify a customer."""
    accesses, invitations = own_accesses(), list(Access.invitations_of(current_user.user_id))
    has_to = current_user.customer_id is None or len(accesses) > 1 or invitations
    if current_user.is_administrator or not has_to:
        return go_to(sessions.front_page(current_user))
    target = local_target(request.args.get("next"))
    return render_template(
        "customers/choose.html",
        nav="account",
        accesses=accesses,
        invitations=invitations,
        target=target,
        named=customer_choice.named_access(target, current_user.user_id),
        kind=page_kind(target),
    )


@bp.post("/account/customer")
@any_login
def customer():
    number = request.form.get("number", "")
    access = next((one for one in own_accesses() if one.customer.number == number), None) or abort(404)
    return open_customer(access, local_target(request.form.get("next")))


def open_customer(access: Access, target: str = ""):
    # In a new session, in which open pages of the previous customer are not valid.
    user = User.get_by_id(current_user.user_id)
    Session.end(current_user.session_id)
    if not sessions.log_in(user, access):
        return sessions.redirect_no_access()
    return go_to(customer_choice.page_for(target, access.customer) or sessions.front_page(current_user))


def own_accesses() -> list[Access]:
    return list(Access.given_to(current_user.user_id))


def local_target(target: str | None) -> str:
    return target if is_local_path(target) else ""


def page_kind(target: str) -> str:
    page = customer_choice.Page.at(target)
    kinds = {"invoices.show": "invoice", "payments.show": "payment"}
    return kinds.get(page.endpoint, "page") if page else "page"


@bp.get("/account/invitations/<int:number>")
@any_login
def invitation(number):
    answered = next((one for one in Access.answered_by(current_user.user_id) if one.id == number), None)
    if answered and not current_user.is_administrator:
        return render_template("customers/invitation_over.html", nav="account", one=answered)
    return render_template("customers/invitation.html", nav="account", one=invitation_numbered(number))


@bp.post("/account/invitations/<int:number>")
@any_login
def answer_invitation(number):
    one, answer = invitation_numbered(number), request.form.get("answer")
    verb = {"accept": access_grants.accept, "decline": access_grants.decline}.get(answer) or abort(400)
    try:
        verb(one, current_actor())
    except access_grants.InvitationEnded:
        abort(404)
    if answer == "accept":
        return open_customer(one)
    flash(f"You declined the invitation of {one.customer.name}.")
    return go_to(url_for("memberships.choose") if keeps_access() else url_for("accounts.login"))


def invitation_numbered(number: int) -> Access:
    pending = () if current_user.is_administrator else Access.invitations_of(current_user.user_id)
    return next((one for one in pending if one.id == number), None) or abort(404)


@bp.get("/account/customers/<int:number>/leave")
@any_login
def ask_to_leave(number):
    one = own_access(number)
    others, managers = one.remaining_people()
    return render_template("customers/leave.html", nav="account", one=one, others=others, managers=managers)


@bp.post("/account/customers/<int:number>/leave")
@any_login
def leave(number):
    one = own_access(number)
    access_grants.leave(one, current_actor())
    flash(f"You no longer have access to {one.customer.name}.")
    if current_user.access_id != one.id:
        return go_to(url_for("accounts.account"))
    if keeps_access() and sessions.log_in(User.get_by_id(current_user.user_id)):
        flash(f"You no longer have access to {one.customer.name}.")  # after log_in, which clears the session
        return go_to(sessions.page_after_login(User.get_by_id(current_user.user_id)))
    return go_to(url_for("accounts.login"))


def own_access(number: int) -> Access:
    return next((one for one in own_accesses() if one.id == number), None) or abort(404)


def keeps_access() -> bool:
    return User.get_by_id(current_user.user_id).has_access_or_invitation()
