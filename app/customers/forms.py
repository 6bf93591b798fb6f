"""The forms of this package."""

import re

from wtforms import (
    BooleanField,
    EmailField,
    HiddenField,
    PasswordField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.validators import ValidationError

from app.accounts.forms import EMAIL_ATTRIBUTES, NEW_PASSWORD
from app.accounts.password_policy import Policy
from app.customers.access_grants import NO_ROLE, Refused
from app.customers.bulk_access import read_ids
from app.email_addresses import normal_email
from app.models import Access, Attempt, Customer, Role, access_history
from app.web import field_parsers
from app.web.forms import Form, email_format, filled, parsed_by, personal_name, stripped, usual_email
from app.web.versioned_form import Change, VersionedForm

LONGEST_NUMBER = 60
NO_NUMBER, NO_NAME = "Enter the number that your accounting system uses", "Enter the customer's name"
EMAIL_IN_USE = "{email} logs in with it. Enter the new address, or take the access away on the Access subtab"
BOTH_METHODS = "Clear Send New Access Notification Email to set the password yourself"
NO_CUSTOMER = "Check one or more customers"
NOT_GIVEN = "Check Give Access to let these customers log in"
PASSWORDS_DIFFER = "Enter the same password in both fields"
SELECT_A_ROLE = ("", "Select a role")
NO_AUTOCOMPLETE = {"autocomplete": "off"}
NEW_PASSWORD_FIELD = {"autocomplete": "new-password"}
VERSION = re.compile("[0-9]{1,9}")
ACTIONS = {
    "given": "gave access to",
    "invited": "invited",
    "withdrawn": "withdrew the invitation of",
    "taken": "took access from",
    "sent": "queued an email",
    "password": "set a password",
    "postal_address": "address",
    "tax_number": "tax number",
}


def role_choices(roles: list[Role]) -> list[tuple[str, str]]:
    return [SELECT_A_ROLE, *((str(role.id), role.name) for role in roles)]


def role_of(field: SelectField, roles: list[Role]) -> Role | None:
    return next((role for role in roles if str(role.id) == field.data), None)


class NewCustomerForm(Form):
    number = StringField("Customer number", validators=[parsed_by(field_parsers.one_line), filled(NO_NUMBER)])
    name = StringField("Company name", validators=[parsed_by(field_parsers.one_line), filled(NO_NAME)])
    email = EmailField("Email", validators=[parsed_by(field_parsers.customer_email)], render_kw=NO_AUTOCOMPLETE)
    phone = StringField("Phone", validators=[parsed_by(field_parsers.one_line)], render_kw=NO_AUTOCOMPLETE)
    address = TextAreaField("Address", validators=[parsed_by(field_parsers.several_lines)], render_kw={"rows": "3"})

    def validate_number(self, field):
        if len(field.data) > LONGEST_NUMBER:
            raise ValidationError(f"Customer number must have {LONGEST_NUMBER} characters or fewer")
        if Customer.by_number(field.data):
            raise ValidationError("There is a customer with this number. Enter another number")


class RecordForm(VersionedForm):
    """The base class of a record's forms. They share the record's version, so saving one makes the others stale.

    It has the two documented ways to give a person a password. At most one may be chosen.
    """

    limits = NEW_PASSWORD

    notify = BooleanField("Send New Access Notification Email", id="notify")
    manual = BooleanField("Manually Assign or Change Password", id="manual")
    password = PasswordField("Password", id="password", render_kw=NEW_PASSWORD_FIELD)
    confirm_password = PasswordField("Confirm Password", id="confirm-password", render_kw=NEW_PASSWORD_FIELD)

    def version_of(self, source: Customer) -> str:
        return str(source.version)

    def changes_since(self, customer: Customer) -> list[Change]:
        version = int(self.sent_version) if VERSION.fullmatch(self.sent_version) else 0
        lines = access_history.saves_since(customer.number, version)
        return [Change(change_summary(line.facts), line.actor, line.at_ms) for line in lines]

    def refuse(self, refusals: list[Refused]) -> None:
        for refused in refusals:
            field = self[refused.field]
            field.errors = [*field.errors, refused.message]

    def password_refusals(self, policy: Policy) -> list[Refused]:
        """All errors of an assigned password that can be found without hashing."""
        if not self.manual.data:
            return []
        if self.notify.data:
            return [Refused("manual", BOTH_METHODS)]
        if not self.password.data:
            return [Refused("password", "Enter a password")]
        problem = policy.problem(self.password.data)
        refusals = [Refused("password", problem)] if problem else []
        if self.password.data != self.confirm_password.data:
            refusals.append(Refused("confirm_password", PASSWORDS_DIFFER))
        return refusals


def change_summary(facts: dict) -> str:
    """What a save changed: 'phone is now 555 0100, gave access to maya@…'."""
    done = {ACTIONS.get(name, name): value for name, value in facts.items() if name != "version" and value}
    parts = [
        name
        if value is True
        else f"{name} {value}"
        if isinstance(value, str)
        else f"{name} is now {value[1] or 'empty'}"
        for name, value in done.items()
    ]
    return ", ".join(parts) or "saved"


DETAILS = ("name", "email", "phone", "address", "locale", "tax_number", "reminders_off", "statements_off")


class DetailsForm(RecordForm):
    """Email | Phone | Address. `login` is the access of the person who logs in with the record's email address, or
    None. If the address changes, the fields for a password apply."""

    name = StringField("Company Name", validators=[parsed_by(field_parsers.one_line), filled(NO_NAME)])
    email = EmailField("Email", validators=[parsed_by(field_parsers.customer_email)], render_kw=NO_AUTOCOMPLETE)
    phone = StringField("Phone", validators=[parsed_by(field_parsers.one_line)], render_kw=NO_AUTOCOMPLETE)
    address = TextAreaField("Address", validators=[parsed_by(field_parsers.several_lines)], render_kw={"rows": "4"})
    tax_number = StringField("Tax number", validators=[parsed_by(field_parsers.one_line)], render_kw=NO_AUTOCOMPLETE)
    locale = SelectField("Language and country", validate_choice=False)
    reminders_off = BooleanField("No reminders about invoices")
    statements_off = BooleanField("No monthly statements")

    def __init__(self, customer: Customer, login: Access | None):
        super().__init__(obj=customer)
        self.login = login
        self.locale.choices = [("", "As the company"), *field_parsers.locale_choices(customer.locale)]

    def validate_locale(self, field):
        field.data = (field.data or "").strip()
        if field.data:
            parsed_by(field_parsers.locale)(self, field)

    def validate_email(self, field):
        if self.login and not field.data:
            raise ValidationError(EMAIL_IN_USE.format(email=self.login.user.email))

    def details(self) -> dict:
        return {name: self[name].data for name in DETAILS}

    def changes(self, customer: Customer) -> bool:
        return any(getattr(customer, name) != value for name, value in self.details().items())

    @property
    def moves_login(self) -> bool:
        return self.login is not None and self.email.data != self.login.user.email


class AccessForm(RecordForm):
    """One person's access. `login` is the person's current or former Access, or None."""

    email = EmailField("Email", id="access-email", filters=[normal_email], render_kw=NO_AUTOCOMPLETE)
    name = StringField(
        "Name", id="access-name", validators=[parsed_by(field_parsers.one_line)], render_kw=NO_AUTOCOMPLETE
    )
    role = SelectField("Role", id="role", validate_choice=False)
    give = BooleanField("Give Access", id="give")
    confirm = HiddenField()

    def __init__(self, login: Access | None, default_role: Role, *, is_new: bool = False):
        super().__init__()
        self.roles = list(Role.by_name())
        self.role.choices = role_choices(self.roles)
        if not self.is_submitted():
            self.give.data = is_new or (login is not None and login.given)
            self.notify.data = is_new
            self.role.data = str(login.role_id if login else default_role.id)
            self.name.data = login.user.name if login else ""

    def chosen_role(self) -> Role | None:
        return role_of(self.role, self.roles)


class BulkAccessForm(Form):
    """Selected customers, a role and the two checkboxes, for the list, its preview and the setup guide.

    `shared` has the customers whose shared mailbox is included. `token` is a bulk_access.new_token().
    """

    customer = SelectMultipleField("Customers", id="give-customers", choices=(), validate_choice=False)
    role = SelectField("Role", id="role", validate_choice=False)
    give = BooleanField("Give Access", id="give")
    notify = BooleanField("Send New Access Notification Email", id="notify")
    shared = SelectMultipleField("Shared mailboxes", choices=(), validate_choice=False)
    token = HiddenField()

    def __init__(self, **options):
        super().__init__(**options)
        self.roles = list(Role.by_name())
        self.role.choices = role_choices(self.roles)

    def is_too_long(self, field):
        return False  # no field is typed, and values only need to match

    def validate_customer(self, _field):
        if not self.ids:
            raise ValidationError(NO_CUSTOMER)

    def validate_role(self, _field):
        if self.chosen_role() is None:
            raise ValidationError(NO_ROLE)

    def validate_give(self, field):
        if not field.data:
            raise ValidationError(NOT_GIVEN)

    def chosen_role(self) -> Role | None:
        return role_of(self.role, self.roles)

    @property
    def ids(self) -> list[str]:
        return read_ids(self.customer.data or [])

    @property
    def shared_ids(self) -> list[str]:
        return read_ids(self.shared.data or [])


class ColleagueForm(Form):
    """`roles` are the roles that the manager may grant."""

    email = EmailField(
        "Email address",
        id="colleague-email",
        filters=[normal_email],
        render_kw=EMAIL_ATTRIBUTES | NO_AUTOCOMPLETE,
        validators=[filled("Enter their email address"), email_format, usual_email],
    )
    name = StringField(
        "Name", id="colleague-name", filters=[stripped], validators=[personal_name], render_kw=NO_AUTOCOMPLETE
    )
    role = SelectField("Role", id="colleague-role", validate_choice=False, validators=[filled(NO_ROLE)])

    def __init__(self, roles: list[Role], **options):
        super().__init__(**options)
        self.roles = roles
        self.role.choices = role_choices(roles)

    def chosen_role(self) -> Role | None:
        return role_of(self.role, self.roles)


class DecisionForm(VersionedForm):
    """The version is the payment's state. `confirm` is set on the second page, which asks for confirmation."""

    CHARGED, NOT_CHARGED = "charged", "not_charged"

    outcome = RadioField(
        "What happened?",
        choices=[(CHARGED, "It was charged"), (NOT_CHARGED, "It was not charged")],
        validate_choice=False,
    )
    transaction_id = StringField(
        "Transaction ID at Braintree", filters=[stripped], render_kw={"autocomplete": "off", "spellcheck": "false"}
    )
    confirm = HiddenField()

    def version_of(self, source: Attempt) -> str:
        return f"{source.state}-{source.decision_ms}"

    def validate_outcome(self, field):
        if field.data not in (self.CHARGED, self.NOT_CHARGED):
            raise ValidationError("Choose what happened")

    @property
    def was_charged(self) -> bool:
        return self.outcome.data == self.CHARGED
