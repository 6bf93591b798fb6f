"""Writing a previewed import, in parts. If this worker dies, another one continues after the last part."""

import json
from typing import Any

from app.clock import to_ms
from app.database import change_log
from app.extensions import db
from app.imports import undo
from app.imports.choices import Choices
from app.imports.context import ImportContext
from app.imports.parts import LeftOut, write_parts
from app.imports.plan import ImportPlan
from app.imports.planning import READ_SHARE, file_of, make_plan, plan_of
from app.imports.report import FileProblem, Rejected
from app.imports.run_preview import digest_of, not_in_preview
from app.imports.staging import staging_database
from app.models import Company, ImportChange, ImportRun, one_transaction
from app.models.audit import Actor
from app.models.base import one_snapshot

MAX_NAMED = 20


class Outdated(Exception):
    """The file would now do something else than the preview shows."""


def apply(run: ImportRun, context: ImportContext) -> None:
    """Write the import as previewed. Rows that others change at the same time are checked again at the end."""
    try:
        for is_last_try in (False, True):
            with staging_database(), file_of(run, context) as path:
                plan = plan_of(run, path, run.kind, Choices.from_dict(run.choices), Company.current(), context)
                if write(run, plan, context, is_last_try=is_last_try):
                    return
    except (Outdated, Rejected, FileProblem) as error:
        if run.is_partly_applied:
            stop(run, context, reason_of(error))
        else:
            # Plan again from scratch: the staging database has no journal, so it can't be read after a rollback.
            make_plan(run, context, {"is_outdated": True})


def write(run: ImportRun, plan: ImportPlan, context: ImportContext, *, is_last_try: bool) -> bool:
    """Returns True if the import is done. It is not done if rows were left out, unless this is the last try. Raises
    Outdated, Rejected, FileProblem or LostClaim; then nothing was written, unless an earlier part was."""
    columns, actor = undo.logged_columns(), Actor(run.actor, context.clock(), context.portal_url, run.address)
    unseen = leave_out_unseen(run, plan) if run.is_partly_applied else check_seen(run, plan)
    plan.prepare(context.hasher)
    plan.split()
    part, left_out = max(ImportChange.parts(run), default=0), list[LeftOut]()
    result = {**run.permanent_findings, "columns": columns, "applied_by": run.actor, "is_begun": False}
    is_done = False

    @one_transaction
    def write_one(is_last: bool) -> tuple[list[LeftOut], bool]:
        if not plan.is_in_parts and plan.refresh() and digest_of(plan) != run.digest:
            raise Outdated
        with change_log.logged_changes(db.obj, columns):
            skipped = [*left_out, *plan.write_part(actor)]
            if skipped and is_last and not run.is_partly_applied:
                raise Outdated
            is_end = is_last and (is_last_try or not skipped)
            if is_end:
                plan.write_rest(actor)
        change_log.keep_changes(db.obj, run.id, columns, part)
        if is_end:
            found = {**result, "left_as_they_are": facts_of([*unseen, *skipped])}
            changes: dict[str, Any] = {"content": b""} if plan.has_passwords else {}
            run.finish(ImportRun.APPLIED, result=json.dumps(found), applied_ms=to_ms(actor.now), **changes)
        else:
            run.report(READ_SHARE + int((100 - READ_SHARE) * plan.fraction_done), has_begun=True)
        return skipped, is_end

    def write_part(is_last: bool) -> list[LeftOut]:
        nonlocal part, left_out, is_done
        part += 1
        left_out, is_done = write_one(is_last)
        return left_out

    write_parts(plan, write_part, context.most_rows)
    return is_done


def check_seen(run: ImportRun, plan: ImportPlan) -> list[LeftOut]:
    """Raises Outdated unless the plan is the previewed one."""
    is_same = digest_of(plan) == run.digest
    if not is_same or (one_snapshot(plan.refresh)() and digest_of(plan) != run.digest):
        raise Outdated
    return []


def leave_out_unseen(run: ImportRun, plan: ImportPlan) -> list[LeftOut]:
    """For a run that was stopped: leave out rows whose change would now differ from the preview."""
    if plan.problems:
        raise Rejected(plan.problems)
    plan.is_resumed, unseen = True, not_in_preview(run, plan)
    plan.leave_out([one.row for one in unseen])
    return unseen


def stop(run: ImportRun, context: ImportContext, why: str) -> None:
    """End a run that was partly imported. It stays so until an administrator continues or undoes it."""
    kept = {"columns": undo.logged_columns(), "applied_by": run.actor, "is_begun": True}
    result = {**run.permanent_findings, **kept, "failed": why}
    run.move(run.state, ImportRun.APPLIED, result=json.dumps(result), applied_ms=to_ms(context.clock()))


def reason_of(error: Exception) -> str:
    if isinstance(error, Rejected):
        return " ".join(str(problem) for problem in error.problems.first[:3])
    return str(error) or "The portal has changed."


def facts_of(left_out: list[LeftOut]) -> dict[str, Any]:
    return {"count": len(left_out), "numbers": [one.number for one in left_out[:MAX_NAMED]]} if left_out else {}
