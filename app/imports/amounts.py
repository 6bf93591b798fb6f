"""Amounts as files write them: signs of currencies around the digits, and which mark the decimals have."""

import re
from collections.abc import Iterator

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
SIGN = f"{'|'.join(map(re.escape, sorted(SIGNS, key=len, reverse=True)))}|[A-Z]{{3}}"
AROUND = re.compile(
    rf"(?P<open>\()?(?P<minus>[-\u2212])?(?P<sign>{SIGN})?\s?(?P<inner>[-\u2212])?(?P<digits>\d[\d.,'\s]*?)"
    rf"\s?(?P<after>{SIGN})?(?P<close>\))?",
    re.ASCII,
)
LONGEST = 60


def bare(text: str, currency: str) -> str:
    """`text` with its sign and digits alone, if the currency it names is `currency`; else as it is."""
    found = AROUND.fullmatch(text.replace("\xa0", " ").replace("\u202f", " ")) if len(text) <= LONGEST else None
    is_loose = text[1:2].isspace() or text[-2:-1].isspace()  # "( 5 )" is something else
    if (
        not found
        or bool(found["open"]) != bool(found["close"])
        or (found["open"] and is_loose)
        or (found["sign"] and found["after"])
    ):
        return text
    sign = found["sign"] or found["after"]
    minuses = sum(map(bool, (found["open"], found["minus"], found["inner"])))
    if minuses > 1 or (sign and currency not in SIGNS.get(sign, {sign})):
        return text
    return f"-{found['digits']}" if minuses else found["digits"]


def observed(rows: Iterator[tuple[int, list[str]]], places: list[int], marks: set[str]):
    """`rows` as they are, with the decimal marks of the amounts at `places` put into `marks`."""
    for number, cells in rows:
        if len(marks) < 2:
            for place in places:
                if place < len(cells) and (found := decimal_mark(cells[place])):
                    marks.add(found)
        yield number, cells


def decimal_mark(text: str) -> str:
    """ "." or "," when the text can only have that before its decimals; "" when it doesn't tell."""
    place = max(text.rfind(","), text.rfind("."))
    if place < 1 or len(text) > LONGEST:
        return ""
    decimals = text[place + 1 :].rstrip(") \xa0\u20ac")
    if not decimals.isdigit():
        return ""
    mark = text[place]
    other = "," if mark == "." else "."
    return mark if len(decimals) < 3 or (other in text and text.count(mark) == 1) else ""
