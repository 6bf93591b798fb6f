"""The forms of the pages behind the Setup menu."""

from dataclasses import dataclass
from functools import partial
from zoneinfo import available_timezones

from flask import current_app
from wtforms import BooleanField, EmailField, SelectField, StringField, TextAreaField
from wtforms.validators import StopValidation, ValidationError

from app.accounts.password_policy import STRENGTHS, parse_min_length, parse_strength
from app.company.company_form import CompanyForm
from app.models import Company, Invoice, Role
from app.printable import is_printable
from app.web import field_parsers
from app.web.formatting import current_today, usable_locale
from app.web.forms import parsed_by
from app.web.menu import ACCOUNTING, FEATURES, Page
from app.web.versioned_form import RowForm

LINE = [parsed_by(field_parsers.one_line)]
OTHER_NAMES = ("Etc/", "posix/", "right/", "SystemV/", "US/")
ZONES = sorted(zone for zone in available_timezones() if "/" in zone and not zone.startswith(OTHER_NAMES))
LONGEST_ROLE_NAME = 60
MINIMUM_HINT = (
    "In the currency of the invoice, like {}. A customer may always pay the full balance, even if it is less. "
    "Leave it empty for one whole unit of the currency."
)


@dataclass(frozen=True)
class Subtab:
    """A subtab of Enable Features or Accounting Preferences, with its only section. `fields` has field names."""

    title: str
    section: str
    fields: tuple[str, ...]

    @property
    def slug(self) -> str:
        return self.title.lower().replace(" ", "-").replace("/", "-")


TRANSACTIONS = Subtab("Transactions", "Payment Processing", ("credit_card_payments",))
WEB_PRESENCE = Subtab("Web Presence", "Access", ("customer_access",))
ITEMS = Subtab(
    "Items/Transactions",
    "Payment Processing",
    ("customers_can_pay_online", "asks_postal_code", "minimum_payment", "currencies"),
)
SUBTABS: dict[Page, tuple[Subtab, ...]] = {FEATURES: (TRANSACTIONS, WEB_PRESENCE), ACCOUNTING: (ITEMS,)}


class CreditCardPaymentsForm(CompanyForm):
    credit_card_payments = BooleanField("Credit Card Payments", description="Check this box to accept card payments.")


class CustomerAccessForm(CompanyForm):
    customer_access = BooleanField(
        "Customer Access", description="Check this box to let customers log in to your Customer Center."
    )


class FeaturesForm(CreditCardPaymentsForm, CustomerAccessForm):
    pass


@dataclass(frozen=True)
class Need:
    """A requirement of Customers Can Pay Online: whether it is met, and the page where it is set."""

    label: str
    met: bool
    url: str


class OnlinePaymentForm(CompanyForm):
    customers_can_pay_online = BooleanField(
        "Customers Can Pay Online", description="Check this box to let customers pay their invoices online."
    )

    @property
    def needs(self) -> list[Need]:
        is_configured = current_app.config["PORTAL"].gateway_configured
        return [
            Need("Credit Card Payments", self.company.credit_card_payments, f"{FEATURES.url}?subtab=transactions"),
            Need("Customer Access", self.company.customer_access, f"{FEATURES.url}?subtab=web-presence"),
            Need("A configured card gateway", is_configured, "/setup?step=credit-card-payments"),
        ]

    def validate_customers_can_pay_online(self, field):
        missing = [need.label for need in self.needs if not need.met]
        if field.data and missing and not self.company.customers_can_pay_online:
            listed = " and ".join([", ".join(missing[:-1]), missing[-1]] if missing[1:] else missing)
            raise ValidationError(f"{field.label.text} needs {listed}. Set that up first")


class AccountingForm(OnlinePaymentForm):
    asks_postal_code = BooleanField(
        "Ask for the Card's Postal Code",
        description="Check this box if your AVS rules in the Braintree Control Panel need a postal code. It goes to "
        "Braintree with the card and is not kept here.",
    )
    minimum_payment = StringField("Minimum partial payment", render_kw={"autocomplete": "off", "inputmode": "decimal"})
    currencies = StringField(
        "Currencies customers may pay in",
        description="Three-letter codes with spaces between them, like USD CAD. Leave it empty for all.",
        validators=[parsed_by(field_parsers.currencies)],
        render_kw={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"},
    )

    def __init__(self, company: Company, **options):
        super().__init__(company, **options)
        self.locale = usable_locale(company.locale)
        self.minimum_payment.description = MINIMUM_HINT.format(field_parsers.amount_examples(self.locale))
        if not self.minimum_payment.raw_data:
            self.minimum_payment.data = field_parsers.localized(company.minimum_payment, self.locale)

    def validate_minimum_payment(self, field):
        try:
            self.decimal_minimum = field_parsers.minimum_payment(field.data.strip(), self.locale)
        except ValueError as error:
            raise ValidationError(str(error)) from None
        field.data = field_parsers.localized(self.decimal_minimum, self.locale)

    def values(self) -> dict:
        return {**super().values(), "minimum_payment": self.decimal_minimum}

    def display_text(self, field, value) -> str:
        is_minimum = field is self.minimum_payment
        return super().display_text(field, field_parsers.localized(value, self.locale) if is_minimum else value)


class InformationForm(CompanyForm):
    name = StringField("Company Name", validators=LINE, render_kw={"autocomplete": "organization"})
    address = TextAreaField(
        "Address",
        validators=[parsed_by(field_parsers.several_lines)],
        render_kw={"rows": "3", "autocomplete": "street-address"},
    )
    tax_number = StringField("Tax number", validators=LINE, render_kw={"autocomplete": "off"})
    email = EmailField("Email", validators=[parsed_by(field_parsers.email)], render_kw={"autocomplete": "off"})
    phone = StringField("Phone", validators=LINE, render_kw={"autocomplete": "off"})
    time_zone = SelectField("Time Zone", validators=[parsed_by(field_parsers.time_zone)], validate_choice=False)
    locale = SelectField("Language and country", validators=[parsed_by(field_parsers.locale)], validate_choice=False)
    statement_descriptor = StringField("Name on card statements", validators=LINE)

    def __init__(self, company: Company, **options):
        super().__init__(company, **options)
        self.time_zone.choices = list(dict.fromkeys(["UTC", company.time_zone, *ZONES]))
        self.locale.choices = field_parsers.locale_choices(company.locale)


class PreferencesForm(CompanyForm):
    password_policy = SelectField(
        "Password Policy",
        choices=[(key, one.label) for key, one in STRENGTHS.items()],
        validators=[parsed_by(parse_strength)],
        validate_choice=False,
    )
    password_min_length = StringField("Minimum Password Length", render_kw={"inputmode": "numeric"})
    invitation_hours = StringField(
        "User Registration Link Expiration In Hours",
        render_kw={"inputmode": "numeric"},
        validators=[parsed_by(field_parsers.invitation_hours)],
    )
    welcome_message = TextAreaField(
        "Customer Center Welcome Message",
        render_kw={"rows": "4"},
        validators=[parsed_by(field_parsers.several_lines)],
    )
    default_role = SelectField("Default Role for New Customers", validate_choice=False)
    payment_link_days = StringField(
        "Payment Link Expiration In Days",
        render_kw={"inputmode": "numeric"},
        validators=[parsed_by(field_parsers.payment_link_days)],
    )
    invoice_mail = BooleanField("Email New Invoices")
    reminders_before = StringField(
        "Reminder Days Before the Due Date",
        render_kw={"autocomplete": "off"},
        validators=[parsed_by(field_parsers.reminder_days)],
    )
    reminders_after = StringField(
        "Reminder Days After the Due Date",
        render_kw={"autocomplete": "off"},
        validators=[parsed_by(field_parsers.reminder_days)],
    )
    links_in_mail = BooleanField("Payment Links in Invoice Emails")
    statement_day = StringField(
        "Statement Day of the Month",
        render_kw={"inputmode": "numeric", "autocomplete": "off"},
        validators=[parsed_by(field_parsers.statement_day)],
    )

    def __init__(self, company: Company, **options):
        super().__init__(company, **options)
        self.default_role.choices = [(str(role.id), role.name) for role in Role.by_name()]
        if not self.is_submitted():
            self.default_role.data = str(Role.default_for(company).id)

    def validate_password_min_length(self, field):
        parsed_by(partial(parse_min_length, strength=self.password_policy.data))(self, field)

    def validate_default_role(self, field):
        if field.data not in dict(field.choices):
            raise ValidationError("Select a Customer Center role")

    def values(self) -> dict:
        """`default_role` is None if the built-in default role was kept."""
        chosen = int(self.default_role.data)
        is_chosen = self.company.default_role is not None or chosen != Role.default_for(self.company).id
        return {**super().values(), "default_role": chosen if is_chosen else None, **self.start_points()}

    def start_points(self) -> dict:
        """Where emails that are being turned on start, so that they cover only later invoices and dates."""
        values: dict = {}
        if self.invoice_mail.data and not self.company.invoice_mail:
            values["invoice_mail_after"] = Invoice.newest_id()
        had_reminders = self.company.reminders_before or self.company.reminders_after
        if (self.reminders_before.data or self.reminders_after.data) and not had_reminders:
            values["reminders_from"] = current_today().isoformat()
        if self.statement_day.data and not self.company.statement_day:
            values["statements_from"] = current_today().isoformat()
        return values


def role_name(form, field):
    if not field.data:
        raise StopValidation("Enter a name for the role")
    if len(field.data) > LONGEST_ROLE_NAME or not is_printable(field.data):
        raise StopValidation(f"Name must be on one line, in {LONGEST_ROLE_NAME} characters or fewer")
    if any(role.name.casefold() == field.data.casefold() and role.id != form.role_id for role in Role.by_name()):
        raise StopValidation("There is already a role with this name. Enter another name")


class RoleForm(RowForm):
    """A custom role; `role` is None for a new one."""

    name = StringField(
        "Name",
        id="role-name",
        filters=[lambda text: " ".join((text or "").split(" ")).strip()],
        validators=[role_name],
        render_kw={"autocomplete": "off"},
    )
    can_pay = BooleanField("Pay invoices", id="role-pay")
    can_manage = BooleanField("Manage access", id="role-manage")

    def __init__(self, role: Role | None = None, **options):
        super().__init__(obj=role, **options)
        self.role_id = role and role.id
        if role:
            self.carry_version(role)

    def audit_subject(self, source: Role, _column: str) -> str:
        return f"role:{source.name}"
