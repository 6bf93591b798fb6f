"""The page People, where a customer's managers grant colleagues access to the customer and revoke it."""

from flask import Blueprint, abort, current_app, flash, make_response, render_template
from flask_login import current_user

from app.accounts import links
from app.clock import is_due, to_ms
from app.customers import access_grants, queries
from app.customers.access_grants import NO_ROLE
from app.customers.forms import ColleagueForm
from app.mail import resend, state_labels
from app.models import Access, Customer, OutboxMail, Role, undelivered
from app.web.actor import current_actor
from app.web.formatting import company, now, page_url
from app.web.htmx import go_to

bp = Blueprint("colleagues", __name__)

MAILS = 20
# How long a declined invitation stays in the list.
DECLINED_FOR_MS = 30 * 24 * 3600 * 1000
NOT_THIS_ONE = "This person already has access or is invited"
TOO_MANY = "Too many invitations were sent in a short time. Wait 30 minutes"
TOO_OFTEN = "Nothing was sent: several emails were requested in a short time. Try again in 30 minutes."
QUEUED = "A new invitation to {email} is queued."


def managing() -> Customer:
    if not current_user.can_manage:
        abort(404)
    return Customer.get_by_id(current_user.customer_id)


def roles() -> list[Role]:
    """The roles that the manager can grant: none with a right that they lack, and none that manages people."""
    return [role for role in Role.by_name() if not role.can_manage and (current_user.can_pay or not role.can_pay)]


@bp.get("/account/people")
def people():
    return show(managing(), ColleagueForm(roles(), formdata=None))


@bp.post("/account/people")
def add_colleague():
    customer, form = managing(), ColleagueForm(roles())
    if not form.validate_on_submit():
        return show(customer, form)
    email, role = form.email.data, form.chosen_role()
    if problem := refused(customer, email, role):
        field, words = problem
        form[field].errors = [words]
        return show(customer, form)
    try:
        access_grants.offer(customer, email, role, current_actor(), company(), name=form.name.data)
    except access_grants.Refused:  # the role was deleted, or the person became an administrator, a moment ago
        form.role.errors = [NO_ROLE]
        return show(customer, form)
    flash(f"Saved. {email} is now in the list.")
    return go_to(page_url("colleagues.people"))


def refused(customer: Customer, email: str, role: Role | None) -> tuple[str, str] | None:
    """(field, message) of the error; None if there is none. It never reveals whether an address has a login."""
    if role is None:
        return "role", NO_ROLE
    if not links.take_mail_try(email, current_actor().address, now(), **invitations_of_viewer()):
        return "email", TOO_MANY
    has_access = any(one.is_offered and one.user.email == email for one in queries.people(customer))
    if has_access:
        return "email", NOT_THIS_ONE
    return None


@bp.get("/account/people/<number>/take")
def ask_to_take_colleague(number):
    return render_template("customers/remove_colleague.html", nav="account", one=revocable_access(managing(), number))


@bp.post("/account/people/<number>/take")
def take_colleague(number):
    access = revocable_access(managing(), number)
    access_grants.revoke_access(access, current_actor())
    flash(f"Saved. {access.user.email} no longer has access.")
    return go_to(page_url("colleagues.people"))


@bp.post("/account/people/<number>/again")
def invite_again(number):
    access, mail = undelivered_invitation(managing(), number)
    if not links.take_mail_try(access.user.email, current_actor().address, now(), **invitations_of_viewer()):
        flash(TOO_OFTEN)
        return go_to(page_url("colleagues.people"))
    try:
        resend.resend(mail, current_actor())
        flash(QUEUED.format(email=access.user.email))
    except resend.CannotResend as problem:
        flash(str(problem))
    return go_to(page_url("colleagues.people"))


def undelivered_invitation(customer: Customer, number: str) -> tuple[Access, OutboxMail]:
    failed = failed_invitations(customer, queries.people(customer))
    return next((found for access_id, found in failed.items() if str(access_id) == number), None) or abort(404)


def failed_invitations(customer: Customer, people: list[Access]) -> dict[int, tuple[Access, OutboxMail]]:
    """{access id: (access, its undelivered invitation)} of people who have not logged in since it was sent."""
    mails = undelivered.invitations(customer)
    pairs = {one.id: (one, mails[one.user_id]) for one in people if one.is_offered and one.user_id in mails}
    return {
        id_: (one, mail)
        for id_, (one, mail) in pairs.items()
        if one.is_invitation or (one.user.last_login_ms or 0) <= mail.created_ms
    }


def invitations_of_viewer() -> dict[str, int]:
    return {f"invite:{current_user.user_id}": MAILS}


def revocable_access(customer: Customer, number: str) -> Access:
    found = next((one for one in queries.people(customer) if str(one.id) == number and may_revoke(one)), None)
    return found or abort(404)


def has_declined(access: Access) -> bool:
    return access.declined_ms is not None and not is_due(access.declined_ms, to_ms(now()), DECLINED_FOR_MS)


def may_revoke(access: Access) -> bool:
    return access.is_offered and access.user_id != current_user.user_id and not access.role.can_manage


def show(customer: Customer, form: ColleagueForm):
    found = sorted(queries.people(customer), key=lambda one: one.id)  # so that people keep their place in the list
    given = [(one, may_revoke(one)) for one in found if one.is_offered or has_declined(one)]
    page = render_template(
        "customers/colleagues.html",
        nav="account",
        form=form,
        people=given,
        known=queries.first_access_ids(customer),
        failed=failed_invitations(customer, found),
        why=state_labels.failed_invitation,
        has_mail=current_app.config["PORTAL"].has_mail,
    )
    return make_response(page, 422 if form.errors else 200)
