"""Amounts and dates as people type them: the cases of notations.json, and whatever a page writes."""

import json
from datetime import date
from pathlib import Path

import pytest
from babel.dates import format_date

from app import dates, money
from app.notation import notation
from app.web.field_parsers import LOCALES

CASES = json.loads((Path(__file__).parent / "notations.json").read_text())
EVERYWHERE = [*LOCALES, "ar_KW", "fa_IR", "bn_BD", "hi_IN", "en_US_POSIX"]


def read(case) -> int | None:
    try:
        return notation(case["currency"], case["locale"]).read(case["typed"])
    except money.AmountError:
        return None


@pytest.mark.parametrize("locale", sorted({case["locale"] for case in CASES}))
def test_amounts_are_read_in_the_locales_notation(locale):
    for case in CASES:
        if case["locale"] == locale:
            assert read(case) == case["minor"], case


@pytest.mark.parametrize("locale", EVERYWHERE)
def test_displayed_amount_can_be_typed(locale):
    for currency in ("USD", "EUR", "JPY", "KWD", "INR", "HUF", "CHF"):
        for minor in (5, 100, 123456, 100000, 999999999):
            for written in (money.format_money(minor, currency, locale), money.format_amount(minor, currency, locale)):
                assert notation(currency, locale).read(written) == minor, written


@pytest.mark.parametrize("locale", EVERYWHERE)
def test_dates_that_a_page_writes_can_be_typed(locale):
    for day in (date(2026, 3, 5), date(2026, 11, 30), date(2026, 5, 12)):
        for written in (
            format_date(day, "medium", locale=locale),
            format_date(day, "long", locale=locale),
            dates.numeric(day, locale),
            day.isoformat(),
        ):
            assert dates.read(written, locale) == day, written


@pytest.mark.parametrize(
    ("locale", "typed"),
    [
        ("en_US", "30/11/2026"),
        ("de_DE", "11/30/2026"),
        ("de_DE", "5.3.26"),
        ("hu_HU", "30.11.2026"),
        ("en_US", "soon"),
        ("en_US", "2026-02-30"),
        ("en_US", "11/30"),
        ("en_US", "Nov 2026"),
        ("en_US", "٣/٣/٢٠٢٦"),
        ("en_US", "1/1/1066"),
        ("en_US", "11/30/2026 10:42"),
        ("en_US", "Nov 30 " * 1000),
        ("en_US", ""),
        ("en_US", "Foo 30, 2026"),
    ],
)
def test_invalid_date_in_the_locale_is_none(locale, typed):
    assert dates.read(typed, locale) is None
