"""What the worker does with uploads: plan them, apply what was previewed, and undo it.

Each step ends in one transaction that also changes the state of the run, if it is still this process's work. So a
process may die at any moment, and another one does the step again.
"""

import hashlib
import json
import logging
import shutil
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import peewee

from app.clock import to_ms
from app.database import change_log
from app.extensions import db
from app.imports import customers, invoices, payments, undo
from app.imports.choices import Choices, saved_mapping, saved_sheets
from app.imports.context import ImportContext
from app.imports.csv_reader import Progress, Source
from app.imports.mapping import NO_MAPPING
from app.imports.plan import ImportPlan, PlannedRow, RowOutcome
from app.imports.report import FileProblem, HeadingProblem, Rejected, error_hint
from app.imports.sources import LISTS
from app.imports.staging import StagingTable, execute, names, staging_database
from app.imports.survey import (
    COLUMNS,
    CUSTOMERS,
    INVOICES,
    PAYMENTS,
    Survey,
    cells_of,
    forget_guesses,
    hide_secrets,
    survey,
    take_fields,
)
from app.models import Audit, Company, ImportRow, ImportRun
from app.models.audit import Actor

logger = logging.getLogger(__name__)
MOST_TRIES = 5
MOST_QUESTIONS = 500
MOST_CORRECTABLE = 1_000
BEAT_SECONDS = 1.0
MOST_SHEETS_TRIED = 3  # each reads the workbook again
ONCE = ("currency", "date_format", "decimal", "made_here", "lines")  # one answer is good for the file
UNCLEAR = ("currency", "date_format", "decimal")  # without an answer, what the other rows would do isn't known
OF_THE_LAST_STEP = ("problem", "is_refused", "failed", "is_outdated", "refused", "ended")  # in the result of a run
PREVIEW = {
    "position": "INTEGER",
    "row": "INTEGER",
    **dict.fromkeys(("outcome", "customer_number", "kind", "number", "name", "currency"), "TEXT"),
    "total_minor": "BIGINT",
    "changes": "TEXT",
    "reason": "TEXT",
    "cells": "TEXT",
}


class Overtaken(Exception):
    """Another process has this work by now, or did it."""


class Outdated(Exception):
    """What the file would do is no longer what the preview shows."""


def work_once(context: ImportContext) -> bool:
    """Do the oldest work that no process is at; False if there is none."""
    run = ImportRun.claim_next(context.clock())
    if run is None:
        return False
    step = STEPS[run.state]
    try:
        if run.tries > MOST_TRIES:
            give_up(run, "It ended the worker several times. Try a smaller file, or see the worker's log.")
        else:
            step(run, context)
    except Overtaken:
        logger.info("import %s: overtaken", run.public_id)
    except Exception as error:
        logger.exception("import %s failed", run.public_id)
        hint = error_hint(error) if isinstance(error, OSError | peewee.DatabaseError) else ""
        give_up(run, hint or "An error in the portal: see the worker's log.")
    return True


def lasting(run: ImportRun) -> dict[str, Any]:
    return {name: value for name, value in run.findings.items() if name not in OF_THE_LAST_STEP}


def give_up(run: ImportRun, why: str) -> None:
    back = {ImportRun.PLANNING: ImportRun.PLANNED, ImportRun.APPLYING: ImportRun.PLANNED}.get(
        run.state, ImportRun.APPLIED
    )
    run.move(run.state, back, result=json.dumps({**lasting(run), "failed": why}), digest="")


@contextmanager
def file_of(run: ImportRun, context: ImportContext) -> Iterator[Path]:
    """The upload on disk, under its own name. What a dead process has left is removed first. Raises FileProblem."""
    folder = Path(tempfile.gettempdir()) / f"import-{run.public_id}"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o700)
    try:
        path = folder / run.file_name
        path.write_bytes(context.content_of(run))
        yield path
    finally:
        shutil.rmtree(folder, ignore_errors=True)


class KeptProgress(Progress):
    """Says now and then in the run how far it is, which also says that this process lives."""

    def __init__(self, run: ImportRun, context: ImportContext):
        self.run, self.clock, self.reported_at = run, context.clock, time.monotonic()

    def row(self, row: int, source: Source) -> None:
        if row % 500 == 0 and time.monotonic() - self.reported_at > BEAT_SECONDS:
            self.report(min(80, 80 * source.position() // max(source.size, 1)))

    def checking(self, documents: int) -> None:
        self.report(85)

    def report(self, percent: int) -> None:
        self.reported_at = time.monotonic()
        self.run.report(percent, self.clock())


def plan_of(
    run: ImportRun, path: Path, kind: str, choices: Choices, company: Company, context: ImportContext
) -> ImportPlan:
    progress = KeptProgress(run, context)
    if kind == CUSTOMERS:
        return customers.plan(path, **choices.customer_options(), progress=progress)
    if kind == PAYMENTS:
        return payments.plan(path, company, choices.payment_options(context.clock()), progress=progress)
    return invoices.plan(path, company, choices.invoice_options(context.clock()), progress=progress)


def make_plan(run: ImportRun, context: ImportContext, known: dict[str, Any] | None = None) -> None:
    """`known` goes into the result."""
    choices, result = Choices.of(run.choices), known or {}
    seen, plan, cells = None, None, dict[int, list[str]]()
    with staging_database():
        try:
            with file_of(run, context) as path:
                seen = survey_of(run, path, choices)
                use_saved_mapping(seen, choices)
                hide_secrets(
                    seen.columns,
                    dict(enumerate(choices.columns.get(one.heading) or one.guess for one in seen.columns)),
                )
                if seen.kind and not asks_for_sheet(seen, choices):
                    plan = plan_of(run, path, seen.kind, choices, Company.current(), context)
                    take_fields(seen.columns, plan.table)
                    bad = {problem.row for problem in plan.problems.first[:MOST_CORRECTABLE]}
                    bad -= plan.problems.withheld
                    secret = plan.table.secret
                    choices.forget_corrections(secret, plan.problems.withheld)
                    cells = cells_of(path, seen.kind, choices.mapped().headings, choices.corrections(), bad, secret)
        except FileProblem as problem:
            result |= {"problem": str(problem), "is_about_headings": isinstance(problem, HeadingProblem)}
            result |= {"twofold": problem.twofold} if isinstance(problem, HeadingProblem) else {}
            is_of_other_kind = run.kind not in ("", INVOICES) and LISTS in str(problem)
            forget_guesses(
                seen.columns if seen else [], [one for *_field, names in result.get("twofold", []) for one in names]
            )
            result["is_refused"] = seen is None and not is_of_other_kind
        keep_preview(run, plan, seen, choices, result | {"can_correct": bool(cells)}, cells)


def asks_for_sheet(seen: Survey, choices: Choices) -> bool:
    return len(seen.sheets) > 1 and not choices.sheet


def survey_of(run: ImportRun, path: Path, choices: Choices) -> Survey:
    """A first look: at the sheet that was chosen, or that columns were saved for. Without one, at the sheet that fits
    best, and which it is will be asked."""
    seen = survey(path, run.kind, choices.mapped(), choices.sheet)
    kinds = (run.kind,) if run.kind else tuple(COLUMNS)
    names = [name for name, _rows in seen.sheets] if asks_for_sheet(seen, choices) else []
    for sheet in saved_sheets(kinds, names)[:MOST_SHEETS_TRIED]:
        other = survey(path, run.kind, NO_MAPPING, sheet)
        saved = saved_mapping(kinds, (column.heading for column in other.columns), sheet)
        if saved and saved.sheet:
            choices.choose_sheet(sheet)
            return other
    return replace(seen, kind=run.kind, columns=[]) if names else seen


def use_saved_mapping(seen: Survey, choices: Choices) -> None:
    kinds = (seen.kind,) if seen.kind else tuple(COLUMNS)
    headings = [column.heading for column in seen.columns]
    saved = saved_mapping(kinds, headings, seen.sheet) if not choices.columns and headings else None
    if saved:
        seen.kind = saved.kind
        choices.columns, choices.mapping = saved.fields, saved.name


def keep_preview(
    run: ImportRun,
    plan: ImportPlan | None,
    seen: Survey | None,
    choices: Choices,
    result: dict[str, Any],
    cells: dict[int, list[str]],
) -> None:
    """Write the preview, and that the run is planned; or raise Overtaken."""
    digest, counts = stage_preview(plan, cells) if plan else ("", Counter())
    found = result | (findings(plan) if plan else {}) | {"counts": counts}
    if seen:
        found |= {
            "sheets": seen.sheets if len(seen.sheets) > 1 else (),
            "asks_for_sheet": asks_for_sheet(seen, choices),
        }
        found |= {"file_columns": [asdict(column) for column in seen.columns], "is_fixed": seen.is_fixed}
    with db.atomic():
        ImportRow.delete().where(ImportRow.run == run.id).execute()
        if plan:
            columns = names(PREVIEW)
            execute(f"INSERT INTO import_row (run_id, {columns}) SELECT ?, {columns} FROM planned_row", (run.id,))
        moved = run.move(
            run.state,
            ImportRun.PLANNED,
            kind=seen.kind if seen else run.kind,
            options=json.dumps(choices.kept()),
            result=json.dumps(found),
            digest=digest,
            progress=100,
        )
        if not moved:
            raise Overtaken


def stage_preview(plan: ImportPlan, cells: dict[int, list[str]]) -> tuple[str, Counter[str]]:
    """Put the rows of the plan into the staging table planned_row, with the `cells` of bad ones. Their digest_of, and
    how many have each outcome."""
    table, digest, counts = StagingTable("planned_row", PREVIEW), hashlib.sha256(), Counter[str]()
    is_unclear = any(one.question and one.question.topic in UNCLEAR for one in plan.problems.first)
    for position, row in enumerate(plan.rows()):
        if is_unclear and not row.reason:
            continue
        digest.update(digest_input(row))
        counts[row.outcome.value] += 1
        table.add(preview_row(position, row, cells.get(row.row, []) if row.row and row.reason else []))
    table.flush()
    return digest.hexdigest(), counts


def preview_row(position: int, row: PlannedRow, cells: list[str]) -> tuple:
    changes = json.dumps([list(change) for change in row.changes])
    identity = (row.customer_number, row.kind, row.number, row.name, row.currency)
    return (position, row.row, row.outcome.value, *identity, row.total_minor, changes, row.reason, json.dumps(cells))


def digest_of(plan: ImportPlan) -> str:
    digest = hashlib.sha256()
    for row in plan.rows():
        digest.update(digest_input(row))
    return digest.hexdigest()


def digest_input(row: PlannedRow) -> bytes:
    # What vanished isn't written, so customers may pay it between the preview and the import.
    return b"" if row.outcome is RowOutcome.VANISHED else repr(row).encode("utf-8", "replace")


def findings(plan: ImportPlan) -> dict[str, Any]:
    """What the page says of a plan beside its rows."""
    asked: dict[tuple, dict[str, Any]] = {}
    for problem in plan.problems.first:
        if problem.question and len(asked) < MOST_QUESTIONS:
            question = problem.question
            key = (question.topic,) if question.topic in ONCE else tuple(question)
            asked.setdefault(key, {**question._asdict(), "where": problem.where, "reason": problem.reason})
    unasked = sum(1 for problem in plan.problems.first if not problem.question)
    return {
        "what": plan.what,
        "problems": plan.problems.count,
        "questions": list(asked.values()),
        "is_only_asked": bool(asked) and not unasked,
        "new": plan.new,
        "changed": plan.changed,
        "unchanged": plan.unchanged,
        "replaced_pdfs": plan.replaced_pdfs,
        "access": +plan.access_counts,
        "left_out": dict(plan.left_out),
        "notes": plan.notes,
    }


def apply(run: ImportRun, context: ImportContext) -> None:
    try:
        with staging_database(), file_of(run, context) as path:
            plan = plan_of(run, path, run.kind, Choices.of(run.choices), Company.current(), context)
            write(run, plan, context)
    except (Outdated, Rejected, FileProblem):
        # From scratch: the staging database has no journal, so after a rollback it can't be read.
        make_plan(run, context, {"is_outdated": True})


def write(run: ImportRun, plan: ImportPlan, context: ImportContext) -> None:
    """Raises Outdated, Rejected, FileProblem or Overtaken, and then nothing is written."""
    columns, actor = undo.logged_columns(), Actor(run.actor, context.clock(), context.portal_url, run.address)
    is_same = digest_of(plan) == run.digest
    if is_same:
        plan.prepare(context.hasher)
    with db.atomic():
        if not is_same or (plan.refresh() and digest_of(plan) != run.digest):
            raise Outdated
        with change_log.logged_changes(db.obj, columns):
            plan.apply(actor)
        change_log.keep_changes(db.obj, run.id, columns)
        result = json.dumps({**lasting(run), "columns": columns, "applied_by": run.actor})
        changes: dict[str, Any] = {"content": b""} if plan.has_passwords else {}
        changes |= {"result": result, "progress": 100, "applied_ms": to_ms(actor.now)}
        if not run.move(run.state, ImportRun.APPLIED, **changes):
            raise Overtaken


def undo_run(run: ImportRun, context: ImportContext) -> None:
    actor = Actor(run.actor, context.clock(), context.portal_url, run.address)
    with db.atomic():
        result = {**lasting(run), "refused": undo.why_not(run)}
        if not result["refused"]:
            result["ended"] = undo.undo(run, actor)
            Audit.write_by(actor, "import_undone", f"file:{run.file_name}", what=run.kind)
        after = ImportRun.APPLIED if result["refused"] else ImportRun.UNDONE
        if not run.move(run.state, after, result=json.dumps(result)):
            raise Overtaken


STEPS: dict[str, Callable[[ImportRun, ImportContext], None]] = {
    ImportRun.PLANNING: make_plan,
    ImportRun.APPLYING: apply,
    ImportRun.UNDOING: undo_run,
}
