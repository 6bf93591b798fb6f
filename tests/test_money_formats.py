"""The fast formatting of amounts gives what Babel gives, in every locale it knows."""

import pytest
from babel import localedata
from babel.numbers import format_currency, format_decimal

from app import money
from app.bidi import isolated_for
from app.notation import notation

AMOUNTS = (0, 5, 99, 100, 12345, 123456, 999999999, 10**12, -118650)


@pytest.mark.parametrize("currency", ["USD", "JPY", "KWD", "EUR", "INR"])
def test_amounts_read_as_babel_writes_them_in_every_locale(currency):
    for locale in localedata.locale_identifiers():
        for minor in AMOUNTS:
            expected = format_currency(money.to_decimal(minor, currency), currency, locale=locale)
            assert money.format_money(minor, currency, locale) == isolated_for(locale, expected), (locale, minor)


@pytest.mark.parametrize(
    ("currency", "minor", "written"),
    [
        ("HUF", 1_250_000, "12,500.00"),
        ("RSD", 125_050, "1,250.50"),
        ("CLP", 12_500, "12,500"),
        ("IQD", 1_250_500, "1,250.500"),
        ("JPY", 1_050, "1,050"),
    ],
)
def test_decimals_follow_iso_4217(currency, minor, written):
    assert money.format_money(minor, currency, "en_US").endswith(written)
    assert money.format_amount(minor, currency, "en_US") == written
    assert notation(currency, "en_US").read(written) == minor


@pytest.mark.parametrize(("currency", "pattern"), [("USD", "#,##0.00"), ("JPY", "#,##0"), ("KWD", "#,##0.000")])
def test_amounts_without_currency_read_as_babel_writes_them(currency, pattern):
    for locale in ("en_US", "de_DE", "de_CH", "hi_IN", "ar_EG", "sv_SE", "fr_FR", "pl_PL"):
        for minor in AMOUNTS:
            expected = format_decimal(money.to_decimal(minor, currency), format=pattern, locale=locale)
            assert money.format_amount(minor, currency, locale) == expected, (locale, minor)


def test_a_moment_has_no_space_that_the_font_lacks():
    from datetime import UTC, datetime

    from app.clock import format_moment

    assert format_moment(datetime(2026, 11, 22, 13, 58, tzinfo=UTC), "UTC", "en_US") == "Nov 22, 2026, 1:58\xa0PM"
