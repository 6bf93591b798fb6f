"""`flask demo load`."""

from datetime import timedelta

import pytest

from app import create_app
from app.models import Company, Customer, Invoice, InvoiceLine, User


@pytest.fixture
def load(app, database):
    return lambda: app.test_cli_runner().invoke(args=["demo", "load"])


def of(number):
    return Invoice.select().join(Customer).where(Customer.number == number)


def test_demo_prints_logins_that_work(load, client):
    result = load()
    assert result.exit_code == 0, result.output
    lines = result.output.splitlines()
    assert all(line.split(": ")[0] in ("Customer", "Administrator") and len(line.split(" ")) == 3 for line in lines)
    _, email, password = lines[0].split(" ")
    page = client.get("/login").get_data(as_text=True)
    token = page.split('name="csrf_token"', 1)[1].split('value="', 1)[1].split('"', 1)[0]
    response = client.post("/login", data={"csrf_token": token, "email": email, "password": password})
    assert response.status_code == 303
    assert "INV-1048" in client.get("/invoices").get_data(as_text=True)


def test_a_second_time_only_prints_the_logins(load, app):
    first = load().output
    before = Invoice.select().count(), User.select().count(), InvoiceLine.select().count()
    assert load().output == first
    assert app.test_cli_runner().invoke(args=["demo", "logins"]).output == first
    assert (Invoice.select().count(), User.select().count(), InvoiceLine.select().count()) == before


def test_the_company_is_open_for_payment(load):
    load()
    assert Company.current().online_payment_is_on
    assert Company.current().name == "Harbor & Pine Supply"


def test_every_kind_of_invoice_is_there(load):
    load()
    assert of("77").where(Invoice.kind == "credit_memo").exists()
    assert of("77").where(Invoice.open_minor > 0, Invoice.paid_elsewhere_minor > 0).exists()
    assert {found.currency for found in of("90")} == {"EUR", "JPY", "USD"}
    assert of("95").count() == 0
    assert of("102").count() > 60
    assert of("84").count() == 5  # through Xero's export, matched by name
    assert of("Juniper & Sage Catering").count() == 2
    assert Customer.get(Customer.number == "110").name == "<b>O'Brien & Sons</b>"


@pytest.mark.parametrize("days", [0, 1, 400])
def test_demo_data_is_current_on_every_day(load, clock, days):
    clock.advance(days=days)
    load()
    due = {found.number: found.due_on for found in Invoice.select()}
    assert due["INV-1046"] == clock().date()
    assert due["INV-1037"] == clock().date() - timedelta(days=35)
    assert due["SB-511"] == clock().date() + timedelta(days=10)


def test_load_keeps_existing_data(load, database):
    Customer.create(number="1", name="Mine")
    assert "data of its own" in load().output
    assert Invoice.select().count() == User.select().count() == 0


@pytest.mark.parametrize("command", ["load", "logins"])
def test_demo_is_refused_with_real_keys(config, gateway, clock, command):
    app = create_app(config.replace(environment="sandbox"), gateway=gateway, clock=clock)
    result = app.test_cli_runner().invoke(args=["demo", command])
    assert result.exit_code == 1
    assert "only when BRAINTREE_ENVIRONMENT is demo" in result.output
