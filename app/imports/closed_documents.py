"""Documents that are closed here, and that a file has as open again without saying what is due: asked about, and not
written. All of it works on `staged_document`, between InvoiceIntake.resolve and derive."""

import shlex
from typing import NamedTuple

from app.imports.identity import Answers, amount
from app.imports.problems import Problems
from app.imports.staging import run
from app.imports.values import shown


class Closed(NamedTuple):
    """A document of the file, in `row`, that is void or settled here. Amounts are minor units, those here."""

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


def found() -> list[Closed]:
    rows = run("""
        SELECT MIN(d.row), i.id, d.number, i.is_void, i.kept_closed, d.issued_on, d.total_minor, i.currency,
            i.paid_elsewhere_minor, i.credited_minor, i.processing_minor + i.paid_online_minor
        FROM staged_document d JOIN invoice i ON i.id = d.invoice_id
        WHERE i.is_void OR (d.says_open AND i.open_minor = 0 AND i.paid_elsewhere_minor + i.credited_minor > 0)
        GROUP BY i.id ORDER BY MIN(d.row)""")
    return [Closed._make(row) for row in rows]


def decide(problems: Problems, title: str, answers: Answers) -> list[int]:
    """Use the answers of now and of earlier imports, and add a problem for every document without one. The ids of the
    invoices that are kept closed."""
    kept = []
    for document in found():
        if answers.reopens(document.number):
            reopen(document)
        elif document.was_kept or answers.keeps_closed(document.number):
            keep(document)
            kept.append(document.invoice_id)
        else:
            problems.add(document.row, title, question(document))
    return kept


def question(document: Closed) -> str:
    """What is here, what the file says, and what to do."""
    number, flag = shown(document.number), shlex.quote(document.number)
    if document.is_void:
        version = f"{document.issued_on}, {amount(document.total_minor, document.currency)}"
        return (
            f"{number} is void here, and the file has it as valid ({version}). If it is to be paid after all, "
            f"import again with --reopen {flag}; if it stays void, with --keep-closed {flag}."
        )
    parts = (
        (document.paid_elsewhere_minor, "paid elsewhere"),
        (document.credited_minor, "credited"),
        (document.taken_minor, "paid here"),
    )
    settled = ", ".join(f"{amount(minor, document.currency)} {what}" for minor, what in parts if minor)
    return (
        f"{number} is settled here ({settled}), and the file has it as open without amounts. Add a column Amount "
        f"due to the file; or import again with --reopen {flag} if nothing of it is paid elsewhere any more, or "
        f"with --keep-closed {flag} if it stays settled."
    )


def reopen(document: Closed) -> None:
    if not document.is_void:
        credited = document.credited_minor if document.paid_elsewhere_minor else 0
        run(
            "UPDATE staged_document SET paid_elsewhere_minor = 0, credited_minor = ? WHERE invoice_id = ?",
            (credited, document.invoice_id),
        )


def keep(document: Closed) -> None:
    """A void document is left out of the file; of a settled one, what was paid and credited stays as it is."""
    if document.is_void:
        run(
            "DELETE FROM staged_line WHERE seq IN (SELECT seq FROM staged_document WHERE invoice_id = ?)",
            (document.invoice_id,),
        )
        run("DELETE FROM staged_document WHERE invoice_id = ?", (document.invoice_id,))
    else:
        run(
            "UPDATE staged_document SET paid_elsewhere_minor = NULL, credited_minor = NULL WHERE invoice_id = ?",
            (document.invoice_id,),
        )


def remember(kept: list[int]) -> None:
    """Keep the answers for the files to come; they end when a file says something else about the document."""
    run("""UPDATE invoice SET kept_closed = FALSE WHERE kept_closed AND (
        id IN (SELECT invoice_id FROM staged_document)
        OR (customer_id, kind, number) IN (SELECT customer_id, kind, number FROM staged_void))""")
    for invoice_id in kept:
        run("UPDATE invoice SET kept_closed = TRUE WHERE id = ?", (invoice_id,))
