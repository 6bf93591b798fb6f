"""What imports remember: amounts of the books that a later payment changes, and numbers written in other ways."""

from peewee import BigIntegerField, BooleanField, CharField, ForeignKeyField

from app.extensions import db
from app.models.base import BaseModel
from app.models.customer import Customer
from app.models.invoice import Invoice
from app.models.payment_elsewhere import PaymentElsewhere

# What of the amounts in the books was not paid here, in SQL. At least what exceeds the payments made here was paid
# elsewhere, and what was `known` to be so stays. Of the credits, payments made here can be only what isn't in the
# amount paid yet.
PAID_BEYOND = "max(0, {paid} - {taken}, min({known}, {paid}))"
CREDITED_BEYOND = "max(0, {credited} - ({taken} - {paid} + {beyond}), min({known}, {credited}))"


class EarlyImport(BaseModel):
    """An invoice that was imported before all payments that a restore had lost were found.

    What the file says was paid may include those payments. Booking one derives what was paid elsewhere again, as the
    import would have done if the payment had been here. Amounts are minor units of the invoice's currency.

    `read_ms` is the moment of the import; it can't include a later payment. `includes_paid` and `includes_credits` say
    which amounts of the file include payments made here. `known_paid_minor` and `known_credited_minor` are what was
    paid elsewhere and credited before the first such import. `taken_minor` is what was paid here as far as the import
    knew, and what was booked since.
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
        """The import of this invoice that may include a payment made at `made_ms`."""
        return None if invoice.is_void else cls.get_or_none(cls.invoice == invoice.id, cls.read_ms >= made_ms)

    @classmethod
    def invoices_of(cls, customer_id: int, currency: str, made_ms: int) -> list[Invoice]:
        """The customer's invoices of which such an import may include a payment made at `made_ms`."""
        ids = cls.select(cls.invoice).where(cls.read_ms >= made_ms)
        mine = (Invoice.customer == customer_id) & (Invoice.currency == currency) & ~Invoice.is_void
        return list(Invoice.select().where(mine, Invoice.id.in_(ids)).order_by(Invoice.due_on, Invoice.id))

    @classmethod
    def room(cls, invoice: Invoice, made_ms: int) -> int:
        """How much a payment made at `made_ms`, which the books here have lost, can pay of the invoice."""
        early = cls.of(invoice, made_ms)
        if early is None:
            return invoice.open_minor
        return early._left(invoice, early.includes_paid)

    @classmethod
    def is_counted_as_paid(cls, invoice: Invoice, minor: int, made_ms: int) -> bool:
        """Whether a payment of `minor` fits only if the amount paid in the file includes it, which was not said."""
        early = cls.of(invoice, made_ms)
        if early is None or early.includes_paid:
            return False
        return early._left(invoice, False) < minor <= early._left(invoice, True)

    @classmethod
    def include(cls, invoice: Invoice, minor: int, made_ms: int) -> None:
        """Derive what was paid elsewhere and credited as if the import had known of this payment of `minor`. Call it
        in the transaction that books the payment, before the invoice is counted again."""
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
        """What payments that were lost can pay at most."""
        beyond, credited_beyond = self._beyond(invoice, self.taken_minor + invoice.total_minor)
        recorded = PaymentElsewhere.recorded_minor(invoice.id)
        elsewhere = beyond + recorded if includes_paid else invoice.paid_elsewhere_minor
        credited = credited_beyond if self.includes_credits else invoice.credited_minor
        here = invoice.processing_minor + invoice.paid_online_minor
        return max(0, invoice.total_minor - here - elsewhere - credited)

    def _beyond(self, invoice: Invoice, taken_minor: int) -> tuple[int, int]:
        """What of the paid and the credited amount in the books was not paid here, if `taken_minor` was paid here."""
        paid, credited = invoice.paid_in_books_minor, in_books(invoice)
        paid_beyond = PAID_BEYOND.format(paid=paid, taken=taken_minor, known=self.known_paid_minor)
        credited_beyond = CREDITED_BEYOND.format(
            credited=credited, paid=paid, beyond=paid_beyond, taken=taken_minor, known=self.known_credited_minor
        )
        return db.execute_sql(f"SELECT {paid_beyond}, {credited_beyond}").fetchone()


def in_books(invoice: Invoice) -> int:
    return invoice.credited_minor if invoice.credited_in_books_minor is None else invoice.credited_in_books_minor


class NumberSpelling(BaseModel):
    """In files, `written` means the number of this invoice; without `invoice`, it is not a document that exists
    here."""

    customer = ForeignKeyField(Customer, index=False, on_delete="CASCADE")
    kind = CharField()
    written = CharField()
    invoice = ForeignKeyField(Invoice, null=True, on_delete="CASCADE")

    class Meta:
        table_name = "number_spelling"
        indexes = ((("customer", "kind", "written"), True),)
