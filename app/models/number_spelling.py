"""Spellings of a document's number, as an administrator decided them."""

from peewee import CharField, ForeignKeyField

from app.models.base import BaseModel
from app.models.customer import Customer
from app.models.invoice import Invoice


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
