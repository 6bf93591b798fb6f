"""Every page in the states people meet it: axe finds nothing, light and dark, wide and narrow, and no
page scrolls sideways."""

import re
from datetime import date
from hashlib import sha256
from itertools import chain, permutations
from pathlib import Path

import pytest

from app.clock import to_ms
from app.mail.compose import LOGO
from app.models import Link, OutboxMail
from tests import people
from tests.browser import cards
from tests.sampling import sample

PIXEL = "data:image/gif;base64,R0lGODlhAQABAAAAACw="
VENDOR = Path(__file__).parent / "vendor"
AXE = VENDOR / "axe-4.14.1.min.js"
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
RULES = {
    "light": {"type": "tag", "values": TAGS},
    "dark": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]},
}
SIZES = ({"width": 1280, "height": 900}, {"width": 390, "height": 844})
LOOKS = [list(zip(SIZES, schemes, strict=True)) for schemes in permutations(RULES)]
RUN_AXE = """async runOnly => {
  const found = await axe.run(document, {runOnly, iframes: false});
  return found.violations.map(v => `${v.id}: ${v.nodes.slice(0, 3).map(n => n.target.join(' ')).join(' | ')}`);
}"""
SETTLE = """async () => {
  for (let n = 0; n < 3; n++) {
    await new Promise(requestAnimationFrame);
    await Promise.allSettled(document.getAnimations().map(a => a.finished));
  }
}"""
IN_PLACE = """([scheme, width]) =>
  innerWidth === width && matchMedia(`(prefers-color-scheme: ${scheme})`).matches"""
# Browsers press the first button of a form for Enter in a field: it has to be the main one, or to send the form itself.
PRESSED_INSTEAD = """() => [...document.forms].flatMap(form => {
  const all = [...form.elements], typed = /^(text|search|email|tel|url|number|date|password)$/;
  const buttons = all.filter(one => one.type === 'submit');
  if (!buttons.length || !all.some(one => one.tagName === 'INPUT' && typed.test(one.type))) return [];
  const does = one => [one.getAttribute('formaction') ?? form.action, one.name, one.value].join();
  const first = buttons[0], main = buttons.find(one => one.matches('.btn-primary'));
  const isRight = main ? does(first) === does(main) : !first.hasAttribute('formaction');
  return isRight ? [] : [`Enter presses ${first.textContent.trim()}`];
})"""
TOO_WIDE = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


def violations(page, rules) -> list[str]:
    """What axe finds by these rules. It reads colors over several turns, so a page that was still being drawn is
    looked at again: what is wrong with a page stays wrong."""
    page.evaluate(SETTLE)
    found = page.evaluate(RUN_AXE, rules)
    if found:
        page.wait_for_timeout(500)
        page.evaluate(SETTLE)
        found = page.evaluate(RUN_AXE, rules)
    return found


def looks_of(state: str) -> list[tuple[dict, str]]:
    """The (size, scheme) in which a state is looked at: light at a size that is drawn, and a third of all states in the
    dark scheme, at the other size. With TEST_ALL both at both."""
    has_dark = True in sample([True, False, False], 1, (state, "dark"))
    looks = chain(*sample(LOOKS, 1, state))
    return [(size, scheme) for size, scheme in looks if scheme == "light" or has_dark]


def problems(page, state: str, looks: list[tuple[dict, str]] | None = None) -> list[str]:
    """What is wrong with the page as it is now, in `looks` or those of `looks_of`. The dark scheme has other colors and
    nothing else, so there it is the rules about colors."""
    found = [f"{state}: {line}" for line in page.evaluate(PRESSED_INSTEAD)]
    page.evaluate(AXE.read_text())
    for size, scheme in looks or looks_of(state):
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        page.set_viewport_size(size)
        page.wait_for_function(IN_PLACE, arg=[scheme, size["width"]])
        where = f"{state}, {scheme}, {size['width']} px"
        found += [f"{where}: {line}" for line in violations(page, RULES[scheme])]
        if (excess := page.evaluate(TOO_WIDE)) > 0:
            found.append(f"{where}: {excess} px wider than the screen")
    page.set_viewport_size(SIZES[0])
    return found


@pytest.fixture
def visit(page):
    """visit({"the list": "/invoices", …}): every problem of every page. A value may be a function."""

    def _visit(states):
        found = []
        for state, target in states.items():
            page.goto(target) if isinstance(target, str) else target(page)
            found += problems(page, state)
        print(*found, sep="\n")
        return found

    return _visit


def submitting(path, button, **fields):
    def steps(page):
        page.goto(path)
        for label, text in fields.items():
            page.get_by_label(label.replace("_", " "), exact=True).fill(text)
        page.get_by_role("button", name=button, exact=True).click()
        page.wait_for_load_state()

    return steps


def test_axe_is_the_file_it_was():
    digest, name = (VENDOR / "SHA256SUMS").read_text().split()
    assert name == AXE.name and sha256(AXE.read_bytes()).hexdigest() == digest


def test_axe_and_the_ruler_find_what_they_are_for(page):
    page.set_content("<html lang=en><title>x</title><main><h1>x</h1><input><p id=w>x<p id=p>some words</main>")
    page.add_style_tag(content="#w { inline-size: 3000px } #p { background: #888; color: #999 }")
    found = problems(page, "planted", looks=[*chain(*LOOKS)])
    assert sum("label:" in line for line in found) == 2 and sum("wider" in line for line in found) == 4
    assert sum("color-contrast:" in line for line in found) == 4


def test_pages_before_logging_in(visit, world, app, clock, expected_problems):
    expected_problems.append(" status of 410 ")
    with app.extensions["database"].connection_context():
        token = Link.issue(world.cast.bob, Link.SETUP, clock(), clock().resolution * 10**12)
    assert (
        visit(
            {
                "log in": "/login",
                "log in, nothing typed": submitting("/login", "Log in"),
                "log in, wrong": submitting("/login", "Log in", Email_address="a@b.example", Password="wrong"),
                "forgotten": "/forgot",
                "forgotten, sent": submitting("/forgot", "Send a link", Email_address="a@b.example"),
                "link over": "/reset",
                "first link over": "/welcome",
                "set a password": f"/welcome/{token}",
                "set a password, weak": submitting("/welcome", "Set password and log in", New_password="weak"),
                "no such page": "/nothing",
                "outbox": "/outbox",
                "a mail": "/outbox/1",
            }
        )
        == []
    )


def test_pages_about_invoices(visit, world, page, log_in_page):
    log_in_page(page, world.cast.alice)
    assert (
        visit(
            {
                "to pay": "/invoices",
                "paid": "/invoices?view=paid",
                "all": "/invoices?view=all",
                "nothing found": "/invoices?q=zzz",
                "bad dates": "/invoices?since=x&until=y",
                "an open invoice": f"/invoices/{world.invoice_id('cedar')}",
                "a paid invoice": f"/invoices/{world.paid['cedar'].public_id}",
                "selected": f"/invoices/selected?invoice={world.invoice_id('cedar')}",
                "nothing selected": "/invoices/selected",
                "a foreign invoice": f"/invoices/{world.invoice_id('fennel')}",
            }
        )
        == []
    )


def test_pages_about_paying(visit, world, page, log_in_page, demo_gateway):
    pay_url = f"/payments/new?invoice={world.invoice_id('cedar')}"

    def declined(page):
        page.goto(pay_url)
        cards.pay_with(page, "4000111111111115")
        cards.expect_not_taken(page, "not been charged")

    def part(page):
        page.goto(pay_url)
        page.get_by_label("Pay a different amount").check()

    def unknown(page):
        demo_gateway.faults.add("lost_response", on="sale")
        page.goto(pay_url)
        cards.pay_with(page, cards.VISA)
        page.wait_for_url("**/payments/PAY-*")

    log_in_page(page, world.cast.alice)
    assert (
        visit(
            {
                "pay": pay_url,
                "pay a part": part,
                "a bad amount": f"{pay_url}&pay=part&amount=x",
                "declined": declined,
                "payments": "/payments",
                "a receipt": f"/payments/{world.reference('cedar')}",
                "nothing selected": "/payments/new",
                "being confirmed": unknown,
                "payments, one undecided": "/payments",
                "already being paid": pay_url,
            }
        )
        == []
    )


def test_pages_about_the_account(visit, world, page, log_in_page):
    log_in_page(page, world.cast.alice)
    assert (
        visit(
            {
                "account": "/account",
                "password": "/account/password",
                "password, nothing typed": submitting("/account/password", "Change password"),
                "two-factor authentication": "/account/two-factor",
                "code, nothing typed": submitting("/account/two-factor", "Turn on"),
            }
        )
        == []
    )


def test_pages_without_permission_to_pay(visit, world, page, log_in_page):
    log_in_page(page, world.cast.vera)
    pay_url = f"/payments/new?invoice={world.invoice_id('cedar')}"
    invoice_url = f"/invoices/{world.invoice_id('cedar')}"
    assert visit({"to pay": "/invoices", "not allowed": pay_url, "invoice": invoice_url}) == []


def test_pages_with_many_kinds_of_invoices(visit, world, app, page, log_in_page):
    with app.extensions["database"].connection_context():
        for number, (currency, total, due) in enumerate(
            [
                ("USD", 999_999_999_99, date(2026, 8, 1)),
                ("EUR", 123_45, date(2026, 11, 22)),
                ("JPY", 1_000_000, date(2026, 12, 24)),
                ("KWD", 1_234_567, date(2026, 10, 31)),
            ]
        ):
            people.invoice(
                world.cast.fennel,
                f"INV-LONG-NUMBER-{number}" * 2,
                total,
                due,
                currency=currency,
                memo="Möbel & Söhne " * 20,
                po_number="PO" * 20,
            )
        [people.invoice(world.cast.fennel, f"F-{n}", 1000 + n, date(2026, 12, 1)) for n in range(40)]
    log_in_page(page, world.cast.charlie)
    assert visit({"to pay": "/invoices", "all": "/invoices?view=all", "payments": "/payments"}) == []


def test_pages_of_the_administrator(visit, world, page, log_in_page):
    log_in_page(page, world.cast.ruth)
    person = f"/customers/{world.customer_id('cedar')}/access/1"
    pages = {"setup": "/setup", "account": "/account", "not for customers only": "/invoices"}
    assert visit({**pages, "logins and personal data": f"{person}/data", "erasing": f"{person}/erase"}) == []


def test_the_mails(world, app, new_page, clock):
    """As documents of their own: mail programs show them so."""
    page, found = new_page(), []
    with app.extensions["database"].connection_context():
        mails = list(OutboxMail.newest_first())
    for mail in mails:
        page.set_content(mail.html.replace(f"cid:{LOGO}", PIXEL))  # mail programs have the picture beside it
        found += problems(page, mail.subject)
    assert mails and to_ms(clock()) and found == []


def test_a_mail_is_shown_without_its_scripts(world, page, expected_problems):
    page.goto("/outbox/1")
    frame = page.frame_locator("iframe.mail-frame")
    assert "Thank you" in frame.locator("h1").inner_text()
    assert re.fullmatch(
        r"#fff|rgb\(255, 255, 255\)", frame.locator(".card").evaluate("e => getComputedStyle(e).backgroundColor")
    )
