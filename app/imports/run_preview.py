"""The preview of an upload, as stored in its run: the rows of the plan, and the page's findings."""

import hashlib
import json
from collections import Counter
from dataclasses import asdict
from typing import Any

from app.extensions import db
from app.imports.choices import Choices
from app.imports.parts import LeftOut
from app.imports.plan import ImportPlan, PlannedRow, RowOutcome
from app.imports.saved_columns import asks_for_sheet
from app.imports.staging import BATCH, OWN_KEY, StagingTable, copy_of, drop, execute, index, names
from app.imports.survey import Survey
from app.models import ImportRow, ImportRun

MAX_QUESTIONS = 500
ONCE = ("currency", "date_format", "decimal", "made_here", "lines")  # one answer applies to the whole file
UNCLEAR = ("currency", "date_format", "decimal")  # without an answer, what the other rows would do isn't known
PREVIEW = {
    "position": "INTEGER",
    "row": "INTEGER",
    **dict.fromkeys(("outcome", "customer_number", "kind", "number", "name", "currency"), "TEXT"),
    "total_minor": "BIGINT",
    "changes": "TEXT",
    "reason": "TEXT",
    "cells": "TEXT",
}
SHOWN = [name for name in PREVIEW if name not in ("position", "cells")]


def keep_preview(
    run: ImportRun,
    plan: ImportPlan | None,
    seen: Survey | None,
    choices: Choices,
    result: dict[str, Any],
    cells: dict[int, list[str]],
) -> None:
    """Store the preview; last of all, mark the run as planned. Raises LostClaim."""
    digest, counts = stage_preview(plan, cells) if plan else ("", Counter())
    found = result | (findings_of(plan) if plan else {}) | {"counts": counts}
    if seen:
        found |= {
            "sheets": seen.sheets if len(seen.sheets) > 1 else (),
            "asks_for_sheet": asks_for_sheet(seen, choices),
        }
        found |= {"file_columns": [asdict(column) for column in seen.columns], "is_fixed": seen.is_fixed}
    changes = {"options": json.dumps(choices.to_dict()), "result": json.dumps(found), "digest": digest}
    ImportRow.forget(run)
    if plan:
        copy_rows(run, sum(counts.values()))
    run.finish(ImportRun.PLANNED, kind=seen.kind if seen else run.kind, **changes)


def copy_rows(run: ImportRun, count: int) -> None:
    """Copy from the staging table planned_row in batches, because other writers wait for each one."""
    columns = names(PREVIEW)
    for first in range(0, count, BATCH):
        if first:
            db.yield_to_writers()
        execute(
            f"INSERT INTO import_row (run_id, {columns}) SELECT ?, {columns} FROM planned_row"
            " WHERE place > ? AND place <= ? ORDER BY place",
            (run.id, first, first + BATCH),
        )


def not_in_preview(run: ImportRun, plan: ImportPlan) -> list[LeftOut]:
    """Rows that the plan would write now, but that differ from the run's preview."""
    stage_preview(plan, {})
    drop("previewed")
    copy_of("previewed", f"SELECT {names(SHOWN)} FROM import_row WHERE run_id = {run.id:d}")
    index("previewed_row", "previewed", "row")
    same = " AND ".join(f"p.{name} IS NOT DISTINCT FROM o.{name}" for name in SHOWN)
    nothing = ", ".join(f"'{one.value}'" for one in (RowOutcome.UNCHANGED, RowOutcome.VANISHED))
    found = execute(f"""SELECT p.row, p.number FROM planned_row p WHERE p.outcome NOT IN ({nothing})
        AND NOT EXISTS (SELECT 1 FROM previewed o WHERE o.row = p.row AND {same}) ORDER BY p.place""")
    return [LeftOut(*row) for row in found.fetchall()]


def stage_preview(plan: ImportPlan, cells: dict[int, list[str]]) -> tuple[str, Counter[str]]:
    """Write the rows of the plan into the staging table planned_row, with the `cells` of bad ones. Returns their
    digest_of, and the number of rows of each outcome."""
    table, digest, counts = StagingTable("planned_row", {"place": OWN_KEY} | PREVIEW), hashlib.sha256(), Counter[str]()
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
    # Documents missing in the file aren't written, so customers may pay them between the preview and the import.
    return b"" if row.outcome is RowOutcome.VANISHED else repr(row).encode("utf-8", "replace")


def findings_of(plan: ImportPlan) -> dict[str, Any]:
    """What the page says about a plan, apart from its rows."""
    asked: dict[tuple, dict[str, Any]] = {}
    for problem in plan.problems.first:
        if problem.question and len(asked) < MAX_QUESTIONS:
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
