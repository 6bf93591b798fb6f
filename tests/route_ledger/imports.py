"""Routes of Setup > Import/Export > Import CSV Records."""

from app.imports import runs
from app.imports.context import ImportContext
from app.models import ImportRun
from app.models.audit import Actor
from app.web.menu import IMPORT
from tests.ledger import STAFF, Route

RUN, MAPPED = "22222222222222rn", "22222222222222mp"
FILE = b"""Customer number,Number,Date,Total,Amount due
77,INV-CEDAR-1,2026-11-01,123.00,100.00
77,IMPORTED-1,03/04/2026,50.00,50.00
77,IMPORTED-2,2026-11-01,x,
"""
COLUMNS = b"Client,Document,Total\n77,N-1,50.00\n"


def build(app) -> None:
    """Two uploads that the worker has read: one with a change, a question and a bad row, and one to be mapped."""
    context = ImportContext.of(app)
    for public_id, content in ((RUN, FILE), (MAPPED, COLUMNS)):
        run = ImportRun.add("invoices", "may.csv", content, "", Actor("ruth@harborpine.example", context.clock()))
        ImportRun.update(public_id=public_id).where(ImportRun.id == run.id).execute()
        runs.work_once(context)


ROUTES: tuple[Route, ...] = (
    Route("imports.index", "GET", IMPORT.url, STAFF),
    Route("imports.create", "POST", IMPORT.url, STAFF, form={"kind": ""}, fields=("kind", "file")),
    Route("imports.template", "GET", f"{IMPORT.url}/templates/customers.csv", STAFF, is_page=False),
    Route("imports.show", "GET", f"{IMPORT.url}/{RUN}", STAFF, fields=("outcome", "page")),
    Route("imports.preview", "GET", f"{IMPORT.url}/{RUN}/preview.csv", STAFF, is_page=False),
    Route(
        "imports.answer",
        "POST",
        f"{IMPORT.url}/{RUN}/answers",
        STAFF,
        form={"date_format": "dd/mm/yyyy"},
        fields=(
            "version",
            "kind",
            "sheet",
            "which",
            "date_format",
            "decimal",
            "made_here",
            "currency",
            "lines",
            "answer",
            "all",
            "take_back",
        ),
    ),
    Route("imports.columns", "GET", f"{IMPORT.url}/{MAPPED}/columns", STAFF),
    Route(
        "imports.save_columns",
        "POST",
        f"{IMPORT.url}/{MAPPED}/columns",
        STAFF,
        form={"version": "", "field": ["customer", "number", "total"], "name": ""},
        fields=("version", "field", "name"),
    ),
    Route("imports.rows", "GET", f"{IMPORT.url}/{RUN}/rows", STAFF),
    Route("imports.bad_rows_file", "GET", f"{IMPORT.url}/{RUN}/bad-rows.csv", STAFF, is_page=False),
    Route(
        "imports.save_rows",
        "POST",
        f"{IMPORT.url}/{RUN}/rows",
        STAFF,
        form={"version": "", "place": "2:1", "cell": "50.00"},
        fields=("version", "place", "cell", "leave_out"),
    ),
    Route("imports.apply", "POST", f"{IMPORT.url}/{RUN}/apply", STAFF, fields=("version",)),
    Route("imports.undo", "POST", f"{IMPORT.url}/{RUN}/undo", STAFF),
    Route("imports.delete", "POST", f"{IMPORT.url}/{RUN}/delete", STAFF),
)
