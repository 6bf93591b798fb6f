"""A customer's record: what its subtabs share, and the subtab Email | Phone | Address."""

import re

from flask import abort, current_app, flash, make_response, render_template, request, url_for
from wtforms import BooleanField, EmailField, PasswordField, SelectField, StringField, TextAreaField
from wtforms.validators import ValidationError

from app.accounts.forms import NEW_PASSWORD
from app.customers import access_grants, queries
from app.customers.access_grants import Refused, Stale
from app.customers.blueprint import bp
from app.customers.views.index import NO_NAME, filled, here, via
from app.email_addresses import normal_email
from app.invoices.queries import invoice_totals
from app.models import Customer, User, access_history
from app.models.customer import CustomerScope
from app.web import field_parsers
from app.web.actor import current_actor
from app.web.formatting import current_today
from app.web.forms import parsed_by
from app.web.htmx import go_to
from app.web.security import staff_only
from app.web.versioned_form import Change, VersionedForm

NEEDED = "{email} logs in with it. Enter the new address, or take the access away on the Access subtab"
VERSION = re.compile("[0-9]{1,9}")
DONE = {
    "given": "gave access to",
    "invited": "invited",
    "withdrawn": "withdrew the invitation of",
    "taken": "took access from",
    "sent": "queued an email",
    "password": "set a password",
    "postal_address": "address",
}


class RecordForm(VersionedForm):
    """Any form of a record: a save of one of them makes the others stale."""

    limits = NEW_PASSWORD

    def version_of(self, source: Customer) -> str:
        return str(source.version)

    def changes_since(self, customer: Customer) -> list[Change]:
        version = int(self.sent_version) if VERSION.fullmatch(self.sent_version) else 0
        lines = access_history.saves_since(customer.number, version)
        return [Change(sentence_of(line.facts), line.actor, line.at_ms) for line in lines]

    def refuse(self, found: list[Refused]) -> None:
        """Say at each field what stands against it."""
        for refused in found:
            field = self[refused.field]
            field.errors = [*field.errors, refused.words]


def sentence_of(facts: dict) -> str:
    """What a save did: 'phone is now 555 0100, gave access to maya@…'."""
    done = {DONE.get(name, name): value for name, value in facts.items() if name != "version" and value}
    parts = [
        name
        if value is True
        else f"{name} {value}"
        if isinstance(value, str)
        else f"{name} is now {value[1] or 'empty'}"
        for name, value in done.items()
    ]
    return ", ".join(parts) or "saved"


class PasswordFields:
    """The two documented ways to give a person a password; only one of them applies."""

    notify = BooleanField("Send New Access Notification Email", id="notify")
    manual = BooleanField("Manually Assign or Change Password", id="manual")
    password = PasswordField("Password", id="password", render_kw={"autocomplete": "new-password"})
    confirm_password = PasswordField(
        "Confirm Password", id="confirm-password", render_kw={"autocomplete": "new-password"}
    )


class DetailsForm(PasswordFields, RecordForm):
    """Email | Phone | Address. The boxes are asked for when the address that a person logs in with changes."""

    name = StringField("Company Name", validators=[parsed_by(field_parsers.one_line), filled(NO_NAME)])
    email = EmailField("Email", validators=[parsed_by(field_parsers.customer_email)], render_kw={"autocomplete": "off"})
    phone = StringField("Phone", validators=[parsed_by(field_parsers.one_line)], render_kw={"autocomplete": "off"})
    address = TextAreaField("Address", validators=[parsed_by(field_parsers.several_lines)], render_kw={"rows": "4"})
    locale = SelectField("Language and country", validate_choice=False)

    def __init__(self, *arguments, **options):
        super().__init__(*arguments, **options)
        self.locale.choices = [("", "As the company"), *field_parsers.locale_choices(options["obj"].locale)]

    def validate_locale(self, field):
        field.data = (field.data or "").strip()
        if field.data:
            parsed_by(field_parsers.locale)(self, field)

    def validate_email(self, field):
        if self.login and not field.data:
            raise ValidationError(NEEDED.format(email=self.login.user.email))

    login = None

    def details(self) -> dict[str, str]:
        return {name: self[name].data for name in ("name", "email", "phone", "address", "locale")}


def the_customer(public_id: str) -> Customer:
    return Customer.with_id(public_id) or abort(404)


def own_access(customer: Customer):
    """The access of the person who logs in with the record's own address; None if there is none."""
    email = normal_email(customer.email)
    return next((one for one in queries.people(customer) if one.given and one.user.email == email), None)


@bp.route("/<public_id>", methods=["GET", "POST"])
@staff_only
def record(public_id):
    customer = the_customer(public_id)
    form = DetailsForm(obj=customer)
    form.login = own_access(customer)
    if not form.validate_on_submit():
        return show_details(customer, form)
    try:
        saved = save_details(customer, form)
    except Refused as refused:
        form.refuse(password_problems(customer, form, form.email.data) or [refused])
        return show_details(customer, form)
    except Stale:
        return show_details(customer, form, form.changes_since(customer))
    subtab = "access" if request.form.get("then") == "access" else "record"
    if saved or subtab == "record":
        flash("Saved Email | Phone | Address." if saved else "Nothing was changed.")
    return go_to(url_for(f"customers.{subtab}", public_id=public_id, via=via() or None))


def save_details(customer: Customer, form: DetailsForm) -> bool:
    """All of it or nothing; whether anything differs. A new login address means a new login: the old one's
    access ends."""
    login, email = form.login, form.email.data
    if all(getattr(customer, name) == value for name, value in form.details().items()):
        return False
    moves = login is not None and email != login.user.email
    password_hash = chosen_password(customer, form, email) if moves else None
    with access_grants.record_change(customer, current_actor(), form.is_stale) as done:
        changed = customer.set_details(**form.details())
        done.update({"postal_address" if name == "address" else name: values for name, values in changed.items()})
        if moves:
            access_grants.revoke_access(login, current_actor())
            name = "" if User.by_email(email) else login.user.name
            access_grants.grant_access(
                customer,
                email,
                login.role,
                current_actor(),
                name=name,
                notify=form.notify.data,
                password_hash=password_hash,
            )
    return True


def password_problems(customer: Customer, form: PasswordFields, email: str, name: str = "") -> list[Refused]:
    """All that is wrong with the password that was typed twice, as far as that is known without a hash."""
    if not form.manual.data:
        return []
    if form.notify.data:
        return [Refused("manual", access_grants.BOTH_WAYS)]
    if not form.password.data:
        return [Refused("password", "Enter a password")]
    problem = access_grants.policy_for(customer, email, name).problem(form.password.data)
    found = [Refused("password", problem)] if problem else []
    if form.password.data != form.confirm_password.data:
        found.append(Refused("confirm_password", access_grants.DIFFERENT))
    return found


def chosen_password(customer: Customer, form: PasswordFields, email: str, name: str = "") -> str | None:
    """The hash of the password that was typed twice, if that way was chosen. Raises Refused."""
    for problem in password_problems(customer, form, email, name):
        raise problem
    if not form.manual.data:
        return None
    policy = access_grants.policy_for(customer, email, name)
    return access_grants.hashed(form.password.data, policy, User.by_email(email), current_app.extensions["hasher"])


def show_details(customer: Customer, form: DetailsForm, stale=None):
    status = 409 if stale is not None else 422 if form.errors else 200
    fresh = Customer.get_by_id(customer.id)
    form.carry_version(fresh, is_stale=stale is not None)
    page = render_template(
        "customers/record.html",
        **head(fresh, "details"),
        form=form,
        stale=stale,
        policy=access_grants.policy_for(fresh, form.email.data or ""),
    )
    return make_response(page, status)


def head(customer: Customer, subtab: str) -> dict:
    """What the head of every subtab shows."""
    viewer = CustomerScope(customer.id)
    balances = [b for b in invoice_totals.totals(viewer, current_today()).balances if b.open_minor]
    invoices, payments = queries.documents(customer)
    return {
        "customer": customer,
        "subtab": subtab,
        "nav": here().path[0].lower(),
        "here": here(),
        "via": via(),
        "initials": initials(customer.name),
        "state": queries.state_of(customer),
        "balances": balances,
        "invoices": invoices,
        "payments": payments,
    }


def initials(name: str) -> str:
    """'CL' for Cedar Lane Bakery."""
    return "".join(word[0] for word in re.findall(r"\w+", name)[:2]).upper()
