"""The databases of the benchmarks: invoices of each customer, paid but for the last."""

from datetime import timedelta
from pathlib import Path

from app.clock import system_clock, today
from app.database.sqlite import migrate, open_database
from app.extensions import db

SMALL = 1_000
UNPAID = 40
PASSWORD = "Quiet-Harbor-42-pines"
TABLE = (
    "public_id, customer_id, kind, number, currency, issued_on, due_on, terms, po_number, memo, bill_to,"
    " total_minor, tax_minor, paid_elsewhere_minor, credited_minor, processing_minor, paid_online_minor,"
    " open_minor, is_paid"
)


def fill(folder: Path, count: int, customers: int = 1) -> None:
    """A migrated database: `count` invoices of each customer, the last UNPAID of them unpaid."""
    database = open_database(f"sqlite:///{folder / 'portal.sqlite3'}")
    migrate(database)
    db.initialize(database)
    with database.connection_context():
        database.execute_sql("PRAGMA synchronous = OFF")
        with database.atomic():
            add_people(customers)
            marks = ", ".join("?" * (TABLE.count(",") + 1))
            rows = (invoice(n, count, customer) for customer in range(1, customers + 1) for n in range(count))
            database.connection().executemany(f"INSERT INTO invoice ({TABLE}) VALUES ({marks})", rows)
            database.execute_sql(
                "INSERT INTO invoice_line (invoice_id, position, description, quantity, unit_price, amount_minor)"
                " SELECT id, 1, 'Bread flour, 25 kg', '40', '46.50', total_minor FROM invoice WHERE NOT is_paid"
            )
        database.execute_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    database.close_all()


def add_people(customers: int) -> None:
    """The cast, whose Alice is person 1; and a customer with one person for each further number."""
    from app.accounts.hashing import hash_password
    from app.models import Access, Company, Customer, Role, User
    from tests import people

    hashed = hash_password(PASSWORD, secret(), rounds=4)
    people.build(system_clock(), hashed)
    Company.update(time_zone="UTC").execute()
    assert Customer.get(number="77").id == 1
    for number in range(2, customers + 1):
        details = {"number": f"C{number}", "name": f"Customer {number}"}
        customer, _made = Customer.get_or_create(id=number, defaults=details)
        user = User.create(name=f"Person {number}", email=email_of(number), password_hash=hashed, created_ms=0)
        Access.create(user=user, customer=customer, role=Role.get(name=Role.DEFAULT), given=True)


def email_of(person: int) -> str:
    return "alice@cedarlane.example" if person == 1 else f"person{person}@varied.example"


def invoice(n: int, count: int, customer: int = 1) -> tuple:
    due = today(system_clock(), "UTC") + timedelta(20) - timedelta((count - 1 - n) * 4000 // count)
    total, paid = 1_000 + n * 7919 % 900_000, n < count - UNPAID
    return (
        f"{n:07}" + f"{customer:x>9}",
        customer,
        "invoice",
        f"INV-{n:07}",
        "USD",
        (due - timedelta(30)).isoformat(),
        due.isoformat(),
        "Net 30",
        f"PO-{n * 31 % 1_000_000}",
        f"Delivery {n}",
        "",
        total,
        0,
        total if paid else 0,
        0,
        0,
        0,
        0 if paid else total,
        paid,
    )


def secret() -> str:
    return "a key of the benchmark that is long enough"
