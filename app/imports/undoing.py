"""Undoing an applied file in parts, the last part first."""

import json

from app.extensions import db
from app.imports import undo
from app.imports.context import ImportContext
from app.imports.parts import WANTED_SECONDS
from app.models import Audit, ImportChange, ImportRun, one_transaction
from app.models.audit import Actor
from app.models.base import one_snapshot


def undo_run(run: ImportRun, context: ImportContext) -> None:
    """Everything is checked before the first part is undone. If others change a part at the same time, the whole
    part stays."""
    actor = Actor(run.actor, context.clock(), context.portal_url, run.address)
    refused = ""
    if not run.is_partly_undone:
        refused = one_snapshot(undo.why_not)(run)
        ended = [] if refused else one_snapshot(undo.what_ends)(run, actor)
        run.keep_result({**run.permanent_findings, "ended": ended})
    parts = [] if refused else ImportChange.parts(run)
    for done, part in enumerate(parts, 1):
        if done > 1:
            db.yield_to_writers(WANTED_SECONDS)
        is_end = done == len(parts) and not refused
        refused = undo_part(run, part, actor, progress=100 * done // len(parts), is_end=is_end) or refused
    if refused or not parts:
        finish_undoing(run, actor, refused)


def undo_part(run: ImportRun, part: int, actor: Actor, *, progress: int, is_end: bool) -> str:
    """Why the part was not undone; "" if it was. The last part ends the run."""

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
    ended, is_partly = run.findings.get("ended", []), run.is_partly_undone
    result = {**run.permanent_findings, "ended": ended, "refused": refused, "is_partly_undone": is_partly}
    if not refused:
        result |= {"is_begun": False, "is_partly_undone": False}
        Audit.write_by(actor, "import_undone", f"file:{run.file_name}", what=run.kind)
    run.finish(ImportRun.APPLIED if refused else ImportRun.UNDONE, result=json.dumps(result))
