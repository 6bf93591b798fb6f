"""`flask import customers FILE`, `flask import invoices FILE` and `flask import payments FILE`."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import click
import peewee
from flask import current_app
from flask.cli import AppGroup

from app.extensions import db
from app.imports import customers, invoices, payments
from app.imports.answers import ALL, Answers
from app.imports.csv_reader import Progress, Source
from app.imports.customer_columns import CUSTOMER_COLUMNS
from app.imports.invoice_columns import INVOICE_COLUMNS
from app.imports.invoice_options import InvoiceOptions
from app.imports.mapping import Column, Mapping, read_mapping
from app.imports.messages import access_summary
from app.imports.parsing import DATE_FORMATS, Values
from app.imports.parts import LOCK
from app.imports.payment_columns import PAYMENT_COLUMNS
from app.imports.payments import PaymentOptions
from app.imports.plan import ImportPlan
from app.imports.portal_payments import MADE_HERE_CHOICES
from app.imports.report import FileProblem, ImportReport, Problems, Rejected, error_hint
from app.imports.staging import staging_database
from app.models import Company
from app.models.audit import Actor

EVERY_BAR, EVERY_LINE = 2_000, 20_000

imports = AppGroup("import", help="Import customers, invoices, payments and PDFs from files.")
FILE = click.argument("file", type=click.Path(exists=True, dir_okay=False, readable=True, path_type=Path))

MAP = click.option(
    "--map",
    "mapped",
    multiple=True,
    metavar='"COLUMN=FIELD"',
    help='Which column of the file holds which field, like --map "Client code=Customer number"; '
    '"COLUMN=" leaves a column out. Repeat it for each column.',
)


@imports.command("customers")
@FILE
@click.option(
    "--new",
    multiple=True,
    metavar="NUMBER",
    help="This customer is a different one, although another customer has its email; with --new all, every such "
    "customer is.",
)
@MAP
def import_customers(file: Path, new: tuple[str, ...], mapped: tuple[str, ...]):
    """Bring in customers from FILE: CSV, .xlsx or .ods. The same file twice changes nothing."""
    mapping = checked_mapping(mapped, CUSTOMER_COLUMNS)
    import_file(file, partial(customers.plan, file, mapping=mapping, new=new), "customers")


@imports.command("invoices")
@FILE
@click.option("--currency", metavar="CODE", help="Currency of rows without one, like USD.")
@click.option("--date-format", type=click.Choice(list(DATE_FORMATS)), help="How dates are written in the file.")
@click.option("--decimal", type=click.Choice((".", ",")), help="The decimal mark of the file's amounts.")
@click.option(
    "--payments-made-here",
    "made_here",
    type=click.Choice(MADE_HERE_CHOICES),
    help="Whether the file includes what customers have paid in this portal: in any of its amounts (the "
    "default for documents with an amount due), in what is paid or due but not in credits, or not at "
    "all. For documents without an amount due the answer is remembered.",
)
@click.option(
    "--same",
    multiple=True,
    metavar="NUMBER=NUMBER",
    help="The first number, of the file, is the document with the second number here: --same 17=0000017. "
    "With --same all, every two in doubt that agree in date and total are. Remembered.",
)
@click.option(
    "--new",
    multiple=True,
    metavar="NUMBER",
    help="This number of the file is a different document, although it looks like one here. With --new "
    "all, so is every document whose number another customer has.",
)
@click.option(
    "--reopen",
    "reopened",
    multiple=True,
    metavar="NUMBER",
    help="This document, which is void or settled here, is open again; with --reopen all, every such one is.",
)
@click.option(
    "--keep-closed",
    "kept_closed",
    multiple=True,
    metavar="NUMBER",
    help="This document stays void or settled here, though the file has it as open; or all. Remembered.",
)
@click.option(
    "--lines-differ",
    type=click.Choice(("refuse", "keep")),
    default="refuse",
    help="What to do with documents whose lines don't add up to their total: refuse the file, or keep them.",
)
@MAP
def import_invoices(
    file: Path,
    currency: str | None,
    date_format: str | None,
    decimal: str | None,
    made_here: str | None,
    same: tuple[str, ...],
    new: tuple[str, ...],
    reopened: tuple[str, ...],
    kept_closed: tuple[str, ...],
    lines_differ: str,
    mapped: tuple[str, ...],
):
    """Bring in invoices and credit memos from FILE: our template or the export of another system as CSV, .xlsx or
    .ods; e-invoices; or PDFs in a ZIP that are named like their documents."""
    options = InvoiceOptions(
        currency=checked_currency(currency),
        date_format=date_format,
        decimal=decimal,
        made_here=made_here,
        answers=checked_answers(same, new, reopened, kept_closed),
        mapping=checked_mapping(mapped, INVOICE_COLUMNS),
        allow_line_differences=lines_differ == "keep",
    )
    import_file(file, partial(invoices.plan, file, Company.current(), options), "invoices and credit memos")


@imports.command("payments")
@FILE
@click.option("--currency", metavar="CODE", help="Currency of rows without one, like USD.")
@click.option("--date-format", type=click.Choice(list(DATE_FORMATS)), help="How dates are written in the file.")
@click.option("--decimal", type=click.Choice((".", ",")), help="The decimal mark of the file's amounts.")
@click.option(
    "--in-doubt",
    type=click.Choice(("ask", "record", "leave-out")),
    default="ask",
    help="What to do with payments that may be here or in your books already: refuse the file, record them, or not.",
)
@MAP
def import_payments(
    file: Path,
    currency: str | None,
    date_format: str | None,
    decimal: str | None,
    in_doubt: str,
    mapped: tuple[str, ...],
):
    """Record payments received elsewhere from FILE: CSV, .xlsx or .ods. The same file twice changes nothing."""
    options = PaymentOptions(
        currency=checked_currency(currency),
        date_format=date_format,
        decimal=decimal,
        mapping=checked_mapping(mapped, PAYMENT_COLUMNS),
        another=frozenset({ALL} if in_doubt == "record" else ()),
        counted=frozenset({ALL} if in_doubt == "leave-out" else ()),
    )
    import_file(file, partial(payments.plan, file, Company.current(), options), "payments")


def import_file(file: Path, plan: Callable[..., ImportPlan], what: str) -> None:
    echo_target()
    with progress_of(file) as progress:
        report = run_import(file, partial(plan, progress=progress), current_actor())
    echo_report(file, report, what)


class EchoedProgress(Progress):
    """A progress bar on a terminal, otherwise an occasional line. Always on standard error."""

    def __init__(self, bar: Any = None):
        self.bar = bar

    def row(self, row: int, source: Source) -> None:
        if self.bar is None and row % EVERY_LINE == 0:
            click.echo(f"{source.name}: {row:,} rows read", err=True)
        elif self.bar is not None and row % EVERY_BAR == 0:
            self.bar.update(source.position() - self.bar.pos)

    def checking(self, documents: int) -> None:
        text = f"Checking and writing {documents:,} document{'' if documents == 1 else 's'}…"
        click.echo(f"\n{text}" if self.bar is not None else text, err=True)


@contextmanager
def progress_of(file: Path) -> Iterator[Progress]:
    if not sys.stderr.isatty():
        yield EchoedProgress()
        return
    size = max(file.stat().st_size, 1)
    with click.progressbar(length=size, label=file.name, file=sys.stderr) as bar:
        yield EchoedProgress(bar)
        bar.update(size - bar.pos)


def echo_target() -> None:
    # Where a file goes follows from settings that one can forget in another shell.
    config = current_app.config["PORTAL"]
    name = Company.current().name or "a company without a name yet"
    place = f"{config.portal_url}, {config.environment}, {config.database_name}"
    click.echo(f"Importing into {name}, {place}", err=True)


def current_actor() -> Actor:
    return Actor("console", current_app.extensions["clock"](), current_app.config["PORTAL"].portal_url)


def checked_currency(text: str | None) -> str:
    problems = Problems()
    code = Values(problems).currency(text, "--currency") if text else ""
    if problems:
        raise click.BadParameter(problems.first[0].reason, param_hint="--currency")
    return code


def checked_answers(*options: tuple[str, ...]) -> Answers:
    try:
        return Answers.read(*options)
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--same") from None


def checked_mapping(options: tuple[str, ...], columns: tuple[Column, ...]) -> Mapping:
    try:
        return read_mapping(options, columns)
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--map") from None


def run_import(file: Path, read: Callable[[], ImportPlan], actor: Actor | None) -> ImportReport:
    """Import what `read` plans and return the report. On bad rows, print each to standard error and exit with code
    1."""
    plan = None
    try:
        with staging_database(), import_lock():
            plan = read()
            if not plan.problems:
                plan.prepare(current_app.extensions["hasher"])
            return plan.apply(actor)
    except FileProblem as error:
        click.echo(f"\n{file.name} was not imported; {what_was_written(plan)}\n{error}", err=True)
    except KeyboardInterrupt:
        click.echo(f"\nStopped; {what_was_written(plan)}", err=True)
    except (OSError, peewee.DatabaseError) as error:
        if not (why := error_hint(error)):
            raise
        click.echo(f"\n{file.name} was not imported; {what_was_written(plan)}\n{why}", err=True)
    except Rejected as rejected:
        click.echo(f"\n{file.name} was not imported; {what_was_written(plan)}", err=True)
        for problem in rejected.problems.first:
            click.echo(f"  {problem}", err=True)
        more = rejected.problems.count - len(rejected.problems.first)
        if more:
            click.echo(f"  … and {more:,} more.", err=True)
        for advice in rejected.problems.advice:
            click.echo(advice, err=True)
        click.echo(f"Problems: {rejected.problems.count:,}. Correct them and import the file again.", err=True)
    raise SystemExit(1)


@contextmanager
def import_lock() -> Iterator[None]:
    """Allow one import at a time, including the worker's. Two concurrent files could add the same document."""
    while True:
        with db.try_lock(LOCK) as has_lock:
            if has_lock:
                yield
                return
        time.sleep(1)


def what_was_written(plan: ImportPlan | None) -> str:
    if plan is None or not plan.is_begun:
        return "nothing was changed."
    return "but a part of it was. Import it again for the rest: what is imported already doesn't change."


def echo_report(file: Path, report: ImportReport, what: str) -> None:
    click.echo(f"{file.name}, {what}: {report.new:,} new, {report.changed:,} changed, {report.unchanged:,} unchanged.")
    if report.access:
        click.echo(f"Access: {access_summary(report.access)}.")
    for reason, count in sorted(report.left_out.items()):
        click.echo(f"Left out: {count:,} {reason}.")
    for note in report.notes:
        click.echo(note)
