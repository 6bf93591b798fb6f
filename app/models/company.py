"""The company that runs the portal, with the settings of its administrators."""

import json
from functools import lru_cache

from peewee import SQL, BigIntegerField, BlobField, BooleanField, CharField, ForeignKeyField, IntegerField, TextField

from app.models.audit import Actor, Audit
from app.models.base import BaseModel, db, locked, one_transaction
from app.models.customer import Role


class Company(BaseModel):
    """One row. The three feature switches carry the names of the documented procedure.

    `minimum_payment` is the smallest partial payment as decimal text in units of the invoice's currency, '' for none.
    `currencies` are the ISO 4217 codes in which customers may pay online, separated by spaces, '' for all.
    `default_role` is the Default Role for New Customers. `view_only`: the setup guide skips the steps about paying.
    `asks_postal_code`: the pay page asks for the card's postal code. `bank_details` is JSON text: {currency:
    instructions for a bank transfer}. `payments_held_ms`: online payment is paused since then, after a restore.
    `invoice_mail_after`: invoices above this id are announced by email. `reminders_before` and `reminders_after` are
    days from the due date, separated by spaces; reminders whose day is before `reminders_from` (ISO) are not sent.
    `statement_day`: the day of the month, '' for no monthly statements; before `statements_from` (ISO) none are sent.
    `payments_made_here`: how imports read files that don't say what is due, as an administrator answered, or ''.
    """

    name = CharField(default="")
    address = TextField(default="")
    email = CharField(default="")
    phone = CharField(default="")
    time_zone = CharField(default="UTC")
    locale = CharField(default="en_US")
    statement_descriptor = CharField(default="")
    credit_card_payments = BooleanField(default=False)
    customer_access = BooleanField(default=False)
    customers_can_pay_online = BooleanField(default=False)
    password_min_length = IntegerField(default=10)
    invitation_hours = IntegerField(default=24)
    password_policy = CharField(default="strong")
    welcome_message = TextField(default="")
    default_role = ForeignKeyField(Role, null=True, on_delete="SET NULL")
    minimum_payment = CharField(default="")
    currencies = CharField(default="")
    logo_hash = CharField(default="")
    view_only = BooleanField(default=False)
    payments_held_ms = BigIntegerField(null=True)
    asks_postal_code = BooleanField(default=False)
    bank_details = TextField(default="{}")
    payments_made_here = CharField(default="", constraints=[SQL("DEFAULT ''")])
    tax_number = CharField(default="", constraints=[SQL("DEFAULT ''")])
    payment_link_days = IntegerField(default=30, constraints=[SQL("DEFAULT 30")])
    invoice_mail = BooleanField(default=False, constraints=[SQL("DEFAULT 0")])
    invoice_mail_after = IntegerField(default=0, constraints=[SQL("DEFAULT 0")])
    reminders_before = CharField(default="", constraints=[SQL("DEFAULT ''")])
    reminders_after = CharField(default="", constraints=[SQL("DEFAULT ''")])
    reminders_from = CharField(default="", constraints=[SQL("DEFAULT ''")])
    links_in_mail = BooleanField(default=False, constraints=[SQL("DEFAULT 0")])
    statement_day = CharField(default="", constraints=[SQL("DEFAULT ''")])
    statements_from = CharField(default="", constraints=[SQL("DEFAULT ''")])

    class Meta:
        table_name = "company"

    FEATURES = ("credit_card_payments", "customer_access", "customers_can_pay_online")

    @classmethod
    def current(cls) -> "Company":
        return cls.from_row(db.execute_sql(_current_sql()).fetchone())

    @staticmethod
    def name_in(database) -> str:
        """The company's name in a database other than `db`, which may have an older schema."""
        return database.execute_sql("SELECT name FROM company WHERE id = 1").fetchone()[0]

    def refreshed(self) -> "Company":
        """The row as it is in the database now."""
        return Company.current()

    @classmethod
    def from_row(cls, row) -> "Company":
        company = cls(__no_default__=True)
        for (name, read), value in zip(_columns(), row, strict=True):
            company.__data__[name] = read(value) if read else value
        return company

    @classmethod
    def locked(cls) -> "Company":
        """Lock the row until the end of the transaction."""
        list(locked(cls.select(cls.id).where(cls.id == 1)))
        return cls.current()

    @one_transaction
    def change(self, values: dict, actor: Actor) -> list[str]:
        """Set columns by name and write an audit line for each one that differs. Returns their names. One
        transaction."""
        row = self.__data__
        changed = {name: value for name, value in values.items() if row[name] != value}
        for name, value in changed.items():
            Audit.write_by(actor, "setting", f"company:{name}", was=row[name], to=value)
        if changed:
            Company.update(changed).where(Company.id == self.id).execute()
        row.update(changed)
        return list(changed)

    def introduce(self, **profile: str) -> None:
        Company.update(**profile).where(Company.id == self.id).execute()
        for name, value in profile.items():
            setattr(self, name, value)

    @one_transaction
    def set_feature(self, name: str, on: bool, actor: Actor) -> None:
        """Turn a feature on or off and write an audit line. Raises ValueError unless `name` is one of FEATURES. One
        transaction."""
        if name not in self.FEATURES:
            raise ValueError(name)
        Company.update({name: on}).where(Company.id == self.id).execute()
        Audit.write_by(actor, "setting", f"company:{name}", on=on)
        setattr(self, name, on)

    def accepts(self, currency: str) -> bool:
        return is_accepted(currency, self.currencies)

    @property
    def transfers(self) -> dict[str, str]:
        return json.loads(self.bank_details)

    def transfer_details(self, currency: str) -> str:
        return self.transfers.get(currency, "")

    @property
    def online_payment_is_on(self) -> bool:
        return self.credit_card_payments and self.customer_access and self.customers_can_pay_online


class CompanyLogo(BaseModel):
    """At most one row. It is not a column of Company because every page reads Company."""

    media_type = CharField()
    content = BlobField()

    class Meta:
        table_name = "company_logo"

    @classmethod
    def current(cls) -> "CompanyLogo | None":
        return cls.get_or_none(cls.id == 1)

    @classmethod
    @one_transaction
    def keep(cls, logo, actor: Actor) -> None:
        """Replace the logo with `logo` (content, media_type, digest); None removes it. One transaction."""
        cls.delete().execute()
        if logo:
            cls.insert(id=1, media_type=logo.media_type, content=logo.content).execute()
        Company.locked().change({"logo_hash": logo.digest if logo else ""}, actor)


def is_accepted(currency: str, currencies: str) -> bool:
    return not currencies or currency in currencies.split()


@lru_cache
def _columns() -> tuple:
    """(name, function that converts the database's value to Python's, or None if they are the same) of each column."""
    return tuple(
        (field.name, field.python_value if isinstance(field, BooleanField) else None)
        for field in Company._meta.sorted_fields
    )


@lru_cache
def _current_sql() -> str:
    # Most requests and duties run it, and building it costs more than running it.
    return f"SELECT {', '.join(field.column_name for field in Company._meta.sorted_fields)} FROM company WHERE id = 1"
