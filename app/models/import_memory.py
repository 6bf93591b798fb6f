"""What imports remember for later: amounts of the books that a later payment changes, and other spellings of
numbers."""

from peewee import BigIntegerField, BooleanField, CharField, ForeignKeyField

from app.extensions import db
from app.models.base import BaseModel
from app.models.customer import Customer
from app.models.invoice import Invoice
from app.models.payment_elsewhere import PaymentElsewhere

# SQL for the parts of the books' amounts that were not paid here. At least what exceeds the payments made here was paid
# elsewhere, and what was `known` to be paid elsewhere stays so. Of the credits, only what isn't already in the amount
# paid can be payments made here.
PAID_BEYOND = "max(0, {paid} - {taken}, min({known}, {paid}))"
CREDITED_BEYOND = "max(0, {credited} - ({taken} - {paid} + {beyond}), min({known}, {credited}))"


class EarlyImport(BaseModel):
    """An invoice that was imported after a restore, before all payments that the restore had lost were found again.

    The amount paid in the file may include such a payment. When it is booked, what was paid elsewhere is derived again,
    as the import would have done if it had known the payment. Amounts are minor units of the invoice's currency.

    `read_ms` is the time of the import; it can't include a later payment. `includes_paid` and `includes_credits` say
    which amounts of the file include payments made here. `known_paid_minor` and `known_credited_minor` are what was
    paid elsewhere and credited before the first such import. `taken_minor` is what was paid here as far as the import
    knew, plus what has been booked since.
    """

    invoice = ForeignKeyField(Invoice, unique=True, on_delete="CASCADE")
    read_ms = BigIntegerField()
    includes_paid = BooleanField()
    includes_credits = BooleanField()
    known_paid_minor = BigIntegerField()
    known_credited_minor = BigIntegerField()
    taken_minor = BigIntegerField()

    class Meta:
        table_name = "early_import"

    @classmethod
    def of(cls, invoice: Invoice, made_ms: int) -> "EarlyImport | None":
        """The early import of this invoice that may include a payment made at `made_ms`."""
        return None if invoice.is_void else cls.get_or_none(cls.invoice == invoice.id, cls.read_ms >= made_ms)

    @classmethod
    def invoices_of(cls, customer_id: int, currency: str, made_ms: int) -> list[Invoice]:
        """The customer's invoices that have an early import which may include a payment made at `made_ms`."""
        ids = cls.select(cls.invoice).where(cls.read_ms >= made_ms)
        mine = (Invoice.customer == customer_id) & (Invoice.currency == currency) & ~Invoice.is_void
        return list(Invoice.select().where(mine, Invoice.id.in_(ids)).order_by(Invoice.due_on, Invoice.id))

    @classmethod
    def room(cls, invoice: Invoice, made_ms: int) -> int:
        """How much of the invoice a payment made at `made_ms`, which this database has lost, can pay."""
        early = cls.of(invoice, made_ms)
        if early is None:
            return invoice.open_minor
        return early._left(invoice, early.includes_paid)

    @classmethod
    def is_counted_as_paid(cls, invoice: Invoice, minor: int, made_ms: int) -> bool:
        """True if a payment of `minor` fits only if the amount paid in the file includes it, and the file's reading
        didn't assume that."""
        early = cls.of(invoice, made_ms)
        if early is None or early.includes_paid:
            return False
        return early._left(invoice, False) < minor <= early._left(invoice, True)

    @classmethod
    def include(cls, invoice: Invoice, minor: int, made_ms: int) -> None:
        """Derive what was paid elsewhere and credited again, as if the import had known this payment of `minor`.
        Call it in the transaction that books the payment, before the invoice is recounted."""
        early = cls.of(invoice, made_ms)
        if early is None:
            return
        early.taken_minor += minor
        early.save()
        beyond, credited_beyond = early._beyond(invoice, early.taken_minor)
        recorded = PaymentElsewhere.recorded_minor(invoice.id)
        elsewhere = beyond + recorded if early.includes_paid else invoice.paid_elsewhere_minor
        credited = credited_beyond if early.includes_credits else in_books(invoice)
        left = invoice.total_minor - elsewhere - invoice.processing_minor - invoice.paid_online_minor - minor
        Invoice.update(
            paid_elsewhere_minor=elsewhere,
            paid_beyond_minor=beyond,
            credited_beyond_minor=credited_beyond,
            credited_minor=max(0, min(credited, left)),
        ).where(Invoice.id == invoice.id).execute()
        PaymentElsewhere.reduce_to(invoice.id, elsewhere)

    def _left(self, invoice: Invoice, includes_paid: bool) -> int:
        """The most that lost payments can pay."""
        beyond, credited_beyond = self._beyond(invoice, self.taken_minor + invoice.total_minor)
        recorded = PaymentElsewhere.recorded_minor(invoice.id)
        elsewhere = beyond + recorded if includes_paid else invoice.paid_elsewhere_minor
        credited = credited_beyond if self.includes_credits else invoice.credited_minor
        here = invoice.processing_minor + invoice.paid_online_minor
        return max(0, invoice.total_minor - here - elsewhere - credited)

    def _beyond(self, invoice: Invoice, taken_minor: int) -> tuple[int, int]:
        """The parts of the paid and the credited amount in the books that were not paid here, if `taken_minor` was
        paid here."""
        paid, credited = invoice.paid_in_books_minor, in_books(invoice)
        paid_beyond = PAID_BEYOND.format(paid=paid, taken=taken_minor, known=self.known_paid_minor)
        credited_beyond = CREDITED_BEYOND.format(
            credited=credited, paid=paid, beyond=paid_beyond, taken=taken_minor, known=self.known_credited_minor
        )
        return db.execute_sql(f"SELECT {paid_beyond}, {credited_beyond}").fetchone()


def in_books(invoice: Invoice) -> int:
    return invoice.credited_minor if invoice.credited_in_books_minor is None else invoice.credited_in_books_minor


class NumberSpelling(BaseModel):
    """In files, `written` stands for the number of this invoice. Without `invoice`, it stands for a document that
    isn't here."""

    customer = ForeignKeyField(Customer, index=False, on_delete="CASCADE")
    kind = CharField()
    written = CharField()
    invoice = ForeignKeyField(Invoice, null=True, on_delete="CASCADE")

    class Meta:
        table_name = "number_spelling"
        indexes = ((("customer", "kind", "written"), True),)
