"""Spellings of a document's number about which an administrator has decided."""

from peewee import CharField, ForeignKeyField

from app.models.base import BaseModel
from app.models.customer import Customer
from app.models.invoice import Invoice


class NumberSpelling(BaseModel):
    """A file may write `written` for the number of this invoice; or, without an invoice, it means none that is here."""

    customer = ForeignKeyField(Customer, index=False, on_delete="CASCADE")
    kind = CharField()
    written = CharField()
    invoice = ForeignKeyField(Invoice, null=True, on_delete="CASCADE")

    class Meta:
        table_name = "number_spelling"
        indexes = ((("customer", "kind", "written"), True),)
