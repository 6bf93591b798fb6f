"""Columns of amounts, and the currencies that their headings name. Amounts of two currencies are never combined."""

import re
import unicodedata
from dataclasses import replace

from app import money
from app.imports.csv_reader import Source
from app.imports.mapping import Column, key
from app.imports.report import FileProblem, quote
from app.imports.table import Table

FOREIGN, HOME = "foreign", "home"
SUMS = ("total", "tax", "paid", "credits", "due", "shipping", "discount")
# fmt: off
PLAIN_AMOUNTS = {
    "amount", "total", "totalamount", "grossamount", "balance", "openbalance", "amountremaining", "amountdue",
}
# fmt: on
AMOUNTS = frozenset((*SUMS, "unit_price", "line_amount"))
MARKS = (
    (
        FOREIGN,
        re.compile(
            r"\b(?:foreign|fx|transaction|txn|document|invoice|customer|original|billing)[ -]currency\b"
            r"|\bforeign\b|\bfx\b|\bfcy\b",
            re.IGNORECASE,
        ),
    ),
    (
        HOME,
        re.compile(
            r"\b(?:home|base|local|company|functional|reporting|accounting)[ -]currency\b|\bbcy\b"
            r"|\bhome\b|\((?:base|local)\)",
            re.IGNORECASE,
        ),
    ),
)
CODE = re.compile(
    r"[(\[]\s*(?:in )?([A-Z]{3})\s*[)\]]|(?<=[a-z])[ ,:/_-]+(?:in )?([A-Z]{3})$"
    r"|^([A-Z]{3})[ _-](?=[A-Z]?[a-z])"
)
SIGN = re.compile("[$\N{EURO SIGN}\N{POUND SIGN}]")
SIGNS = {"\N{EURO SIGN}": "EUR", "\N{POUND SIGN}": "GBP", "$": "$"}


def split_currency(heading: str) -> tuple[str, str]:
    """(currency of a heading, the heading without it). The currency is FOREIGN, HOME, a code, "$" for any dollar, or
    ""."""
    text = unicodedata.normalize("NFKC", heading[:255]).strip()
    for kind, pattern in MARKS:
        if pattern.search(text):
            return kind, pattern.sub("", text)
    if (found := CODE.search(text)) and (code := found[1] or found[2] or found[3]) in money.CURRENCIES:
        return code, text[: found.start()] + text[found.end() :]
    found = SIGN.search(text)
    return (SIGNS[found[0]], SIGN.sub("", text)) if found else ("", text)


def with_currency_headings(source: Source, columns: tuple[Column, ...]) -> tuple[Column, ...]:
    """The columns, where columns of amounts also match headings that name a currency. If a file has amounts in the
    invoice's currency beside those in the home currency, the former are used."""
    marked: dict[str, list[tuple[str, str]]] = {}
    for heading in source.header:
        currency, rest = split_currency(heading)
        if currency:
            marked.setdefault(key(rest), []).append((currency, heading))
    return tuple(with_headings(column, source, marked) if column.field in AMOUNTS else column for column in columns)


def with_headings(column: Column, source: Source, marked: dict[str, list[tuple[str, str]]]) -> Column:
    names = {key(name) for name in (column.title, *column.aliases)}
    found = [each for name in sorted(names) for each in marked.get(name, [])]
    foreign = [heading for currency, heading in found if currency == FOREIGN]
    if foreign:
        return replace(column, title=foreign[0], aliases=tuple(foreign[1:]))
    if found and not names & set(map(key, source.header)):
        return replace(column, aliases=(*column.aliases, *(heading for _currency, heading in found)))
    return column


def heading_currencies(table: Table, currency: str) -> dict[str, str]:
    """{field: code} of the columns whose heading names one currency. Raises FileProblem, with the names of both, if
    amounts in two currencies would be combined, or if an amount isn't in the document's currency."""
    marks = {
        name: split_currency(table.title(name))[0] for name in (*SUMS, "unit_price", "line_amount") if table.has(name)
    }
    titles = {name: quote(table.title(name)) for name in marks}
    sums = {name: kind for name, kind in marks.items() if name in SUMS}
    if FOREIGN in sums.values():
        one = next(name for name, kind in sums.items() if kind == FOREIGN)
        for name, kind in sums.items():
            if kind != FOREIGN:
                raise two_currencies_problem(titles[one], titles[name])
    elif table.has("total") and (unused := unused_foreign(table)):
        raise FileProblem(
            f"{titles['total']} may be in your own currency: the file has {quote(unused)} too. Use the "
            f"columns in the currency of the document, or leave that one out: "
            f'--map "{quote(unused)[1:-1]}="'
        )
    for name, kind in marks.items():
        other = next((each for each in sums if sums[each] != HOME), None)
        if kind == HOME and other:
            raise two_currencies_problem(titles[other], titles[name])
        if kind == HOME and table.has("currency"):
            raise FileProblem(
                f"{titles[name]} is in your home currency, but {quote(table.title('currency'))} names "
                "that of the document. Export the amounts in that currency."
            )
    codes = {name: kind for name, kind in marks.items() if kind not in ("", FOREIGN, HOME)}
    first = next(iter(codes), "")
    for name, code in codes.items():
        if code != codes[first] and (not table.has("currency") or "$" in (code, codes[first])):
            raise two_currencies_problem(titles[first], titles[name])
        if currency and code not in (currency, "$") and not table.has("currency"):
            raise FileProblem(f"{titles[name]} is in {code}, not in {currency}, which is the currency of the file.")
    return {name: code for name, code in codes.items() if code != "$"}


def unused_foreign(table: Table) -> str:
    left_out = set(map(key, table.mapping.unused))
    marked = ((heading, *split_currency(heading)) for heading in table.ignored() if key(heading) not in left_out)
    return next((heading for heading, kind, rest in marked if kind == FOREIGN and key(rest) in PLAIN_AMOUNTS), "")


def two_currencies_problem(one: str, other: str) -> FileProblem:
    return FileProblem(
        f"{one} and {other} may be in two currencies: that of the document and your own. Export both in "
        f'the currency of the document, or leave the second out: --map "{other[1:-1]}="'
    )
