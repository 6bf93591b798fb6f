"""Right-to-left names, amounts and dates inside left-to-right pages and mails are isolated."""

import re
from datetime import UTC, date, datetime
from html import unescape

import pytest

from app.accounts import emails, links
from app.bidi import END, ISOLATE, isolated
from app.clock import format_moment
from app.dates import read_iso
from app.mail.compose import one_line
from app.models import Access, Attempt, Company, Customer, Link, OutboxMail, Role, User
from app.models.audit import Actor
from app.money import format_amount, format_money
from app.payments import receipts
from app.printable import is_printable
from app.web.formatting import format_day
from tests.people import invoice

NAME = "شركة المصابيح"
RIGHT_TO_LEFT = "\u0590-\u08ff\u200f"


@pytest.fixture
def alice(cast, log_in, app):
    Customer.update(name=NAME, locale="ar_KW").where(Customer.id == cast.cedar.id).execute()
    invoice(cast.cedar, "INV-1", 123450, date(2026, 12, 28), currency="KWD", memo=f"{NAME} ABC", po_number="طلب 7")
    app.extensions["database"].close()
    return log_in(cast.alice)


@pytest.mark.parametrize("locale", ["ar_KW", "ar_EG", "he_IL", "fa_IR", "ur_PK"])
def test_amounts_and_dates_of_such_a_locale_are_isolated(locale):
    at = datetime(2026, 11, 28, 10, tzinfo=UTC)
    for text in (
        format_money(123450, "KWD", locale),
        format_money(-5, "USD", locale),
        format_moment(at, "UTC", locale),
        format_day(date(2026, 11, 28), locale),
    ):
        assert text[0] == ISOLATE and text[-1] == END and text.count(ISOLATE) == 1


@pytest.mark.parametrize("locale", ["en_US", "de_DE", "ja_JP", "hi_IN"])
def test_other_locales_stay_as_they_are(locale):
    assert ISOLATE not in format_money(123450, "USD", locale) + format_day(date(2026, 11, 28), locale)


def test_a_typed_amount_has_no_isolates():
    assert ISOLATE not in format_amount(123450, "KWD", "ar_KW")
    assert read_iso("2026-11-28")


@pytest.mark.parametrize(
    ("text", "is_isolated"),
    [
        (NAME, True),
        ("Cedar Lane", False),
        (f"ABC {NAME}", True),
        ("Fennel & Fig Café", False),
        ("", False),
    ],
)
def test_a_name_is_isolated_where_it_could_turn_a_sentence(text, is_isolated):
    assert isolated(text) == (f"{ISOLATE}{text}{END}" if is_isolated else text)


@pytest.mark.parametrize("path", ["/invoices", "/invoices?view=all", "/account", "/payments"])
def test_right_to_left_text_is_isolated_on_pages(alice, path):
    assert loose(alice.get(path).get_data(as_text=True)) == []


def test_right_to_left_text_is_isolated_on_an_invoice(alice):
    page = alice.get("/invoices").get_data(as_text=True)
    shown = alice.get(re.search(r'rowlink" href="([^"]+)"', page)[1]).get_data(as_text=True)
    assert f"<bdi>{NAME} ABC</bdi></p>" in shown and loose(shown) == []


def test_right_to_left_text_is_isolated_for_administrators(alice, cast, log_in):
    ruth = log_in(cast.ruth)
    record = f"/customers/{Customer.get_by_id(cast.cedar.id).public_id}"
    for path in ("/customers", record, f"{record}/access", f"{record}/invoices"):
        assert loose(ruth.get(path).get_data(as_text=True)) == []


PERSON = "نادية حداد (X)"


@pytest.fixture
def people(cast, world, app):
    """Everybody has a right-to-left name, customers and the company too; Alice manages."""
    User.update(name=PERSON).execute()
    Customer.update(name=NAME).execute()
    Role.update(can_manage=True).execute()
    app.extensions["database"].close()
    return cast


@pytest.mark.parametrize("path", ["/account", "/account/people", "/payments", "/invoices"])
def test_names_of_persons_are_isolated_for_customers(people, log_in, path):
    assert loose(log_in(people.alice).get(path).get_data(as_text=True)) == []


def test_names_of_persons_are_isolated_for_administrators(people, log_in, world):
    ruth = log_in(people.ruth)
    record = f"/customers/{people.cedar.public_id}"
    number = Access.get(Access.user == people.alice).id
    problems = {}
    for path in (
        "/customers",
        f"{record}/access",
        f"{record}/access/{number}",
        f"{record}/payments",
        f"{record}/invoices",
        f"{record}/invoices/{world.open['cedar'].public_id}",
        "/setup/users-roles",
        "/audit",
        "/account",
        *(f"/setup?step={slug}" for slug in ("give-access", "login-url", "check", "view-as")),
    ):
        if found := loose(ruth.get(path, follow_redirects=True).get_data(as_text=True)):
            problems[path] = found
    assert problems == {}


def test_names_of_persons_are_isolated_in_mails(people, clock):
    now = clock()
    User.update(last_login_ms=1).execute()  # mail to others greets without a name
    for user in (people.alice, people.ruth):
        user = User.get_by_id(user.id)
        company, actor = Company.current(), Actor("", now, "http://localhost")
        emails.password_changed(user, actor, company)
        emails.second_factor(user, "two_factor_on", now, company)
        links.send(user, Link.RESET, links.RESET_LIFE, actor, company)
        links.notify(user, [Customer.get_by_id(people.cedar.id)], actor, company)
    attempt = Attempt.select().where(Attempt.state == "approved").first()
    about_payment = [receipts.compose_mail(name, attempt, company, "x") for name in ("receipt", "taken_back")]
    mails = [*OutboxMail.select(), *about_payment]
    greeted = [mail for mail in mails if PERSON in mail.text]
    assert len(greeted) >= 10
    for mail in greeted:
        assert f"Hello {ISOLATE}{PERSON}{END}" in mail.text and loose(mail.html) == []


PERSIAN = "\u0646\u06cc\u06a9\u200c\u0646\u0627\u0645"


@pytest.mark.parametrize(
    ("text", "is_taken"),
    [
        (PERSIAN, True),
        (f"{PERSIAN} 2", True),
        ("\u0915\u094d\u200d\u0937", True),
        ("Ann\u200cMay", False),
        (f"{PERSIAN}\u200c", False),
        ("\u200c", False),
        ("", True),
        ("\u0661\u200c\u0662", False),
        ("a\u0000b", False),
        ("\U0001f468\u200d\U0001f469", False),
        ("\u0646\u200c\u200c\u0646", False),
    ],
)
def test_joiners_are_taken_where_words_are_written_with_them(text, is_taken):
    assert is_printable(text) is is_taken


def test_a_name_with_a_joiner_is_found_and_keeps_it_in_a_subject(cast, log_in):
    Customer.update(name=PERSIAN).where(Customer.id == cast.cedar.id).execute()
    page = log_in(cast.ruth).get("/customers", query_string={"q": PERSIAN}).get_data(as_text=True)
    assert PERSIAN in page and "No customers found" not in page
    assert one_line(f"To {PERSIAN}\u200c\r\nBcc: x") == f"To {PERSIAN} Bcc: x"


def loose(page: str) -> list[str]:
    """Right-to-left text of the page that is not in a <bdi>, in an element with dir=auto, in isolates, in a title or
    in a field."""
    page = re.sub(r"(?s)<(bdi|title|textarea|option)\b[^>]*>.*?</\1>", "", unescape(page))
    page = re.sub(r'(?s)<(\w+)\b[^>]*dir="auto"[^>]*>.*?</\1>', "", page)
    page = re.sub(f"(?s){ISOLATE}.*?{END}", "", page)
    return [text for text in re.findall(r">([^<]*)<", page) if re.search(f"[{RIGHT_TO_LEFT}]", text)]
