"""What the worker does with uploads: plan them, apply what was previewed, and undo it.

Each step ends in one transaction that also changes the state of the run, if it is still this process's work. So a
process may die at any moment, and another one does the step again.
"""

import json
import logging
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import peewee

from app.clock import to_ms
from app.database import change_log
from app.extensions import db
from app.imports import customers, invoices, payments, undo
from app.imports.choices import Choices
from app.imports.context import ImportContext
from app.imports.csv_reader import Progress, Source
from app.imports.plan import ImportPlan
from app.imports.report import FileProblem, HeadingProblem, Rejected, error_hint
from app.imports.run_preview import digest_of, keep_preview
from app.imports.saved_columns import asks_for_sheet, survey_of, use_saved_mapping
from app.imports.sources import LISTS
from app.imports.staging import staging_database
from app.imports.survey import (
    CUSTOMERS,
    INVOICES,
    PAYMENTS,
    cells_of,
    forget_guesses,
    hide_secrets,
    take_fields,
)
from app.models import Audit, Company, ImportRun, one_transaction
from app.models.audit import Actor
from app.models.import_run import Overtaken

logger = logging.getLogger(__name__)
MOST_TRIES = 5
MOST_CORRECTABLE = 1_000
BEAT_SECONDS = 1.0
OF_THE_LAST_STEP = ("problem", "is_refused", "failed", "is_outdated", "refused", "ended")  # in the result of a run


class Outdated(Exception):
    """What the file would do is no longer what the preview shows."""


def work_once(context: ImportContext) -> bool:
    """Do the oldest work; False if there is none, or another process is at imports."""
    with db.try_lock("imports") as has_lock:
        run = ImportRun.claim_next(context.clock()) if has_lock else None
        if run is not None:
            work_on(run, context)
    return run is not None


def work_on(run: ImportRun, context: ImportContext) -> None:
    step = STEPS[run.state]
    try:
        if run.tries > MOST_TRIES:
            give_up(run, "The worker stopped several times at this file. Try a smaller one, or see the worker's log.")
        else:
            step(run, context)
    except Overtaken:
        logger.info("import %s: overtaken", run.public_id)
    except Exception as error:
        logger.exception("import %s failed", run.public_id)
        hint = error_hint(error) if isinstance(error, OSError | peewee.DatabaseError) else ""
        give_up(run, hint or "Something went wrong in the portal. See the worker's log.")


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
    """Says now and then in the run how far it is."""

    def __init__(self, run: ImportRun):
        self.run, self.reported_at = run, time.monotonic()

    def row(self, row: int, source: Source) -> None:
        if row % 500 == 0 and time.monotonic() - self.reported_at > BEAT_SECONDS:
            self.report(min(80, 80 * source.position() // max(source.size, 1)))

    def checking(self, documents: int) -> None:
        self.report(85)

    def report(self, percent: int) -> None:
        self.reported_at = time.monotonic()
        self.run.report(percent)


def plan_of(
    run: ImportRun, path: Path, kind: str, choices: Choices, company: Company, context: ImportContext
) -> ImportPlan:
    progress = KeptProgress(run)
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
                seen = survey_of(path, run.kind, choices)
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

    @one_transaction
    def write_all() -> None:
        if not is_same or (plan.refresh() and digest_of(plan) != run.digest):
            raise Outdated
        with change_log.logged_changes(db.obj, columns):
            plan.apply(actor)
        change_log.keep_changes(db.obj, run.id, columns)
        result = json.dumps({**lasting(run), "columns": columns, "applied_by": run.actor})
        changes: dict[str, Any] = {"content": b""} if plan.has_passwords else {}
        changes |= {"result": result, "progress": 100, "applied_ms": to_ms(actor.now)}
        run.finish(ImportRun.APPLIED, **changes)

    write_all()


def undo_run(run: ImportRun, context: ImportContext) -> None:
    undo_as(run, Actor(run.actor, context.clock(), context.portal_url, run.address))


@one_transaction
def undo_as(run: ImportRun, actor: Actor) -> None:
    undo.lock(run)
    result = {**lasting(run), "refused": undo.why_not(run)}
    if not result["refused"]:
        result["ended"] = undo.undo(run, actor)
        Audit.write_by(actor, "import_undone", f"file:{run.file_name}", what=run.kind)
    after = ImportRun.APPLIED if result["refused"] else ImportRun.UNDONE
    run.finish(after, result=json.dumps(result))


STEPS: dict[str, Callable[[ImportRun, ImportContext], None]] = {
    ImportRun.PLANNING: make_plan,
    ImportRun.APPLYING: apply,
    ImportRun.UNDOING: undo_run,
}
