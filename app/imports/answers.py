"""Unclear documents: an administrator is asked about them, and they are not written until there is an answer."""

import shlex
from dataclasses import dataclass, field
from typing import NamedTuple

from app.imports import document_identity
from app.imports.document_identity import MAX_SPELLINGS, Pair
from app.imports.report import Problems, Question, quote
from app.imports.staged_invoices import SAME_KEY
from app.imports.staging import StagingTable, execute
from app.money import plain_amount

ALL = "all"
ADVICE = (
    "If a spreadsheet has changed the numbers, format their column as text and export the file again. If all "
    "documents in doubt that agree in date and total are the same, import the file again with --same all."
)
CONTACT_CHANGED = (
    "If the contact was renamed, give the customer its new name on its record, and import the file again. If "
    "the document was moved to another contact, import it as Voided for the old one first, with our template."
)


@dataclass(frozen=True)
class Answers:
    """An administrator's answers about unclear documents.

    `same` maps numbers of the file to numbers here. `all_same`: whenever two documents agree in date and total, they
    are one. `new` are numbers of the file that are separate documents. `all_new`: every document whose number another
    customer has is a separate one. `reopened` and `kept_closed` are numbers of documents that are closed here and open
    in the file; both may contain ALL.
    """

    same: dict[str, str] = field(default_factory=dict)
    new: frozenset[str] = frozenset()
    all_same: bool = False
    all_new: bool = False
    reopened: frozenset[str] = frozenset()
    kept_closed: frozenset[str] = frozenset()

    @classmethod
    def read(
        cls,
        same: tuple[str, ...],
        new: tuple[str, ...],
        reopened: tuple[str, ...],
        kept_closed: tuple[str, ...],
    ) -> "Answers":
        """Answers from the command's options --same 17=0000017 and --new 17. Raises ValueError with the text that
        can't be read."""
        pairs = {}
        for text in same:
            written, equals, number = text.partition("=")
            if text != ALL and not (written.strip() and equals and number.strip()):
                raise ValueError(f"{text} is not like 17=0000017: the number in the file, then the number here.")
            pairs[written.strip()] = number.strip()
        numbers = [frozenset(map(str.strip, texts)) for texts in (new, reopened, kept_closed)]
        return cls(pairs, numbers[0], ALL in same, ALL in new, *numbers[1:])

    def reopens(self, number: str) -> bool:
        return number in self.reopened or (ALL in self.reopened and number not in self.kept_closed)

    def keeps_closed(self, number: str) -> bool:
        return number in self.kept_closed or ALL in self.kept_closed

    def same_document(self, pair: Pair) -> tuple[str, str] | None:
        """(number as written, number to use) if the two are one document. If both are in the file, either number may
        be used."""
        if not pair.is_of_one_customer:
            return None
        if pair.other_row is not None and self.same.get(pair.other_number) == pair.number:
            return pair.other_number, pair.number
        agreed = self.all_same and pair.agrees and pair.number not in self.same
        return (pair.number, pair.other_number) if agreed or self.same.get(pair.number) == pair.other_number else None

    def is_new(self, pair: Pair) -> bool:
        if self.all_new and not pair.is_of_one_customer:
            return True
        return pair.number in self.new or (pair.other_row is not None and pair.other_number in self.new)


class NumberAnswer(NamedTuple):
    """`written` in files stands for the document `number`; None: for no document that is here."""

    customer_id: int
    kind: str
    written: str
    number: str | None


def remember_spellings(confirmed: list[NumberAnswer]) -> None:
    for each in confirmed:
        document_identity.remember(*each)


def decide_numbers(problems: Problems, titles: dict[str, str], answers: Answers, is_xero: bool) -> list[NumberAnswer]:
    """Apply the answers of now and of earlier imports, and add a problem for every document that is still unclear.

    `titles` are the headings of the fields. In Xero a number belongs to one contact, even within a file.
    """
    confirmed: list[NumberAnswer] = []
    merged: set[tuple[int, str, str]] = set()
    title = titles["number"]
    document_identity.apply_confirmed()
    if not document_identity.stage_spellings():
        return confirmed
    for row, number in document_identity.over_limit():
        problems.add(
            row,
            title,
            f"{quote(number)}: more than {MAX_SPELLINGS} documents of this customer have numbers "
            "that differ only in how they are written. Correct the numbers in the file.",
        )
    pairs = [] if problems else document_identity.in_doubt()
    for pair in pairs:
        if (both := answers.same_document(pair)) and pair.key not in merged:
            document_identity.use_number(pair.customer_id, pair.kind, *both)
            confirmed.append(NumberAnswer(pair.customer_id, pair.kind, *both))
            merged.add(pair.key)
    pairs = [pair for pair in pairs if pair.key not in merged]
    for pair in pairs + document_identity.with_another_customer(even_if_in_file=is_xero):
        if answers.is_new(pair):
            confirmed += [NumberAnswer(*pair.key, None)] if pair.is_void else []
        elif is_xero and pair.number == pair.other_number:
            problems.add(
                pair.row,
                titles["customer"],
                f"{quote(pair.number)} belongs to {quote(pair.customer)} here. {CONTACT_CHANGED}",
            )
        else:
            problems.add(pair.row, title, *question(pair, is_by_name="customer" not in titles))
            if pair.is_of_one_customer:
                problems.advise(ADVICE)
    return confirmed


def question(pair: Pair, is_by_name: bool = False) -> tuple[str, Question, str]:
    """Shows both versions, and what to do."""
    number, other = pair.number, pair.other_number
    version = "void"
    if pair.total_minor is not None and pair.currency is not None:
        version = f"{pair.issued_on}, {plain_amount(pair.total_minor, pair.currency)}"
    where = "is here" if pair.other_row is None else f"is in row {pair.other_row:,}"
    there = f"{pair.other_issued_on}, {plain_amount(pair.other_total_minor, pair.other_currency)}"
    if pair.open_minor is not None:
        there += f", open {plain_amount(pair.open_minor, pair.other_currency)}"
    if not pair.is_of_one_customer:
        whose = f"of {quote(pair.customer)} ({quote(pair.customer_number)[1:-1]})"
        return (
            f"{quote(number)} ({version}) looks like {quote(other)} {whose}, which {where} ({there}). "
            f"{other_customer_advice(pair, is_by_name)}",
            Question("new", number, other),
            f"If it is another document, import again with --new {shlex.quote(number)}.",
        )
    return (
        f"{quote(number)} ({version}) looks like {quote(other)}, which {where} ({there}).",
        Question("same", number, other),
        f"If it is the same document, import again with --same {shlex.quote(f'{number}={other}')}; if it is another "
        f"one, with --new {shlex.quote(number)}.",
    )


def other_customer_advice(pair: Pair, is_by_name: bool) -> str:
    """What to do if it is the document of a customer that was renamed, merged or renumbered, or if the document was
    moved."""
    old, new = quote(pair.customer), quote(pair.own_customer)
    own = f"The file has it for {new} ({quote(pair.own_customer_number)[1:-1]})."
    voided = f"import it as Voided for {old} first"
    if not is_by_name:
        return f"{own} If it is the same document, its customer was renamed or merged, or it was moved: {voided}."
    return (
        f"{own} If it is the same document because {old} was renamed or merged into {new}, give {new} another "
        f"name on its record, then {old} the name {new}, and import again. If it was moved, {voided}."
    )


class ClosedDocument(NamedTuple):
    """A document of the file, in `row`, that is void or settled here. Amounts are minor units, as they are here."""

    row: int
    invoice_id: int
    number: str
    is_void: bool
    was_kept: bool
    issued_on: str
    total_minor: int
    currency: str
    paid_elsewhere_minor: int
    credited_minor: int
    taken_minor: int


def closed_documents() -> list[ClosedDocument]:
    rows = execute("""
        SELECT row, id, number, is_void, kept_closed, issued_on, total_minor, currency, paid_elsewhere_minor,
            credited_minor, paid_here_minor FROM (
        SELECT d.row, i.id, d.number, i.is_void, i.kept_closed, d.issued_on, d.total_minor, i.currency,
            i.paid_elsewhere_minor, i.credited_minor, i.processing_minor + i.paid_online_minor AS paid_here_minor,
            ROW_NUMBER() OVER (PARTITION BY i.id ORDER BY d.row) AS place
        FROM staged_document d JOIN invoice i ON i.id = d.invoice_id
        WHERE i.is_void OR (d.says_open AND i.open_minor = 0 AND i.paid_elsewhere_minor + i.credited_minor > (
            SELECT COALESCE(SUM(p.amount_minor), 0) FROM payment_elsewhere p
            WHERE p.invoice_id = i.id AND p.received_payment_id IS NOT NULL))
        ) AS closed WHERE place = 1 ORDER BY row""")
    return [ClosedDocument._make(row) for row in rows]


def decide_closed(problems: Problems, title: str, answers: Answers) -> list[int]:
    """Apply the answers of now and of earlier imports, and add a problem for every document without an answer.
    Returns the ids of the invoices that stay closed."""
    kept = []
    for document in closed_documents():
        if answers.reopens(document.number):
            reopen(document)
        elif document.was_kept or answers.keeps_closed(document.number):
            keep_closed(document)
            kept.append(document.invoice_id)
        else:
            problems.add(document.row, title, *closed_question(document))
    return kept


def closed_question(document: ClosedDocument) -> tuple[str, Question, str]:
    number, flag = quote(document.number), shlex.quote(document.number)
    if document.is_void:
        version = f"{document.issued_on}, {plain_amount(document.total_minor, document.currency)}"
        return (
            f"{number} is void here, and the file has it as valid ({version}).",
            Question("closed", document.number),
            f"If it is to be paid after all, import again with --reopen {flag}; if it stays void, with "
            f"--keep-closed {flag}.",
        )
    parts = (
        (document.paid_elsewhere_minor, "paid elsewhere"),
        (document.credited_minor, "credited"),
        (document.taken_minor, "paid here"),
    )
    settled = ", ".join(f"{plain_amount(minor, document.currency)} {what}" for minor, what in parts if minor)
    return (
        f"{number} is settled here ({settled}), and the file has it as open without amounts.",
        Question("closed", document.number),
        f"Add a column Amount due to the file; or import again with --reopen {flag} if it is no longer paid "
        f"elsewhere, or with --keep-closed {flag} if it stays settled.",
    )


def reopen(document: ClosedDocument) -> None:
    if not document.is_void:
        credited = document.credited_minor if document.paid_elsewhere_minor else 0
        execute(
            "UPDATE staged_document SET paid_elsewhere_minor = 0, credited_minor = ? WHERE invoice_id = ?",
            (credited, document.invoice_id),
        )


def keep_closed(document: ClosedDocument) -> None:
    """Leave a void document out of the file; for a settled one, keep what was paid and credited."""
    if document.is_void:
        execute("DELETE FROM staged_document WHERE invoice_id = ?", (document.invoice_id,))
    else:
        execute(
            "UPDATE staged_document SET paid_elsewhere_minor = NULL, credited_minor = NULL WHERE invoice_id = ?",
            (document.invoice_id,),
        )


def stage_closed(kept: list[int]) -> None:
    table = StagingTable("kept_closed", {"invoice_id": "INTEGER"})
    for invoice_id in kept:
        table.add((invoice_id,))
    table.flush()


def remember_closed() -> None:
    """Store the answers for later files. They end when a file says something else about the document. Covers the
    documents of this part; call it after stage_closed."""
    is_kept = "(id IN (SELECT invoice_id FROM kept_closed))"
    execute(f"""UPDATE invoice SET kept_closed = {is_kept} WHERE kept_closed <> {is_kept} AND (
        id IN (SELECT invoice_id FROM staged_document)
        OR id IN (SELECT i.id FROM staged_void d JOIN invoice i ON {SAME_KEY}))""")


def remember_void() -> None:
    """Like remember_closed, for void documents that stay void: they are in no part."""
    execute("""UPDATE invoice SET kept_closed = TRUE WHERE NOT kept_closed AND is_void
        AND id IN (SELECT invoice_id FROM kept_closed)""")
