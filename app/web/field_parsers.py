"""Parsers of typed text, such as names, addresses and settings. Each raises ValueError with a message for the form."""

import re
from decimal import Decimal
from zoneinfo import available_timezones

from babel import Locale, UnknownLocaleError

from app import money, notation
from app.email_addresses import read_addresses
from app.printable import is_printable, quote
from app.web.forms import EMAIL_FORMAT

LONGEST, LONGEST_TEXT = 200, 1_000
# No-break and other special spaces, which come with text that is pasted from a web page or a spreadsheet.
SPACES = re.compile("[\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]")
MINUS = ("-", "\N{MINUS SIGN}")
MAX_HOURS = 720
MAX_DAYS = 365
LAST_STATEMENT_DAY = 28  # every month has it
MAX_REMINDERS, MAX_REMINDER_DAYS = 5, 120
MAX_CURRENCIES = 60


def one_line(text: str, longest: int = LONGEST) -> str:
    text = SPACES.sub(" ", text).strip()
    if len(text) > longest:
        raise ValueError(f"Write it in {longest:,} characters or fewer")
    if not is_printable(text):
        raise ValueError("Type it on one line, without invisible characters")
    return " ".join(text.split())


def several_lines(text: str, longest: int = LONGEST_TEXT) -> str:
    """Strips each line, and turns the '\\r\\n' of a form into '\\n'."""
    lines = [line.strip() for line in SPACES.sub(" ", text.replace("\r\n", "\n")).strip().split("\n")]
    if len(text) > longest:
        raise ValueError(f"Write it in {longest:,} characters or fewer")
    if not all(is_printable(line) for line in lines):
        raise ValueError("Type it again, without invisible characters")
    return "\n".join(lines)


def email(text: str, several: str = "Enter one email address") -> str:
    """`several` is the error for a field with more than one address."""
    addresses = read_addresses(text)
    if addresses.unreadable:
        raise ValueError(EMAIL_FORMAT)
    if len(addresses.found) > 1:
        raise ValueError(several)
    return "".join(addresses.found)


def customer_email(text: str) -> str:
    return email(text, "Enter one email address. Save, then give the other people access on the Access subtab")


def time_zone(text: str) -> str:
    if text not in available_timezones():
        raise ValueError("Choose a time zone, like America/New_York or Europe/Berlin")
    return text


LOCALES = [
    "bg_BG", "ca_ES", "cs_CZ", "da_DK", "de_AT", "de_CH", "de_DE", "el_GR", "en_AU", "en_CA", "en_GB",
    "en_IE", "en_IN", "en_NZ", "en_US", "en_ZA", "es_AR", "es_CL", "es_CO", "es_ES", "es_MX", "es_US",
    "et_EE", "fi_FI", "fr_BE", "fr_CA", "fr_CH", "fr_FR", "hr_HR", "hu_HU", "id_ID", "is_IS", "it_CH",
    "it_IT", "ja_JP", "ko_KR", "lt_LT", "lv_LV", "ms_MY", "nb_NO", "nl_BE", "nl_NL", "pl_PL", "pt_BR",
    "pt_PT", "ro_RO", "sk_SK", "sl_SI", "sv_SE", "th_TH", "tr_TR", "uk_UA", "vi_VN", "zh_CN", "zh_TW",
]  # fmt: skip


def locale_choices(current: str) -> list[tuple[str, str]]:
    """(locale, its name in English) of the common locales and of the current one."""
    codes = {*LOCALES, current} - {""}
    return sorted(((code, Locale.parse(code).get_display_name("en")) for code in codes), key=lambda pair: pair[1])


def locale(text: str) -> str:
    try:
        return str(Locale.parse(text.strip().replace("-", "_")))
    except (UnknownLocaleError, ValueError):
        raise ValueError("Choose a language and country, like en_US or de_DE") from None


def invitation_hours(text: str) -> int:
    if not re.fullmatch("[0-9]{1,4}", text.strip(), re.ASCII) or not 1 <= int(text) <= MAX_HOURS:
        raise ValueError(f"Enter a whole number of hours from 1 to {MAX_HOURS}")
    return int(text)


def payment_link_days(text: str) -> int:
    if not re.fullmatch("[0-9]{1,4}", text.strip(), re.ASCII) or not 1 <= int(text) <= MAX_DAYS:
        raise ValueError(f"Enter a whole number of days from 1 to {MAX_DAYS}")
    return int(text)


def reminder_days(text: str) -> str:
    """Days in ascending order, without duplicates, separated by single spaces."""
    days = text.replace(",", " ").split()
    wrong = [one for one in days if not re.fullmatch("[0-9]{1,3}", one, re.ASCII) or int(one) > MAX_REMINDER_DAYS]
    if wrong or len(set(days)) > MAX_REMINDERS:
        raise ValueError(
            f"Enter up to {MAX_REMINDERS} whole numbers of days from 0 to {MAX_REMINDER_DAYS}, like 7 14, or nothing"
        )
    return " ".join(str(one) for one in sorted({int(one) for one in days}))


def statement_day(text: str) -> str:
    day = text.strip()
    if day and (not re.fullmatch("[0-9]{1,2}", day, re.ASCII) or not 1 <= int(day) <= LAST_STATEMENT_DAY):
        raise ValueError(f"Enter a day of the month from 1 to {LAST_STATEMENT_DAY}, or nothing")
    return str(int(day)) if day else ""


def amount(text: str, currency: str, locale: str, what: str = "an amount") -> int:
    """Minor units. `what` names the amount in the message."""
    try:
        return notation.notation(currency, locale).read(text)
    except money.AmountError:
        like = notation.example(currency, locale, money.MAX_MINOR)
        wrong = "is below zero" if text.startswith(MINUS) else f"is not an amount in {currency}"
        raise ValueError(f"{quote(text)} {wrong}. Enter {what} like {like}") from None


def minimum_payment(text: str, locale: str) -> str:
    """An amount typed in a locale, as decimal text with zero, two or three decimals. '' for an empty field and for
    zero."""
    if not text:
        return ""
    try:
        thousandths = notation.bare(3, locale).read(text)
    except money.AmountError:
        examples = amount_examples(locale)
        raise ValueError(
            f"Minimum partial payment must be an amount with at most 3 decimals, like {examples}"
        ) from None
    decimals = 3 if thousandths % 10 else 2 if thousandths % 1000 else 0
    return f"{Decimal(thousandths) / 1000:.{decimals}f}" if thousandths else ""


def amount_examples(locale: str) -> str:
    return f"25 or {localized('12.50', locale)}"


def localized(text: str, locale: str) -> str:
    """Decimal text with the locale's decimal mark: '12.50' is '12,50' in de."""
    return text.replace(".", money.separators(locale)[0])


def currencies(text: str) -> str:
    """ISO 4217 codes without duplicates, separated by single spaces."""
    codes = list(dict.fromkeys(text.upper().replace(",", " ").split()))
    wrong = [code for code in codes if code not in money.CURRENCIES]
    if wrong:
        raise ValueError(f"{wrong[0][:10]} is not a currency. Write currencies as three-letter codes, like USD CAD")
    if len(codes) > MAX_CURRENCIES:
        raise ValueError(f"Enter at most {MAX_CURRENCIES} currencies, or none for all of them")
    return " ".join(codes)
