"""`flask …`: what an administrator does from a console. Commands live beside what they command."""

import click
from flask import current_app
from flask.cli import AppGroup

from app.models import Company
from app.setup import connection

settings = AppGroup("settings", help="Show and set the company's switches.")
LABELS = {
    "credit-card-payments": "Credit Card Payments",
    "customer-access": "Customer Access",
    "customers-can-pay-online": "Customers Can Pay Online",
}


gateway = AppGroup("braintree", help="The connection to Braintree.")


def init_app(app) -> None:
    app.cli.add_command(settings)
    app.cli.add_command(gateway)


@gateway.command("check")
def check_gateway():
    """Say whether the keys, the merchant accounts and the client token work, or what is wrong."""
    checks = connection.ask()
    problems = [check for check in checks if not check.ok]
    said = problems or checks
    words = "; ".join(f"{check.what}{': ' + check.detail.rstrip('.') if check.detail else ''}" for check in said)
    environment = current_app.config["PORTAL"].environment
    click.echo(f"Braintree {environment}: {'wrong' if problems else 'working'}. {words}.")
    if problems:
        raise SystemExit(1)


@settings.command("show")
def show_settings():
    """Print every switch and whether it is on."""
    company = Company.current()
    for name, label in LABELS.items():
        click.echo(f"{label}: {'on' if getattr(company, name.replace('-', '_')) else 'off'}")


@settings.command("set")
@click.argument("name", type=click.Choice(sorted(LABELS)))
@click.argument("value", type=click.Choice(["on", "off"]))
def set_setting(name, value):
    """Turn a switch on or off, at once for everybody."""
    now = current_app.extensions["clock"]()
    Company.current().set_feature(name.replace("-", "_"), value == "on", actor="console", now=now)
    click.echo(f"{LABELS[name]}: {value}")
