"""`flask company show|set`: what the portal says about the company, and its time zone."""

from zoneinfo import available_timezones

import click
from babel import Locale, UnknownLocaleError
from flask.cli import AppGroup

from app.models import Company
from app.models.outbox import ADDRESS

company = AppGroup("company", help="Show and set the company's name, address, time zone and the like.")
FIELDS = (
    "name", "address", "email", "phone", "time_zone", "locale", "statement_descriptor",
    "password_min_length", "invitation_hours",
)  # fmt: skip


def init_app(app) -> None:
    app.cli.add_command(company)


def one_line(_context, option, value):
    if value is not None and (len(value) > 200 or not value.isprintable()):
        raise click.BadParameter("write it on one line, in 200 characters or fewer.")
    return value


def address(_context, option, value):
    """Its lines are given with \\n between them."""
    lines = (value or "").replace("\\n", "\n").split("\n")
    return None if value is None else "\n".join(one_line(None, option, line.strip()) for line in lines)


def email(_context, option, value):
    if value and not (ADDRESS.fullmatch(value) and value.isprintable()):
        raise click.BadParameter("write it like billing@example.com.")
    return value


def time_zone(_context, option, value):
    if value is not None and value not in available_timezones():
        raise click.BadParameter("write it like America/New_York or Europe/Berlin.")
    return value


def locale(_context, option, value):
    try:
        return value if value is None else str(Locale.parse(value.replace("-", "_")))
    except (UnknownLocaleError, ValueError):
        raise click.BadParameter("write it like en_US or de_DE.") from None


@company.command("show")
def show_company():
    """Print everything, one a line."""
    current = Company.current()
    for field in FIELDS:
        click.echo(f"{field.replace('_', '-')}: {str(getattr(current, field)).replace(chr(10), ', ')}")


@company.command("set")
@click.option("--name", callback=one_line)
@click.option("--address", callback=address, help="With \\n between its lines.")
@click.option("--email", callback=email, help="Where customers write to; mail comes from it.")
@click.option("--phone", callback=one_line)
@click.option("--time-zone", callback=time_zone, help="Decides which day it is: due today isn't overdue.")
@click.option("--locale", callback=locale, help="How amounts and dates look, unless a customer has another.")
@click.option("--statement-descriptor", callback=one_line, help="What customers find on their card statement.")
@click.option("--password-min-length", type=click.IntRange(8, 64))
@click.option("--invitation-hours", type=click.IntRange(1, 720), help="How long a link to set up a password works.")
def set_company(**values):
    """Set what is named, at once for everybody."""
    changes = {name: value for name, value in values.items() if value is not None}
    if not changes:
        raise click.UsageError("Say what to set, like --name 'Harbor & Pine Supply'.")
    Company.current().introduce(**changes)
    for name in changes:
        click.echo(f"{name.replace('_', '-')} is set.")
