"""The documented procedure as data: its steps in order. Whether a step is done is read from the database."""

from collections.abc import Callable
from dataclasses import dataclass

from app.company.company_form import CompanyForm
from app.company.forms import (
    ITEMS,
    SUBTABS,
    TRANSACTIONS,
    WEB_PRESENCE,
    CreditCardPaymentsForm,
    CustomerAccessForm,
    OnlinePaymentForm,
    Subtab,
)
from app.models import Company, access_counts
from app.web.menu import ACCOUNTING, CUSTOMERS, FEATURES, INFORMATION, Page


@dataclass(frozen=True)
class Facts:
    """The facts that decide whether steps are done. `saved` is {column: (actor, at_ms)}. `checked_ms` is 0 for
    never."""

    company: Company
    configured: bool
    covered: int
    customers: int
    uninvited: int
    checked_ms: int
    saved: dict[str, tuple[str, int]]

    @classmethod
    def read(cls, company: Company, configured: bool) -> "Facts":
        return cls(
            company,
            configured,
            *access_counts.customers(),
            access_counts.count_uninvited(),
            access_counts.last_checked_ms(),
            access_counts.last_saved(Company.FEATURES),
        )

    @property
    def pays(self) -> bool:
        return self.company.online_payment_is_on and self.configured

    @property
    def changed_ms(self) -> int:
        """When a switch was last changed; 0 for never."""
        return max((at_ms for _who, at_ms in self.saved.values()), default=0)


@dataclass(frozen=True)
class Step:
    """`path` is the documented menu path. `page` and `subtab` are where the step can be done outside of the guide.
    `guide` has the documented instructions. `form` has the switch that the step turns on. `needs` has the steps that
    must be done first."""

    slug: str
    title: str
    why: str
    guide: str
    is_done: Callable[[Facts], bool]
    path: tuple[str, ...] = ()
    page: Page | None = None
    subtab: Subtab | None = None
    form: type[CompanyForm] | None = None
    needs: tuple[str, ...] = ()
    to_pay: bool = False
    hint: str = ""

    @property
    def address(self) -> str:
        url = self.page.url if self.page else ""
        return f"{url}?subtab={self.subtab.slug}" if self.subtab else url

    @property
    def subtabs(self) -> tuple[Subtab, ...]:
        return SUBTABS[self.page] if self.subtab else ()

    @property
    def setting(self) -> str:
        """The column of Company that the step turns on, or ''."""
        return self.slug.replace("-", "_") if self.form else ""


@dataclass(frozen=True)
class Part:
    title: str
    hint: str
    steps: tuple[Step, ...]


PARTS = (
    Part(
        "Enable the appropriate features",
        "You need the Administrator role.",
        (
            Step(
                "credit-card-payments",
                "Credit Card Payments",
                "Turn this on if you want customers to pay their invoices online. You need it before Customers Can Pay "
                "Online.",
                "Steps 1–3 of the documented procedure",  # noqa: RUF001
                lambda facts: facts.company.credit_card_payments,
                FEATURES.path,
                FEATURES,
                TRANSACTIONS,
                CreditCardPaymentsForm,
                to_pay=True,
            ),
            Step(
                "customer-access",
                "Customer Access",
                "Lets you give each customer a login. No one gets access until you choose them in step 4.",
                "Steps 4–6 of the documented procedure",  # noqa: RUF001
                lambda facts: facts.company.customer_access,
                FEATURES.path,
                FEATURES,
                WEB_PRESENCE,
                CustomerAccessForm,
            ),
            Step(
                "customers-can-pay-online",
                "Customers Can Pay Online",
                "Adds the Pay button to open invoices.",
                "Steps 7–10 of the documented procedure",  # noqa: RUF001
                lambda facts: facts.company.online_payment_is_on,
                (*ACCOUNTING.path[:-1], "Accounting Preference"),
                ACCOUNTING,
                ITEMS,
                OnlinePaymentForm,
                needs=("credit-card-payments",),
                to_pay=True,
            ),
        ),
    ),
    Part(
        "Set up access on customer records",
        "For one customer or many at once.",
        (
            Step(
                "give-access",
                "Give access on customer records",
                "Choose who can log in. Each customer needs an email address and a Customer Center role.",
                "Steps 1–8 of the documented procedure",  # noqa: RUF001
                lambda facts: facts.covered > 0,
                (*CUSTOMERS.path, "Edit", "Access"),
                CUSTOMERS,
                needs=("customer-access",),
            ),
            Step(
                "login-url",
                "Tell customers where to log in",
                "People who got the New Access Notification Email know it. Tell the others in person or by phone. Do "
                "not send the password by email.",
                "Step 11 of the documented procedure",
                lambda facts: facts.covered > 0 and not facts.uninvited,
                INFORMATION.path,
                INFORMATION,
            ),
            Step(
                "check",
                "Check what a customer can do",
                "After your customers log in, they can view and pay their invoices. See what one of them sees.",
                "After the documented procedure",
                lambda facts: facts.covered > 0 and facts.checked_ms > facts.changed_ms,
                needs=("customer-access",),
                hint="Opens the Customer Center as a customer sees it",
            ),
        ),
    ),
)
STEPS = tuple(step for part in PARTS for step in part.steps)
BY_SLUG = {step.slug: step for step in STEPS}
DONE, SKIPPED, LOCKED, TODO = "done", "skipped", "locked", "todo"


@dataclass
class Row:
    step: Step
    number: int
    state: str
    sub: str
    saved: tuple[str, int] | None = None
    is_open: bool = False


class Guide:
    def __init__(self, facts: Facts, wanted: str = "", *, even_locked: bool = False):
        self.facts, self.even_locked = facts, even_locked
        self.rows = [row_of(step, number, facts) for number, step in enumerate(STEPS, 1)]
        self.done = sum(row.state == DONE for row in self.rows)
        self.total = sum(row.state != SKIPPED for row in self.rows)
        self.finished = self.done == self.total
        self.open = self.chosen(wanted)
        if self.open:
            self.open.is_open = True

    def chosen(self, wanted: str) -> Row | None:
        """The requested step if it can start, otherwise the first step that is not done."""
        asked = (row for row in self.rows if row.step.slug == wanted and (self.even_locked or row.state != LOCKED))
        return next(asked, None) or next((row for row in self.rows if row.state == TODO), None)

    @property
    def parts(self) -> list[tuple[Part, list[Row]]]:
        return [(part, [row for row in self.rows if row.step in part.steps]) for part in PARTS]


def row_of(step: Step, number: int, facts: Facts) -> Row:
    state = state_of(step, facts)
    saved = facts.saved.get(step.setting) if step.setting else None
    return Row(step, number, state, sub_of(step, state, facts), saved)


def state_of(step: Step, facts: Facts) -> str:
    if step.is_done(facts):
        return DONE
    if step.to_pay and facts.company.view_only:
        return SKIPPED
    is_on = step.setting and getattr(facts.company, step.setting)
    return TODO if is_on or not unmet(step, facts) else LOCKED


def unmet(step: Step, facts: Facts) -> list[Step]:
    return [need for need in map(BY_SLUG.get, step.needs) if not need.is_done(facts)]


def sub_of(step: Step, state: str, facts: Facts) -> str:
    if state == SKIPPED:
        return "Customers will only view invoices"
    if missing := unmet(step, facts):
        needed = ", ".join(f"{step.title} (step {STEPS.index(step) + 1})" for step in missing)
        return f"Needs {needed}"
    if state == TODO and step.setting and getattr(facts.company, step.setting):
        return "Checked, but Customer Access (step 2) is off"
    if step.slug == "give-access":
        return f"{facts.covered} of {facts.customers} customers have access"
    if step.slug == "login-url" and facts.uninvited and facts.covered:
        return f"{facts.uninvited} {'person' if facts.uninvited == 1 else 'people'} not emailed yet"
    if step.slug == "check" and state == DONE:
        return "A customer has logged in, or you viewed as one"
    return step.hint or ", ".join((*step.path, step.subtab.title) if step.subtab else step.path)
