"""An e-invoice in any syntax: its content, and helpers to read its XML."""

import re
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from xml.etree.ElementTree import Element

from app.imports.extractor import number_text
from app.imports.invoice_columns import CREDIT_MEMO
from app.imports.report import FileProblem, quote
from app.terms import days_of

E_INVOICE_HEADINGS = (
    "E-invoice type", "E-invoice number", "Buyer ID", "Buyer name", "Date", "Due date", "Currency", "PO number",
    "Terms", "Memo", "Bill to", "Total", "Tax", "Amount paid", "Description", "Quantity", "Unit price", "Line amount",
)  # fmt: skip
LINE_HEADINGS = 4
# Codes of UNTDID 1001.
# fmt: off
INVOICES = {
    "", "71", "80", "82", "84", "326", "380", "382", "383", "384", "385", "386", "388", "389", "393", "395", "875",
    "876", "877",
}
CREDITS = {"81", "83", "261", "262", "296", "308", "381", "396", "420", "458", "532"}
# fmt: on
LONGEST = {"terms": 120, "memo": 4_000, "bill_to": 1_000, "description": 4_000}
DIGITS = re.compile(r"[+-]?\d{1,20}(?:\.\d{1,20})?", re.ASCII)
DECIMALS = Decimal("0.000001")


@dataclass
class EInvoiceLine:
    description: str
    amount: Decimal
    quantity: Decimal | None = None
    price: Decimal | None = None


@dataclass
class EInvoice:
    """Amounts are as written in the document: positive in a credit memo too. `allowances_and_charges` are those that
    aren't in its lines."""

    name: str
    kind: str
    number: str
    buyer_id: str
    buyer: str
    issued_on: str
    due_on: str
    currency: str
    po_number: str
    terms: str
    memo: str
    bill_to: str
    total: Decimal
    tax: Decimal | None
    prepaid: Decimal
    lines: list[EInvoiceLine] = field(default_factory=list)
    allowances_and_charges: list[EInvoiceLine] = field(default_factory=list)

    @property
    def title(self) -> str:
        return f"{self.kind or 'Invoice'} {quote(self.number)}"

    @property
    def key(self) -> tuple[str, ...]:
        return self.kind, self.number, self.buyer_id, self.buyer

    @property
    def rows(self) -> list[tuple[str, ...]]:
        terms = self.terms if len(self.terms) <= LONGEST["terms"] else ""
        if not self.due_on and days_of(terms) is None:
            terms = ""
        head = (
            self.kind,
            self.number,
            self.buyer_id,
            self.buyer,
            self.issued_on,
            self.due_on,
            self.currency,
            self.po_number,
            terms,
            self.memo[: LONGEST["memo"]],
            self.bill_to[: LONGEST["bill_to"]],
            number_text(self.total),
            "" if self.tax is None else number_text(self.tax),
            number_text(self.prepaid) if self.prepaid else "",
        )
        lines = self.lines + [line for line in self.allowances_and_charges if line.amount] if self.lines else []
        return [(*head, *cells(line)) for line in lines] or [(*head, *[""] * LINE_HEADINGS)]


def cells(line: EInvoiceLine) -> tuple[str, ...]:
    numbers = (line.quantity, line.price, line.amount)
    return line.description[: LONGEST["description"]], *("" if each is None else number_text(each) for each in numbers)


class Reader:
    """Paths are local names separated by "/", regardless of namespaces."""

    def __init__(self, root: Element, name: str):
        self.root, self.name = root, name

    def document(self) -> EInvoice:
        raise NotImplementedError

    def all(self, path: str, of: Element | None = None) -> list[Element]:
        return (self.root if of is None else of).findall("/".join(f"{{*}}{step}" for step in path.split("/")))

    def text(self, path: str, of: Element | None = None) -> str:
        return next((" ".join((each.text or "").split()) for each in self.all(path, of)), "")

    def number(self, path: str, of: Element | None = None) -> Decimal | None:
        text = self.text(path, of)
        return self.decimal(text, path) if text else None

    def amount(self, path: str, of: Element | None = None) -> Decimal:
        return self.number(path, of) or Decimal(0)

    def decimal(self, text: str, path: str) -> Decimal:
        try:
            if not DIGITS.fullmatch(text):
                raise InvalidOperation
            return Decimal(text)
        except InvalidOperation:
            raise FileProblem(
                f"{quote(self.name)}, {path.rpartition('/')[2]}: {quote(text)} is not a number."
            ) from None

    def kind(self, code: str) -> str:
        if code in CREDITS:
            return CREDIT_MEMO
        return "" if code in INVOICES else f"of code {code}"

    def total(self, inclusive: Decimal | None, rounding: Decimal, prepaid: Decimal, payable: Decimal | None) -> Decimal:
        """The document's total. The payable amount must equal what remains of it."""
        if inclusive is None and payable is None:
            raise FileProblem(f"{quote(self.name)}: the total is missing. Export it again.")
        total = (payable or Decimal(0)) + prepaid if inclusive is None else inclusive + rounding
        if payable is not None and total - prepaid != payable:
            raise FileProblem(
                f"{quote(self.name)}: the amount to pay, {payable}, is not the total, {total}, without what is paid "
                f"already, {prepaid}. Correct it where it was made."
            )
        return total

    def price(self, price: Decimal | None, per: Decimal | None) -> Decimal | None:
        if price is None or not per:
            return price
        return (price / per).quantize(DECIMALS)


def address(*lines: str) -> str:
    return "\n".join(filter(None, lines))


def joined(*texts: str, by: str = ": ") -> str:
    return by.join(dict.fromkeys(filter(None, texts)))
