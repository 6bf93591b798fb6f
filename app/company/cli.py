"""`flask company show|set` for the company's data and time zone, `flask settings show|set` for its switches."""

import click
from flask import current_app
from flask.cli import AppGroup

from app.accounts.password_policy import parse_min_length, parse_strength
from app.models import Company
from app.models.audit import Actor
from app.web import field_parsers

settings = AppGroup("settings", help="Show and set the company's switches.")
company = AppGroup("company", help="Show and set the company's name, address, time zone and the like.")
LABELS = {
    "credit-card-payments": "Credit Card Payments",
    "customer-access": "Customer Access",
    "customers-can-pay-online": "Customers Can Pay Online",
}


def address(text: str) -> str:
    return field_parsers.several_lines(text.replace("\\n", "\n"))


OPTIONS = {
    "name": (field_parsers.one_line, None),
    "address": (address, "With \\n between its lines."),
    "email": (field_parsers.email, "Where customers write to; mail comes from it."),
    "phone": (field_parsers.one_line, None),
    "tax_number": (field_parsers.one_line, "Your VAT, EIN or other tax number, for invoices and receipts."),
    "time_zone": (field_parsers.time_zone, "Decides which day it is: due today isn't overdue."),
    "locale": (field_parsers.locale, "How amounts and dates look, unless a customer has its own format."),
    "statement_descriptor": (field_parsers.one_line, "What customers find on their card statement."),
    "password_policy": (parse_strength, "strong, medium or weak."),
    "password_min_length": (str, "Characters; not fewer than the policy needs."),
    "invitation_hours": (field_parsers.invitation_hours, "How long a link to set up a password works."),
    "payment_link_days": (field_parsers.payment_link_days, "How long a Payment Link works."),
    "welcome_message": (address, "Above every customer's invoices. With \\n between its lines."),
}


def init_app(app) -> None:
    app.cli.add_command(company)
    app.cli.add_command(settings)


def option_of(name: str) -> str:
    return f"--{name.replace('_', '-')}"


def options(command):
    for name, (read, words) in reversed(OPTIONS.items()):
        command = click.option(option_of(name), callback=option_callback(read), help=words)(command)
    return command


def option_callback(read):
    def check(_context, parameter, value):
        try:
            return value if value is None else read(value)
        except ValueError as error:
            raise click.BadParameter(f"{error}.", param=parameter) from None

    return check


@company.command("show")
def show_company():
    """Print everything, one a line."""
    current = Company.current()
    for name in OPTIONS:
        click.echo(f"{name.replace('_', '-')}: {str(getattr(current, name)).replace(chr(10), ', ')}")


@company.command("set")
@options
def set_company(**given):
    """Set what is named, for everyone, immediately."""
    changes = {name: value for name, value in given.items() if value is not None}
    if not changes:
        raise click.UsageError("Say what to set, like --name 'Harbor & Pine Supply'.")
    current = Company.current()
    check_length(changes, current)
    current.change(changes, Actor("console", current_app.extensions["clock"]()))
    for name in changes:
        click.echo(f"{name.replace('_', '-')} is set.")


def check_length(changes: dict, current: Company) -> None:
    policy = changes.get("password_policy", current.password_policy)
    typed = changes.get("password_min_length", str(current.password_min_length))
    try:
        length = parse_min_length(typed, policy)
    except ValueError as error:
        raise click.BadParameter(f"{error}.", param_hint="--password-min-length") from None
    if "password_min_length" in changes:
        changes["password_min_length"] = length


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
    """Turn a switch on or off, for everyone, immediately."""
    now = current_app.extensions["clock"]()
    Company.current().set_feature(name.replace("-", "_"), value == "on", Actor("console", now))
    click.echo(f"{LABELS[name]}: {value}")
