"""What a text may mean in the staff's search: "invoice #1048", "inv1041", "P.O. 77", "41", "$84.00", "PAY-…"."""

import re
from dataclasses import dataclass

from app.invoices.filters import INVOICE, LABEL
from app.notation import amounts_typed
from app.web.menu import PAGES, Page

PO = re.compile(LABEL.format(words=r"p\.?o|purchase order|order"), re.IGNORECASE)
PAYMENT = re.compile(LABEL.format(words="payments?|transactions?|charge|reference|order|id"), re.IGNORECASE)
AT_THE_END = re.compile(r"([\w\s/#-]*?)0*([1-9][0-9]{0,17})")
FEWEST_OF_REFERENCE = 3
FEWEST_OF_ID = 5
OTHERS = (
    Page(("Your account",), "/account", "profile email change password log out everywhere sessions theme dark mode"),
    Page(
        ("Your account", "Two-factor authentication"),
        "/account/two-factor",
        "2FA MFA second factor authenticator app one-time codes TOTP recovery codes",
    ),
)
FEWEST = 2  # letters
IDLE = re.compile(
    r"(?:a|an|and|by|change|edit|find|for|go|how|i|in|is|it|me|my|of|on|or|our|set|show|the|to|view|we|"
    r"what|where|with|page|settings?)"
)
IGNORED = "- /.#"  # in numbers
UPPER = str.maketrans("abcdefghijklmnopqrstuvwxyz", "ABCDEFGHIJKLMNOPQRSTUVWXYZ", IGNORED)


@dataclass(frozen=True)
class Wanted:
    """What a text may mean. `number_keys` and `po_keys` begin a number or a PO number as `key_of` makes them. Each of
    `serials` is the digits at the end of a number, without zeros before them, and groups of letters or digits before
    those. `references` begin a payment's reference, `ids` the id of a transaction or an order. `amounts` are (decimals,
    minor units)."""

    number_keys: tuple[str, ...] = ()
    serials: tuple[tuple[str, tuple[str, ...]], ...] = ()
    po_keys: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    ids: tuple[str, ...] = ()
    amounts: tuple[tuple[int, int], ...] = ()


def meaning(text: str, locale: str) -> Wanted:
    numbers, orders, payments = (with_and_without_label(text, label) for label in (INVOICE, PO, PAYMENT))
    return Wanted(
        number_keys=keys(numbers),
        serials=tuple(dict.fromkeys(filter(None, map(serial, numbers)))),
        po_keys=keys((*orders, f"PO{orders[-1]}") if orders else ()),
        references=tuple(filter(None, map(reference, payments))),
        ids=tuple(dict.fromkeys(case for one in payments if len(one) >= FEWEST_OF_ID for case in (one, one.lower()))),
        amounts=amounts_typed(text, locale),
    )


def with_and_without_label(text: str, label: re.Pattern) -> tuple[str, ...]:
    """The text, and what follows the label in it: "invoice no. 1048" is about 1048."""
    said = label.match(text)
    return tuple(filter(None, (text, text[said.end() :] if said else "")))


def keys(texts: tuple[str, ...]) -> tuple[str, ...]:
    bare = ["".join(sign for sign in text if sign.isalnum()) for text in texts]
    cases = [case for text in (*texts, *bare) for case in (text, text.upper(), text.lower())]
    return tuple(dict.fromkeys(filter(None, map(key_of, cases))))


def serial(text: str) -> tuple[str, tuple[str, ...]] | None:
    found = AT_THE_END.fullmatch(text)
    return (found[2], tuple(re.findall(r"[^\W_]+", found[1]))) if found else None


def reference(text: str) -> str:
    """A payment's reference with its PAY-; '' if too little of it is there."""
    bare = text.upper().removeprefix("PAY").lstrip("- ")
    return f"PAY-{bare}" if len(bare) >= FEWEST_OF_REFERENCE else ""


def pages(text: str) -> list[Page]:
    """Pages of the menus, and one's own account, in whose path or words every word of `text` is: with any signs
    between them, in singular or plural, and without words that say nothing."""
    typed = split_words(text)
    wanted = [word.removesuffix("s") for word in typed if not IDLE.fullmatch(word)] or typed
    if len("".join(wanted)) < FEWEST:
        return []
    return [
        page
        for page in (*PAGES, *OTHERS)
        if all(word in " ".join(split_words(f"{page.path_text} {page.words}")) for word in wanted)
    ]


def split_words(text: str) -> list[str]:
    return re.findall(r"[^\W_]+", text.casefold())


def key_of(text: str) -> str:
    """A number as the index has it: in upper case (of ASCII alone, as in SQLite), without spaces and signs."""
    return text.translate(UPPER)
