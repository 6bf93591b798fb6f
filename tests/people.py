"""The cast. Alice pays, Bob is her colleague, Vera may only view, Nora lost her access,
Charlie is another customer, Ruth is the administrator.

`build(now)` makes them, their customers and a company with every switch on, in an empty database.
"""

from base64 import b64decode
from dataclasses import dataclass
from datetime import date, datetime

from app.clock import to_ms
from app.models import Access, Company, Customer, Invoice, Role, User

PIXEL = b64decode(  # a PNG of one pixel
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg=="
)
PASSWORD = "Quiet-Harbor-42-pines"
# Of the list in app/accounts/common_passwords/, and too random for zxcvbn to refuse it.
COMMON = "Doomsayer.2.7mords.v"


@dataclass
class Cast:
    company: Company
    cedar: Customer
    fennel: Customer
    alice: User
    bob: User
    vera: User
    nora: User
    charlie: User
    ruth: User


def build(now: datetime, password_hash: str) -> Cast:
    company = Company.current()
    Company.update(
        name="Harbor & Pine Supply",
        address="118 Wharf Street\nPortland, ME 04101",
        email="billing@harborpine.example",
        phone="(555) 010-0142",
        time_zone="America/New_York",
        credit_card_payments=True,
        customer_access=True,
        customers_can_pay_online=True,
    ).execute()
    cedar = Customer.create(number="77", name="Cedar Lane Bakery", address="42 Cedar Lane\nBath, ME 04530")
    fennel = Customer.create(number="81", name="Fennel & Fig Café")
    pays, views = Role.get(name="Customer Center"), Role.get(name="Customer Center (view only)")

    def person(name, email, customer=None, role=None, given=True, **more):
        user = User.create(name=name, email=email, password_hash=password_hash, created_ms=to_ms(now), **more)
        if customer:
            Access.create(user=user, customer=customer, role=role, given=given)
        return user

    return Cast(
        company=company,
        cedar=cedar,
        fennel=fennel,
        alice=person("Alice Okafor", "alice@cedarlane.example", cedar, pays),
        bob=person("Bob Lindqvist", "bob@cedarlane.example", cedar, pays),
        vera=person("Vera Novak", "vera@cedarlane.example", cedar, views),
        nora=person("Nora Quist", "nora@cedarlane.example", cedar, pays, given=False),
        charlie=person("Charlie Moss", "charlie@fennelfig.example", fennel, pays),
        ruth=person("Ruth Imani", "ruth@harborpine.example", is_administrator=True),
    )


def invoice(customer: Customer, number: str, total_minor: int, due_on: date, **more) -> Invoice:
    """An invoice whose money columns agree with each other."""
    values = {"currency": "USD", "issued_on": date(2026, 10, 1), **more}
    taken = values.get("paid_elsewhere_minor", 0) + values.get("credited_minor", 0)
    left = max(0, total_minor - taken)
    return Invoice.create(
        customer=customer,
        number=number,
        total_minor=total_minor,
        due_on=due_on,
        open_minor=left,
        is_paid=left == 0,
        **values,
    )
