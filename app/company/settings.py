"""The settings of Enable Features and of Accounting Preferences as data, and a form of some of them.

A form has the values that it showed (`was-NAME`), as an optimistic lock: only changed fields are saved, and nothing is
saved if one of the shown values has changed since.
"""

from dataclasses import dataclass
from decimal import Decimal

from app import money
from app.models import Company
from app.notation import bare
from app.web.formatting import usable_locale
from app.web.menu import ACCOUNTING, FEATURES, Page

ON, OFF = "on", "off"
MOST_CURRENCIES = 60
MOST_SHOWN = 200
EXAMPLES = ("25", "12.50")


@dataclass(frozen=True)
class Setting:
    """A column of Company and where the documented screens have it. `is_switch`: a box to check."""

    column: str
    label: str
    hint: str
    page: Page
    subtab: str
    section: str
    is_switch: bool = True


CARDS = Setting(
    "credit_card_payments",
    "Credit Card Payments",
    "Check this box to accept card payments.",
    FEATURES,
    "Transactions",
    "Payment Processing",
)
ACCESS = Setting(
    "customer_access",
    "Customer Access",
    "Check this box to let customers log in to your Customer Center.",
    FEATURES,
    "Web Presence",
    "Access",
)
ONLINE = Setting(
    "customers_can_pay_online",
    "Customers Can Pay Online",
    "Check this box to let customers pay their invoices online.",
    ACCOUNTING,
    "Items/Transactions",
    "Payment Processing",
)
MINIMUM = Setting(
    "minimum_payment",
    "Minimum partial payment",
    "In the currency of the invoice, like {example}. A customer may always pay the full balance, even if it is less. "
    "Leave it empty for one whole unit of the currency.",
    ACCOUNTING,
    "Items/Transactions",
    "Payment Processing",
    is_switch=False,
)
POSTAL_CODE = Setting(
    "asks_postal_code",
    "Ask for the Card's Postal Code",
    "Check this box if your AVS rules in the Braintree Control Panel need a postal code. It goes to Braintree with the "
    "card and is not kept here.",
    ACCOUNTING,
    "Items/Transactions",
    "Payment Processing",
)
CURRENCIES = Setting(
    "currencies",
    "Currencies customers may pay in",
    "Three-letter codes with spaces between them, like USD CAD. Leave it empty for all.",
    ACCOUNTING,
    "Items/Transactions",
    "Payment Processing",
    is_switch=False,
)
SETTINGS = (CARDS, ACCESS, ONLINE, POSTAL_CODE, MINIMUM, CURRENCIES)


@dataclass(frozen=True)
class Need:
    """What Customers Can Pay Online needs, whether it is there, and where it is set."""

    label: str
    met: bool
    url: str


def needs(company: Company, gateway_configured: bool) -> list[Need]:
    return [
        Need("Credit Card Payments", company.credit_card_payments, f"{FEATURES.url}?subtab=transactions"),
        Need("Customer Access", company.customer_access, f"{FEATURES.url}?subtab=web-presence"),
        Need("A configured card gateway", gateway_configured, "/setup?step=credit-card-payments"),
    ]


class Field:
    """A setting on a form: `real` is the saved value, `was` the value that the form showed, `value` the entered one."""

    def __init__(self, setting: Setting, company: Company, sent=None):
        self.setting, self.id, self.label = setting, setting.column, setting.label
        self.locale, self.is_switch = usable_locale(company.locale), setting.is_switch
        self.hint = setting.hint.format(example=" or ".join(localized(text, self.locale) for text in EXAMPLES))
        self.real = self.written(getattr(company, setting.column))
        self.was = self.value = self.real
        self.needs: list[Need] = []
        self.errors: list[str] = []
        if sent is not None and f"was-{self.id}" in sent:
            self.was = sent[f"was-{self.id}"]
            self.value = (ON if self.id in sent else OFF) if self.is_switch else sent.get(self.id, "").strip()

    @property
    def is_stale(self) -> bool:
        return self.was != self.real

    @property
    def is_changed(self) -> bool:
        return self.value != self.was

    @property
    def turns_off(self) -> bool:
        return self.is_switch and self.is_changed and self.value == OFF

    @property
    def turns_on(self) -> bool:
        return self.is_switch and self.is_changed and self.value == ON

    @property
    def shown(self) -> str:
        """The typed value, cut if it is wrong and too long to be worth showing."""
        return self.value if len(self.value) <= MOST_SHOWN or not self.errors else self.value[:MOST_SHOWN] + "…"

    @property
    def missing(self) -> list[Need]:
        return [need for need in self.needs if not need.met]

    @property
    def new(self) -> bool | str:
        """What the column becomes."""
        if self.setting is MINIMUM and self.value:
            return minimum(self.value, self.locale)
        return self.value == ON if self.is_switch else self.value

    def written(self, value: bool | str) -> str:
        """A column's value as the form has it."""
        if isinstance(value, bool):
            return ON if value else OFF
        return localized(value, self.locale) if self.setting is MINIMUM else value

    def check(self) -> None:
        """Judge what is typed; a good value is then written as the column has it."""
        try:
            if self.turns_on and self.missing:
                raise ValueError(f"{self.label} needs {joined(need.label for need in self.missing)}. Set that up first")
            if self.setting is MINIMUM and self.value:
                self.value = localized(minimum(self.value, self.locale), self.locale)
            if self.setting is CURRENCIES and self.value:
                self.value = currencies(self.value)
        except ValueError as error:
            self.errors = [str(error)]


class Form:
    """Some settings with the company's values or, with `sent`, the submitted ones."""

    def __init__(
        self, settings: tuple[Setting, ...], company: Company, gateway_configured: bool, sent=None, judge: bool = True
    ):
        self.company = company
        self.fields = [Field(setting, company, sent) for setting in settings]
        for field in self.fields:
            if field.setting is ONLINE:
                field.needs = needs(company, gateway_configured)
        if sent is not None and judge and not self.stale:
            for field in self.fields:
                if field.is_changed:
                    field.check()

    def __iter__(self):
        return iter(self.fields)

    def error_in(self, setting: Setting) -> bool:
        return any(field.errors for field in self.fields if field.setting is setting)

    def sections_of(self, settings: tuple[Setting, ...]) -> list[tuple[str, list[Field]]]:
        """The sections that a subtab with these settings shows."""
        shown = ((name, [field for field in fields if field.setting in settings]) for name, fields in self.sections)
        return [(name, fields) for name, fields in shown if fields]

    def others(self, settings: tuple[Setting, ...]) -> list[Field]:
        """The fields of the other subtabs, which come along unseen."""
        return [field for field in self.fields if field.setting not in settings]

    @property
    def errors(self) -> list[str]:
        return [error for field in self.fields for error in field.errors]

    @property
    def stale(self) -> list[Field]:
        return [field for field in self.fields if field.is_stale]

    @property
    def changed(self) -> list[Field]:
        return [field for field in self.fields if field.is_changed]

    @property
    def turned_off(self) -> list[Field]:
        return [field for field in self.fields if field.turns_off]

    @property
    def all_settings(self) -> tuple[Setting, ...]:
        return tuple(field.setting for field in self.fields)

    @property
    def sections(self) -> list[tuple[str, list[Field]]]:
        found: dict[str, list[Field]] = {}
        for field in self.fields:
            found.setdefault(field.setting.section, []).append(field)
        return list(found.items())

    @property
    def words(self) -> str:
        """What was saved, for a message: 'Saved. Customer Access is on.'"""
        switches = [f"{field.label} is {field.value}." for field in self.changed if field.is_switch]
        return " ".join(["Saved." if self.changed else "Nothing was changed.", *switches])


def minimum(text: str, locale: str) -> str:
    """An amount typed in a locale as decimal text with no, two or three decimals; '' for zero. Raises ValueError with
    words."""
    try:
        thousandths = bare(3, locale).read(text)
    except money.AmountError:
        examples = " or ".join(localized(example, locale) for example in EXAMPLES)
        text = f"Minimum partial payment must be an amount with at most 3 decimals, like {examples}"
        raise ValueError(text) from None
    decimals = 3 if thousandths % 10 else 2 if thousandths % 1000 else 0
    return f"{Decimal(thousandths) / 1000:.{decimals}f}" if thousandths else ""


def localized(text: str, locale: str) -> str:
    """Decimal text with the locale's decimal mark: '12.50' is '12,50' in de."""
    return text.replace(".", money.separators(locale)[0])


def currencies(text: str) -> str:
    """ISO 4217 codes, each once, with single spaces. Raises ValueError with words."""
    codes = list(dict.fromkeys(text.upper().replace(",", " ").split()))
    wrong = [code for code in codes if code not in money.CURRENCIES]
    if wrong:
        raise ValueError(f"{wrong[0][:10]} is not a currency. Write currencies as three-letter codes, like USD CAD")
    if len(codes) > MOST_CURRENCIES:
        raise ValueError(f"Enter at most {MOST_CURRENCIES} currencies, or none for all of them")
    return " ".join(codes)


def joined(words) -> str:
    """'a', 'a and b', 'a, b and c'."""
    words = list(words)
    return words[0] if len(words) == 1 else ", ".join(words[:-1]) + " and " + words[-1]
