"""Choosing which column of an upload is which field."""

from flask import make_response, render_template, request

from app.clock import to_ms
from app.imports.choices import Choices
from app.imports.forms import read_columns
from app.imports.survey import COLUMNS
from app.imports.views import bp
from app.imports.views.run import STALE, is_current, plan_again, run_page, the_run
from app.models import ColumnMapping, ImportRun
from app.printable import is_printable
from app.web.formatting import now
from app.web.htmx import go_to
from app.web.limits import longest
from app.web.menu import IMPORT
from app.web.security import staff_only


@bp.get("/<public_id>/columns")
@staff_only
def columns(public_id):
    run = the_run(public_id)
    return columns_page(run) if has_columns(run) else go_to(f"{IMPORT.url}/{public_id}")


@bp.post("/<public_id>/columns")
@staff_only
def save_columns(public_id):
    run = the_run(public_id)
    if not is_current(run) or not has_columns(run):
        return run_page(run, 409, STALE)
    fields, problem = read_columns(request.form, run.findings["file_columns"], COLUMNS[run.kind])
    name = request.form.get("name", "").strip()
    if not problem and (len(name) > longest("name") or not is_printable(name)):
        problem = f"Write the name on one line, in {longest('name')} characters or fewer."
    if problem:
        return columns_page(run, problem)
    choices = Choices.from_dict(run.choices)
    if name:
        ColumnMapping.keep(name, run.kind, fields, to_ms(now()), choices.sheet)
    choices.columns, choices.mapping = fields, name
    return plan_again(run, choices)


def has_columns(run: ImportRun) -> bool:
    found = run.findings
    is_open = run.state == run.PLANNED and run.kind in COLUMNS
    return is_open and bool(found.get("file_columns")) and not found.get("is_fixed")


def columns_page(run: ImportRun, problem: str = ""):
    file_columns = run.findings["file_columns"]
    chosen = request.form.getlist("field") if problem else [column["guess"] for column in file_columns]
    page = render_template(
        "imports/columns.html",
        nav="setup",
        here=IMPORT,
        run=run,
        file_columns=file_columns,
        chosen=chosen + [""] * (len(file_columns) - len(chosen)),
        fields=COLUMNS[run.kind],
        name=request.form.get("name", Choices.from_dict(run.choices).mapping),
        problem=problem,
    )
    return make_response(page, 422 if problem else 200)
