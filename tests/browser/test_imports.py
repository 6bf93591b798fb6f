"""Bringing data in, in a browser: with scripts and without, by keyboard, and axe on every state."""

import os

import pytest

from app.imports import runs
from app.imports.context import ImportContext
from app.models import Customer, Invoice
from app.web.menu import IMPORT
from tests.browser.test_pages import visit  # noqa: F401 (a fixture)
from tests.route_ledger.imports import MAPPED, RUN
from tests.sampling import sample

CUSTOMERS = b"Customer number,Name,Email\nC-1,Quarry Kiln,ap@quarry.example\nC-2,Old Mill,x@\n"
REPORT = b"Client;Doc;When;What it costs;Owed\nQuarry Kiln;N-1;03/04/2026;50,00;50,00\n"


@pytest.fixture
def worker(app):
    def _worker():
        with app.extensions["database"].connection_context():
            while runs.work_once(ImportContext.of(app)):
                pass

    return _worker


def send(page, name: str, content: bytes, kind: str = "") -> None:
    page.goto(IMPORT.url)
    page.get_by_label("File", exact=True).set_input_files({"name": name, "mimeType": "text/csv", "buffer": content})
    page.get_by_label("What it holds").select_option(kind)
    page.get_by_role("button", name="Upload", exact=True).press("Enter")
    page.get_by_text("The file is being read.").wait_for()


@pytest.mark.parametrize(
    "scripted", sample([True, False], 1, "imports"), ids={True: "scripts", False: "no scripts"}.get
)
def test_a_file_is_corrected_imported_mapped_and_undone(new_page, app, cast, log_in_page, worker, scripted):
    page = new_page(java_script_enabled=scripted)
    log_in_page(page, cast.ruth)
    send(page, "customers.csv", CUSTOMERS)
    worker()  # the page asks again by itself
    page.get_by_text("1 problem keeps the file from being imported").wait_for()
    assert page.get_by_text("is not an email address").is_visible()
    page.get_by_role("link", name="Correct rows").press("Enter")
    email = page.get_by_role("group", name="Row 3").get_by_label("Email", exact=True)
    assert email.input_value() == "x@" and email.get_attribute("aria-invalid") == "true"
    email.fill("")
    email.press("Enter")
    page.get_by_text("The file is being read.").wait_for()
    worker()
    page.get_by_text("Cells that you corrected here: 1.").wait_for()
    page.get_by_role("button", name="Import", exact=True).click()
    worker()
    page.get_by_text("2 new, 0 changed, 0 unchanged").wait_for()
    send(page, "report.csv", REPORT, "invoices")
    worker()
    page.get_by_role("link", name="Choose columns").click()
    for heading, field in (
        ("Client", "customer_name"),
        ("Doc", "number"),
        ("When", "issued_on"),
        ("What it costs", "total"),
        ("Owed", "due"),
    ):
        page.get_by_label(f"Field of {heading}", exact=True).select_option(field)
    page.get_by_role("button", name="Read the file", exact=True).click()
    worker()
    page.get_by_text("Questions about this file").wait_for()
    page.get_by_label("Dates").select_option("dd/mm/yyyy")
    page.get_by_label("Currency").fill("EUR")
    page.get_by_role("button", name="Read the file again").click()
    worker()
    page.get_by_role("button", name="Import", exact=True).click()
    worker()
    page.get_by_text("1 new, 0 changed, 0 unchanged").wait_for()
    page.get_by_role("button", name="Undo import").click()
    worker()
    page.get_by_text("Everything is as it was before").wait_for()
    with app.extensions["database"].connection_context():
        assert Customer.by_number("C-1") and not Invoice.get_or_none(Invoice.number == "N-1")


def test_states_of_an_import(visit, world, page, log_in_page):  # noqa: F811
    log_in_page(page, world.cast.ruth)

    def looked_at(name, url):
        def steps(page):
            page.goto(url)
            if folder := os.environ.get("PICTURES"):
                for width in (1280, 390):
                    page.set_viewport_size({"width": width, "height": 900})
                    page.screenshot(path=f"{folder}/{name}-{width}.png", full_page=True)
                page.set_viewport_size({"width": 1280, "height": 900})

        return steps

    urls = {
        "upload": IMPORT.url,
        "preview": f"{IMPORT.url}/{RUN}",
        "unknown headings": f"{IMPORT.url}/{MAPPED}",
        "columns": f"{IMPORT.url}/{MAPPED}/columns",
        "rows": f"{IMPORT.url}/{RUN}/rows",
    }
    assert visit({name: looked_at(name, url) for name, url in urls.items()}) == []
