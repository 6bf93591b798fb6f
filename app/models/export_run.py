"""Runs of the export of payments to the books, and the lines of each run."""

from peewee import SQL, BigIntegerField, BlobField, CharField, ForeignKeyField, IntegerField, fn

from app.models.audit import Audit
from app.models.base import BaseModel, checks, db
from app.models.ledger import LedgerEntry


class ExportRun(BaseModel):
    """`content` is the exported file, which never changes. Numbers start at 1 and have no gaps."""

    number = IntegerField(unique=True)
    format = CharField()
    file_name = CharField()
    actor = CharField()
    created_ms = BigIntegerField()
    content = BlobField()

    class Meta:
        table_name = "export_run"

    @classmethod
    def by_number(cls, number: int) -> "ExportRun | None":
        return cls.get_or_none(cls.number == number)

    @classmethod
    def newest(cls) -> "ExportRun | None":
        return cls.without_content().order_by(cls.id.desc()).first()

    @classmethod
    def next_number(cls) -> int:
        return (cls.select(fn.MAX(cls.number)).scalar() or 0) + 1

    @classmethod
    def without_content(cls):
        """All runs, without the file."""
        return cls.select(cls.id, cls.number, cls.format, cls.file_name, cls.actor, cls.created_ms)


class ExportLine(BaseModel):
    """A line of an export: a ledger entry, or a refund made at Braintree, which is a line of the audit trail. Unique
    keys keep each of them to one run. `amount_minor` is negative for money that went back.

    `confirmed_ms` is when we learned that the books have it; `confirmed_by` is who said so, '' if an imported file did.
    """

    run = ForeignKeyField(ExportRun, backref="lines", index=False, on_delete="RESTRICT")
    ledger_entry = ForeignKeyField(LedgerEntry, null=True, unique=True, on_delete="RESTRICT")
    refund = ForeignKeyField(Audit, null=True, unique=True, on_delete="RESTRICT")
    amount_minor = BigIntegerField()
    currency = CharField(max_length=3)
    confirmed_ms = BigIntegerField(null=True, index=True)
    confirmed_by = CharField(default="")
    run_id: int
    ledger_entry_id: int | None
    refund_id: int | None

    class Meta:
        table_name = "export_line"
        indexes = ((("run", "confirmed_ms"), False),)
        constraints = checks("(ledger_entry_id IS NULL) <> (refund_id IS NULL)")

    @classmethod
    def confirm_run(cls, run: ExportRun, now_ms: int, actor: str) -> int:
        """Confirm the unconfirmed lines of a run. Returns how many there were."""
        left = (cls.run == run.id) & cls.confirmed_ms.is_null()
        return cls.update(confirmed_ms=now_ms, confirmed_by=actor).where(left).execute()

    @classmethod
    def confirm_what_books_have(cls, now_ms: int, settled: SQL) -> None:
        """Confirm the payments that an imported file includes. Call it in the import's transaction. `settled`
        selects the ids of invoices that the file says are paid in full, without an amount."""
        db.execute_sql(CONFIRM.format(settled=settled.sql), (now_ms,))


# What the books say was paid of an invoice and doesn't count as paid elsewhere are payments made here,
# oldest first. A payment is in the books when they include it for each of its invoices. Reversed payments, money
# without an invoice, and refunds don't show in a file of invoices.
CONFIRM = """
    WITH exported (entry_id, attempt_id, confirmed_ms) AS (
        SELECT l.id, t.id, e.confirmed_ms FROM export_line e JOIN ledger l ON l.id = e.ledger_entry_id
        JOIN attempt t ON t.id = l.attempt_id AND t.transaction_id = l.gateway_ref
        WHERE l.kind IN ('charge', 'rebooked') AND t.state = 'approved' AND t.settlement IN ('submitted', 'settled')
    )
    UPDATE export_line SET confirmed_ms = ? WHERE confirmed_ms IS NULL AND ledger_entry_id IN (
        SELECT x.entry_id FROM exported x
        WHERE x.confirmed_ms IS NULL AND EXISTS (SELECT 1 FROM allocation a WHERE a.attempt_id = x.attempt_id)
            AND NOT EXISTS (
                SELECT 1 FROM allocation a JOIN invoice i ON i.id = a.invoice_id
                WHERE a.attempt_id = x.attempt_id AND i.id NOT IN ({settled}) AND (
                    SELECT SUM(b.amount_minor) FROM allocation b JOIN exported y ON y.attempt_id = b.attempt_id
                    WHERE b.invoice_id = i.id AND y.entry_id <= x.entry_id
                ) > i.paid_in_books_minor - i.paid_elsewhere_minor + (
                    SELECT COALESCE(SUM(p.amount_minor), 0) FROM payment_elsewhere p
                    WHERE p.invoice_id = i.id AND p.received_payment_id IS NOT NULL)))"""
