"""The fast formatting of amounts gives what Babel gives, in every locale it knows."""

import pytest
from babel import localedata
from babel.numbers import format_currency, format_decimal

from app import money

AMOUNTS = (0, 5, 99, 100, 12345, 123456, 999999999, 10**12, -118650)


@pytest.mark.parametrize("currency", ["USD", "JPY", "KWD", "EUR", "INR"])
def test_amounts_read_as_babel_writes_them_in_every_locale(currency):
    for locale in localedata.locale_identifiers():
        for minor in AMOUNTS:
            expected = format_currency(money.to_decimal(minor, currency), currency, locale=locale)
            assert money.format_money(minor, currency, locale) == expected, (locale, minor)


@pytest.mark.parametrize(("currency", "pattern"), [("USD", "#,##0.00"), ("JPY", "#,##0"), ("KWD", "#,##0.000")])
def test_amounts_without_currency_read_as_babel_writes_them(currency, pattern):
    for locale in ("en_US", "de_DE", "de_CH", "hi_IN", "ar_EG", "sv_SE", "fr_FR", "pl_PL"):
        for minor in AMOUNTS:
            expected = format_decimal(money.to_decimal(minor, currency), format=pattern, locale=locale)
            assert money.format_amount(minor, currency, locale) == expected, (locale, minor)
