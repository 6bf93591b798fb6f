"""Transactions > Customers > Accept Customer Payments > List > Export."""

from flask import Blueprint, abort, current_app, flash, make_response, render_template, request, url_for

from app.bookkeeping import runs
from app.bookkeeping.formats import FORMATS, NETSUITE, PLAIN, without_internal_ids
from app.bookkeeping.queries import runs as queries
from app.models import ExportRun
from app.models.base import parse_id
from app.web.actor import current_actor
from app.web.downloads import as_attachment
from app.web.formatting import company
from app.web.htmx import go_to
from app.web.menu import EXPORT_PAYMENTS
from app.web.security import staff_only

bp = Blueprint("bookkeeping", __name__, url_prefix=EXPORT_PAYMENTS.url)
CHOOSE = "Choose the format of the file"
NOTHING_LEFT = "Nothing is left to export. The newest run includes it."


@bp.get("")
@staff_only
def index():
    """?before= or ?after= the id of a run"""
    return show_runs()


@bp.post("")
@staff_only
def create():
    wanted = FORMATS.get(request.form.get("format", ""))
    if wanted is None:
        return show_runs(422, CHOOSE)
    made = runs.export(wanted, company(), current_actor())
    for run in made:
        flash(f"Run {run.number} is ready: {run.file_name}")
    if not made:
        flash(NOTHING_LEFT)
    return go_to(url_for(".show", number=made[0].number) if len(made) == 1 else url_for(".index"))


@bp.get("/<number>")
@staff_only
def show(number):
    run = the_run(number)
    return render_template(
        "bookkeeping/run.html",
        nav="transactions",
        here=EXPORT_PAYMENTS,
        row=queries.rows_of([run])[0],
        format=FORMATS[run.format],
        unconfirmed=queries.unconfirmed(run, company()),
        without_ids=without_internal_ids(bytes(run.content)) if run.format == NETSUITE.key else 0,
    )


@bp.get("/<number>/payments.csv")
@staff_only
def download(number):
    run = the_run(number)
    response = current_app.response_class(bytes(run.content), content_type="text/csv; charset=utf-8")
    return as_attachment(response, run.file_name)


@bp.post("/<number>/confirm")
@staff_only
def confirm(number):
    run = the_run(number)
    count = runs.confirm(run, current_actor())
    flash(
        f"Saved. Run {run.number} is marked as posted."
        if count
        else "Nothing was changed: every entry was confirmed already."
    )
    return go_to(url_for(".show", number=run.number))


def the_run(number: str) -> ExportRun:
    parsed = parse_id(number)
    return (parsed and ExportRun.by_number(parsed)) or abort(404)


def show_runs(status: int = 200, error: str = ""):
    newest = ExportRun.newest()
    page = render_template(
        "bookkeeping/index.html",
        nav="transactions",
        here=EXPORT_PAYMENTS,
        page=queries.page(parse_id(request.args.get("before", "")), parse_id(request.args.get("after", ""))),
        waiting=queries.waiting(company()),
        not_confirmed=queries.not_confirmed(),
        lost=queries.lost_with_backup(),
        formats=FORMATS,
        chosen=newest.format if newest else PLAIN.key,
        error=error,
    )
    return make_response(page, status)
