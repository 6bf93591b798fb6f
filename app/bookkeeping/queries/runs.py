"""The list of export runs, entries that are not exported yet, and entries that the books have not confirmed."""

from collections import Counter
from dataclasses import dataclass
from typing import NamedTuple

from peewee import fn

from app.bookkeeping.queries.entries import PAYMENT, Entry, of_lines, totals_not_exported
from app.models import Audit, Company, ExportLine, ExportRun
from app.models.base import page_by_id, tuples

PAGE_SIZE = 25
MAX_ENTRIES = 200


@dataclass(frozen=True)
class Amounts:
    """The number of entries, and their total as {currency: minor units}."""

    count: int
    minor: dict[str, int]


class RunRow(NamedTuple):
    run: ExportRun
    amounts: Amounts
    confirmed: int

    @property
    def is_confirmed(self) -> bool:
        return self.confirmed == self.amounts.count


class Page(NamedTuple):
    rows: list[RunRow]
    newer: bool
    older: bool


class Unconfirmed(NamedTuple):
    """An entry that no file has confirmed. `why` says why no file of invoices can confirm it; '' if one can."""

    entry: Entry
    why: str


def page(before: int | None, after: int | None) -> Page:
    runs, newer, older = page_by_id(ExportRun.without_content(), ExportRun.id, PAGE_SIZE, before, after)
    return Page(rows_of(runs), newer, older)


def rows_of(runs: list[ExportRun]) -> list[RunRow]:
    sums = ExportLine.select(
        ExportLine.run,
        ExportLine.currency,
        fn.COUNT(ExportLine.id),
        fn.SUM(ExportLine.amount_minor),
        fn.COUNT(ExportLine.confirmed_ms),
    ).where(ExportLine.run.in_([run.id for run in runs]))
    counts: Counter[int] = Counter()
    confirmed: Counter[int] = Counter()
    minor: dict[int, dict[str, int]] = {run.id: {} for run in runs}
    for run_id, currency, count, amount, done in tuples(sums.group_by(ExportLine.run, ExportLine.currency)):
        counts[run_id] += count
        confirmed[run_id] += done
        minor[run_id][currency] = amount
    return [RunRow(run, Amounts(counts[run.id], minor[run.id]), confirmed[run.id]) for run in runs]


def waiting(company: Company) -> Amounts:
    found = totals_not_exported(company)
    return Amounts(
        sum(count for count, _ in found.values()), {currency: minor for currency, (_, minor) in found.items()}
    )


def not_confirmed() -> Amounts:
    """The unconfirmed entries of all runs."""
    rows = ExportLine.select(ExportLine.currency, fn.COUNT(ExportLine.id), fn.SUM(ExportLine.amount_minor))
    found = list(tuples(rows.where(ExportLine.confirmed_ms.is_null()).group_by(ExportLine.currency)))
    return Amounts(sum(row[1] for row in found), {row[0]: row[2] for row in sorted(found)})


def unconfirmed(run: ExportRun, company: Company) -> list[Unconfirmed]:
    """The first MAX_ENTRIES unconfirmed entries of a run."""
    lines = ExportLine.select().where(ExportLine.run == run.id, ExportLine.confirmed_ms.is_null())
    entries = of_lines(list(lines.order_by(ExportLine.id).limit(MAX_ENTRIES)), company)
    return [Unconfirmed(entry, manual_reason(entry)) for entry in entries]


def manual_reason(entry: Entry) -> str:
    """Why no file of invoices can confirm the entry; '' if one can."""
    if entry.kind != PAYMENT:
        return f"A {entry.kind.lower()} is in no file of invoices"
    if not entry.parts:
        return "It pays no invoice"
    attempt = entry.attempt
    is_current = attempt.is_believed and attempt.transaction_id == entry.transaction_id
    return "" if is_current else "It was reversed later"


def lost_with_backup() -> Audit | None:
    """The audit line of a restored backup if no run was made since. Runs that were made after the backup are lost."""
    restored, newest = Audit.last("restored"), ExportRun.newest()
    return restored if restored and (newest is None or newest.created_ms < restored.at_ms) else None
