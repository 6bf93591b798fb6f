"""`flask demo load`: loads a demo company. Its passwords are public, so it works only in the demo."""

from datetime import date, timedelta
from functools import partial

import click
from flask import current_app
from flask.cli import AppGroup

from app.accounts.hashing import hash_password
from app.clock import to_ms, today
from app.config import DEMO_PASSWORD, ROOT
from app.imports import customers, invoices
from app.imports.cli import run_import
from app.imports.invoice_options import InvoiceOptions
from app.imports.staging import staging_database
from app.models import Access, Audit, Company, Customer, Deployment, Role, User, one_transaction
from app.models.audit import Actor

demo = AppGroup("demo", help="The demo company.")
FILES = ROOT / "demo"
WRITTEN_ON = date(2026, 11, 22)  # the day the files call today; loading moves every date by what has passed since
ADMINISTRATOR = ("ruth@harborpine.example", "Ruth Imani")
VIEW_ONLY = "Customer Center (view only)"
PEOPLE = (
    ("maya@cedarlane.example", "Maya Okafor", "77", Role.DEFAULT),
    ("ben@cedarlane.example", "Ben Lindqvist", "77", Role.DEFAULT),
    ("vera@cedarlane.example", "Vera Novak", "77", VIEW_ONLY),
    ("charlie@fennelfig.example", "Charlie Moss", "81", Role.DEFAULT),
    ("tom@saltbox.example", "Tom Ashby", "84", Role.DEFAULT),
    ("ines@nordlicht.example", "Ines Brandt", "90", Role.DEFAULT),
    ("sam@oldmill.example", "Sam Reyes", "95", Role.DEFAULT),
    ("pat@tidewater.example", "Pat Doyle", "102", Role.DEFAULT),
    ("office@obrien.example", "Orla <O'Brien>", "110", Role.DEFAULT),
)
PROFILE = {
    "name": "Harbor & Pine Supply",
    "address": "118 Wharf Street\nPortland, ME 04101",
    "email": "billing@harborpine.example",
    "phone": "(555) 010-0142",
    "time_zone": "America/New_York",
}


@demo.command("load")
def load():
    """Load the demo company into an empty database, and print who can log in."""
    in_demo_only()
    if is_empty():
        fill()
    print_logins()


@demo.command("logins")
def logins():
    """Print who can log in to the demo company."""
    in_demo_only()
    print_logins()


def in_demo_only() -> None:
    if not current_app.config["PORTAL"].demo:
        raise click.ClickException("The demo company exists only when BRAINTREE_ENVIRONMENT is demo.")


def print_logins() -> None:
    click.echo("\n".join(login_lines()))


def login_lines() -> list[str]:
    if User.by_email(ADMINISTRATOR[0]) is None:
        return ["The database has data of its own, and not the demo company."]
    customers = [f"Customer: {email} {DEMO_PASSWORD}" for email, *_ in PEOPLE]
    return [*customers, f"Administrator: {ADMINISTRATOR[0]} {DEMO_PASSWORD}"]


def is_empty() -> bool:
    return not Customer.ids_by_number() and not User.administrators().exists()


def fill() -> None:
    """All or nothing, so that an interrupted start can be repeated."""
    now, config = current_app.extensions["clock"](), current_app.config["PORTAL"]
    password = hash_password(DEMO_PASSWORD, Deployment.pepper_for(config.keys), config.bcrypt_rounds)
    with staging_database():
        load_company(now, password)


@one_transaction
def load_company(now, password_hash: str) -> None:
    open_company(now)
    load_files(today(now, PROFILE["time_zone"]) - WRITTEN_ON)
    make_people(now, password_hash)
    Audit.write("demo_loaded", to_ms(now), actor="demo")


def open_company(now) -> None:
    company = Company.current()
    company.introduce(**PROFILE)
    for feature in Company.FEATURES:
        company.set_feature(feature, True, Actor("demo", now))


def load_files(shift: timedelta) -> None:
    company, path = Company.current(), FILES.joinpath
    for file, read in (
        (path("customers.csv"), customers.plan),
        (path("invoices.csv"), partial(invoices.plan, company=company, options=InvoiceOptions(shift=shift))),
        (
            path("xero.csv"),
            partial(invoices.plan, company=company, options=InvoiceOptions(date_format="dd/mm/yyyy", shift=shift)),
        ),
    ):
        run_import(file, partial(read, file), None)


def make_people(now, password_hash: str) -> None:
    roles = {role.name: role for role in Role.by_name()}
    customers = Customer.ids_by_number()
    for email, name, number, role in PEOPLE:
        user = User.create(email=email, name=name, password_hash=password_hash, created_ms=to_ms(now))
        Access.grant(user, Customer.get_by_id(customers[number]), roles[role], Actor("demo", now, ""))
    email, name = ADMINISTRATOR
    User.create(email=email, name=name, password_hash=password_hash, is_administrator=True, created_ms=to_ms(now))
