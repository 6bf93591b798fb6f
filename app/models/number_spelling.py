"""Other spellings of a document's number that an administrator confirmed to be the same document."""

from peewee import CharField, ForeignKeyField

from app.models.base import BaseModel
from app.models.customer import Customer
from app.models.invoice import Invoice


class NumberSpelling(BaseModel):
    """A file of `customer` may write `written` for the number of `invoice`."""

    customer = ForeignKeyField(Customer, index=False, on_delete="CASCADE")
    kind = CharField()
    written = CharField()
    invoice = ForeignKeyField(Invoice, on_delete="CASCADE")

    class Meta:
        table_name = "number_spelling"
        indexes = ((("customer", "kind", "written"), True),)
