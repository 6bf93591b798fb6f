"""The subtab Access of a customer's record: who logs in, in which role, and how they get a password."""

from flask import abort, current_app, flash, make_response, url_for
from wtforms import BooleanField, EmailField, HiddenField, SelectField, StringField

from app.accounts import emails
from app.accounts.authentication import TRIES
from app.accounts.links import setup_life
from app.clock import to_ms
from app.customers import access_grants, queries
from app.customers.access_grants import Refused, Stale
from app.customers.blueprint import bp
from app.customers.views.documents import explanations
from app.customers.views.index import via
from app.customers.views.record import (
    PasswordFields,
    RecordForm,
    chosen_password,
    head,
    own_access,
    password_problems,
    the_customer,
)
from app.email_addresses import normal_email
from app.mail import state_labels
from app.mail.views.outbox import own_page
from app.models import Access, Customer, OutboxMail, Role, Throttle, User, access_history, undelivered
from app.web import field_parsers
from app.web.actor import current_actor
from app.web.formatting import company, now
from app.web.forms import parsed_by
from app.web.htmx import go_to, render, wants_fragment
from app.web.security import content_security_policy, staff_only

HISTORY = 50
PLACEHOLDER = "x" * 43
OWN, NEW = "own", "new"


class AccessForm(PasswordFields, RecordForm):
    """One person's access. `login` is the Access they have or had, or None."""

    email = EmailField("Email", id="access-email", filters=[normal_email], render_kw={"autocomplete": "off"})
    name = StringField(
        "Name", id="access-name", validators=[parsed_by(field_parsers.one_line)], render_kw={"autocomplete": "off"}
    )
    role = SelectField("Role", id="role", validate_choice=False)
    give = BooleanField("Give Access", id="give")
    confirm = HiddenField()

    def __init__(self, login: Access | None, *, is_new: bool = False):
        super().__init__()
        self.role.choices = [("", "Select a role"), *((str(role.id), role.name) for role in Role.by_name())]
        if not self.is_submitted():
            is_given = login is not None and login.given
            self.give.data, self.notify.data = is_given or is_new, is_new
            self.role.data = str(login.role_id if login else Role.default_for(company()).id)
            self.name.data = login.user.name if login else ""

    def chosen_role(self) -> Role | None:
        return next((role for role in Role.by_name() if str(role.id) == self.role.data), None)


@bp.route("/<public_id>/access", methods=["GET", "POST"])
@staff_only
def access(public_id):
    """The person who logs in with the record's own address."""
    return answer(the_customer(public_id), OWN)


@bp.route("/<public_id>/access/<who>", methods=["GET", "POST"])
@staff_only
def person(public_id, who):
    """`who` is the id of an access, or new."""
    return answer(the_customer(public_id), who)


def the_login(customer: Customer, who: str) -> Access | None:
    """The access that `who` names: None when it is to be made. Aborts with 404 when there is none."""
    if who == NEW:
        return None
    people = queries.people(customer)
    if who == OWN:
        email = normal_email(customer.email)
        return own_access(customer) or next((one for one in people if one.user.email == email), None)
    return next((one for one in people if str(one.id) == who), None) or abort(404)


def answer(customer: Customer, who: str):
    login = the_login(customer, who)
    form = AccessForm(login, is_new=who == NEW)
    if not form.validate_on_submit():
        return show(customer, who, login, form)
    email = address_of(customer, who, login, form)
    try:
        if not form.give.data:
            return take(customer, who, login, form)
        found = give(customer, email, form)
    except Stale:
        return show(customer, who, login, form, form.changes_since(customer))
    if found:
        form.refuse(found)
        return show(customer, who, login, form)
    flash(f"Saved. {email} has access.{' An email to them is queued.' if form.notify.data else ''}")
    return go_back(customer, who, email)


def go_back(customer: Customer, who: str, email: str):
    """To the person whose access was saved."""
    if who == OWN:
        return go_to(url_for("customers.access", public_id=customer.public_id, via=via() or None))
    person = next(one for one in queries.people(customer) if one.user.email == email)
    return go_to(url_for("customers.person", public_id=customer.public_id, who=person.id, via=via() or None))


def address_of(customer: Customer, who: str, login: Access | None, form: AccessForm) -> str:
    if login:
        return login.user.email
    return form.email.data if who == NEW else normal_email(customer.email)


def give(customer: Customer, email: str, form: AccessForm) -> list[Refused]:
    """Give access as the form says. Everything that stands against it: then nothing was written. Raises Stale."""
    role = form.chosen_role()
    found = [Refused("role", access_grants.NO_ROLE)] if role is None else []
    found += access_grants.obstacles(email, User.by_email(email), notify=form.notify.data, manual=form.manual.data)
    found += (problems := password_problems(customer, form, email, form.name.data))
    try:
        password_hash = None if problems else chosen_password(customer, form, email, form.name.data)
    except Refused as refused:
        found.append(refused)
    if found:
        return found
    try:
        with access_grants.record_change(customer, current_actor(), form.is_stale) as done:
            access_grants.grant_access(
                customer,
                email,
                role,
                current_actor(),
                name=form.name.data,
                notify=form.notify.data,
                password_hash=password_hash,
            )
            done.update(given=email, role=role.name, sent=form.notify.data, password=bool(password_hash))
    except Refused as refused:
        return [refused]
    return []


def take(customer: Customer, who: str, login: Access | None, form: AccessForm):
    """Revoke access after a confirmation."""
    if login is None or not login.given:
        form.refuse([Refused("give", access_grants.NOT_GIVEN)])
        return show(customer, who, login, form)
    if form.confirm.data != "take":
        return show(customer, who, login, form, asking=True)
    with access_grants.record_change(customer, current_actor(), form.is_stale) as done:
        access_grants.revoke_access(login, current_actor())
        done.update(taken=login.user.email)
    flash(f"Saved. {login.user.email} has no access to {customer.name} any more, and is logged out.")
    return go_back(customer, who, login.user.email)


def show(customer: Customer, who: str, login: Access | None, form: AccessForm, stale=None, asking: bool = False):
    """The subtab; `stale` are the saves that came between, `asking` whether access is really to be taken away."""
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
        policy=access_grants.policy_for(fresh, email, form.name.data or ""),
        explanations=explanations(fresh),
        mail_sentence=state_labels.sentence,
        person_mail=person_mail(email),
        locked_until=locked_until(user),
        elsewhere=queries.others_of(user, fresh) if user else [],
        mail=mail_for(fresh, email, user),
        login_url=f"{current_app.config['PORTAL'].portal_url}/login",
        history=access_history.events_for({email, *(one.user.email for one in people)} - {""}, to_ms(now()), HISTORY),
    )
    response.headers["Content-Security-Policy"] = content_security_policy(frame_src=["'self'"])
    return response


def locked_until(user: User | None) -> int | None:
    """When this person may try to log in again, in milliseconds; None when they may now."""
    return user and Throttle.spent_until(Throttle.account(user.email), TRIES, now())


def person_mail(email: str) -> OutboxMail | None:
    """The email to this person that the page tells about: one that failed, or the latest with a way in."""
    if not email:
        return None
    kinds = (*undelivered.INVITING, undelivered.BY_COLLEAGUE)
    return undelivered.failed([email]).get(email) or undelivered.latest([email], kinds).get(email)


def mail_for(customer: Customer, email: str, user: User | None):
    """The New Access Notification Email as it would be sent now, with a link that leads nowhere yet."""
    person = user or User(email=email, name="")
    return emails.notification(
        person,
        [customer],
        None if person.password_hash else PLACEHOLDER,
        company(),
        portal_url=current_actor().portal_url,
        life=setup_life(company()),
        administrator=emails.mailable(current_actor().email),
    )


@bp.get("/<public_id>/access/<who>/email")
@staff_only
def email(public_id, who):
    """The HTML part of the email, for the frame beside the form."""
    customer = the_customer(public_id)
    login = the_login(customer, who)
    address = login.user.email if login else "" if who == NEW else normal_email(customer.email)
    user = login.user if login else User.by_email(address) if address else None
    return own_page(make_response(mail_for(customer, address or "name@example.com", user).html))
