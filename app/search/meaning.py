"""Interprets a text in the administrator's search: "invoice #1048", "inv1041", "P.O. 77", "41", "$84.00", "PAY-…"."""

import re
from dataclasses import dataclass

from app.invoices.filters import INVOICE, LABEL
from app.notation import amounts_typed
from app.web.menu import PAGES, Page

PO = re.compile(LABEL.format(words=r"p\.?o|purchase order|order"), re.IGNORECASE)
PAYMENT = re.compile(LABEL.format(words="payments?|transactions?|charge|reference|order|id"), re.IGNORECASE)
TRAILING_DIGITS = re.compile(r"([\w\s/#-]*?)0*([1-9][0-9]{0,17})")
MIN_REFERENCE_LENGTH = 3
MIN_ID_LENGTH = 5
OTHERS = (
    Page(("Your account",), "/account", "profile email change password log out everywhere sessions theme dark mode"),
    Page(
        ("Your account", "Two-factor authentication"),
        "/account/two-factor",
        "2FA MFA second factor authenticator app one-time codes TOTP recovery codes",
    ),
)
MIN_WORD_LENGTH = 2
STOP_WORDS = re.compile(
    r"(?:a|an|and|by|change|edit|find|for|go|how|i|in|is|it|me|my|of|on|or|our|set|show|the|to|view|we|"
    r"what|where|with|page|settings?)"
)
IGNORED = "- /.#"  # ignored in numbers
UPPER = str.maketrans("abcdefghijklmnopqrstuvwxyz", "ABCDEFGHIJKLMNOPQRSTUVWXYZ", IGNORED)


@dataclass(frozen=True)
class Meaning:
    """What a text may mean. `number_keys` and `po_keys` are prefixes of a number or PO number in the form of `key_of`.
    Each of `serials` has the last digits of a number, without leading zeros, and the groups of letters or digits before
    them. `references` are prefixes of a payment's reference, `ids` of the id of a transaction or an order. `amounts`
    are (decimals, minor units)."""

    number_keys: tuple[str, ...] = ()
    serials: tuple[tuple[str, tuple[str, ...]], ...] = ()
    po_keys: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    ids: tuple[str, ...] = ()
    amounts: tuple[tuple[int, int], ...] = ()


def meaning(text: str, locale: str) -> Meaning:
    numbers, orders, payments = (with_and_without_label(text, label) for label in (INVOICE, PO, PAYMENT))
    return Meaning(
        number_keys=keys(numbers),
        serials=tuple(dict.fromkeys(filter(None, map(serial, numbers)))),
        po_keys=keys((*orders, f"PO{orders[-1]}") if orders else ()),
        references=tuple(filter(None, map(reference, payments))),
        ids=tuple(dict.fromkeys(case for one in payments if len(one) >= MIN_ID_LENGTH for case in (one, one.lower()))),
        amounts=amounts_typed(text, locale),
    )


def with_and_without_label(text: str, label: re.Pattern) -> tuple[str, ...]:
    """The text, and the part after its label: "invoice no. 1048" also means "1048"."""
    said = label.match(text)
    return tuple(filter(None, (text, text[said.end() :] if said else "")))


def keys(texts: tuple[str, ...]) -> tuple[str, ...]:
    bare = ["".join(sign for sign in text if sign.isalnum()) for text in texts]
    cases = [case for text in (*texts, *bare) for case in (text, text.upper(), text.lower())]
    return tuple(dict.fromkeys(filter(None, map(key_of, cases))))


def serial(text: str) -> tuple[str, tuple[str, ...]] | None:
    found = TRAILING_DIGITS.fullmatch(text)
    return (found[2], tuple(re.findall(r"[^\W_]+", found[1]))) if found else None


def reference(text: str) -> str:
    """A payment's reference with PAY-; '' if the text is too short."""
    bare = text.upper().removeprefix("PAY").lstrip("- ")
    return f"PAY-{bare}" if len(bare) >= MIN_REFERENCE_LENGTH else ""


def pages(text: str) -> list[Page]:
    """The menu pages, and the account page, whose path or search terms contain every word of `text`. Punctuation,
    plural endings and stop words are ignored."""
    typed = split_words(text)
    wanted = [word.removesuffix("s") for word in typed if not STOP_WORDS.fullmatch(word)] or typed
    if len("".join(wanted)) < MIN_WORD_LENGTH:
        return []
    return [
        page
        for page in (*PAGES, *OTHERS)
        if all(word in " ".join(split_words(f"{page.path_text} {page.words}")) for word in wanted)
    ]


def split_words(text: str) -> list[str]:
    return re.findall(r"[^\W_]+", text.casefold())


def key_of(text: str) -> str:
    """A number in the form of the index: ASCII letters in upper case, as in SQLite, without the IGNORED characters."""
    return text.translate(UPPER)
