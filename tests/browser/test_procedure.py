"""The documented procedure, docs/giving-access.md, walked word for word: what its numbered steps say is done in a
browser, in their order, until a customer has logged in, seen the invoices and paid one."""

import re
from datetime import date
from pathlib import Path

import pytest
from playwright.sync_api import expect

from app.models import Company, Customer, OutboxMail
from tests.accounts.conftest import NEW
from tests.browser import cards
from tests.people import invoice
from tests.sampling import sample

GUIDE = Path(__file__).resolve().parents[2] / "docs" / "giving-access.md"
FEATURES, BY_EMAIL, BY_HAND = (
    "Enable the appropriate features",
    "Set up access on customer records",
    "Manually set a password",
)
EMAIL, FIRST_PASSWORD = "dora@northpier.example", "Copper-Ferry-19-lamps"


def steps(section: str) -> list[str]:
    """The numbered steps under this heading."""
    text = GUIDE.read_text().partition(f"## {section}\n")[2].partition("\n## ")[0]
    found = re.findall(r"^(\d+)\. (.+)$", text, re.M)
    assert [int(number) for number, _ in found] == list(range(1, len(found) + 1)) and found
    return [words for _, words in found]


class Walker:
    """Does what sentences of the procedure say, on `page`, for the customer called `name`."""

    def __init__(self, page, name: str):
        self.page, self.name, self.copied = page, name, ""

    def walk(self, section: str) -> None:
        for words in steps(section):
            done = sorted(
                (match.start(), action, match.groups())
                for pattern, action in self.ACTIONS.items()
                for match in re.finditer(pattern, words)
            )
            assert done, f"nothing to do in: {words}"
            for _, action, values in done:
                getattr(self, action)(*values)

    ACTIONS = {
        r"Go to ([^.,]+)": "go",
        r"Click Edit next to": "edit",
        r"Click the ([\w/| ]+) subtab": "subtab",
        r"[Cc]heck the ([\w ]+) box": "check",
        r"Clear the ([\w ]+) box": "clear",
        r"In the (\w+) field, select the ([\w ]+) role": "select",
        r"enter the email address in the (\w+) field": "enter_email",
        r"In the (Email) field, enter the email address": "enter_email",
        r"In the ([\w ]*Password) field, enter": "enter_password",
        r"copy the URL from the ([\w ]+) field": "copy",
        r"Click Save": "save",
    }

    def go(self, path: str) -> None:
        menu, *groups, label = path.split(" > ")
        details = self.page.locator("details.menu").filter(has=self.page.locator("summary", has_text=menu))
        details.locator("summary").click()
        group = details.get_by_text(" › ".join(groups), exact=True)
        expect(group).to_be_visible()
        details.get_by_role("link", name=label, exact=True).click()
        expect(self.page.get_by_role("heading", level=1)).to_have_text(label)
        crumb = self.page.get_by_label("Breadcrumb").get_by_role("listitem").all_inner_texts()
        assert [text.strip() for text in crumb] == path.split(" > ")

    def edit(self) -> None:
        self.page.get_by_role("row", name=self.name).get_by_role("link", name="Edit").click()

    def subtab(self, name: str) -> None:
        tab = self.page.locator(".tabs").get_by_text(name, exact=True)
        tab.click()
        expect(self.page.locator(".tabs [aria-current]")).to_have_text(name)

    def check(self, label: str) -> None:
        """The box is still to be checked: a click does what the sentence says."""
        box = self.page.get_by_label(label, exact=True)
        expect(box).not_to_be_checked()
        box.click()
        expect(box).to_be_checked()

    def clear(self, label: str) -> None:
        self.page.get_by_label(label, exact=True).uncheck()

    def select(self, label: str, option: str) -> None:
        self.page.get_by_label(label, exact=True).select_option(label=option)

    def enter_email(self, label: str) -> None:
        self.page.get_by_label(label, exact=True).fill(EMAIL)

    def enter_password(self, label: str) -> None:
        self.page.get_by_label(label, exact=True).fill(FIRST_PASSWORD)

    def copy(self, label: str) -> None:
        self.copied = self.page.get_by_role("textbox", name=label).input_value()

    def save(self) -> None:
        with self.page.expect_navigation():  # an earlier toast may still be there
            self.page.get_by_role("button", name="Save", exact=True).click()
        expect(self.page.locator(".toast")).to_contain_text("Saved")


@pytest.fixture
def north_pier(app, cast):
    """A customer without an address, who owes an invoice; no feature is on."""
    with app.extensions["database"].connection_context():
        Company.update({name: False for name in Company.FEATURES}).execute()
        customer = Customer.create(number="93", name="North Pier Grocers")
        return invoice(customer, "INV-93", 8400, date(2026, 12, 1))


def mailed_link(app) -> str:
    with app.extensions["database"].connection_context():
        mail = OutboxMail.newest_first().get()
    assert mail.recipient == EMAIL and "/login" in mail.text
    return re.search(r"http://\S+/welcome/\S+", mail.text)[0]


def choose_password(page, password: str) -> None:
    page.get_by_label("New password", exact=True).fill(password)
    page.get_by_role("button", name=re.compile("^(Set|Change) password")).click()


def view_and_pay(page, owed) -> None:
    page.goto("/invoices")
    page.get_by_role("link", name="INV-93", exact=True).click()
    page.locator("main").get_by_role("link", name=re.compile("^Pay")).first.click()
    cards.pay_with(page, cards.VISA)
    page.wait_for_url("**/payments/PAY-*")
    expect(page.get_by_role("heading", level=1)).to_have_text("Payment received")


def test_by_email_from_the_first_step_to_a_payment(new_page, type_in, cast, app, north_pier):
    ruth = new_page(viewport={"width": 1280, "height": 900})
    type_in(ruth, cast.ruth)
    walker = Walker(ruth, "North Pier Grocers")
    walker.walk(FEATURES)
    walker.walk(BY_EMAIL)
    dora = new_page()
    dora.goto(mailed_link(app))
    choose_password(dora, NEW)
    dora.wait_for_url("**/invoices")
    view_and_pay(dora, north_pier)


def test_by_hand_from_the_first_step_to_a_payment(new_page, type_in, cast, north_pier):
    ruth = new_page(viewport={"width": 390, "height": 844})
    type_in(ruth, cast.ruth)
    walker = Walker(ruth, "North Pier Grocers")
    walker.walk(FEATURES)
    walker.walk(BY_HAND)
    dora = new_page()
    dora.goto(walker.copied)
    log_in_at(dora)
    dora.get_by_label("Current password", exact=True).fill(FIRST_PASSWORD)
    choose_password(dora, NEW)
    dora.wait_for_url(lambda url: "password" not in url)
    view_and_pay(dora, north_pier)


def log_in_at(page) -> None:
    page.get_by_label("Email address").fill(EMAIL)
    page.get_by_label("Password", exact=True).fill(FIRST_PASSWORD)
    page.get_by_role("button", name="Log in").click()
    page.wait_for_url("**/account/password")


@pytest.mark.parametrize("section", sample([BY_EMAIL, BY_HAND], 1, "without JavaScript"))
def test_every_step_works_without_javascript(new_page, type_in, cast, app, north_pier, section):
    ruth = new_page(java_script_enabled=False)
    type_in(ruth, cast.ruth)
    walker = Walker(ruth, "North Pier Grocers")
    walker.walk(FEATURES)
    walker.walk(section)
    dora = new_page(java_script_enabled=False)
    if section == BY_EMAIL:
        dora.goto(mailed_link(app))
        choose_password(dora, NEW)
    else:
        dora.goto(walker.copied)
        log_in_at(dora)
        dora.get_by_label("Current password", exact=True).fill(FIRST_PASSWORD)
        choose_password(dora, NEW)
    dora.goto("/invoices")
    dora.get_by_role("link", name="INV-93", exact=True).click()
    expect(dora.get_by_role("heading", level=1)).to_contain_text("Invoice")
