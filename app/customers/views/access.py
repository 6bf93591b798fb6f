"""The subtab Access of a customer's record: people, their roles, passwords and locks."""

from flask import abort, current_app, flash, make_response, request, url_for

from app.accounts import emails, links
from app.accounts.authentication import TRIES
from app.clock import to_ms
from app.customers import access_grants, queries
from app.customers.access_grants import InvitationEnded, Refused, Stale
from app.customers.forms import AccessForm
from app.customers.views import bp
from app.customers.views.index import via
from app.customers.views.record import hash_chosen, head, own_access, the_customer
from app.customers.views.record_documents import explanations
from app.email_addresses import normal_email
from app.mail import state_labels
from app.mail.views.outbox import set_frame_policy
from app.models import (
    Access,
    Audit,
    Customer,
    Link,
    OutboxMail,
    Role,
    Throttle,
    User,
    access_history,
    one_transaction,
    undelivered,
)
from app.models.audit import Actor
from app.web.actor import current_actor
from app.web.formatting import company, now
from app.web.htmx import go_to, render, wants_fragment
from app.web.security import content_security_policy, staff_only

HISTORY = 50
PLACEHOLDER = "x" * 43
OWN, NEW = "own", "new"
NOT_GIVEN = "Check Give Access to let this person log in"
CLOSED = "No link was sent: turn Customer Access on first."
SENT = "A reset link to {email} is queued. It works once, for 60 minutes."
WITHDRAWN = "The invitation of {email} is withdrawn."
ANSWERED = "Nothing was withdrawn: {email} has no invitation waiting."
NO_PASSWORD = "No link was sent: {email} has no password yet. Send the New Access Notification Email."  # noqa: S105


@bp.route("/<public_id>/access", methods=["GET", "POST"])
@staff_only
def access(public_id):
    return answer(the_customer(public_id), OWN)


@bp.route("/<public_id>/access/<who>", methods=["GET", "POST"])
@staff_only
def person(public_id, who):
    return answer(the_customer(public_id), who)


def the_login(customer: Customer, who: str) -> Access | None:
    """The access of the person `who`. None if it doesn't exist yet. Aborts with 404 for an unknown person."""
    if who == NEW:
        return None
    people = queries.people(customer)
    if who == OWN:
        email = normal_email(customer.email)
        return own_access(customer) or next((one for one in people if one.user.email == email), None)
    return next((one for one in people if str(one.id) == who), None) or abort(404)


def answer(customer: Customer, who: str):
    login = the_login(customer, who)
    form = AccessForm(login, Role.default_for(company()), is_new=who == NEW)
    if not form.validate_on_submit():
        return show(customer, who, login, form)
    email = address_of(customer, who, login, form)
    try:
        if not form.give.data:
            return revoke(customer, who, login, form)
        refusals = grant(customer, email, form)
    except Stale:
        return show(customer, who, login, form, form.changes_since(customer))
    if refusals:
        form.refuse(refusals)
        return show(customer, who, login, form)
    flash(f"Saved. {email} has access.{' An email to them is queued.' if form.notify.data else ''}")
    return to_person(customer, who, email)


def to_person(customer: Customer, who: str, email: str):
    if who != OWN:
        who = next(one.id for one in queries.people(customer) if one.user.email == email)
    return go_to(url_of(customer.public_id, who))


def url_of(public_id: str, who: str) -> str:
    if who == OWN:
        return url_for("customers.access", public_id=public_id, via=via() or None)
    return url_for("customers.person", public_id=public_id, who=who, via=via() or None)


def address_of(customer: Customer, who: str, login: Access | None, form: AccessForm) -> str:
    if login:
        return login.user.email
    return form.email.data if who == NEW else normal_email(customer.email)


def grant(customer: Customer, email: str, form: AccessForm) -> list[Refused]:
    """Grant access as the form says. Returns the reasons if it was refused; then nothing was written. Raises Stale."""
    role, notify = form.chosen_role(), form.notify.data
    policy = access_grants.policy_for(company(), customer, email, form.name.data)
    refusals = [] if role else [Refused("role", access_grants.NO_ROLE)]
    refusals += access_grants.refusals(email, User.by_email(email), notify=notify, manual=form.manual.data)
    refusals += (password_refusals := form.password_refusals(policy))
    try:
        password_hash = None if password_refusals else hash_chosen(form, policy, email)
        if not refusals:
            access_grants.grant_access(
                customer,
                email,
                role,
                current_actor(),
                company(),
                name=form.name.data,
                notify=notify,
                password_hash=password_hash,
                is_stale=form.is_stale,
            )
    except Refused as refused:
        refusals.append(refused)
    return refusals


def revoke(customer: Customer, who: str, login: Access | None, form: AccessForm):
    if login is None or not login.given:
        form.refuse([Refused("give", NOT_GIVEN)])
        return show(customer, who, login, form)
    if form.confirm.data != "take":
        return show(customer, who, login, form, asking=True)
    access_grants.revoke_access(login, current_actor(), form.is_stale)
    flash(f"Saved. {login.user.email} no longer has access to {customer.name}, and is logged out.")
    return to_person(customer, who, login.user.email)


def show(customer: Customer, who: str, login: Access | None, form: AccessForm, stale=None, asking: bool = False):
    fresh = Customer.get_by_id(customer.id)
    form.carry_version(fresh, is_stale=stale is not None)
    email = address_of(fresh, who, login, form)
    user = login.user if login else User.by_email(email) if email else None
    people = queries.people(fresh)
    has_access = login is not None and login.given
    response = render(
        "customers/access.html",
        "customers/_access.html",
        409 if stale is not None else 422 if form.errors else 200,
        **head(fresh, "access"),
        form=form,
        action=url_of(fresh.public_id, who),
        who=who,
        login=login,
        email=email,
        user=user,
        stale=stale,
        asking=asking,
        wants_title=wants_fragment(),
        people=people,
        has_access=has_access,
        others_first=not has_access and who == OWN and any(one.given for one in people),
        policy=access_grants.policy_for(company(), fresh, email, form.name.data or ""),
        explanations=explanations(people),
        mail_sentence=state_labels.sentence,
        person_mail=person_mail(email),
        locked_until=user and Throttle.spent_until(Throttle.account(user.email), TRIES, now()),
        elsewhere=queries.other_accesses(user, fresh) if user else [],
        mail=mail_for(fresh, email, user),
        login_url=f"{current_app.config['PORTAL'].portal_url}/login",
        history=access_history.events_for({email, *(one.user.email for one in people)} - {""}, to_ms(now()), HISTORY),
    )
    response.headers["Content-Security-Policy"] = content_security_policy(frame_src=["'self'"])
    return response


def person_mail(email: str) -> OutboxMail | None:
    """The email whose delivery the page shows: one that failed, or else the latest invitation."""
    if not email:
        return None
    kinds = (*undelivered.INVITING, undelivered.BY_COLLEAGUE)
    return undelivered.failed([email]).get(email) or undelivered.latest([email], kinds).get(email)


def mail_for(customer: Customer, email: str, user: User | None):
    """A preview of the New Access Notification Email. Its link doesn't work."""
    person, actor = user or User(email=email, name=""), current_actor()
    return emails.notification(
        person,
        [customer],
        None if person.password_hash else PLACEHOLDER,
        company(),
        portal_url=actor.portal_url,
        life=links.setup_life(company()),
        administrator=emails.email_of_actor(actor.email),
    )


@bp.get("/<public_id>/access/<who>/email")
@staff_only
def email(public_id, who):
    customer = the_customer(public_id)
    login = the_login(customer, who)
    address = login.user.email if login else "" if who == NEW else normal_email(customer.email)
    user = login.user if login else User.by_email(address) if address else None
    return set_frame_policy(make_response(mail_for(customer, address or "name@example.com", user).html))


@bp.post("/<public_id>/access/<who>/unlock")
@staff_only
def unlock(public_id, who):
    user = person_with_access(public_id, who)
    unlock_login(user, current_actor())
    flash(f"{user.email} is unlocked.")
    if request.form.get("link") == "1":
        send_link(user)
    return go_to(url_of(public_id, who))


@one_transaction
def unlock_login(user: User, actor: Actor) -> None:
    Throttle.clear(Throttle.account(user.email))
    Audit.write_by(actor, "login_unlocked", f"user:{user.email}")


@bp.post("/<public_id>/access/<who>/reset-link")
@staff_only
def send_reset_link(public_id, who):
    send_link(person_with_access(public_id, who))
    return go_to(url_of(public_id, who))


@bp.post("/<public_id>/access/<who>/withdraw")
@staff_only
def withdraw(public_id, who):
    login = the_login(the_customer(public_id), who) or abort(404)
    try:
        access_grants.withdraw(login, current_actor())
        flash(WITHDRAWN.format(email=login.user.email))
    except InvitationEnded:
        flash(ANSWERED.format(email=login.user.email))
    return go_to(url_of(public_id, who))


def person_with_access(public_id: str, who: str) -> User:
    """The person `who` of this record. Aborts with 404 if they have no access."""
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
