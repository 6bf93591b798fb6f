"""One upload: progress, preview, questions, applying and undoing it."""

import json
from collections.abc import Iterator

from flask import abort, flash, request, url_for

from app.imports import messages
from app.imports.choices import Choices
from app.imports.forms import FOR_ALL, KIND_CHOICES, TOPICS, read_answers
from app.imports.survey import COLUMNS
from app.imports.views import bp
from app.imports.views.upload import state_of
from app.models import ImportRow, ImportRun, WorkerProcess
from app.models.base import parse_id
from app.money import to_decimal
from app.web.actor import current_actor
from app.web.downloads import csv_download
from app.web.formatting import now
from app.web.htmx import go_to, render
from app.web.menu import IMPORT, SYSTEM_STATUS
from app.web.security import staff_only

PAGE_SIZE = 50
MAX_GIVEN = 500
STALE = "This import has changed since you opened the page. Check it as it is now, then try again."
CSV_HEADER = ("Row", "Outcome", "Customer number", "Type", "Number", "Name", "Currency", "Total", "Changes", "Reason")


@bp.get("/<public_id>")
@staff_only
def show(public_id):
    """?outcome= one of messages.OUTCOMES, ?page= a number"""
    return run_page(the_run(public_id))


@bp.post("/<public_id>/answers")
@staff_only
def answer(public_id):
    run = the_run(public_id)
    if not is_current(run):
        return run_page(run, 409, STALE)
    choices = Choices.from_dict(run.choices)
    before = choices.sheet
    errors = read_answers(request.form, choices, run.findings)
    if errors:
        return run_page(run, 422, errors=errors)
    kind = request.form.get("kind", "")
    if kind not in COLUMNS or run.findings.get("is_fixed"):
        kind = run.kind
    if kind != run.kind:
        choices.columns, choices.mapping = {}, ""
    elif before and choices.sheet != before:
        run.kind = kind = ""  # the headings of this sheet say it
    return plan_again(run, choices, kind)


@bp.post("/<public_id>/apply")
@staff_only
def apply(public_id):
    run, actor = the_run(public_id), current_actor()
    may = can_go_on(run) or (is_current(run) and can_apply(run))
    if not may or not run.move(run.state, run.APPLYING, actor=actor.email, address=actor.address):
        return run_page(the_run(public_id), 409, STALE)
    return go_to(url_for(".show", public_id=public_id))


@bp.post("/<public_id>/undo")
@staff_only
def undo(public_id):
    run, actor = the_run(public_id), current_actor()
    if not can_undo(run) or not run.move(run.APPLIED, run.UNDOING, actor=actor.email, address=actor.address):
        return run_page(the_run(public_id), 409, STALE)
    return go_to(url_for(".show", public_id=public_id))


@bp.post("/<public_id>/delete")
@staff_only
def delete(public_id):
    run = the_run(public_id)
    if not run.remove():
        return run_page(the_run(public_id), 409, STALE)
    flash(f"{run.file_name} was removed. Nothing of it was imported.")
    return go_to(IMPORT.url)


@bp.get("/<public_id>/preview.csv")
@staff_only
def preview(public_id):
    run = the_run(public_id)
    return csv_download(f"preview-{public_id}", CSV_HEADER, csv_cells(run))


def the_run(public_id: str) -> ImportRun:
    return ImportRun.by_public_id(public_id) or abort(404)


def is_current(run: ImportRun) -> bool:
    return run.state == run.PLANNED and request.form.get("version", "") == run.digest


def can_apply(run: ImportRun) -> bool:
    found = run.findings
    return bool(run.digest) and not found.get("problems") and any(map(found.get, ("new", "changed", "access")))


def can_go_on(run: ImportRun) -> bool:
    found = run.findings
    return run.state == run.APPLIED and bool(found.get("is_begun")) and not found.get("is_partly_undone")


def can_undo(run: ImportRun) -> bool:
    return run.state == run.APPLIED and not run.findings.get("replaced_pdfs") and not run.is_forgotten


def plan_again(run: ImportRun, choices: Choices, kind: str = ""):
    kind = kind or run.kind
    if not run.move(run.PLANNED, run.PLANNING, options=json.dumps(choices.to_dict()), kind=kind):
        return run_page(the_run(run.public_id), 409, STALE)
    return go_to(url_for(".show", public_id=run.public_id))


def run_page(run: ImportRun, status: int = 200, problem: str = "", errors: dict[str, str] | None = None):
    found, wanted, choices = run.findings, request.args.get("outcome", ""), Choices.from_dict(run.choices)
    counts = {name: found.get("counts", {}).get(name, 0) for name in messages.OUTCOMES}
    outcome = wanted if wanted in counts else ""
    total = counts[outcome] if outcome else sum(counts.values())
    pages = max(1, -(-total // PAGE_SIZE))
    other = ImportRun.at_work()
    number = min(max(parse_id(request.args.get("page", "")) or 1, 1), pages)
    return render(
        "imports/show.html",
        "imports/_run.html",
        status,
        nav="setup",
        here=IMPORT,
        run=run,
        state=state_of(run, other),
        other=other if run.is_queued else None,
        has_worker=bool(WorkerProcess.alive(now())),
        system_status=SYSTEM_STATUS.url,
        found=found,
        choices=choices,
        currency=choices.currency or ImportRun.last_choices(run.kind).get("currency", ""),
        given=choices.given()[:MAX_GIVEN],
        corrected=corrected_cells(found, choices),
        counts=counts,
        outcome=outcome,
        rows=[] if run.is_waiting else ImportRow.page(run, outcome, number, PAGE_SIZE),
        number=number,
        pages=pages,
        problem=problem,
        errors=errors or {},
        can_apply=can_apply(run),
        can_undo=can_undo(run),
        can_go_on=can_go_on(run),
        kinds=KIND_CHOICES,
        topics=TOPICS,
        for_all=asked_for_all(found, choices),
        messages=messages,
    )


def asked_for_all(found: dict, choices: Choices) -> list[str]:
    """The answers that may be given for all questions of a topic, if it has more than one; and those given."""
    topics = [question["topic"] for question in found.get("questions", [])]
    many = {answer for topic, answers in TOPICS.items() if topics.count(topic) > 1 for answer in answers}
    offered = {answer for answer in many if answer != "new" or "new" in topics} | set(choices.for_all)
    return [answer for answer in FOR_ALL if answer in offered]


def corrected_cells(found: dict, choices: Choices) -> list[tuple[int, int, str, str]]:
    """(row, index in it, heading, text) of each cell that was corrected."""
    headings = [column["heading"] for column in found.get("file_columns", [])]
    return [
        (row, at, heading_of(headings, at), text)
        for row, cells in sorted(choices.corrections().cells.items())
        for at, text in sorted(cells.items())
    ]


def heading_of(headings: list[str], at: int) -> str:
    return (headings[at] if at < len(headings) else "") or f"Column {at + 1}"


def csv_cells(run: ImportRun) -> Iterator[tuple]:
    for row in ImportRow.of(run).iterator():
        total = to_decimal(row.total_minor, row.currency) if row.total_minor is not None else None
        changes = "; ".join(change_text(each, row) for each in row.changed)
        outcome, kind = messages.OUTCOMES.get(row.outcome, row.outcome), messages.KIND_LABELS.get(row.kind, "")
        identity = (row.customer_number, kind, row.number, row.name, row.currency)
        yield row.row, outcome, *identity, total, changes, messages.in_browser(row.reason)


def change_text(change: list, row: ImportRow) -> str:
    name, before, after = change
    title = messages.FIELDS.get(name, name)
    if name == "lines":
        return f"{title} changed"
    if name.endswith("_minor"):
        return f"{title}: {to_decimal(before or 0, row.currency)} → {to_decimal(after or 0, row.currency)}"
    return f"{title}: {before or 'empty'} → {after or 'empty'}"
