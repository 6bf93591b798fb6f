"""Commands about people with access: `flask give-access`, `take-access`, `export-personal-data` and
`erase-personal-data`."""

import json

import click
from flask import current_app
from flask.cli import with_appcontext

from app.accounts.cli import ACTOR, checked, now, password_stdin, portal_url, read_password, user_by_email
from app.customers import access_grants, personal_data
from app.customers.access_grants import Refused
from app.email_addresses import normal_email
from app.models import Access, Audit, Company, Customer, Role, User
from app.models.audit import Actor

ACCESS_OFF = (
    "Customer Access is off, so {email} can't log in yet. Turn it on under Setup > Company > Enable Features > "
    "Web Presence."
)
CONSOLE_MESSAGES = {"notify": "{email} has no password yet. Add --send-email or --password-stdin."}


def init_app(app) -> None:
    for command in (give_access, take_access, export_personal_data, erase_personal_data):
        app.cli.add_command(command)


@click.command("give-access")
@click.argument("customer_number")
@click.argument("email")
@click.option("--name", default="", help="The person's name.")
@click.option("--role", default=Role.DEFAULT, show_default=True, help="A Customer Center role.")
@click.option("--send-email", is_flag=True, help="Send New Access Notification Email.")
@click.option("--keep-password", is_flag=True, help="Demo only: no new password at the first log-in.")
@password_stdin
@with_appcontext
def give_access(customer_number, email, name, role, send_email, keep_password, password_stdin):
    """Let EMAIL log in and see the invoices of customer CUSTOMER_NUMBER."""
    customer, email, role = the_customer(customer_number), checked(email), the_role(role)
    if send_email and password_stdin:
        raise click.ClickException("Choose one: --send-email, or --password-stdin to set it yourself.")
    if keep_password and not current_app.config["PORTAL"].demo:
        raise click.ClickException("--keep-password is for the demo: people choose their own password.")
    password_hash = assigned(customer, email, name, read_password(True)) if password_stdin else None
    company = Company.current()
    try:
        access_grants.grant_access(
            customer,
            email,
            role,
            current_actor(),
            company,
            name=name.strip(),
            notify=send_email,
            password_hash=password_hash,
            must_change=not keep_password,
        )
    except Refused as refused:
        raise click.ClickException(CONSOLE_MESSAGES.get(refused.field, refused.message).format(email=email)) from None
    if send_email:
        then = "sends it" if current_app.config["PORTAL"].has_mail else "saves it to a file, until SMTP_URL is set"
        click.echo(f"An email to {email} that says how to log in is queued; the worker {then}.")
    click.echo(f"{email} has access to {customer.name} as {role.name}.")
    if not company.customer_access:
        click.echo(ACCESS_OFF.format(email=email), err=True)


@click.command("take-access")
@click.argument("customer_number")
@click.argument("email")
@with_appcontext
def take_access(customer_number, email):
    """Take the access of EMAIL to customer CUSTOMER_NUMBER away, and log them out."""
    customer, email = the_customer(customer_number), normal_email(email)
    user = User.by_email(email)
    access = user and Access.given_to(user).where(Access.customer == customer).first()
    if not access:
        raise click.ClickException(f"{email} has no access to {customer.name}.")
    access_grants.revoke_access(access, current_actor())
    click.echo(f"{email} no longer has access to {customer.name}.")


@click.command("export-personal-data")
@click.argument("email")
@with_appcontext
def export_personal_data(email):
    """Print all that is stored about EMAIL, as JSON."""
    user = user_by_email(email)
    text = json.dumps(personal_data.export(user, now()), indent=2, ensure_ascii=False)
    Audit.write_by(current_actor(), "personal_data_exported", f"user:{user.email}")
    click.echo(text)


@click.command("erase-personal-data")
@click.argument("email")
@click.option("--yes", is_flag=True, help="Erase without asking.")
@with_appcontext
def erase_personal_data(email, yes):
    """Take the access of EMAIL away, and replace their name and addresses. What the books need is kept."""
    user = user_by_email(email)
    if not yes:
        click.confirm(f"Erase the personal data of {user.email}? This can't be undone.", abort=True)
    try:
        pseudonym = personal_data.erase(user, current_actor())
    except personal_data.CannotErase as error:
        raise click.ClickException(str(error)) from None
    click.echo(f"Erased. In payments and in the audit trail they are now {pseudonym!r}.")


def the_customer(number: str) -> Customer:
    customer = Customer.get_or_none(Customer.number == number)
    if customer is None:
        raise click.ClickException(f"There is no customer with the number {number!r}.")
    return customer


def the_role(name: str) -> Role:
    role = Role.get_or_none(Role.name == name)
    if role is None:
        names = ", ".join(repr(one.name) for one in Role.by_name())
        raise click.ClickException(f"There is no role {name!r}. Choose one of: {names}.")
    return role


def assigned(customer: Customer, email: str, name: str, password: str) -> str:
    user, hasher = User.by_email(email), current_app.extensions["hasher"]
    if user and user.is_administrator:
        raise click.ClickException(access_grants.ADMINISTRATOR.format(email=email) + ".")
    try:
        return access_grants.hashed(
            password, access_grants.policy_for(Company.current(), customer, email, name), user, hasher
        )
    except Refused as refused:
        raise click.ClickException(refused.message + ".") from None


def current_actor() -> Actor:
    return Actor(ACTOR, now(), portal_url())
