"""PDFs that the company uploads for its documents. Each is named after its document, or contains it as an e-invoice."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path

from app.documents import own_files
from app.imports.columns import match
from app.imports.csv_reader import PdfFile, Source
from app.imports.document_files import PDF_HEADINGS, read_pdfs
from app.imports.mapping import NO_MAPPING, Column
from app.imports.parts import LeftOut
from app.imports.plan import Change, ImportPlan, PlannedRow, RowOutcome
from app.imports.report import Problems, quote
from app.imports.staged_invoices import SAME_KEY
from app.imports.staging import ROW_UNCHANGED, execute
from app.models import DocumentFile, Invoice
from app.models.audit import Actor

PDF_COLUMNS = (
    Column("name", PDF_HEADINGS[0], longest=500),
    Column("number", PDF_HEADINGS[1], required=True),
)
MAX_PDFS = 50  # in one transaction
KIND_NOUNS = {Invoice.INVOICE: "invoice", Invoice.CREDIT_MEMO: "credit memo"}


class PdfPlan(ImportPlan):
    """The PDFs of the upload at `path`. The file must still exist when they are applied."""

    what = "PDFs"
    is_in_parts = True
    refused = RowOutcome.BAD

    def __init__(self, path: Path, source: Source, problems: Problems):
        self.path, self.pdfs = path, source.origin.pdfs
        self.table = match(source, PDF_COLUMNS, {}, NO_MAPPING)
        self.numbers = {row: cells.number for row, cells in self.table.rows(problems)}
        self.invoices: dict[int, Invoice] = {}
        self.before: dict[int, DocumentFile] = {}
        super().__init__(source.name, problems, Counter())

    def _check(self) -> None:
        self.invoices, taken = {}, dict[int, int]()
        numbered = documents_numbered(self.numbers.values())
        for row, number in self.numbers.items():
            invoice, problem = only_match(number, numbered[letters_and_digits(number)])
            if invoice and (first := taken.setdefault(invoice.id, row)) != row:
                problem = f"{quote(self.pdfs[first].name)} is of {quote(invoice.number)} too. Leave one of them out."
            if problem:
                self.problems.add(row, "", problem)
            elif invoice:
                self.invoices[row] = invoice
        found = (DocumentFile.described(invoice.id) for invoice in self.invoices.values())
        self.before = {file.invoice_id: file for file in found if file}
        counts = Counter(self.outcome(row) for row in self.invoices)
        self.new, self.changed = counts[RowOutcome.NEW], counts[RowOutcome.CHANGED]
        self.unchanged, self.replaced_pdfs = counts[RowOutcome.UNCHANGED], self.changed

    def outcome(self, row: int) -> RowOutcome:
        before = self.before.get(self.invoices[row].id)
        if before is None:
            return RowOutcome.NEW
        return RowOutcome.UNCHANGED if is_same(before, self.pdfs[row]) else RowOutcome.CHANGED

    def _planned(self) -> Iterator[PlannedRow]:
        for row, invoice in self.invoices.items():
            outcome, before = self.outcome(row), self.before.get(invoice.id)
            changed = outcome == RowOutcome.CHANGED and before
            changes = (Change("pdf", before.name, self.pdfs[row].name),) if changed and before else ()
            yield PlannedRow(row, invoice.customer.number, invoice.kind, invoice.number, outcome, changes)

    def split(self) -> None:
        self.part, self.waiting = list[int](), list(self.invoices)

    def next_part(self, most: int) -> int:
        most = min(most, MAX_PDFS)
        self.part, self.waiting = self.waiting[:most], self.waiting[most:]
        return len(self.part)

    @property
    def fraction_done(self) -> float:
        return 1 - len(self.waiting) / max(len(self.invoices), 1)

    def write_part(self, actor: Actor | None) -> list[LeftOut]:
        changed = [row for row in self.part if self.is_changed_here(self.invoices[row])]
        attach(self.path, {self.invoices[row]: self.pdfs[row] for row in self.part if row not in changed}, actor)
        return [LeftOut(row, self.invoices[row].number) for row in changed]

    def _write_rest(self, actor: Actor | None) -> None:
        pass

    def is_changed_here(self, invoice: Invoice) -> bool:
        before, now = self.before.get(invoice.id), DocumentFile.described(invoice.id)
        is_other = (before.sha256 if before else "") != (now.sha256 if now else "")
        return is_other or Invoice.get_or_none(Invoice.id == invoice.id) is None

    def leave_out(self, rows: list[int]) -> None:
        for row in rows:
            self.invoices.pop(row, None)


def letters_and_digits(number: str) -> str:
    # A file name can't contain every character of a number: INV/7 may be INV-7.pdf.
    return "".join(filter(str.isalnum, number.casefold()))


def is_same(before: DocumentFile, pdf: PdfFile) -> bool:
    return (before.sha256, before.name) == (pdf.sha256, own_files.stored_name(pdf.name))


def documents_numbered(numbers: Iterable[str]) -> dict[str, dict[str, list[int]]]:
    """{letters and digits of a number: {number: ids}}"""
    wanted = set(map(letters_and_digits, numbers)) - {""}
    found = defaultdict[str, dict[str, list[int]]](lambda: defaultdict(list))
    for id_, number in execute("SELECT id, number FROM invoice"):
        if (key := letters_and_digits(number)) in wanted:
            found[key][number].append(id_)
    return found


def only_match(number: str, numbered: dict[str, list[int]]) -> tuple[Invoice | None, str]:
    """The only document that the number can be, or why there is none."""
    ids = numbered.get(number) or list(chain.from_iterable(numbered.values()))
    candidates = list(map(Invoice.get_by_id, ids[:2]))
    if len(candidates) == 1:
        return candidates[0], ""
    if not candidates:
        return None, (
            f"There is no document {quote(number)}. Name the file like its document, as INV-1051.pdf, or import the "
            "document first."
        )
    named = " and ".join(
        f"{KIND_NOUNS[one.kind]} {quote(one.number)} of {quote(one.customer.name)}" for one in candidates
    )
    more = f", and of {len(ids) - 2:,} more" if len(ids) > 2 else ""
    return None, f"It may be of {named}{more}. Attach it on the page of the document."


def changes_of_rows(pdfs: dict[int, PdfFile]) -> tuple[dict[int, Change], int]:
    """({row: change}, how many of these documents have no other change) of the documents of these rows that have
    another PDF here, or none. Call it after compare."""
    changes, alone = dict[int, Change](), 0
    known = "SELECT row, invoice_id, state FROM staged_document WHERE invoice_id IS NOT NULL"
    for row, invoice_id, state in execute(known).fetchall() if pdfs else ():
        pdf = pdfs.get(row)
        before = DocumentFile.described(invoice_id) if pdf else None
        if pdf and not (before and is_same(before, pdf)):
            changes[row] = Change("pdf", before.name if before else None, pdf.name)
            alone += state == ROW_UNCHANGED
    return changes, alone


def attach_to_rows(path: Path, pdfs: dict[int, PdfFile], actor: Actor | None) -> None:
    """Attach the PDFs to the documents that were written from these rows of the file."""
    if pdfs:
        ids = dict(execute(f"SELECT d.row, i.id FROM staged_document d JOIN invoice i ON {SAME_KEY}").fetchall())
        found = {Invoice.get_by_id(ids[row]): pdf for row, pdf in pdfs.items() if row in ids}
        attach(path, found, actor)


def attach(path: Path, pdfs: dict[Invoice, PdfFile], actor: Actor | None) -> None:
    actor = actor or Actor("console", datetime.now(UTC), "")
    for invoice, pdf, content in read_pdfs(path, pdfs):
        own_files.attach(invoice, pdf.name, content, actor)
