"""`flask backup`; and `flask init`, `restore`, `move-database` and `accept-secret-key`, which need no database to
start."""

import contextlib
import logging
import os
import sys
from pathlib import Path

import click
from flask import Flask, current_app
from flask.cli import with_appcontext
from peewee import PeeweeException

from app.clock import from_ms, system_clock
from app.config import Config, ConfigError
from app.database import open_database
from app.extensions import db
from app.models import Deployment
from app.storage.backup import back_up, note_backup
from app.storage.errors import Unusable
from app.storage.moving import move_database
from app.storage.restore import Replacement, restore
from app.storage.server_errors import database_error_text
from app.storage.startup import bring_up

NO_NAME = "a company without a name"
VALUES = ("-A", "--app", "-e", "--env-file")


@click.command("backup")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--overwrite", is_flag=True, help="Replace FILE if it exists.")
@with_appcontext
def backup_command(file: Path, overwrite: bool):
    """Copy the database to FILE while the portal runs, and check the copy."""
    config = current_app.config["PORTAL"]
    clock = current_app.extensions["clock"]
    logging.getLogger("peewee.migrations").setLevel(logging.WARNING)  # a copy of PostgreSQL begins with them
    began = clock()
    size = or_exit(lambda: back_up(config, file, began, overwrite=overwrite))
    with contextlib.suppress(PeeweeException), db.connection_context():
        note_backup(began, clock())
    click.echo(f"Backed up to {file} ({size / 1e6:,.1f} MB) and checked.")
    key = config.instance / "secret_key"
    click.echo(f"Keep {key if key.exists() else 'SECRET_KEY'} too, in another place: without it no password works.")


@click.command("restore")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--new-secret-key", is_flag=True, help="The secret key is lost; everyone will need a new password.")
@click.option("--yes", is_flag=True, help="Restore without asking.")
def restore_command(file: Path, new_secret_key: bool, yes: bool):
    """Put the backup FILE in the place of the database. Stop the portal first."""
    config = config_or_exit(make_key=new_secret_key)

    def confirm(found: Replacement) -> None:
        echo_replacement(found, file, config)
        if not yes:
            click.confirm("Restore it?", abort=True)

    kept = or_exit(lambda: restore(config, file, system_clock(), new_key=new_secret_key, confirm=confirm))
    click.echo(f"Restored {file} to {config.database_name}.")
    if kept:
        click.echo(f"The previous database is now {kept}.")
    click.echo(
        "All sessions, and all set-up and reset links, have ended: everyone has to log in again. Passwords and access "
        "are as they were at the time of the backup. Repeat the changes that were made since."
    )
    click.echo(
        "Start the portal. Online payment stays paused until its worker has compared the payments with "
        "Braintree and booked those made since the backup."
    )


def echo_replacement(found: Replacement, file: Path, config: Config) -> None:
    made = f", backed up {from_ms(found.made_ms):%Y-%m-%d %H:%M} UTC" if found.made_ms else ""
    click.echo(f"Backup: {found.company or NO_NAME}{made}, {file}")
    click.echo(f"Portal: {config.portal_url}, {config.environment}, {config.database_name}")
    if found.replaced is not None:
        click.echo(f"It replaces: {found.replaced or NO_NAME}, which is kept in a file.")


@click.command("move-database")
@click.argument("source", metavar="FROM")
@click.argument("target", metavar="TO")
def move_command(source: str, target: str):
    """Copy the portal's database FROM one place TO another, an empty one: sqlite:///PATH or
    postgresql://user:password@host:5432/database. Stop the portal first."""
    old, new = config_or_exit(make_key=False, database_url=source), config_or_exit(make_key=False, database_url=target)
    click.echo(f"Copying {old.database_name} to {new.database_name}.")
    wrong = or_exit(lambda: move_database(old, new, system_clock(), click.echo))
    if wrong:
        rows = ", ".join(wrong[:5]) + (", …" if len(wrong) > 5 else "")
        click.echo(f"As before, the amounts of {len(wrong):,} rows are not the sums of their payments: {rows}.")
    click.echo(f"Moved to {new.database_name}. What to do now:")
    click.echo("1. Set DATABASE_URL to the new database where the portal's settings are, on every host.")
    click.echo(f"2. Leave INSTANCE_PATH as it is. {own_files(new.instance, old.data_path, new.data_path)}")
    click.echo("3. Start the portal, and run flask doctor.")
    click.echo(
        f"Keep {old.database_name} as a backup. A portal that is started on it takes it for one: it logs everyone out, "
        "and pauses online payment until the payments are compared with Braintree."
    )


def own_files(folder: Path, *databases: Path) -> str:
    names = tuple(path.name for path in databases)
    others = sorted(path.name for path in folder.iterdir() if not path.name.startswith(names))
    return f"Of {folder} are not in the database: {', '.join(others)}." if others else "It has no other files."


@click.command("accept-secret-key")
@click.confirmation_option(prompt="Passwords that were set with the old key will stop working. Continue?")
def accept_secret_key_command():
    """Continue with a new secret key after the old one was lost or replaced. Everyone needs a new password."""
    config = config_or_exit(make_key=True)
    db.initialize(open_database(config.database_url))
    try:
        with db.connection_context():
            Deployment.replace_key(config.keys, system_clock())
    except PeeweeException as error:
        raise click.ClickException(database_error_text(error, config)) from error
    click.echo("The portal starts with this key. Administrators get a new password with: flask create-admin EMAIL")


@click.command("init")
def init_command():
    """Make an empty database, if there is none."""
    config = config_or_exit(make_key=None)
    bring_up_or_exit(config)
    click.echo(f"The database is {config.database_name}.")


def bring_up_or_exit(config: Config) -> None:
    try:
        bring_up(config, system_clock())
    except ConfigError as error:
        raise click.ClickException("\n".join(error.problems)) from None


def or_exit(work):
    try:
        return work()
    except Unusable as problem:
        raise click.ClickException(str(problem)) from None


def config_or_exit(*, make_key: bool | None, **settings: str) -> Config:
    """The configuration from the environment. `settings` replace its values."""
    more = {name.upper(): value for name, value in settings.items()}
    try:
        return Config.from_env({**os.environ, **more}, make_key=make_key)
    except ConfigError as error:
        raise click.ClickException("\n".join(error.problems)) from None


OFFLINE = {
    "restore": restore_command,
    "move-database": move_command,
    "accept-secret-key": accept_secret_key_command,
    "init": init_command,
}


def offline_app(*more: click.Command, arguments: list[str] = sys.argv) -> Flask | None:
    """If one of the commands that work without a usable database was called: an app with only these and the `more`
    commands."""
    commands = OFFLINE | {str(command.name): command for command in more}
    if command_name(arguments) not in commands:
        return None
    os.umask(0o077)
    app = Flask("app")
    for command in commands.values():
        app.cli.add_command(command)
    return app


def command_name(arguments: list[str]) -> str:
    program = Path(arguments[0])
    if program.name != "flask" and program.parent.name != "flask":
        return ""
    words, skip = arguments[1:], False
    for word in words:
        if skip or word.startswith("-"):
            skip = word in VALUES
            continue
        return word
    return ""


def init_app(app) -> None:
    for command in (backup_command, *OFFLINE.values()):
        app.cli.add_command(command)
