"""Customers and roles."""

from collections.abc import Callable

from peewee import SQL, BooleanField, CharField, IntegerField, TextField

from app.models.audit import Actor, Audit
from app.models.base import BaseModel, db, locked, one_transaction, public_id, tuples
from app.sort_keys import sort_key_of

FILLED_AT_ONCE = 500


class Role(BaseModel):
    """A Customer Center role. Every role may view invoices.

    A role without `can_pay` is the documented view-only role. `can_manage` lets its users give colleagues access.
    """

    name = CharField(unique=True)
    can_pay = BooleanField(default=True)
    can_manage = BooleanField(default=False)
    is_custom = BooleanField(default=False)

    class Meta:
        table_name = "role"

    DEFAULT = "Customer Center"

    @classmethod
    def by_name(cls) -> "list[Role]":
        return sorted(cls.select(), key=lambda role: sort_key_of(role.name))

    @classmethod
    def default_for(cls, company) -> "Role":
        return company.default_role or cls.get(cls.name == cls.DEFAULT)

    @classmethod
    @one_transaction
    def add(cls, name: str, *, can_pay: bool, can_manage: bool, actor: Actor) -> "Role":
        role = cls.create(name=name, can_pay=can_pay, can_manage=can_manage, is_custom=True)
        Audit.write_by(actor, "role_added", f"role:{name}", can_pay=can_pay, can_manage=can_manage)
        return role

    @one_transaction
    def change(self, actor: Actor, **values) -> bool:
        """Set name, can_pay or can_manage, and write an audit line. Returns True if anything differed. One
        transaction."""
        changed = {name: value for name, value in values.items() if getattr(self, name) != value}
        if not changed:
            return False
        was = {name: getattr(self, name) for name in changed}
        Role.update(changed).where(Role.id == self.id).execute()
        Audit.write_by(actor, "role_set", f"role:{self.name}", was=was, to=changed)
        for name, value in changed.items():
            setattr(self, name, value)
        return True


class Customer(BaseModel):
    """A company that buys. `number` is its id in the accounting system and never changes.

    `version` is the optimistic lock: each change of the record or of access to it adds one. Database triggers maintain
    `access_state` (for its values see customers/queries.STATES) and clear `sort_key` when the name changes without it.
    `internal_id` and `external_id` come from the accounting system, if a file had them.
    """

    public_id = CharField(unique=True, default=public_id)
    number = CharField(unique=True)
    name = CharField(index=True)
    email = CharField(default="")
    phone = CharField(default="")
    address = TextField(default="")
    locale = CharField(default="")
    version = IntegerField(default=1)
    access_state = IntegerField(default=0)
    reminders_off = BooleanField(default=False, constraints=[SQL("DEFAULT 0")])
    tax_number = CharField(default="", constraints=[SQL("DEFAULT ''")])
    internal_id = CharField(default="", constraints=[SQL("DEFAULT ''")])
    external_id = CharField(default="", constraints=[SQL("DEFAULT ''")])
    statements_off = BooleanField(default=False, constraints=[SQL("DEFAULT 0")])
    sort_key = CharField(default="", constraints=[SQL("DEFAULT ''")])

    class Meta:
        table_name = "customer"

    def save(self, *args, **kwargs):
        self.sort_key = sort_key_of(self.name)
        return super().save(*args, **kwargs)

    @classmethod
    def fill_sort_keys(cls) -> None:
        """Fill in missing sort keys. If none are missing, nothing is locked."""
        while cls.select(cls.id).where(cls.sort_key == "").exists():
            cls._fill_some_sort_keys()

    @classmethod
    @one_transaction
    def _fill_some_sort_keys(cls) -> None:
        found = list(tuples(cls.select(cls.id, cls.name).where(cls.sort_key == "").limit(FILLED_AT_ONCE)))
        rows = ", ".join(["(CAST(? AS BIGINT), ?)"] * len(found))
        if rows:
            db.execute_sql(
                f"WITH keys (id, sort_key) AS (VALUES {rows})"
                " UPDATE customer SET sort_key = k.sort_key FROM keys k WHERE k.id = customer.id",
                [value for row_id, name in found for value in (row_id, sort_key_of(name))],
            )

    @classmethod
    def by_number(cls, number: str) -> "Customer | None":
        return cls.get_or_none(cls.number == number)

    @classmethod
    def by_public_id(cls, public_id: str) -> "Customer | None":
        return cls.get_or_none(cls.public_id == public_id)

    @classmethod
    @one_transaction
    def add(cls, details: dict[str, str], actor: Actor) -> "Customer":
        customer = cls.create(**details)
        Audit.write_by(actor, "customer_added", f"customer:{customer.number}", name=customer.name)
        return customer

    def set_details(self, **details) -> dict[str, list]:
        """Returns {column: [before, after]} of the columns that changed."""
        changed = {
            name: [getattr(self, name), value] for name, value in details.items() if getattr(self, name) != value
        }
        for name, (_, new) in changed.items():
            setattr(self, name, new)
        if changed:
            self.save(only=[*changed, "sort_key"])
        return changed

    def lock(self) -> None:
        """Read the current `version` and lock the row until the caller's transaction ends."""
        self.version = locked(Customer.select(Customer.version).where(Customer.id == self.id)).get().version

    def increment_version(self) -> None:
        """Call it with the row locked."""
        self.version += 1
        Customer.update(version=self.version).where(Customer.id == self.id).execute()

    @classmethod
    def with_books_ids(cls) -> list[tuple[str, str, str]]:
        """(number, internal ID, external ID) of customers that have an internal or external ID."""
        has_one = (cls.internal_id != "") | (cls.external_id != "")
        return list(tuples(cls.select(cls.number, cls.internal_id, cls.external_id).where(has_one)))

    @classmethod
    def ids_by_number(cls) -> dict[str, int]:
        return dict(tuples(cls.select(cls.number, cls.id)))

    @classmethod
    def with_emails(cls):
        return cls.select(cls.id, cls.name, cls.number, cls.email).where(cls.email != "").tuples()

    @classmethod
    def by_key(cls, key: str, keys_of: Callable[[str], set[str]]) -> "Customer | None":
        """The customer with `key` among `keys_of(number)`. A key with a leading # is a digest of a number that a
        charge's line item can't have as it is; any other key is the number itself."""
        if not key.startswith("#"):
            return cls.get_or_none(cls.number == key)
        ids = (id for number, id in cls.ids_by_number().items() if key in keys_of(number))
        return cls.get_or_none(cls.id == next(ids, None))

    @classmethod
    def ids_by_name(cls) -> dict[str, list[int]]:
        """{name: ids}. Names need not be unique."""
        ids: dict[str, list[int]] = {}
        for name, customer_id in tuples(cls.select(cls.name, cls.id).order_by(cls.id)):
            ids.setdefault(name, []).append(customer_id)
        return ids


class CustomerScope:
    """Stands in for a Viewer in queries that an administrator makes about one customer's documents."""

    invoice_id = payment_link_id = None

    def __init__(self, customer_id: int):
        self.customer_id = customer_id
