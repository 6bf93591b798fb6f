"""The form for bank transfer instructions, by currency."""

import hashlib
import json
from dataclasses import dataclass, field

from app import money
from app.models import Company, Invoice
from app.web import field_parsers

MOST_CURRENCIES = 60
CHANGED = "The bank details were changed while you had this page open. Nothing was saved. Check them, then save again"


@dataclass
class Row:
    """The details of one currency, which is typed where the row `is_new`."""

    currency: str
    text: str = ""
    is_new: bool = False
    errors: dict[str, str] = field(default_factory=dict)

    def judge(self, earlier: set[str]) -> None:
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


@dataclass
class BankDetails:
    """`rows` of the form, a digest of what it showed, and why nothing was saved although every row was right."""

    rows: list[Row]
    was: str
    problem: str = ""

    @classmethod
    def shown(cls, company: Company) -> "BankDetails":
        """What is saved, and a row for every other currency in which customers owe something."""
        owed = [currency for currency in Invoice.open_currencies() if currency not in company.transfers]
        return cls(
            [Row(currency, company.transfer_details(currency)) for currency in (*company.transfers, *owed)],
            digest(company),
        )

    @classmethod
    def sent(cls, company: Company, form) -> "BankDetails":
        """Pairs of `currency` and `details`, judged. Those of which nothing was typed are left out."""
        known, pairs = form.getlist("known"), zip(form.getlist("currency"), form.getlist("details"), strict=False)
        rows = [Row(currency.strip().upper(), text.strip(), currency not in known) for currency, text in pairs]
        rows = [row for row in rows if row.currency or row.text][: MOST_CURRENCIES + 1]
        for at, row in enumerate(rows):
            row.judge({earlier.currency for earlier in rows[:at]})
        if len(rows) > MOST_CURRENCIES:
            rows[-1].errors["currency"] = f"Enter details for at most {MOST_CURRENCIES} currencies"
        return cls(rows, digest(company), CHANGED if form.get("was") != digest(company) else "")

    @property
    def is_stale(self) -> bool:
        return bool(self.problem)

    @property
    def errors(self) -> list[tuple[str, str]]:
        """(id of the field, words)"""
        return [(f"bank-{name}-{at}", text) for at, row in enumerate(self.rows) for name, text in row.errors.items()]

    @property
    def all_rows(self) -> list[Row]:
        """With one in which a further currency can be typed."""
        return self.rows if any(row.is_new for row in self.rows) else [*self.rows, Row("", is_new=True)]

    @property
    def column(self) -> str:
        """What Company.bank_details becomes."""
        return json.dumps({row.currency: row.text for row in self.rows if row.text}, ensure_ascii=False)


def digest(company: Company) -> str:
    return hashlib.sha256(company.bank_details.encode()).hexdigest()[:16]
