"""`flask create-admin`, `give-access`, `take-access`: what the pages of the next issue will do."""

import sys

import click
from flask import current_app
from flask.cli import with_appcontext

from app.auth import change, invite
from app.auth.forms import is_email, normal_email
from app.auth.letters import in_words
from app.auth.policy import Policy
from app.clock import to_ms
from app.models import Access, Company, Customer, Link, Role, User, db

ACTOR = "console"
password_stdin = click.option("--password-stdin", is_flag=True, help="Read the password from standard input.")


def init_app(app) -> None:
    for command in (create_admin, give_access, take_access):
        app.cli.add_command(command)


@click.command("create-admin")
@click.argument("email")
@click.option("--name", default="", help="How the portal greets them.")
@password_stdin
@with_appcontext
def create_admin(email, name, password_stdin):
    """Make an administrator, or give an existing one a new password."""
    email = checked(email)
    password = read_password(password_stdin)
    with db.atomic():
        user = User.by_email(email) or new_user(email, name, is_administrator=True)
        if not user.is_administrator:
            raise click.ClickException(f"{email} is a customer's login. Use another address.")
        set_password(user, password, must_change=False)
    click.echo(f"Administrator: {email}. Log in at {portal_url()}/login")


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
    password = read_password(True) if password_stdin else None
    with db.atomic():
        user = User.by_email(email) or new_user(email, name)
        if user.is_administrator:
            raise click.ClickException(f"{email} is an administrator. Use another address.")
        if not (password or send_email or user.password_hash):
            raise click.ClickException(f"{email} has no password yet. Add --send-email or --password-stdin.")
        Access.give(user, customer, role, actor=ACTOR, now=now())
        if password:
            set_password(user, password, must_change=not keep_password)
        if send_email:
            send_link(user)
    click.echo(f"{email} has access to {customer.name} as {role.name}.")


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
    access.take(actor=ACTOR, now=now())
    click.echo(f"{email} has no access to {customer.name} any more.")


def checked(email: str) -> str:
    email = normal_email(email)
    if not is_email(email):
        raise click.ClickException(f"{email!r} is not an email address, like name@example.com.")
    return email


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


def new_user(email: str, name: str, **more) -> User:
    return User.create(email=email, name=name.strip(), created_ms=to_ms(now()), **more)


def read_password(from_stdin: bool) -> str:
    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    return click.prompt("Password", hide_input=True, confirmation_prompt=True)


def set_password(user: User, password: str, must_change: bool) -> None:
    problem = Policy.for_person(user, Company.current()).problem(password)
    if problem:
        raise click.ClickException(problem + ".")
    with current_app.extensions["hasher"].turn() as turn:
        change.by_administrator(user, turn.hash(password), now(), actor=ACTOR, must_change=must_change)


def send_link(user: User) -> None:
    """A set-up link; for whoever has a password, one to reset it."""
    purpose, life = Link.SETUP, invite.setup_life(Company.current())
    if user.password_hash:
        purpose, life = Link.RESET, invite.RESET_LIFE
    invite.send(user, purpose, now(), life, portal_url=portal_url(), actor=ACTOR)
    click.echo(f"{user.email} is sent a link that works once and stops working after {in_words(life)}.")


def now():
    return current_app.extensions["clock"]()


def portal_url() -> str:
    return current_app.config["PORTAL"].portal_url
