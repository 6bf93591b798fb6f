"""Makes export runs, and confirms them by hand."""

from collections.abc import Iterator

from app.bookkeeping.formats import Format
from app.bookkeeping.queries.entries import Entry, not_exported, totals_not_exported
from app.clock import to_ms, today
from app.models import Audit, Company, ExportLine, ExportRun, one_transaction
from app.models.audit import Actor
from app.web.formatting import usable_locale

BATCH = 500


def export(wanted: Format, company: Company, actor: Actor) -> list[ExportRun]:
    """Put entries that are not exported yet into a run, or into one run per currency if the format needs that. Entries
    that don't fit into the file are left for the next run. The list is empty if there is nothing to export, or if other
    runs took the entries at the same time."""
    currencies = list(totals_not_exported(company)) if wanted.one_currency else [""]
    runs = [make_run(wanted, company, actor, currency) for currency in currencies]
    return [run for run in runs if run is not None]


@one_transaction
def make_run(wanted: Format, company: Company, actor: Actor, currency: str = "") -> ExportRun | None:
    """None if there is nothing to export, or if another run took all entries first."""
    rows, entries = rows_that_fit(wanted, company, currency)
    if not entries:
        return None
    number = ExportRun.next_number()
    day = today(actor.now, company.time_zone)
    run = ExportRun.create(
        number=number,
        format=wanted.key,
        file_name=f"payments-{number}-{wanted.key}-{day.isoformat()}.csv",
        actor=actor.email,
        created_ms=to_ms(actor.now),
        content=wanted.file(rows),
    )
    lines = [{"run": run.id, **entry.line} for entry in entries]
    for start in range(0, len(lines), BATCH):
        ExportLine.insert_many(lines[start : start + BATCH]).execute()
    Audit.write_by(actor, "payments_exported", f"export:{number}", format=wanted.key, payments=len(entries))
    return run


def rows_that_fit(wanted: Format, company: Company, currency: str) -> tuple[list[tuple], list[Entry]]:
    """(rows, entries): as many as fit into one file."""
    locale = usable_locale(company.locale)
    rows: list[tuple] = []
    entries: list[Entry] = []
    for entry in not_exported(company, currency):
        found = wanted.rows_of(entry, locale)
        if len(rows) + len(found) > wanted.most_rows:
            break
        rows += found
        entries.append(entry)
    return rows, entries


def export_all(wanted: Format, company: Company, actor: Actor) -> Iterator[ExportRun]:
    """Make runs until nothing is left."""
    while runs := export(wanted, company, actor):
        yield from runs


@one_transaction
def confirm(run: ExportRun, actor: Actor) -> int:
    """Mark all entries of the run as confirmed. Returns how many were not confirmed before."""
    count = ExportLine.confirm_run(run, to_ms(actor.now), actor.email)
    if count:
        Audit.write_by(actor, "export_confirmed", f"export:{run.number}", payments=count)
    return count
