"""PDF files that the company uploaded for its documents."""

import hashlib

from peewee import BigIntegerField, BlobField, CharField, ForeignKeyField, IntegerField

from app.clock import to_ms
from app.models.audit import Actor, Audit
from app.models.base import BaseModel, one_transaction
from app.models.invoice import Invoice


class DocumentFile(BaseModel):
    """The company's own PDF of a document, at most one. People get it instead of the portal's PDF."""

    invoice = ForeignKeyField(Invoice, unique=True, on_delete="CASCADE")
    invoice_id: int
    sha256 = CharField(max_length=64)
    name = CharField()
    size = IntegerField()
    content = BlobField()
    added_ms = BigIntegerField()
    actor = CharField()

    class Meta:
        table_name = "document_file"

    @classmethod
    def of(cls, invoice_id: int) -> "DocumentFile | None":
        return cls.get_or_none(cls.invoice == invoice_id)

    @classmethod
    def described(cls, invoice_id: int) -> "DocumentFile | None":
        """The row without `content`."""
        columns = [field for field in cls._meta.sorted_fields if field.name != "content"]
        return cls.select(*columns).where(cls.invoice == invoice_id).first()

    @classmethod
    @one_transaction
    def attach(cls, invoice: Invoice, name: str, content: bytes, actor: Actor) -> bool:
        """Store `content` as the PDF of `invoice`, replacing the previous one. Returns False if it is the same. One
        transaction."""
        digest = hashlib.sha256(content).hexdigest()
        before = cls.described(invoice.id)
        if before and (before.sha256, before.name) == (digest, name):
            return False
        cls.delete().where(cls.invoice == invoice.id).execute()
        cls.insert(
            invoice=invoice.id,
            sha256=digest,
            name=name,
            size=len(content),
            content=content,
            added_ms=to_ms(actor.now),
            actor=actor.email,
        ).execute()
        cls.note("document_file_added", invoice, name, digest, actor)
        return True

    @classmethod
    @one_transaction
    def remove(cls, invoice: Invoice, actor: Actor) -> bool:
        """Returns True if there was a file. One transaction."""
        before = cls.described(invoice.id)
        if before:
            cls.delete().where(cls.id == before.id).execute()
            cls.note("document_file_removed", invoice, before.name, before.sha256, actor)
        return before is not None

    @staticmethod
    def note(event: str, invoice: Invoice, name: str, digest: str, actor: Actor) -> None:
        Audit.write(
            event,
            to_ms(actor.now),
            subject=f"customer:{invoice.customer.number}",
            actor=actor.email,
            address=actor.address,
            document=invoice.number,
            file=name,
            sha256=digest,
        )
