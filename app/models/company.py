"""The company whose portal this is, and the switches an administrator sets."""

from datetime import datetime
from functools import lru_cache

from peewee import BooleanField, CharField, IntegerField, TextField

from app.clock import to_ms
from app.models.audit import Audit
from app.models.base import BaseModel, db


class Company(BaseModel):
    """One row. The three feature switches carry the names of the documented procedure."""

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

    class Meta:
        table_name = "company"

    FEATURES = ("credit_card_payments", "customer_access", "customers_can_pay_online")

    @classmethod
    def current(cls) -> "Company":
        """The company. The first migration made its row; its statement, sent by every page, is built once."""
        columns, sql, params = _current_statement()
        row = db.execute_sql(sql, params).fetchone()
        return cls(__no_default__=True, **{name: read(value) for (name, read), value in zip(columns, row, strict=True)})

    def introduce(self, **profile: str) -> None:
        """Set name, address, email, phone, time_zone or locale."""
        Company.update(**profile).where(Company.id == self.id).execute()
        for name, value in profile.items():
            setattr(self, name, value)

    def set_feature(self, name: str, on: bool, *, actor: str, now: datetime) -> None:
        """Turn one of FEATURES on or off, and write down who did it."""
        if name not in self.FEATURES:
            raise ValueError(name)
        with db.atomic():
            Company.update({name: on}).where(Company.id == self.id).execute()
            Audit.write("setting", to_ms(now), subject=f"company:{name}", actor=actor, on=on)
        setattr(self, name, on)

    @property
    def online_payment_is_on(self) -> bool:
        return self.credit_card_payments and self.customer_access and self.customers_can_pay_online


@lru_cache
def _current_statement() -> tuple:
    fields = Company._meta.sorted_fields
    sql, params = Company.select(*fields).where(Company.id == 1).sql()
    return tuple((field.name, field.python_value) for field in fields), sql, params
