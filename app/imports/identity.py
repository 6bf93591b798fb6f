"""Documents whose number is written in another way than before: asked about with both versions, and not written."""

import shlex
from dataclasses import dataclass, field

from app.imports import document_identity
from app.imports.document_identity import MOST_SPELLINGS, Pair
from app.imports.problems import Problems
from app.imports.values import shown
from app.money import to_decimal

ALL = "all"
ADVICE = ("If a spreadsheet has changed the numbers, format their column as text and export the file again. If all "
          "documents in doubt that agree in date and total are the same, import the file again with --same all.")
MOVED = ("If it is the same document, its customer was renamed or merged, or it was moved: give the customer here the "
         "name or number of the file, or import the document as Voided for the customer here first.")


@dataclass(frozen=True)
class Answers:
    """What an administrator says about documents in doubt.

    `same` maps numbers of the file to numbers here; `all_same` says that every two that agree in date and total are one
    document; `new` are numbers of the file that are documents of their own.
    """

    same: dict[str, str] = field(default_factory=dict)
    new: frozenset[str] = frozenset()
    all_same: bool = False

    @classmethod
    def read(cls, same: tuple[str, ...], new: tuple[str, ...]) -> "Answers":
        """The command's --same 17=0000017 and --new 17. Raises ValueError with the text that can't be read."""
        pairs = {}
        for text in same:
            written, equals, number = text.partition("=")
            if text != ALL and not (written.strip() and equals and number.strip()):
                raise ValueError(f"{text} is not like 17=0000017: the number in the file, then the number here.")
            pairs[written.strip()] = number.strip()
        return cls(pairs, frozenset(number.strip() for number in new), ALL in same)

    def renamed(self, pair: Pair) -> tuple[str, str] | None:
        """(number as written, number to use) if the two are one document; of two in the file either may be used."""
        if not pair.is_of_one_customer:
            return None
        if pair.other_row is not None and self.same.get(pair.other_number) == pair.number:
            return pair.other_number, pair.number
        agreed = self.all_same and pair.agrees and pair.number not in self.same
        return (pair.number, pair.other_number) if agreed or self.same.get(pair.number) == pair.other_number else None

    def is_new(self, pair: Pair) -> bool:
        return pair.number in self.new or (pair.other_row is not None and pair.other_number in self.new)


class Decided:
    """What was decided about documents in doubt, to be remembered once they are written."""

    def __init__(self):
        self.found: list[tuple[int, str, str, str | None]] = []

    def remember(self) -> None:
        for customer_id, kind, written, number in self.found:
            document_identity.remember(customer_id, kind, written, number)


def decide(problems: Problems, title: str, answers: Answers, is_xero: bool = False) -> Decided:
    """Use the answers of now and of earlier imports, and add a problem for every document that is still in doubt; but
    not for one that another contact of Xero has here under the same number, which is checked more strictly."""
    decided, renamed = Decided(), set()
    document_identity.use_confirmed()
    if not document_identity.spell():
        return decided
    for row, number in document_identity.crowded():
        problems.add(row, title, f"{shown(number)}: more than {MOST_SPELLINGS} documents of this customer have numbers "
                                 "that differ only in how they are written. Correct the numbers in the file.")
    pairs = [] if problems else document_identity.in_doubt()
    for pair in pairs:
        if (found := answers.renamed(pair)) and pair.key not in renamed:
            document_identity.rename(pair.customer_id, pair.kind, *found)
            decided.found.append((pair.customer_id, pair.kind, *found))
            renamed.add(pair.key)
    for pair in pairs:
        if pair.key in renamed or (is_xero and pair.number == pair.other_number):
            continue
        if not answers.is_new(pair):
            problems.add(pair.row, title, question(pair), pair)
            problems.advise(ADVICE)
        elif pair.is_void:
            decided.found.append((*pair.key, None))
    return decided


def question(pair: Pair) -> str:
    """Both versions, and what to do."""
    number, other = pair.number, pair.other_number
    version = "void" if pair.is_void else f"{pair.issued_on}, {amount(pair.total_minor, pair.currency)}"
    where = "is here" if pair.other_row is None else f"is in row {pair.other_row:,}"
    there = f"{pair.other_issued_on}, {amount(pair.other_total_minor, pair.other_currency)}"
    if pair.open_minor is not None:
        there += f", open {amount(pair.open_minor, pair.other_currency)}"
    if not pair.is_of_one_customer:
        whose = f"of {shown(pair.customer)} ({shown(pair.customer_number)[1:-1]})"
        return (f"{shown(number)} ({version}) looks like {shown(other)} {whose}, which {where} ({there}). {MOVED} "
                f"If it is another one, import again with --new {shlex.quote(number)}.")
    return (f"{shown(number)} ({version}) looks like {shown(other)}, which {where} ({there}). If it is the same "
            f"document, import again with --same {shlex.quote(f'{number}={other}')}; if it is another one, with --new "
            f"{shlex.quote(number)}.")


def amount(minor: int, currency: str) -> str:
    return f"{to_decimal(minor, currency):f} {currency}"
