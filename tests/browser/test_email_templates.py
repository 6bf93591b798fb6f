"""The preview of an email in a browser: its own style, the logo, and what was typed."""

import pytest
from playwright.sync_api import expect

from app.company.logo import read_logo
from app.models import CompanyLogo
from app.models.audit import Actor
from tests.people import PIXEL


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
def test_preview_has_the_typed_text_and_the_logo(new_page, log_in_page, app, cast, clock, scripts):
    with app.extensions["database"].connection_context():
        CompanyLogo.keep(read_logo(PIXEL), Actor(cast.ruth.email, clock()))
    page = new_page(java_script_enabled=scripts)
    log_in_page(page, cast.ruth)
    page.goto("/setup/company/system-email-templates/new_invoice")
    page.get_by_label("Closing").fill("Kind regards,\nRuth")
    page.get_by_role("button", name="Preview").click()
    shown = page.frame_locator("iframe")
    expect(shown.get_by_text("Kind regards,")).to_be_visible()
    expect(shown.get_by_role("link", name="View")).to_have_css("background-color", "rgb(39, 67, 184)")
    logo = shown.get_by_role("img", name="Harbor & Pine Supply")
    if scripts:  # the width is asked with one
        assert logo.evaluate("image => image.decode().then(() => image.naturalWidth)") == 1
    expect(page.get_by_label("Closing")).to_have_value("Kind regards,\nRuth")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Changed by ruth@harborpine.example")).to_be_visible()
