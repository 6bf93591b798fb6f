"""A new company, from an empty portal to a payment in its books, in the browser alone and at the pages' own links."""

import re

import pytest
from playwright.sync_api import expect

from app.imports import runs
from app.imports.context import ImportContext
from app.models import FirstRun, OutboxMail
from tests.accounts.conftest import NEW
from tests.browser import cards
from tests.sampling import sample
from tests.support.office_files import xlsx

CUSTOMERS = [
    ["Northwind Tools"],
    ["Customer list, November 2026"],
    [],
    ["Customer code", "Trading as", "E-mail", "Dunning level"],
    ["C-1", "Harbour Lamps", "pat@harbourlamps.example", 1],
    ["C-2", "Quarry Kiln", "kim@quarrykiln,example", 0],
]
BOOKS = b"""Northwind Tools,,,,,,
Invoices by customer,,,,,,

,Transaction date,Transaction type,Num,Due date,Amount,Open balance
Harbour Lamps,,,,,,
,10/15/2026,Invoice,1051,11/14/2026,"1,250.00",250.00
Total for Harbour Lamps,,,,,"$1,250.00",$250.00
Quarry Kiln,,,,,,
,10/16/2026,Invoice,1052,11/15/2026,98.00,98.00
Total for Quarry Kiln,,,,,$98.00,$98.00
TOTAL,,,,,"$1,348.00",$348.00
"""


class Administrator:
    """Works on `page`, with the portal's worker at hand."""

    def __init__(self, page, app, is_scripted: bool):
        self.page, self.app, self.is_scripted = page, app, is_scripted

    def press(self, name: str) -> None:
        self.page.locator("main").get_by_role("button", name=name, exact=True).click()

    def work(self) -> None:
        self.page.get_by_text("The file is being").wait_for()
        with self.app.extensions["database"].connection_context():
            while runs.work_once(ImportContext.of(self.app)):
                pass
        if not self.is_scripted:
            self.page.reload()  # instead of in ten seconds by itself

    def upload(self, name: str, content: bytes) -> None:
        self.page.get_by_label("File", exact=True).set_input_files(
            {"name": name, "mimeType": "application/octet-stream", "buffer": content}
        )
        self.press("Upload")
        self.work()

    def read_again(self) -> None:
        self.press("Read the file again")
        self.work()

    def apply(self, result: str) -> None:
        self.press("Import")
        self.work()
        self.page.get_by_text(result).wait_for()

    def switch_on(self, feature: str) -> None:
        self.page.get_by_label(feature, exact=True).check()
        self.press("Save")
        self.page.get_by_text(f"Saved. {feature} is on.").wait_for()


def become_administrator(page, app, is_scripted: bool) -> Administrator:
    with app.extensions["database"].connection_context():
        token = FirstRun.issue(app.config["PORTAL"].keys, app.extensions["clock"]())
    page.goto(f"/first-administrator/{token}")
    page.get_by_label("Company name").fill("Northwind Tools")
    page.get_by_label("Your name").fill("Ada Berg")
    page.get_by_label("Email address").fill("ada@northwind.example")
    page.get_by_label("Password", exact=True).fill(NEW)
    page.get_by_role("button", name="Create administrator").click()
    return Administrator(page, app, is_scripted)


def set_up_link(app, email: str) -> str:
    with app.extensions["database"].connection_context():
        mail = OutboxMail.newest_first().where(OutboxMail.recipient == email).get()
    return re.search(r"http://\S+/welcome/\S+", mail.text)[0]


@pytest.mark.parametrize(
    "scripted", sample([True, False], 1, "round trip"), ids={True: "scripts", False: "no scripts"}.get
)
def test_round_trip_of_a_new_company(new_page, app, scripted):
    page = new_page(java_script_enabled=scripted)
    ada = become_administrator(page, app, scripted)

    ada.upload("customers.xlsx", xlsx({"Customers": CUSTOMERS}))
    page.get_by_role("link", name="Choose columns").click()
    page.get_by_label("Field of Trading as").select_option("name")
    ada.press("Read the file")
    ada.work()
    page.get_by_role("link", name="Correct rows").click()
    page.get_by_label("E-mail").fill("kim@quarrykiln.example")
    ada.press("Save and read the file again")
    ada.work()
    ada.apply("2 new, 0 changed, 0 unchanged")

    page.get_by_role("link", name="Import another file").click()
    ada.upload("open-invoices.csv", BOOKS)
    page.get_by_label("Currency", exact=True).fill("USD")
    ada.read_again()
    ada.apply("2 new, 0 changed, 0 unchanged")

    page.get_by_role("link", name="Back to the setup guide").click()
    for feature in ("Credit Card Payments", "Customer Access", "Customers Can Pay Online"):
        ada.switch_on(feature)
    page.get_by_label("Harbour Lamps, pat@harbourlamps.example").check()
    page.get_by_label("Role", exact=True).select_option(label="Customer Center")
    ada.press("Save")
    page.get_by_text("Access given to 1 customer. 1 email queued.").wait_for()

    pat = new_page()
    pat.goto(set_up_link(app, "pat@harbourlamps.example"))
    pat.get_by_label("New password", exact=True).fill(NEW)
    pat.get_by_role("button", name="Set password and log in").click()
    pat.locator("[id^=pay-]").first.click()
    cards.pay_with(pat, cards.VISA)
    expect(pat.get_by_role("heading", level=1)).to_have_text("Payment received")

    page.goto("/transactions/customers/payments")
    page.get_by_role("link", name="Export", exact=True).click()
    ada.press("Export")
    page.get_by_text("1 entry, $250.00").wait_for()
    with page.expect_download() as download:
        page.get_by_role("link", name="Download", exact=True).click()
    assert "250.00" in download.value.path().read_text()

    page.goto("/setup/import-export/import-csv-records")
    ada.upload("open-invoices.csv", BOOKS)
    assert page.get_by_label("Currency", exact=True).input_value() == "USD"
    ada.read_again()
    page.get_by_text("Customers have paid toward 1 of these documents here: 1051.").wait_for()
    assert page.get_by_text("Everything in the file is here already.").is_visible()
