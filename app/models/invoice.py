"""Invoices and credit memos, imported or entered by hand, with the payments that the portal received."""

from collections.abc import Callable
from datetime import date
from typing import Any

from peewee import (
    SQL,
    BigIntegerField,
    BooleanField,
    Case,
    CharField,
    DateField,
    ForeignKeyField,
    IntegerField,
    ModelSelect,
    TextField,
    fn,
)

from app.models.base import BaseModel, checks, db, locked, public_id
from app.models.customer import Customer


class Invoice(BaseModel):
    """A document. All amounts are minor units of `currency` and never negative.

    From the books (imports write them): total, tax, paid_elsewhere, credited, is_void, and the columns that these are
    derived from. `paid_in_books` and `credited_in_books` are what the last file said was paid and credited.
    `paid_beyond` and `credited_beyond` are the parts of them that were not paid here, if the books include payments
    made here. They are stored whichever way the file was read, so that reading it again the other way gives other
    amounts; NULL means the same as `paid_elsewhere` and `credited`. `internal_id` and `external_id` come from the
    accounting system, if a file had them. `kept_closed`: an administrator answered that the document stays closed
    although it is open in the books.

    From the portal's own payments (only `recount` writes them): processing (reserved or charged, not yet settled),
    paid_online (settled), and what follows from all of these: open and is_paid.

        total = paid_elsewhere + credited + processing + paid_online + open      (open never < 0)
        is_paid = nothing open and nothing processing

    A void document never has anything open: whatever its payments don't cover counts as credited, even after they fail.

    For a credit memo `open` is the remaining credit, and processing and paid_online stay 0.

    `source` is ENTERED while a document was entered by hand and no file has included it. `version` is the optimistic
    lock of its form: every change by hand or by an import adds one.
    """

    INVOICE = "invoice"
    CREDIT_MEMO = "credit_memo"
    IMPORTED, ENTERED = "import", "manual"

    public_id = CharField(unique=True, default=public_id)
    customer = ForeignKeyField(Customer, backref="invoices", index=False, on_delete="RESTRICT")
    customer_id: int
    lines: "ModelSelect[Any]"
    kind = CharField(default=INVOICE)
    number = CharField()
    currency = CharField(max_length=3)
    issued_on = DateField()
    due_on = DateField()
    terms = CharField(default="")
    po_number = CharField(default="")
    memo = TextField(default="")
    bill_to = TextField(default="")
    total_minor = BigIntegerField()
    tax_minor = BigIntegerField(default=0)
    paid_elsewhere_minor = BigIntegerField(default=0)
    credited_minor = BigIntegerField(default=0)
    processing_minor = BigIntegerField(default=0)
    paid_online_minor = BigIntegerField(default=0)
    open_minor = BigIntegerField()
    is_paid = BooleanField(default=False)
    paid_in_books_minor = BigIntegerField(default=0, constraints=[SQL("DEFAULT 0")])
    is_void = BooleanField(default=False, constraints=[SQL("DEFAULT 0")])
    credited_in_books_minor = BigIntegerField(null=True)
    paid_beyond_minor = BigIntegerField(null=True)
    credited_beyond_minor = BigIntegerField(null=True)
    kept_closed = BooleanField(default=False, constraints=[SQL("DEFAULT 0")])
    internal_id = CharField(default="", constraints=[SQL("DEFAULT ''")])
    external_id = CharField(default="", constraints=[SQL("DEFAULT ''")])
    source = CharField(default=IMPORTED, constraints=[SQL("DEFAULT 'import'")])
    version = IntegerField(default=1, constraints=[SQL("DEFAULT 1")])

    class Meta:
        table_name = "invoice"
        indexes = ((("customer", "kind", "number"), True),)
        constraints = checks(
            "kind IN ('invoice', 'credit_memo')",
            "total_minor >= 0",
            "paid_elsewhere_minor >= 0",
            "credited_minor >= 0",
            "processing_minor >= 0 AND paid_online_minor >= 0",
            "processing_minor + paid_online_minor <= total_minor",
            "open_minor >= 0",
        )

    @classmethod
    def of_customer(cls, customer_id: int, public_id: str) -> "Invoice | None":
        return cls.get_or_none(cls.customer == customer_id, cls.public_id == public_id)

    @classmethod
    def by_public_id(cls, public_id: str) -> "Invoice | None":
        """A document of any customer, for administrators."""
        return cls.get_or_none(cls.public_id == public_id)

    @classmethod
    def newest_numbers(cls, kind: str, limit: int) -> list[str]:
        return list(cls.select(cls.number).where(cls.kind == kind).order_by(cls.id.desc()).limit(limit).scalars())

    @classmethod
    def has_number(cls, kind: str, number: str) -> bool:
        """True if any customer has a document of this kind and number."""
        return cls.select().where(cls.kind == kind, cls.number == number).exists()

    @classmethod
    def last_of(cls, customer: Customer, kind: str) -> "Invoice | None":
        of_customer = cls.select().where(cls.customer == customer, cls.kind == kind)
        return of_customer.order_by(cls.id.desc()).first()

    @property
    def is_untouched(self) -> bool:
        """True if the document is not void and nothing of it was paid, is being paid, was credited or used."""
        return not self.is_void and self.open_minor == self.total_minor

    @classmethod
    def ids_by_keys(
        cls, customer_id: int, currency: str, keys: list[str], keys_of: Callable[[str], set[str]]
    ) -> dict[str, int]:
        """{key: id} of this customer's invoices in `currency`, for those `keys` that exist. See Customer.by_key."""
        wanted = set(keys)
        numbers = cls._of_customer(customer_id).where(cls.currency == currency).select(cls.number, cls.id).tuples()
        found = dict(numbers.where(cls.number.in_([key for key in keys if not key.startswith("#")])))
        if any(key.startswith("#") for key in keys):
            found |= {
                key: row_id for number, row_id in numbers for key in keys_of(number) & wanted if key.startswith("#")
            }
        return found

    @classmethod
    def owners(cls, public_ids: list[str]) -> set[int]:
        return set(cls.select(cls.customer).where(cls.public_id.in_(public_ids)).distinct().scalars())

    @classmethod
    def mapped_by_public_id(cls, viewer, public_ids: list[str]) -> dict[str, "Invoice"]:
        return {one.public_id: one for one in cls.visible_to(viewer).where(cls.public_id.in_(public_ids))}

    @classmethod
    def visible_to(cls, viewer):
        invoices = cls.select().where(cls.customer == viewer.customer_id)
        return invoices if viewer.invoice_id is None else invoices.where(cls.id == viewer.invoice_id)

    @classmethod
    def to_pay(cls, viewer, public_ids: list[str]):
        chosen = cls.visible_to(viewer).where(cls.kind == cls.INVOICE, cls.public_id.in_(public_ids))
        return chosen.order_by(cls.due_on, cls.id)

    @classmethod
    def open_in(cls, viewer, currency: str):
        """Oldest due first."""
        return (
            cls.visible_to(viewer)
            .where(
                cls.kind == cls.INVOICE,
                ~cls.is_paid,
                cls.currency == currency,
                cls.open_minor > 0,
            )
            .order_by(cls.due_on, cls.id)
        )

    @classmethod
    def with_ids(cls, customer_id: int, currency: str, ids: list[int]) -> "list[Invoice]":
        """The customer's invoices in this currency whose id is in `ids`."""
        return list(cls._of_customer(customer_id).where(cls.currency == currency, cls.id.in_(ids)))

    @classmethod
    def open_or_among(cls, customer_id: int, currency: str, ids: list[int], most: int) -> "list[Invoice]":
        """The customer's invoices in `currency` that are open or in `ids`, oldest due first: all of `ids`, filled up
        with open ones to at most `most`."""
        wanted = (cls.open_minor > 0) | cls.id.in_(ids)
        query = cls._of_customer(customer_id).where(cls.currency == currency, wanted)
        found = query.order_by(cls.id.in_(ids).desc(), cls.due_on, cls.id).limit(max(most, len(ids)))
        return sorted(found, key=lambda invoice: (invoice.due_on, invoice.id))

    @classmethod
    def currencies_open_for(cls, customer_id: int) -> list[str]:
        query = cls._of_customer(customer_id).select(cls.currency).where(cls.open_minor > 0)
        return list(query.distinct().order_by(cls.currency).scalars())

    @classmethod
    def numbers_with(cls, customer: Customer, kind: str, part: str, limit: int) -> list[str]:
        """At most `limit` numbers of the customer's documents of this kind that contain `part`, newest first."""
        query = cls.select(cls.number).where(cls.customer == customer, cls.kind == kind, cls.number.contains(part))
        return list(query.order_by(cls.id.desc()).limit(limit).scalars())

    @classmethod
    def usual_currency_open_for(cls, customer_id: int) -> str:
        """The currency of most of the customer's open documents, '' if none is open. Ties go to the first in the
        alphabet."""
        query = cls.select(cls.currency).where(cls.customer == customer_id, cls.open_minor > 0, ~cls.is_void)
        return query.group_by(cls.currency).order_by(fn.COUNT(cls.id).desc(), cls.currency).limit(1).scalar() or ""

    @classmethod
    def _of_customer(cls, customer_id: int):
        return cls.select().where(cls.customer == customer_id, cls.kind == cls.INVOICE)

    @classmethod
    def open_currencies(cls) -> list[str]:
        query = cls.select(cls.currency).where(cls.kind == cls.INVOICE, ~cls.is_paid).distinct().order_by(cls.currency)
        return list(query.scalars())

    @classmethod
    def next_due(cls, viewer, currency: str, today) -> tuple[date, int] | None:
        """(next due date from today on, minor units due on that day)"""
        upcoming = cls.open_in(viewer, currency).where(cls.due_on >= today)
        days = upcoming.select(cls.due_on, fn.SUM(cls.open_minor)).group_by(cls.due_on).order_by(cls.due_on)
        return days.tuples().first()

    @classmethod
    def overdue(cls, viewer, currency: str, today) -> tuple[int, int]:
        """(number of overdue invoices, their open amount in minor units)"""
        late = cls.visible_to(viewer).where(
            cls.kind == cls.INVOICE, ~cls.is_paid, cls.currency == currency, cls.open_minor > 0, cls.due_on < today
        )
        return late.select(fn.COUNT(cls.id), fn.COALESCE(fn.SUM(cls.open_minor), 0)).tuples().get()

    @classmethod
    def newest_open(cls, due_before: date | None = None) -> "Invoice | None":
        found = cls.select().where(cls.kind == cls.INVOICE, cls.open_minor > 0, ~cls.is_paid).order_by(cls.id.desc())
        return (found if due_before is None else found.where(cls.due_on < due_before)).first()

    @classmethod
    def newest_id(cls) -> int:
        return cls.select(fn.MAX(cls.id)).scalar() or 0

    @classmethod
    def lock(cls, ids: list[int]) -> None:
        """Lock these invoices until the caller's transaction ends, in the order of their ids so that no two callers
        deadlock."""
        list(locked(cls.select(cls.id).where(cls.id.in_(ids)).order_by(cls.id)))

    @classmethod
    def lock_to_pay(cls, viewer, public_ids: list[str]) -> list[int]:
        """Lock the invoices that `to_pay` finds among `public_ids`, as `lock` does. Returns their ids."""
        ids = list(cls.to_pay(viewer, public_ids).select(cls.id).scalars())
        cls.lock(ids)
        return ids

    @classmethod
    def recount(cls, ids: list[int]) -> None:
        """Derive processing, paid online, open and is_paid of these invoices from their allocations.

        Call it in the transaction that changed an attempt or an allocation. Rows that are already right are not
        written: on PostgreSQL, a write would make every other transaction that waits for the invoice fail.
        """
        if not ids:
            return
        marks = ", ".join("?" * len(ids))
        db.execute_sql(RECOUNT.format(ids=marks), ids)
        cls.rebalance(cls.id.in_(ids))

    @classmethod
    def rebalance(cls, where) -> None:
        """Derive open and is_paid from the other columns for every invoice that `where` selects; for void ones,
        credited too. Call it in the transaction that changed them."""
        paid = cls.paid_elsewhere_minor + cls.processing_minor + cls.paid_online_minor
        taken = paid + cls.credited_minor
        is_owed = ~cls.is_void & (cls.total_minor > taken)
        unpaid = Case(None, [(cls.total_minor > paid, cls.total_minor - paid)], 0)
        credited = Case(None, [(cls.is_void, unpaid)], cls.credited_minor)
        open_minor = Case(None, [(is_owed, cls.total_minor - taken)], 0)
        is_paid = Case(None, [((cls.processing_minor > 0) | is_owed, False)], True)
        differs = (cls.credited_minor != credited) | (cls.open_minor != open_minor) | (cls.is_paid != is_paid)
        cls.update(credited_minor=credited, open_minor=open_minor, is_paid=is_paid).where(where, differs).execute()


RECOUNT = """
    UPDATE invoice SET processing_minor = now.processing, paid_online_minor = now.paid
    FROM (
        SELECT counted.id,
            SUM(CASE WHEN attempt.state IN ('created', 'sent')
                OR (attempt.state = 'approved' AND attempt.settlement = 'submitted')
                THEN allocation.amount_minor ELSE 0 END) AS processing,
            SUM(CASE WHEN attempt.state = 'approved' AND attempt.settlement = 'settled'
                THEN allocation.amount_minor ELSE 0 END) AS paid
        FROM invoice counted
        LEFT JOIN allocation ON allocation.invoice_id = counted.id
        LEFT JOIN attempt ON attempt.id = allocation.attempt_id
        WHERE counted.id IN ({ids}) GROUP BY counted.id) now
    WHERE now.id = invoice.id
        AND (invoice.processing_minor <> now.processing OR invoice.paid_online_minor <> now.paid)"""


class InvoiceLine(BaseModel):
    """A line of a document. `quantity` and `unit_price` are decimal text as imported. `customer` is a copy of the
    document's customer, for the search; a trigger fills it in if it is missing."""

    invoice = ForeignKeyField(Invoice, backref="lines", on_delete="CASCADE")
    position = IntegerField()
    description = TextField(default="")
    quantity = CharField(default="")
    unit_price = CharField(default="")
    amount_minor = BigIntegerField()
    customer = ForeignKeyField(Customer, null=True, index=False, on_delete="RESTRICT")

    class Meta:
        table_name = "invoice_line"
