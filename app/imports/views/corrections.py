"""Rows of an upload with errors: correct them on a page, or download them with the reasons."""

from collections.abc import Iterator

from flask import make_response, render_template, request

from app.imports import messages
from app.imports.choices import REASON, Choices
from app.imports.forms import read_corrections, shown_text
from app.imports.views import bp
from app.imports.views.run import STALE, heading_of, is_current, plan_again, run_page, the_run
from app.models import ImportRow, ImportRun
from app.web.downloads import csv_download
from app.web.htmx import go_to
from app.web.limits import takes
from app.web.menu import IMPORT
from app.web.security import staff_only

MAX_ROWS, MAX_CELLS = 20, 400  # of a page
Bad = dict[int, tuple[list[str], list[str]]]  # {row: (cells, why it is bad)}


@bp.get("/<public_id>/rows")
@staff_only
def rows(public_id):
    run = the_run(public_id)
    return rows_page(run) if can_correct(run) else go_to(f"{IMPORT.url}/{public_id}")


@bp.post("/<public_id>/rows")
@staff_only
@takes(1024)
def save_rows(public_id):
    run = the_run(public_id)
    if not is_current(run) or not can_correct(run):
        return run_page(run, 409, STALE)
    choices = Choices.from_dict(run.choices)
    shown = {row: cells for row, (cells, _) in bad_rows(run).items()}
    if problem := read_corrections(request.form, choices, shown, secret_columns(run)):
        return rows_page(run, problem)
    return plan_again(run, choices, run.kind)


@bp.get("/<public_id>/bad-rows.csv")
@staff_only
def bad_rows_file(public_id):
    run = the_run(public_id)
    headings = tuple(column["heading"] for column in run.findings.get("file_columns", []))
    return csv_download(f"bad-rows-{public_id}", (*headings, REASON), cells_with_reason(run, len(headings)))


def can_correct(run: ImportRun) -> bool:
    return run.state == run.PLANNED and bool(run.findings.get("can_correct"))


def bad_rows(run: ImportRun) -> Bad:
    found: Bad = {}
    for row in ImportRow.correctable(run).order_by(ImportRow.row, ImportRow.position):
        found.setdefault(row.row, (row.cells_of_file, []))[1].append(messages.in_browser(row.reason))
    return found


def cells_with_reason(run: ImportRun, width: int) -> Iterator[tuple]:
    for cells, reasons in bad_rows(run).values():
        padded = (cells + [""] * width)[: max(width, len(cells))]
        yield *padded, " ".join(reasons)


def secret_columns(run: ImportRun) -> set[int]:
    return {at for at, column in enumerate(run.findings["file_columns"]) if column.get("is_secret")}


def is_of(heading: str, reason: str) -> bool:
    return reason.startswith(f"{heading}: ")


def rows_page(run: ImportRun, problem: str = ""):
    columns, found = run.findings["file_columns"], bad_rows(run)
    used = [at for at, column in enumerate(columns) if column["guess"]] or list(range(len(columns)))
    used = [at for at in used if at not in secret_columns(run)]
    headings = [column["heading"] for column in columns]
    typed = dict(zip(request.form.getlist("place"), request.form.getlist("cell"), strict=False))
    shown = []
    for row, (cells, reasons) in list(found.items())[: max(1, min(MAX_ROWS, MAX_CELLS // len(used)))]:
        fields = []
        for at in used + [at for at in range(len(columns), len(cells)) if cells[at]]:
            place, heading, text = f"{row}:{at}", heading_of(headings, at), cells[at] if at < len(cells) else ""
            of_cell = [reason for reason in reasons if at < len(columns) and is_of(heading, reason)]
            reasons = [reason for reason in reasons if reason not in of_cell]
            wrong = " ".join(reason.partition(": ")[2] for reason in of_cell)
            fields.append((place, heading, typed.get(place, shown_text(text)), wrong))
        shown.append((row, reasons, fields))
    page = render_template(
        "imports/rows.html",
        nav="setup",
        here=IMPORT,
        run=run,
        shown=shown,
        more=len(found) - len(shown),
        has_secrets=bool(secret_columns(run)),
        problem=problem,
    )
    return make_response(page, 422 if problem else 200)
