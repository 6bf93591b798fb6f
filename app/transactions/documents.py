"""Invoices and credit memos that an administrator enters, changes and voids. Each change is one transaction."""

from dataclasses import dataclass
from datetime import date

from peewee import IntegrityError

from app.invoices.editing import why_not_editable
from app.models import Audit, Customer, Invoice, InvoiceLine, one_transaction
from app.models.audit import Actor
from app.money import plain_amount


@dataclass(frozen=True, slots=True)
class EnteredLine:
    """`quantity` and `unit_price` are decimal text, or ''."""

    description: str
    quantity: str
    unit_price: str
    amount_minor: int


@dataclass(frozen=True, slots=True)
class DocumentDetails:
    """The data of a document. Amounts are minor units of `currency`."""

    number: str
    currency: str
    issued_on: date
    due_on: date
    terms: str
    po_number: str
    memo: str
    bill_to: str
    tax_minor: int
    lines: tuple[EnteredLine, ...]

    @property
    def total_minor(self) -> int:
        return sum(line.amount_minor for line in self.lines) + self.tax_minor

    def columns(self) -> dict:
        names = ("number", "currency", "issued_on", "due_on", "terms", "po_number", "memo", "bill_to", "tax_minor")
        return {name: getattr(self, name) for name in names} | {
            "total_minor": self.total_minor,
            "open_minor": self.total_minor,
        }


class NumberTaken(Exception):
    """The customer has another document with this kind and number."""


class Stale(Exception):
    """The document or payment was changed since the form was made."""


class NotEditable(Exception):
    """The document can no longer be changed or voided. The message says why and what to do."""


def enter(customer: Customer, kind: str, details: DocumentDetails, actor: Actor) -> Invoice:
    """Raises NumberTaken."""

    @one_transaction
    def write() -> Invoice:
        document = Invoice.create(customer=customer, kind=kind, source=Invoice.ENTERED, **details.columns())
        insert_lines(document, details)
        note(document, customer, "entered", actor, total=plain_amount(details.total_minor, details.currency))
        return document

    try:
        return write()
    except IntegrityError:
        raise NumberTaken from None


def change(document: Invoice, details: DocumentDetails, version: str, actor: Actor) -> bool:
    """False if nothing differed. Raises NumberTaken, Stale, NotEditable."""

    @one_transaction
    def write() -> bool:
        current = locked(document, version)
        changed = changes(current, details)
        if changed:
            Invoice.update(version=current.version + 1, **details.columns()).where(Invoice.id == current.id).execute()
            InvoiceLine.delete().where(InvoiceLine.invoice == current.id).execute()
            insert_lines(current, details)
            note(current, current.customer, "changed", actor, version=current.version + 1, **changed)
        return bool(changed)

    try:
        return write()
    except IntegrityError:
        raise NumberTaken from None


@one_transaction
def void(document: Invoice, version: str, actor: Actor) -> None:
    """Void the document, so that it has no amount due. Raises Stale, NotEditable."""
    current = locked(document, version)
    Invoice.update(version=current.version + 1, is_void=True).where(Invoice.id == current.id).execute()
    Invoice.rebalance(Invoice.id == current.id)
    note(current, current.customer, "voided", actor, version=current.version + 1)


def locked(document: Invoice, version: str) -> Invoice:
    """The current document, locked: no payment of it can begin before the caller's transaction ends."""
    Invoice.lock([document.id])
    Invoice.recount([document.id])
    current = Invoice.get_by_id(document.id)
    if why := why_not_editable(current):
        raise NotEditable(why)
    if str(current.version) != version:
        raise Stale
    return current


def insert_lines(document: Invoice, details: DocumentDetails) -> None:
    InvoiceLine.insert_many(
        [
            {
                "invoice": document.id,
                "customer": document.customer_id,
                "position": position,
                "description": line.description,
                "quantity": line.quantity,
                "unit_price": line.unit_price,
                "amount_minor": line.amount_minor,
            }
            for position, line in enumerate(details.lines, 1)
        ]
    ).execute()


def lines_of(document: Invoice) -> tuple[EnteredLine, ...]:
    rows = sorted(document.lines, key=lambda row: (row.position, row.id))
    return tuple(EnteredLine(row.description, row.quantity, row.unit_price, row.amount_minor) for row in rows)


def changes(document: Invoice, details: DocumentDetails) -> dict:
    """{column: [before, after]} of what differs, as text. Lines are only marked as changed."""
    values = {name: value for name, value in details.columns().items() if name != "open_minor"}
    differing = {
        name.removesuffix("_minor"): [str(getattr(document, name)), str(value)]
        for name, value in values.items()
        if getattr(document, name) != value
    }
    for name in ("tax", "total"):
        if name in differing:
            before, after = differing[name]
            differing[name] = [plain_amount(int(before), document.currency), plain_amount(int(after), details.currency)]
    if lines_of(document) != details.lines:
        before, after = len(document.lines), len(details.lines)
        differing["lines"] = [str(before), f"{after}, changed" if after == before else str(after)]
    return differing


def note(document: Invoice, customer: Customer, what: str, actor: Actor, **facts) -> None:
    Audit.write_by(
        actor, f"{document.kind}_{what}", f"{document.kind}:{document.number}", customer=customer.number, **facts
    )


def saves_since(document: Invoice, version: str) -> list[Audit]:
    """Audit lines of manual changes since this version, latest first."""
    seen = int(version) if version.isdecimal() and len(version) < 10 else 0
    return [
        line
        for line in Audit.about(f"{document.kind}:{document.number}")
        if line.facts.get("customer") == document.customer.number and line.facts.get("version", 0) > seen
    ]
