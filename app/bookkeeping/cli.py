"""`flask export payments`: exports payments for the books, by hand or from cron."""

from pathlib import Path

import click
from flask import current_app
from flask.cli import AppGroup

from app.bookkeeping.formats import FORMATS
from app.bookkeeping.runs import export_all
from app.models import Company, ExportRun
from app.models.audit import Actor

export = AppGroup("export", help="Files for your books.")


def init_app(app) -> None:
    app.cli.add_command(export)


@export.command("payments")
@click.option(
    "--format", "key", type=click.Choice(list(FORMATS)), default="csv", help="The system that imports the file."
)
@click.option(
    "--to",
    "folder",
    type=click.Path(exists=True, file_okay=False, writable=True, path_type=Path),
    default=".",
    help="The folder to write to. By default the current one.",
)
@click.option("--run", "number", type=click.IntRange(1), help="Write the file of this run again, and export nothing.")
def export_payments(key: str, folder: Path, number: int | None):
    """Export the payments, reversals and refunds that are in no run yet. Prints the path of each file, and nothing if
    there is nothing to export."""
    if number is not None:
        run = ExportRun.by_number(number)
        if run is None:
            raise click.ClickException(f"There is no run {number}.")
        write(run, folder)
        return
    actor = Actor("console", current_app.extensions["clock"](), current_app.config["PORTAL"].portal_url)
    for run in export_all(FORMATS[key], Company.current(), actor):
        write(run, folder)


def write(run: ExportRun, folder: Path) -> None:
    path = folder / run.file_name
    try:
        path.write_bytes(bytes(run.content))
    except OSError as error:
        raise click.ClickException(
            f"{path} can't be written: {error.strerror}. The run was created: write its file with --run {run.number}."
        ) from None
    click.echo(path)
