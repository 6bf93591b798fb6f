"""E-invoices and PDFs as rows, from a single file or a ZIP; and the PDFs to attach to documents."""

import csv
import hashlib
import re
import zipfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple, TypeVar

from app.documents import own_files
from app.imports.archives import documents_in, open_archive, read_member, stem
from app.imports.csv_reader import Origin, PdfFile, Source, read_generated_csv
from app.imports.einvoice_document import E_INVOICE_HEADINGS, EInvoice
from app.imports.einvoices import LONGEST_XML, read_document
from app.imports.extraction import Upload, extracted
from app.imports.report import FileProblem, quote

MAX_LINES = 250_000  # in all e-invoices of an upload
ZIP, PDF = (b"PK\x03\x04", b"PK\x05\x06"), b"%PDF-"
ROOT = re.compile(rb"<(?![?!])(?:[\w.-]+:)?([\w.-]+)")
NESTED = re.compile(rb"<[\w:.-]+>\s*<[\w:.-]+[>\s]")
E_INVOICE_ROOTS = {b"Invoice", b"CreditNote", b"CrossIndustryInvoice", b"CrossIndustryDocument"}
MAY_HOLD_E_INVOICE = re.compile(rb"factur-?x|zugferd|xrechnung|EmbeddedFile", re.IGNORECASE)
PDF_HEADINGS = ("PDF file", "Document number")
Owner = TypeVar("Owner")


class File(NamedTuple):
    """A document of the upload. `member` is its name in a ZIP."""

    name: str
    member: str
    content: bytes


def root_of(start: bytes) -> bytes | None:
    """The name of the root element; b"" if it is unclear, None if it isn't XML."""
    text = start
    if start[:2] in (b"\xff\xfe", b"\xfe\xff"):
        text = start.decode("utf-16", "ignore").encode()
    text = text.removeprefix(b"\xef\xbb\xbf").lstrip()
    found = ROOT.search(text)
    is_e_invoice = found and text.startswith(b"<") and found[1] in E_INVOICE_ROOTS
    if text.startswith(b"<?xml") or NESTED.match(text) or is_e_invoice:
        return found[1] if found else b""
    return None


def archived_documents(archive: zipfile.ZipFile, upload: Upload) -> Iterator[File]:
    for member in documents_in(archive):
        content = read_member(archive, member, LONGEST_XML, upload.name)
        yield File(member.filename, member.filename, content)


def documents_source(upload: Upload, files: Iterator[File], most_lines: int = MAX_LINES) -> Source:
    """E-invoices, with PDFs that contain them or have their name; or only PDFs, each named after its document."""
    documents: dict[str, EInvoice] = {}
    pdfs: dict[str, PdfFile] = {}
    may_hold: set[str] = set()
    lines = 0
    for file in files:
        if is_pdf(file):
            pdfs[file.member] = PdfFile(file.name, file.member, hashlib.sha256(file.content).hexdigest())
            may_hold |= {file.member} if MAY_HOLD_E_INVOICE.search(file.content) else set()
        elif root_of(file.content[:4_096]) is not None:
            documents[file.member] = read_document(file.content, file.name)
            lines += len(documents[file.member].lines)
            if lines > most_lines:
                raise FileProblem(
                    f"{upload.name} has more than {most_lines:,} lines of invoices. Split it into several."
                )
        elif file.content.startswith(ZIP):
            raise FileProblem(f"{upload.name}: {quote(file.name)} is a ZIP in a ZIP. Put its files in one.")
        else:
            raise FileProblem(
                f"{upload.name}: {quote(file.name)} is neither a PDF nor an e-invoice (XML). Leave it out."
            )
    held = held_documents(upload, may_hold, pdfs)
    if not (documents or pdfs):
        raise FileProblem(f"{upload.name} is a ZIP without files. Put PDFs or e-invoices (XML) in it.")
    if not (documents or held):
        return pdfs_source(upload, pdfs)
    return invoices_source(upload, documents | held, pdfs, held)


def is_pdf(file: File) -> bool:
    if not file.content.startswith(PDF) and not file.name.casefold().endswith(".pdf"):
        return False
    try:
        own_files.check_pdf(file.content)
    except own_files.FileError as error:
        raise FileProblem(f"{quote(file.name)}: {error}.") from None
    return True


def held_documents(upload: Upload, may_hold: set[str], pdfs: dict[str, PdfFile]) -> dict[str, EInvoice]:
    if not may_hold:
        return {}
    found = {}
    for member, target in extracted("pdfs", upload, "pdf")["attached"].items():
        path = upload.folder / target
        if member in pdfs and path.stat().st_size <= LONGEST_XML:
            found[member] = read_document(path.read_bytes(), pdfs[member].name)
    return found


def pdfs_source(upload: Upload, pdfs: dict[str, PdfFile]) -> Source:
    rows = [[pdf.name, stem(pdf.name)] for pdf in pdfs.values()]
    origin = Origin(
        members=tuple(quote(pdf.name) for pdf in pdfs.values()),
        pdfs=dict(enumerate(pdfs.values(), 2)),
    )
    return generated_source(upload, PDF_HEADINGS, rows, origin)


def invoices_source(
    upload: Upload, documents: dict[str, EInvoice], pdfs: dict[str, PdfFile], held: dict[str, EInvoice]
) -> Source:
    known: dict[tuple[str, ...], str] = {}
    own_pdfs = {member: pdfs[member] for member in held}
    by_name: dict[str, str] = {}
    for member, document in documents.items():
        if (other := known.setdefault(document.key, member)) != member:
            raise FileProblem(f"{quote(other)} and {quote(member)} hold the same document: {document.title}. Keep one.")
        by_name |= {stem(member).casefold(): member, document.number.casefold(): member}
    for member, pdf in pdfs.items():
        if member in held:
            continue
        of = by_name.get(stem(member).casefold())
        if of is None or of in own_pdfs:
            raise FileProblem(
                f"{quote(member)} contains no e-invoice, and none in {upload.name} has its name. Name it like its "
                "e-invoice, or upload PDFs alone in a ZIP of their own."
            )
        own_pdfs[of] = pdf
    rows: list[tuple[str, ...]] = []
    members: list[str] = []
    by_row: dict[int, PdfFile] = {}
    for member, document in documents.items():
        if member in own_pdfs:
            by_row[len(rows) + 2] = own_pdfs[member]
        rows += document.rows
        members += [quote(member or upload.name)] * len(document.rows)
    origin = Origin(members=tuple(members), pdfs=by_row, states_balances=False)
    return generated_source(upload, E_INVOICE_HEADINGS, rows, origin)


def generated_source(upload: Upload, headings: tuple[str, ...], rows, origin: Origin) -> Source:
    path = upload.folder / "rows.csv"
    with path.open("w", encoding="utf-8", errors="replace", newline="") as file:
        csv.writer(file).writerows([headings, *rows])
    return read_generated_csv(
        path.open("rb"), upload.name, origin, lambda cells: len(cells) if tuple(cells) == headings else 0
    )


def read_pdfs(path: Path, pdfs: dict[Owner, PdfFile]) -> Iterator[tuple[Owner, PdfFile, bytes]]:
    """Read the PDFs of the upload at `path`. Raises FileProblem if it isn't the file that was read before."""
    with path.open("rb") as file, ExitStack() as stack:
        is_archived = any(pdf.member for pdf in pdfs.values())
        archive = stack.enter_context(open_archive(file, path.name)) if is_archived else None
        for owner, pdf in pdfs.items():
            try:
                content = (
                    read_member(archive, archive.getinfo(pdf.member), own_files.MAX_BYTES, path.name)
                    if archive
                    else file.read()
                )
            except KeyError:
                content = b""
            if hashlib.sha256(content).hexdigest() != pdf.sha256:
                raise FileProblem(f"{path.name} has changed since it was read. Import it again.")
            yield owner, pdf, content
