"""The worker's steps for uploads: plan them, apply the preview, and undo it.

Each step ends in a transaction that also changes the state of the run, if the run is still claimed by this process. So
a process may die at any moment, and another one repeats the step. Applying and undoing use several transactions, one
per part: another process continues after the last part that the run has recorded (`parts.py`).
"""

import json
import logging
from collections.abc import Callable

import peewee

from app.extensions import db
from app.imports.applying import apply, stop
from app.imports.context import ImportContext
from app.imports.parts import LOCK
from app.imports.planning import make_plan
from app.imports.report import error_hint
from app.imports.undoing import undo_run
from app.models import ImportRow, ImportRun
from app.models.import_run import LostClaim

logger = logging.getLogger(__name__)
MAX_TRIES = 3  # fewer than the quick ends after which the supervisor stops the portal: a file must not do that


def work_once(context: ImportContext) -> bool:
    """Do the oldest work. Returns False if there is none, or if another process is working on imports."""
    with db.try_lock(LOCK) as has_lock:
        run = ImportRun.claim_next(context.clock()) if has_lock else None
        if run is not None:
            work_on(run, context)
    return run is not None


def work_on(run: ImportRun, context: ImportContext) -> None:
    step = STEPS[run.state]
    try:
        if run.tries > MAX_TRIES:
            give_up(
                run,
                context,
                "The worker stopped several times at this file. Try a smaller one, or see the worker's log.",
            )
        else:
            step(run, context)
    except LostClaim:
        logger.info("import %s: another process has claimed it", run.public_id)
    except Exception as error:
        logger.exception("import %s failed", run.public_id)
        hint = error_hint(error) if isinstance(error, OSError | peewee.DatabaseError) else ""
        give_up(run, context, hint or "Something went wrong in the portal. See the worker's log.")


def give_up(run: ImportRun, context: ImportContext, why: str) -> None:
    if run.state == ImportRun.APPLYING and run.is_partly_applied:
        stop(run, context, why)
        return
    back = {
        ImportRun.PLANNING: ImportRun.PLANNED,
        ImportRun.APPLYING: ImportRun.PLANNED,
        ImportRun.UNDOING: ImportRun.APPLIED,
    }
    result = {**run.permanent_findings, "failed": why, "is_partly_undone": run.is_partly_undone}
    run.move(run.state, back.get(run.state, run.state), result=json.dumps(result), digest="")


def remove(run: ImportRun, _context: ImportContext) -> None:
    ImportRow.forget(run)
    run.delete_instance()


STEPS: dict[str, Callable[[ImportRun, ImportContext], None]] = {
    ImportRun.PLANNING: make_plan,
    ImportRun.APPLYING: apply,
    ImportRun.UNDOING: undo_run,
    ImportRun.REMOVING: remove,
}
