"""The preview of an upload, as its run keeps it: the rows of the plan, and what the page says beside them."""

import hashlib
import json
from collections import Counter
from dataclasses import asdict
from typing import Any

from app.imports.choices import Choices
from app.imports.plan import ImportPlan, PlannedRow, RowOutcome
from app.imports.saved_columns import asks_for_sheet
from app.imports.staging import StagingTable, execute, names
from app.imports.survey import Survey
from app.models import ImportRow, ImportRun, one_transaction

MOST_QUESTIONS = 500
ONCE = ("currency", "date_format", "decimal", "made_here", "lines")  # one answer is good for the file
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


def keep_preview(
    run: ImportRun,
    plan: ImportPlan | None,
    seen: Survey | None,
    choices: Choices,
    result: dict[str, Any],
    cells: dict[int, list[str]],
) -> None:
    """Write the preview, and that the run is planned. One transaction. Raises Overtaken."""
    digest, counts = stage_preview(plan, cells) if plan else ("", Counter())
    found = result | (findings_of(plan) if plan else {}) | {"counts": counts}
    if seen:
        found |= {
            "sheets": seen.sheets if len(seen.sheets) > 1 else (),
            "asks_for_sheet": asks_for_sheet(seen, choices),
        }
        found |= {"file_columns": [asdict(column) for column in seen.columns], "is_fixed": seen.is_fixed}
    changes = {"options": json.dumps(choices.kept()), "result": json.dumps(found), "digest": digest}
    replace_preview(run, has_rows=plan is not None, kind=seen.kind if seen else run.kind, **changes)


@one_transaction
def replace_preview(run: ImportRun, *, has_rows: bool, **changes: str) -> None:
    ImportRow.delete().where(ImportRow.run == run.id).execute()
    if has_rows:
        columns = names(PREVIEW)
        execute(f"INSERT INTO import_row (run_id, {columns}) SELECT ?, {columns} FROM planned_row", (run.id,))
    run.finish(ImportRun.PLANNED, progress=100, **changes)


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


def findings_of(plan: ImportPlan) -> dict[str, Any]:
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
