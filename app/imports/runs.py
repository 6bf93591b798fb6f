"""What the worker does with uploads: plan them, apply what was previewed, and undo it.

Each step ends in a transaction that also changes the state of the run, if it is still this process's work. So a
process may die at any moment, and another one does the step again. Applying and undoing are several transactions, one
for each part: another process goes on after the last one, which the run has kept (`parts.py`).
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
from app.imports.parts import LOCK, WANTED_SECONDS, LeftOut, write_parts
from app.imports.plan import ImportPlan
from app.imports.report import FileProblem, HeadingProblem, Rejected, error_hint
from app.imports.run_preview import digest_of, keep_preview, not_in_preview
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
from app.models import Audit, Company, ImportChange, ImportRow, ImportRun, one_transaction
from app.models.audit import Actor
from app.models.base import one_snapshot
from app.models.import_run import Overtaken

logger = logging.getLogger(__name__)
MOST_TRIES = 5
MOST_CORRECTABLE = 1_000
BEAT_SECONDS = 1.0
READ_SHARE = 50  # of the progress of applying: reading the file and checking it
MOST_NAMED = 20
OF_THE_LAST_STEP = ("problem", "is_refused", "failed", "is_outdated", "refused", "ended")  # in the result of a run


class Outdated(Exception):
    """What the file would do is no longer what the preview shows."""


def work_once(context: ImportContext) -> bool:
    """Do the oldest work; False if there is none, or another process is at imports."""
    with db.try_lock(LOCK) as has_lock:
        run = ImportRun.claim_next(context.clock()) if has_lock else None
        if run is not None:
            work_on(run, context)
    return run is not None


def work_on(run: ImportRun, context: ImportContext) -> None:
    step = STEPS[run.state]
    try:
        if run.tries > MOST_TRIES:
            give_up(
                run,
                context,
                "The worker stopped several times at this file. Try a smaller one, or see the worker's log.",
            )
        else:
            step(run, context)
    except Overtaken:
        logger.info("import %s: overtaken", run.public_id)
    except Exception as error:
        logger.exception("import %s failed", run.public_id)
        hint = error_hint(error) if isinstance(error, OSError | peewee.DatabaseError) else ""
        give_up(run, context, hint or "Something went wrong in the portal. See the worker's log.")


def lasting(run: ImportRun) -> dict[str, Any]:
    return {name: value for name, value in run.findings.items() if name not in OF_THE_LAST_STEP}


def give_up(run: ImportRun, context: ImportContext, why: str) -> None:
    if run.state == ImportRun.APPLYING and is_begun(run):
        stop(run, context, why)
        return
    back = {
        ImportRun.PLANNING: ImportRun.PLANNED,
        ImportRun.APPLYING: ImportRun.PLANNED,
        ImportRun.UNDOING: ImportRun.APPLIED,
    }
    result = {**lasting(run), "failed": why, "is_partly_undone": is_partly_undone(run)}
    run.move(run.state, back.get(run.state, run.state), result=json.dumps(result), digest="")


def is_begun(run: ImportRun) -> bool:
    """Whether a part of the file was imported, and the rest not yet."""
    return (run.state == ImportRun.APPLYING and run.has_begun) or run.findings.get("is_begun", False)


def is_partly_undone(run: ImportRun) -> bool:
    return (run.state == ImportRun.UNDOING and run.has_begun) or run.findings.get("is_partly_undone", False)


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
        if self.run.state == ImportRun.APPLYING:
            percent = max(percent * READ_SHARE // 100, self.run.percent)
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
    """Write what was previewed. Rows that others change at the same time are checked again at the end."""
    try:
        for is_last_try in (False, True):
            with staging_database(), file_of(run, context) as path:
                plan = plan_of(run, path, run.kind, Choices.of(run.choices), Company.current(), context)
                if write(run, plan, context, is_last_try=is_last_try):
                    return
    except (Outdated, Rejected, FileProblem) as error:
        if is_begun(run):
            stop(run, context, reason_of(error))
        else:
            # From scratch: the staging database has no journal, so after a rollback it can't be read.
            make_plan(run, context, {"is_outdated": True})


def write(run: ImportRun, plan: ImportPlan, context: ImportContext, *, is_last_try: bool) -> bool:
    """Whether it is done: unless it is the last try, it isn't if something was left out. Raises Outdated, Rejected,
    FileProblem or Overtaken. Then nothing was written, unless the run `is_begun`."""
    columns, actor = undo.logged_columns(), Actor(run.actor, context.clock(), context.portal_url, run.address)
    unseen = leave_out_unseen(run, plan) if is_begun(run) else check_seen(run, plan)
    plan.prepare(context.hasher)
    plan.split()
    part, left_out = max(ImportChange.parts(run), default=0), list[LeftOut]()
    result = {**lasting(run), "columns": columns, "applied_by": run.actor, "is_begun": False}
    is_done = False

    @one_transaction
    def write_one(is_last: bool) -> tuple[list[LeftOut], bool]:
        if not plan.is_in_parts and plan.refresh() and digest_of(plan) != run.digest:
            raise Outdated
        with change_log.logged_changes(db.obj, columns):
            late = [*left_out, *plan.write_part(actor)]
            if late and is_last and not is_begun(run):
                raise Outdated
            is_end = is_last and (is_last_try or not late)
            if is_end:
                plan.write_rest(actor)
        change_log.keep_changes(db.obj, run.id, columns, part)
        if is_end:
            found = {**result, "left_as_they_are": facts_of([*unseen, *late])}
            changes: dict[str, Any] = {"content": b""} if plan.has_passwords else {}
            run.finish(ImportRun.APPLIED, result=json.dumps(found), applied_ms=to_ms(actor.now), **changes)
        else:
            run.report(READ_SHARE + int((100 - READ_SHARE) * plan.share), has_begun=True)
        return late, is_end

    def write_part(is_last: bool) -> list[LeftOut]:
        nonlocal part, left_out, is_done
        part += 1
        left_out, is_done = write_one(is_last)
        return left_out

    write_parts(plan, write_part, context.most_rows)
    return is_done


def check_seen(run: ImportRun, plan: ImportPlan) -> list[LeftOut]:
    """Raises Outdated unless the plan is what was previewed."""
    is_same = digest_of(plan) == run.digest
    if not is_same or (one_snapshot(plan.refresh)() and digest_of(plan) != run.digest):
        raise Outdated
    return []


def leave_out_unseen(run: ImportRun, plan: ImportPlan) -> list[LeftOut]:
    """Of a run that was stopped: leave out what would be another change by now than the preview shows."""
    if plan.problems:
        raise Rejected(plan.problems)
    plan.is_resumed, unseen = True, not_in_preview(run, plan)
    plan.leave_out([one.row for one in unseen])
    return unseen


def stop(run: ImportRun, context: ImportContext, why: str) -> None:
    """A part of the file was imported, and stays so until an administrator goes on or undoes it."""
    kept = {"columns": undo.logged_columns(), "applied_by": run.actor, "is_begun": True}
    result = {**lasting(run), **kept, "failed": why}
    run.move(run.state, ImportRun.APPLIED, result=json.dumps(result), applied_ms=to_ms(context.clock()))


def reason_of(error: Exception) -> str:
    if isinstance(error, Rejected):
        return " ".join(str(problem) for problem in error.problems.first[:3])
    return str(error) or "The portal has changed."


def facts_of(left_out: list[LeftOut]) -> dict[str, Any]:
    return {"count": len(left_out), "numbers": [one.number for one in left_out[:MOST_NAMED]]} if left_out else {}


def undo_run(run: ImportRun, context: ImportContext) -> None:
    """All of it was checked before the first part is put back. Of a part that others change at the same time, all
    stays."""
    actor = Actor(run.actor, context.clock(), context.portal_url, run.address)
    refused = ""
    if not is_partly_undone(run):
        refused = one_snapshot(undo.why_not)(run)
        ended = [] if refused else one_snapshot(undo.what_ends)(run, actor)
        run.keep_result({**lasting(run), "ended": ended})
    parts = [] if refused else ImportChange.parts(run)
    for done, part in enumerate(parts, 1):
        if done > 1:
            db.give_way(WANTED_SECONDS)
        is_end = done == len(parts) and not refused
        refused = undo_part(run, part, actor, progress=100 * done // len(parts), is_end=is_end) or refused
    if refused or not parts:
        finish_undoing(run, actor, refused)


def undo_part(run: ImportRun, part: int, actor: Actor, *, progress: int, is_end: bool) -> str:
    """Why it was not undone, or "". The last one ends it."""

    @one_transaction
    def put_back() -> str:
        undo.lock(run, part)
        if refused := undo.why_not(run, part):
            return refused
        undo.undo(run, actor, part)
        if is_end:
            finish_undoing(run, actor, "")
        else:
            run.report(progress, has_begun=True)
        return ""

    return put_back()


@one_transaction
def finish_undoing(run: ImportRun, actor: Actor, refused: str) -> None:
    ended, is_partly = run.findings.get("ended", []), is_partly_undone(run)
    result = {**lasting(run), "ended": ended, "refused": refused, "is_partly_undone": is_partly}
    if not refused:
        result |= {"is_begun": False, "is_partly_undone": False}
        Audit.write_by(actor, "import_undone", f"file:{run.file_name}", what=run.kind)
    run.finish(ImportRun.APPLIED if refused else ImportRun.UNDONE, result=json.dumps(result))


def remove(run: ImportRun, _context: ImportContext) -> None:
    ImportRow.forget(run)
    run.delete_instance()


STEPS: dict[str, Callable[[ImportRun, ImportContext], None]] = {
    ImportRun.PLANNING: make_plan,
    ImportRun.APPLYING: apply,
    ImportRun.UNDOING: undo_run,
    ImportRun.REMOVING: remove,
}
