"""The form for bank transfer instructions, by currency."""

import json
from dataclasses import dataclass, field

from wtforms import Field, HiddenField
from wtforms.validators import StopValidation

from app import money
from app.company.company_form import CompanyForm
from app.models import Company, Invoice
from app.web import field_parsers

MAX_CURRENCIES = 60


@dataclass
class Row:
    """The bank details for one currency. In a new row the currency is typed, too."""

    currency: str
    text: str = ""
    is_new: bool = False
    errors: dict[str, str] = field(default_factory=dict)

    def check(self, earlier: set[str]) -> None:
        if self.currency not in money.CURRENCIES:
            self.errors["currency"] = "Enter a currency as a three-letter code, like EUR"
        elif self.currency in earlier:
            self.errors["currency"] = f"There are details for {self.currency} already. Change those"
        elif self.is_new and not self.text:
            self.errors["details"] = f"Enter how to pay by bank transfer in {self.currency}"
        try:
            self.text = field_parsers.several_lines(self.text) if self.text else ""
        except ValueError as error:
            self.errors["details"] = str(error)


class BankDetailsField(Field):
    """Sent as pairs of `currency` and `details`. `known` has the currencies that already had a row. `data` is the JSON
    text of the column."""

    rows: list[Row]

    def process(self, formdata, *values, **options):
        super().process(formdata, *values, **options)
        if formdata is None:
            return
        known, pairs = (
            formdata.getlist("known"),
            zip(formdata.getlist("currency"), formdata.getlist("details"), strict=False),
        )
        rows = [Row(currency.strip().upper(), text.strip(), currency not in known) for currency, text in pairs]
        self.rows = [row for row in rows if row.currency or row.text][: MAX_CURRENCIES + 1]

    def pre_validate(self, form):
        for number, row in enumerate(self.rows):
            row.check({earlier.currency for earlier in self.rows[:number]})
        if len(self.rows) > MAX_CURRENCIES:
            self.rows[-1].errors["currency"] = f"Enter details for at most {MAX_CURRENCIES} currencies"
        if self.problems:
            raise StopValidation(self.problems[0][1])
        self.data = json.dumps({row.currency: row.text for row in self.rows if row.text}, ensure_ascii=False)

    @property
    def problems(self) -> list[tuple[str, str]]:
        """(id of the input, message) of every error."""
        return [(f"bank-{name}-{n}", text) for n, row in enumerate(self.rows) for name, text in row.errors.items()]

    @property
    def all_rows(self) -> list[Row]:
        return self.rows if any(row.is_new for row in self.rows) else [*self.rows, Row("", is_new=True)]


class BankDetailsForm(CompanyForm):
    """A row for each currency that has bank details or amounts due."""

    version = HiddenField(id="bank-version")  # the page has another form with a version
    bank_details = BankDetailsField("How to pay by bank transfer")

    def __init__(self, company: Company, **options):
        super().__init__(company, **options)
        if self.version.raw_data is None:
            owed = [currency for currency in Invoice.open_currencies() if currency not in company.transfers]
            currencies = (*company.transfers, *owed)
            self.bank_details.rows = [Row(currency, company.transfer_details(currency)) for currency in currencies]

    def display_text(self, field, value) -> str:
        lines = [f"{currency}: {text}" for currency, text in json.loads(value).items()]
        return super().display_text(field, "; ".join(lines).replace("\n", ", "))
