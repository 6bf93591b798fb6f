"""Reading amounts and other numbers, in any notation that can be read in only one way, with currency signs."""

import re

from app import money
from app.imports.extractor import NO_RESULT

# fmt: off
DOLLARS = {
    "USD", "CAD", "AUD", "NZD", "SGD", "HKD", "MXN", "CLP", "COP", "ARS", "TWD", "BBD", "BSD", "BZD", "FJD", "GYD",
    "JMD", "TTD", "XCD", "BMD", "KYD", "LRD", "NAD", "SBD", "SRD", "UYU", "DOP",
}
CROWNS = {"SEK", "NOK", "DKK", "ISK"}
SIGNS = {
    "$": DOLLARS, "US$": {"USD"}, "C$": {"CAD"}, "CA$": {"CAD"}, "A$": {"AUD"}, "AU$": {"AUD"}, "NZ$": {"NZD"},
    "S$": {"SGD"}, "HK$": {"HKD"}, "MX$": {"MXN"}, "R$": {"BRL"}, "\u20ac": {"EUR"}, "\u00a3": {"GBP", "EGP", "GIP"},
    "\u00a5": {"JPY", "CNY"}, "\u20b9": {"INR"}, "\u20a9": {"KRW"}, "\u20ba": {"TRY"}, "\u20aa": {"ILS"},
    "\u20ab": {"VND"}, "\u20b1": {"PHP"}, "\u0e3f": {"THB"}, "kr": CROWNS, "kr.": CROWNS, "z\u0142": {"PLN"},
    "K\u010d": {"CZK"}, "Ft": {"HUF"}, "R": {"ZAR"}, "lei": {"RON"}, "Fr.": {"CHF"}, "RM": {"MYR"}, "Rp": {"IDR"},
}
# fmt: on
CURRENCY_SIGN = f"{'|'.join(map(re.escape, sorted(SIGNS, key=len, reverse=True)))}|[A-Z]{{3}}"
AROUND = re.compile(
    rf"(?P<open>\()?(?P<minus>[-\u2212])?(?P<sign>{CURRENCY_SIGN})?\s?(?P<inner>[-\u2212])?(?P<digits>\d[\d.,'\s]*?)"
    rf"\s?(?P<after>{CURRENCY_SIGN})?(?P<close>\))?(?P<last>[-\u2212])?",
    re.ASCII,
)
LONGEST_AMOUNT = 60
PLAIN = re.compile(r"\d+(?:\.\d+)?", re.ASCII)
GROUPED = (
    (re.compile(r"\d{1,3}(,\d{3})+\.\d+|\d{1,3}(,\d{3}){2,}", re.ASCII), ",", "."),
    (re.compile(r"\d{1,3}(\.\d{3})+,\d+|\d{1,3}(\.\d{3}){2,}", re.ASCII), ".", ","),
    (re.compile(r"\d{1,3}([ \u00a0\u202f']\d{3})+(\.\d+)?", re.ASCII), " \u00a0\u202f'", "."),
    (re.compile(r"\d{1,3}([ \u00a0\u202f]\d{3})+,\d+", re.ASCII), " \u00a0\u202f", ","),
    (re.compile(r"\d+,(\d{1,2}|\d{4,})", re.ASCII), "", ","),
)
NEGATIVE = re.compile(r"-(.+)|\((.+)\)")
THOUSANDS = re.compile(r"\d{1,3},\d{3}", re.ASCII)
SIGN = re.compile(rf"(?<![A-Za-z])(?:{CURRENCY_SIGN})(?![A-Za-z])")


def bare(text: str, currency: str) -> str:
    """The number in `text` with its minus sign, if the currency that `text` names is `currency`; otherwise `text`
    unchanged."""
    found = AROUND.fullmatch(text.replace("\xa0", " ").replace("\u202f", " ")) if len(text) <= LONGEST_AMOUNT else None
    is_loose = text[1:2].isspace() or text[-2:-1].isspace()  # "( 5 )" is something else
    if (
        not found
        or bool(found["open"]) != bool(found["close"])
        or (found["open"] and is_loose)
        or (found["sign"] and found["after"])
    ):
        return text
    sign = found["sign"] or found["after"]
    minuses = sum(map(bool, (found["open"], found["minus"], found["inner"], found["last"])))
    if minuses > 1 or (sign and currency not in SIGNS.get(sign, {sign})):
        return text
    return f"-{found['digits']}" if minuses else found["digits"]


def decimal_mark(text: str) -> str:
    """The decimal mark of `text`, "." or ",", if it can only be that; otherwise ""."""
    place = max(text.rfind(","), text.rfind("."))
    if place < 1 or len(text) > LONGEST_AMOUNT:
        return ""
    decimals = text[place + 1 :].rstrip(") \xa0\u20ac")
    if not decimals.isdigit():
        return ""
    mark = text[place]
    other = "," if mark == "." else "."
    return mark if len(decimals) < 3 or (other in text and text.count(mark) == 1) else ""


def plain(text: str, decimals: int | None, mark: str = "", is_sure: bool = False) -> str | None:
    """The number with "." before the decimals; None if the text can be read in two ways, or not at all.

    "1.000" could be one or a thousand and is refused unless the currency has 3 decimals. "1,000" is a thousand in a
    currency that can't have 3 decimals. `decimals` None allows any number of decimals. `mark` is the decimal mark of
    the file's other amounts: if it is a comma, "1.000" is a thousand, and "1,000" has three decimals. `is_sure`: a
    person named the mark, so it decides in every currency.
    """
    if PLAIN.fullmatch(text):
        whole, _, fraction = text.partition(".")
        if len(fraction) != 3 or len(whole) > 3:
            return text
        if mark == ",":
            return whole + fraction
        return None if decimals in (0, 2) and not is_sure else text
    if THOUSANDS.fullmatch(text):
        if mark == ",":
            return text.replace(",", ".") if is_sure or decimals not in (0, 2) else None
        return text.replace(",", "") if mark == "." or decimals in (0, 2) else None
    for pattern, separators, point in GROUPED:
        if pattern.fullmatch(text):
            for separator in separators:
                text = text.replace(separator, "")
            return text.replace(point, ".")
    return None


def is_ambiguous(number: str) -> bool:
    return bool(re.fullmatch(r"[-(]?\d{1,3}[.,]\d{3}\)?", number, re.ASCII))


def amount_advice(text: str, decimals: int, currency: str, ambiguous: bool) -> str:
    example = "1234" if decimals == 0 else "1234." + "50"[:decimals].ljust(decimals, "0")
    if text == NO_RESULT:
        return "Its formula was never calculated: open the workbook in a spreadsheet program, and save it there."
    if text.startswith("#"):
        return "It is an error of the spreadsheet: correct it there."
    has = f"{currency} has {decimals or 'no'} decimals"
    if ambiguous:
        return f"It can be read in two ways, and {has}: write it like {example}."
    signs = [sign for sign in SIGN.findall(text) if sign in SIGNS or sign in money.CURRENCIES]
    if any(currency not in SIGNS.get(sign, {sign}) for sign in signs):
        return f"It names another currency. Write it like {example}."
    if re.search(r"[^\d.,\s'()+-]", text, re.ASCII):
        return f"Write only digits, like {example}."
    if re.fullmatch(r"-?\d+\.\d+", text, re.ASCII):
        return f"{has}: write it like {example}."
    return f"Write it like {example}."
