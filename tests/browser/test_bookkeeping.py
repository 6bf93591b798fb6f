"""Exporting payments, by keyboard and without scripts; axe has nothing to say."""

from app.clock import to_ms
from app.models import Attempt, ExportRun, LedgerEntry, booking
from tests.browser.test_pages import problems
from tests.browser.test_unmatched import picture

PATH = "/transactions/customers/payments/export"


def more_entries(app, clock):
    """A reversal, and money without an invoice, beside the run and the payments of the world."""
    with app.extensions["database"].connection_context():
        first, second = Attempt.select()
        booking.fail(first, to_ms(clock()))
        LedgerEntry.record(LedgerEntry.UNAPPLIED, "another1", second, 2500, to_ms(clock()))


def test_payments_are_exported_by_keyboard_without_axe_violations(app, world, page, log_in_page, clock):
    more_entries(app, clock)
    log_in_page(page, world.cast.ruth)
    page.goto(PATH)
    picture(page, "export")
    found = problems(page, "the page")
    page.get_by_label("NetSuite").press("Space")
    page.get_by_role("button", name="Export").press("Enter")
    page.wait_for_url(f"**{PATH}/2")
    picture(page, "export-run")
    found += problems(page, "a run")
    with page.expect_download() as download:
        page.get_by_role("link", name="Download").press("Enter")
    assert download.value.suggested_filename == "payments-2-netsuite-2026-11-22.csv"
    page.get_by_role("button", name="Mark Run as Posted").press("Enter")
    page.get_by_text("Run 2 is marked as posted").wait_for()
    page.get_by_role("navigation", name="Main").get_by_text("Transactions").press("Enter")
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Export", exact=True).press("Enter")
    page.get_by_text("Everything is exported.").wait_for()
    picture(page, "exported")
    found += problems(page, "all exported")
    page.emulate_media(color_scheme="dark")
    picture(page, "exported-dark")
    assert found == []


def test_payments_are_exported_without_scripts(app, world, new_page, log_in_page, clock):
    more_entries(app, clock)
    page = new_page(java_script_enabled=False, viewport={"width": 390, "height": 800})
    log_in_page(page, world.cast.ruth)
    page.goto(PATH)
    page.get_by_label("QuickBooks Online").check()
    page.get_by_role("button", name="Export").click()
    page.get_by_role("heading", name="Export run 2").wait_for()
    with app.extensions["database"].connection_context():
        assert ExportRun.by_number(2).format == "quickbooks"
