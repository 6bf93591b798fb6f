"""What the company's details may be. Each parses typed text and raises ValueError with a message."""

import re
from zoneinfo import available_timezones

from babel import Locale, UnknownLocaleError

from app.email_addresses import read_addresses
from app.printable import is_printable
from app.web.forms import EMAIL_FORMAT

LONGEST, LONGEST_TEXT = 200, 1_000
MAX_HOURS = 720


def one_line(text: str) -> str:
    text = text.strip()
    if len(text) > LONGEST or not is_printable(text):
        raise ValueError(f"Write it on one line, in {LONGEST} characters or fewer")
    return " ".join(text.split())


def several_lines(text: str, longest: int = LONGEST_TEXT) -> str:
    """Lines without space around them; '\\r\\n' of a form becomes '\\n'."""
    lines = [line.strip() for line in text.replace("\r\n", "\n").strip().split("\n")]
    if len(text) > longest or not all(is_printable(line) for line in lines):
        raise ValueError(f"Write it in {longest:,} characters or fewer, without invisible signs")
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
    """(locale, its name in English) of those that are often needed, and of the current one."""
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
