"""Setup > Import/Export > Import CSV Records: choosing a file, templates to start from, and what was imported."""

from flask import abort, current_app, make_response, render_template, request, url_for

from app.imports.context import ImportContext
from app.imports.examples import EXAMPLES, example_file
from app.imports.forms import KIND_CHOICES, UploadError, read_upload
from app.imports.views import bp
from app.models import ImportRun
from app.web.actor import current_actor
from app.web.downloads import as_attachment
from app.web.htmx import go_to
from app.web.limits import LARGEST_UPLOAD, takes
from app.web.menu import IMPORT
from app.web.security import staff_only

RECENT = 20
STATES = {
    ImportRun.PLANNING: ("hold", "Being read", "clock"),
    ImportRun.PLANNED: ("warn", "Not imported yet", "circle-dashed"),
    ImportRun.APPLYING: ("hold", "Being imported", "clock"),
    ImportRun.APPLIED: ("good", "Imported", "check"),
    ImportRun.UNDOING: ("hold", "Being undone", "clock"),
    ImportRun.UNDONE: ("mute", "Undone", "rotate-ccw"),
}
PARTLY = {
    "is_begun": ("warn", "Partly imported", "triangle-alert"),
    "is_partly_undone": ("warn", "Partly undone", "triangle-alert"),
}
QUEUED = ("hold", "Waiting", "clock")


@bp.get("")
@staff_only
def index():
    return upload_page()


@bp.post("")
@staff_only
@takes(LARGEST_UPLOAD // 1024 + 64)
def create():
    kind = request.form.get("kind", "")
    try:
        name, content, sha256 = read_upload(request.files.get("file"))
    except UploadError as error:
        return upload_page(str(error), 422)
    import_context = ImportContext.of(current_app)
    run = import_context.keep(kind if kind in KIND_CHOICES else "", name, content, sha256, current_actor())
    return go_to(url_for(".show", public_id=run.public_id))


def state_of(run: ImportRun, other: ImportRun | None) -> tuple[str, str, str]:
    """(kind of chip, text, icon). `other` is the run that is being worked on."""
    if run.is_queued and other:
        return QUEUED
    partly = [name for name in PARTLY if run.state == run.APPLIED and run.findings.get(name)]
    return PARTLY[partly[-1]] if partly else STATES[run.state]


def upload_page(problem: str = "", status: int = 200):
    other = ImportRun.at_work()
    page = render_template(
        "imports/index.html",
        nav="setup",
        here=IMPORT,
        kinds=KIND_CHOICES,
        problem=problem,
        runs=[(run, state_of(run, other)) for run in ImportRun.recent(RECENT)],
    )
    return make_response(page, status)


@bp.get("/templates/<kind>.csv")
@staff_only
def template(kind):
    if kind not in EXAMPLES:
        abort(404)
    response = current_app.response_class(example_file(kind), mimetype="text/csv")
    return as_attachment(response, f"{kind}.csv")
