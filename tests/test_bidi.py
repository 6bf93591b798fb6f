"""Right-to-left names, amounts and dates inside left-to-right pages and mails are isolated."""

import re
from datetime import UTC, date, datetime
from html import unescape

import pytest

from app.bidi import END, ISOLATE, isolated
from app.clock import written
from app.dates import read_iso
from app.formats import written_day
from app.models import Customer
from app.money import format_amount, format_money
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
    for text in (format_money(123450, "KWD", locale), format_money(-5, "USD", locale), written(at, "UTC", locale),
                 written_day(date(2026, 11, 28), locale)):
        assert text[0] == ISOLATE and text[-1] == END and text.count(ISOLATE) == 1


@pytest.mark.parametrize("locale", ["en_US", "de_DE", "ja_JP", "hi_IN"])
def test_other_locales_stay_as_they_are(locale):
    assert ISOLATE not in format_money(123450, "USD", locale) + written_day(date(2026, 11, 28), locale)


def test_a_typed_amount_has_no_isolates():
    assert ISOLATE not in format_amount(123450, "KWD", "ar_KW")
    assert read_iso("2026-11-28")


@pytest.mark.parametrize(("text", "is_isolated"), [
    (NAME, True), ("Cedar Lane", False), (f"ABC {NAME}", True), ("Fennel & Fig Café", False), ("", False),
])
def test_a_name_is_isolated_where_it_could_turn_a_sentence(text, is_isolated):
    assert isolated(text) == (f"{ISOLATE}{text}{END}" if is_isolated else text)


@pytest.mark.parametrize("path", ["/invoices", "/invoices?view=all", "/account", "/payments"])
def test_nothing_right_to_left_stands_loose_on_a_page(alice, path):
    assert loose(alice.get(path).get_data(as_text=True)) == []


def test_nothing_right_to_left_stands_loose_on_an_invoice(alice):
    page = alice.get("/invoices").get_data(as_text=True)
    shown = alice.get(re.search(r'rowlink" href="([^"]+)"', page)[1]).get_data(as_text=True)
    assert f"<bdi>{NAME} ABC</bdi></p>" in shown and loose(shown) == []


def test_nothing_right_to_left_stands_loose_for_administrators(alice, cast, log_in):
    ruth = log_in(cast.ruth)
    record = f"/customers/{Customer.get_by_id(cast.cedar.id).public_id}"
    for path in ("/customers", record, f"{record}/access", f"{record}/invoices"):
        assert loose(ruth.get(path).get_data(as_text=True)) == []


def loose(page: str) -> list[str]:
    """Right-to-left text of the page that is not in a <bdi>, in an element with dir=auto, in isolates, in a title or
    in a field."""
    page = re.sub(r"(?s)<(bdi|title|textarea|option)\b[^>]*>.*?</\1>", "", unescape(page))
    page = re.sub(r'(?s)<(\w+)\b[^>]*dir="auto"[^>]*>.*?</\1>', "", page)
    page = re.sub(f"(?s){ISOLATE}.*?{END}", "", page)
    return [text for text in re.findall(r">([^<]*)<", page) if re.search(f"[{RIGHT_TO_LEFT}]", text)]
