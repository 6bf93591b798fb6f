"""Commands about administrators: `flask create-admin`, `remove-admin`, `first-administrator`, `reset-two-factor`."""

import sys

import click
from flask import current_app
from flask.cli import with_appcontext

from app.accounts import passwords, two_factor
from app.accounts.password_policy import Policy
from app.clock import to_ms
from app.email_addresses import is_email, normal_email
from app.models import Audit, Company, FirstRun, Link, User, one_transaction
from app.models.audit import Actor
from app.models.base import locked

ACTOR = "console"
password_stdin = click.option("--password-stdin", is_flag=True, help="Read the password from standard input.")


def init_app(app) -> None:
    for command in (create_admin, remove_admin, first_administrator, reset_two_factor):
        app.cli.add_command(command)


@click.command("create-admin")
@click.argument("email")
@click.option("--name", default="", help="How the portal greets them.")
@password_stdin
@with_appcontext
def create_admin(email, name, password_stdin):
    """Create an administrator, or give an existing one a new password."""
    email = checked(email)
    name, password = name.strip(), read_password(password_stdin)
    password_hash = hashed(password, User.by_email(email) or User(email=email, name=name))
    make_administrator(email, name, password_hash)
    click.echo(f"Administrator: {email}. Log in at {portal_url()}/login")


@one_transaction
def make_administrator(email: str, name: str, password_hash: str) -> None:
    user = User.by_email(email) or User.create(email=email, name=name, created_ms=to_ms(now()))
    if user.accesses.exists() and not user.is_administrator:  # any manager can invite an administrator
        raise click.ClickException(f"{email} is a customer's login. Use another address.")
    if user.set_administrator(True):
        write_audit("administrator_made", user)
    passwords.set_by_administrator(user, password_hash, actor(), must_change=False)
    FirstRun.close(now())


@click.command("remove-admin")
@click.argument("email")
@with_appcontext
def remove_admin(email):
    """Take EMAIL's rights, password and second factor away, and log them out. The last administrator stays."""
    email = remove_administrator(email)
    click.echo(f"{email} is no longer an administrator and is logged out everywhere.")


@one_transaction
def remove_administrator(email: str) -> str:
    user = administrator_by_email(email)
    if len(list(locked(User.administrators()))) == 1:
        raise click.ClickException(f"{user.email} is the last administrator. Make another one first.")
    user.set_administrator(False)
    user.drop_second_factor()
    user.set_password(None)
    Link.end_all(user, now())
    write_audit("administrator_removed", user)
    return user.email


@click.command("first-administrator")
@with_appcontext
def first_administrator():
    """Print a new link to the page that creates the first administrator. It cancels the old link."""
    token = FirstRun.issue(current_app.config["PORTAL"].keys, now())
    if token is None:
        raise click.ClickException("An administrator already exists. To create another, run: flask create-admin EMAIL")
    click.echo(f"Create the first administrator: {portal_url()}/first-administrator/{token}")


@click.command("reset-two-factor")
@click.argument("email")
@with_appcontext
def reset_two_factor(email):
    """Switch two-factor authentication off for EMAIL, who has lost the devices and the recovery codes."""
    email = drop_second_factor(email)
    click.echo(f"Two-factor authentication is off for {email}, who is logged out everywhere.")


@one_transaction
def drop_second_factor(email: str) -> str:
    user = user_by_email(email)
    user.drop_second_factor()
    user.end_sessions()
    two_factor.record(user, "two_factor_off", actor(), Company.current())
    return user.email


def user_by_email(email: str) -> User:
    user = User.by_email(normal_email(email))
    if user is None:
        raise click.ClickException(f"There is no login with the address {email!r}.")
    return user


def administrator_by_email(email: str) -> User:
    user = User.by_email(normal_email(email))
    if user is None or not user.is_administrator:
        raise click.ClickException(f"{email!r} is not an administrator's login.")
    return user


def hashed(password: str, user: User) -> str:
    policy, hasher = Policy.for_person(user, Company.current()), current_app.extensions["hasher"]
    try:
        return passwords.hash_new(password, policy, hasher)
    except passwords.Unacceptable as problem:
        raise click.ClickException(f"{problem}.") from problem


def write_audit(event: str, user: User) -> None:
    Audit.write(event, to_ms(now()), subject=f"user:{user.email}", actor=ACTOR)


def checked(email: str) -> str:
    email = normal_email(email)
    if not is_email(email):
        raise click.ClickException(f"{email!r} is not an email address, like name@example.com.")
    return email


def read_password(from_stdin: bool) -> str:
    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    return click.prompt("Password", hide_input=True, confirmation_prompt=True)


def actor() -> Actor:
    return Actor(ACTOR, now(), portal_url())


def now():
    return current_app.extensions["clock"]()


def portal_url() -> str:
    return current_app.config["PORTAL"].portal_url
