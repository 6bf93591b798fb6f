"""Planning an upload: the file is read and checked, and its preview is stored."""

import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from app.imports import customers, invoices, payments
from app.imports.choices import Choices
from app.imports.context import ImportContext
from app.imports.csv_reader import Progress, Source
from app.imports.plan import ImportPlan
from app.imports.report import FileProblem, HeadingProblem
from app.imports.run_preview import keep_preview
from app.imports.saved_columns import asks_for_sheet, survey_of, use_saved_mapping
from app.imports.sources import LISTS
from app.imports.staging import staging_database
from app.imports.survey import CUSTOMERS, INVOICES, PAYMENTS, cells_of, forget_guesses, hide_secrets, take_fields
from app.models import Company, ImportRun

MAX_CORRECTABLE = 1_000
BEAT_SECONDS = 1.0
READ_SHARE = 50  # of the progress of applying: reading the file and checking it


@contextmanager
def file_of(run: ImportRun, context: ImportContext) -> Iterator[Path]:
    """The upload on disk, under its own name. Leftovers of a killed process are deleted first. Raises FileProblem."""
    folder = Path(tempfile.gettempdir()) / f"import-{run.public_id}"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o700)
    try:
        path = folder / run.file_name
        path.write_bytes(context.content_of(run))
        yield path
    finally:
        shutil.rmtree(folder, ignore_errors=True)


class StoredProgress(Progress):
    """Stores the progress in the run from time to time."""

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
    progress = StoredProgress(run)
    if kind == CUSTOMERS:
        return customers.plan(path, **choices.customer_options(), progress=progress)
    if kind == PAYMENTS:
        return payments.plan(path, company, choices.payment_options(context.clock()), progress=progress)
    return invoices.plan(path, company, choices.invoice_options(context.clock()), progress=progress)


def make_plan(run: ImportRun, context: ImportContext, known: dict[str, Any] | None = None) -> None:
    """`known` is added to the result."""
    choices, result = Choices.from_dict(run.choices), known or {}
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
                    bad = {problem.row for problem in plan.problems.first[:MAX_CORRECTABLE]}
                    bad -= plan.problems.withheld
                    secret = plan.table.secret
                    choices.forget_corrections(secret, plan.problems.withheld)
                    cells = cells_of(path, seen.kind, choices.mapped().headings, choices.corrections(), bad, secret)
        except FileProblem as problem:
            result |= {"problem": str(problem), "is_about_headings": isinstance(problem, HeadingProblem)}
            result |= {"twofold": problem.ambiguous} if isinstance(problem, HeadingProblem) else {}
            is_of_other_kind = run.kind not in ("", INVOICES) and LISTS in str(problem)
            forget_guesses(
                seen.columns if seen else [], [one for *_field, names in result.get("twofold", []) for one in names]
            )
            result["is_refused"] = seen is None and not is_of_other_kind
        keep_preview(run, plan, seen, choices, result | {"can_correct": bool(cells)}, cells)
