"""What a person uploads, opened as rows: CSV, a spreadsheet, e-invoices, or PDFs; recognized by content alone."""

import csv
import hashlib
import json
import re
import resource
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import BinaryIO, NamedTuple, TypeVar

from app.documents import own_files
from app.imports import extractor
from app.imports.archives import documents_in, megabytes, open_archive, read_member, stem
from app.imports.csv_reader import Corrections, Origin, Paper, Source, open_seekable, read_csv, read_made_csv
from app.imports.einvoice_document import E_INVOICE_HEADINGS, Document
from app.imports.einvoices import LONGEST_XML, read_document
from app.imports.report import FileProblem, listed, quote

LARGEST_FILE = 1 << 30
MOST_MEMORY = 768 << 20  # of the process that reads spreadsheets and PDFs
MOST_SECONDS = 300
MOST_LINES = 250_000  # of all e-invoices of an upload
MOST_OUTPUT = 1 << 30
OLE, ZIP, PDF = b"\xd0\xcf\x11\xe0", (b"PK\x03\x04", b"PK\x05\x06"), b"%PDF-"
ROOT = re.compile(rb"<(?![?!])(?:[\w.-]+:)?([\w.-]+)")
E_INVOICE_ROOTS = {b"Invoice", b"CreditNote", b"CrossIndustryInvoice", b"CrossIndustryDocument"}
MAY_HOLD_E_INVOICE = re.compile(rb"factur-?x|zugferd|xrechnung|EmbeddedFile", re.IGNORECASE)
PAPER_HEADINGS = ("PDF file", "Document number")
LISTS = "It must be a list, with a row for each: CSV, .xlsx or .ods."
Counter = Callable[[list[str]], int]
Owner = TypeVar("Owner")


@contextmanager
def open_source(
    path: Path, count_names: Counter, *, with_documents: bool = False, corrected: Corrections | None = None
) -> Iterator[Source]:
    """The Source at `path`. `count_names` says how many fields a row of headings names; titles may be above it.
    E-invoices and PDFs are read where `with_documents` is. Raises FileProblem when it can't be read.
    """
    with open_seekable(path) as file, tempfile.TemporaryDirectory(prefix="import-") as folder:
        if (size := file.seek(0, 2)) > LARGEST_FILE:
            raise FileProblem(
                f"The file is {megabytes(size)}; {megabytes(LARGEST_FILE)} is the most. Make several of it."
            )
        file.seek(0)
        upload = Upload(file, path.name, Path(folder), count_names)
        start = file.read(4_096)
        file.seek(0)
        if start.startswith(ZIP):
            source = archive_source(upload, with_documents)
        elif start.startswith(OLE):
            raise old_workbook(file)
        elif start.startswith(PDF):
            source = document_source(upload, with_documents, "a PDF")
        elif (root := root_of(start)) is not None:
            source = xml_source(upload, with_documents, root)
        else:
            source = read_csv(file, path.name, count_names)
        source.corrected = corrected or {}
        with source.file:
            yield source


class Upload(NamedTuple):
    """`folder` is empty, and thrown away with the upload."""

    file: BinaryIO
    name: str
    folder: Path
    count_names: Counter


def old_workbook(file: BinaryIO) -> FileProblem:
    secret, before = "EncryptedPackage".encode("utf-16-le"), b""
    while chunk := file.read(1 << 20):
        if secret in before + chunk:
            return FileProblem("The workbook is protected by a password. Save it without one.")
        before = chunk[-len(secret) :]
    return FileProblem("The file is an old Excel workbook (.xls). Open it, and save it as .xlsx or as “CSV UTF-8”.")


def root_of(start: bytes) -> bytes | None:
    """The name of the first element, b"" if it is unclear, None for what is not XML."""
    text = start
    if start[:2] in (b"\xff\xfe", b"\xfe\xff"):
        text = start.decode("utf-16", "ignore").encode()
    text = text.removeprefix(b"\xef\xbb\xbf").lstrip()
    found = ROOT.search(text)
    if text.startswith(b"<?xml") or (found and text.startswith(b"<") and found[1] in E_INVOICE_ROOTS):
        return found[1] if found else b""
    return None


def xml_source(upload: Upload, with_documents: bool, root: bytes) -> Source:
    if root == b"Workbook":
        raise FileProblem(
            "The file is an XML spreadsheet, as NetSuite's export to Excel writes it. Export it as CSV; or open it in "
            "Excel, and save it as .xlsx."
        )
    if root and root not in E_INVOICE_ROOTS:
        kind = quote(root.decode("ascii", "replace"))
        raise FileProblem(
            f"The file is XML ({kind}), but no e-invoice. UBL 2.1 and Factur-X are read; or save it as CSV."
        )
    return document_source(upload, with_documents, "an e-invoice")


def archive_source(upload: Upload, with_documents: bool) -> Source:
    with open_archive(upload.file, upload.name) as archive:
        names = set(archive.namelist())
        if "xl/workbook.xml" in names:
            if any(name.startswith("xl/externalLinks/") for name in names):
                raise FileProblem(
                    "The workbook takes values from other files (external links), which may be old. In Excel choose "
                    "Data, Edit Links, Break Link, and save it."
                )
            return spreadsheet_source(upload, "xlsx")
        if "mimetype" in names and b"opendocument.spreadsheet" in read_member(
            archive, archive.getinfo("mimetype"), 1_000, upload.name
        ):
            refuse_encrypted_ods(archive, upload.name)
            return spreadsheet_source(upload, "ods")
        for part, kind in OTHER_FORMATS.items():
            if part in names:
                raise FileProblem(f"The file is {kind}. {LISTS}")
        if not with_documents:
            raise FileProblem(f"The file is a ZIP. {LISTS}")
        return documents_source(upload, archived_documents(archive, upload))


OTHER_FORMATS = {
    "xl/workbook.bin": "a binary Excel workbook (.xlsb): save it as .xlsx",
    "word/document.xml": "a Word document",
    "ppt/presentation.xml": "a presentation",
    "Index/Document.iwa": "a Numbers file: export it as Excel or CSV",
    "mimetype": "a document of another program",
}


def refuse_encrypted_ods(archive: zipfile.ZipFile, name: str) -> None:
    with suppress(KeyError):
        if b"encryption-data" in read_member(archive, archive.getinfo("META-INF/manifest.xml"), 1 << 20, name):
            raise FileProblem("The spreadsheet is protected by a password. Save it without one.")


def spreadsheet_source(upload: Upload, ending: str) -> Source:
    result = extracted("sheets", upload, ending)
    sheets = result["sheets"]
    if not sheets:
        raise FileProblem(
            "The workbook has no sheet that can be read. Make the one with the rows visible, and save it."
        )
    chosen = next((sheet for sheet in sheets if names_in(upload.folder / sheet["file"], upload) >= 2), sheets[0])
    name, path = chosen["name"], upload.folder / chosen["file"]
    if not path.stat().st_size:
        raise FileProblem(f"The sheet {quote(name)} is empty.")
    others, notes = [sheet["name"] for sheet in sheets if sheet is not chosen], []
    if others or result["hidden"]:
        notes.append(f"The sheet {quote(name)} was read.")
    if others:
        notes.append(f"Sheets that were not read: {listed(others)}.")
    if result["hidden"]:
        notes.append(f"Hidden sheets that were not read: {listed(result['hidden'])}.")
    if chosen["rounded"]:
        notes.append(
            f"Numbers that the spreadsheet shows with fewer decimals than it has, read as shown: {chosen['rounded']:,}."
        )
    return read_made_csv(path.open("rb"), upload.name, Origin(sheet=name, notes=tuple(notes)), upload.count_names)


def names_in(path: Path, upload: Upload) -> int:
    with path.open("rb") as file:
        return upload.count_names(read_made_csv(file, upload.name, Origin(), upload.count_names).header)


def extracted(kind: str, upload: Upload, ending: str) -> dict:
    """What extractor.py says of the upload. It runs as a process of its own: see there."""
    upload.file.seek(0)
    source = upload.folder / f"upload.{ending}"
    with source.open("wb") as copy:
        while chunk := upload.file.read(1 << 20):
            copy.write(chunk)
    command = [sys.executable, "-I", extractor.__file__, kind, str(source), str(upload.folder)]
    try:
        ended = subprocess.run(  # noqa: S603
            command, env={}, capture_output=True, timeout=2 * MOST_SECONDS, preexec_fn=bound_process, check=False
        )
        result = json.loads((upload.folder / "result.json").read_text("utf-8")) if ended.returncode == 0 else {}
    except (subprocess.TimeoutExpired, OSError, ValueError):
        result = {}
    source.unlink()
    if not result:
        raise FileProblem(
            "The file is too large to be read, or damaged. Delete empty rows and columns, or save it as CSV."
            if kind == "sheets"
            else "A PDF is too large to be read, or damaged. Make it again, or upload the PDFs in several files."
        )
    if problem := result.get("problem"):
        raise FileProblem(f"{upload.name} {problem}")
    return result


def bound_process() -> None:
    for what, most in (
        (resource.RLIMIT_AS, MOST_MEMORY),
        (resource.RLIMIT_CPU, MOST_SECONDS),
        (resource.RLIMIT_FSIZE, MOST_OUTPUT),
        (resource.RLIMIT_CORE, 0),
    ):
        with suppress(ValueError, OSError):  # not every system has each of them
            resource.setrlimit(what, (most, most))


class File(NamedTuple):
    """A document of the upload; `member` is its name in a ZIP."""

    name: str
    member: str
    content: bytes


def document_source(upload: Upload, with_documents: bool, kind: str) -> Source:
    if not with_documents:
        raise FileProblem(f"The file is {kind}. {LISTS}")
    return documents_source(upload, iter([File(upload.name, "", upload.file.read(LONGEST_XML + 1))]))


def archived_documents(archive: zipfile.ZipFile, upload: Upload) -> Iterator[File]:
    for member in documents_in(archive):
        content = read_member(archive, member, LONGEST_XML, upload.name)
        yield File(member.filename, member.filename, content)


def documents_source(upload: Upload, files: Iterator[File]) -> Source:
    """E-invoices, with the PDFs that hold them or are named like them; or PDFs alone, each named like its document."""
    documents: dict[str, Document] = {}
    papers: dict[str, Paper] = {}
    may_hold: set[str] = set()
    lines = 0
    for file in files:
        if is_pdf(file):
            papers[file.member] = Paper(file.name, file.member, hashlib.sha256(file.content).hexdigest())
            may_hold |= {file.member} if MAY_HOLD_E_INVOICE.search(file.content) else set()
        elif root_of(file.content[:4_096]) is not None:
            documents[file.member] = read_document(file.content, file.name)
            lines += len(documents[file.member].lines)
            if lines > MOST_LINES:
                raise FileProblem(f"{upload.name} has more than {MOST_LINES:,} lines of invoices. Make several of it.")
        elif file.content.startswith(ZIP):
            raise FileProblem(f"{upload.name}: {quote(file.name)} is a ZIP in a ZIP. Put its files in one.")
        else:
            raise FileProblem(
                f"{upload.name}: {quote(file.name)} is neither a PDF nor an e-invoice (XML). Leave it out."
            )
    held = held_documents(upload, may_hold, papers)
    if not (documents or papers):
        raise FileProblem(f"{upload.name} is a ZIP without files. Put PDFs or e-invoices (XML) in it.")
    if not (documents or held):
        return papers_source(upload, papers)
    return invoices_source(upload, documents | held, papers, held)


def is_pdf(file: File) -> bool:
    if not file.content.startswith(PDF) and not file.name.casefold().endswith(".pdf"):
        return False
    try:
        own_files.check_pdf(file.content)
    except own_files.FileError as error:
        raise FileProblem(f"{quote(file.name)}: {error}.") from None
    return True


def held_documents(upload: Upload, may_hold: set[str], papers: dict[str, Paper]) -> dict[str, Document]:
    if not may_hold:
        return {}
    found = {}
    for member, target in extracted("pdfs", upload, "pdf")["attached"].items():
        path = upload.folder / target
        if member in papers and path.stat().st_size <= LONGEST_XML:
            found[member] = read_document(path.read_bytes(), papers[member].name)
    return found


def papers_source(upload: Upload, papers: dict[str, Paper]) -> Source:
    rows = [[paper.name, stem(paper.name)] for paper in papers.values()]
    origin = Origin(
        members=tuple(quote(paper.name) for paper in papers.values()),
        papers=dict(enumerate(papers.values(), 2)),
    )
    return made_source(upload, PAPER_HEADINGS, rows, origin)


def invoices_source(
    upload: Upload, documents: dict[str, Document], papers: dict[str, Paper], held: dict[str, Document]
) -> Source:
    known: dict[tuple[str, ...], str] = {}
    own_papers = {member: papers[member] for member in held}
    by_name: dict[str, str] = {}
    for member, document in documents.items():
        if (other := known.setdefault(document.key, member)) != member:
            raise FileProblem(f"{quote(other)} and {quote(member)} hold the same document: {document.title}. Keep one.")
        by_name |= {stem(member).casefold(): member, document.number.casefold(): member}
    for member, paper in papers.items():
        if member in held:
            continue
        of = by_name.get(stem(member).casefold())
        if of is None or of in own_papers:
            raise FileProblem(
                f"{quote(member)} holds no e-invoice, and none in {upload.name} has its name. Name it like its "
                "e-invoice, or upload PDFs alone in a ZIP of their own."
            )
        own_papers[of] = paper
    rows: list[tuple[str, ...]] = []
    members: list[str] = []
    by_row: dict[int, Paper] = {}
    for member, document in documents.items():
        if member in own_papers:
            by_row[len(rows) + 2] = own_papers[member]
        rows += document.rows
        members += [quote(member or upload.name)] * len(document.rows)
    origin = Origin(members=tuple(members), papers=by_row, states_balances=False)
    return made_source(upload, E_INVOICE_HEADINGS, rows, origin)


def made_source(upload: Upload, headings: tuple[str, ...], rows, origin: Origin) -> Source:
    path = upload.folder / "rows.csv"
    with path.open("w", encoding="utf-8", errors="replace", newline="") as file:
        csv.writer(file).writerows([headings, *rows])
    return read_made_csv(
        path.open("rb"), upload.name, origin, lambda cells: len(cells) if tuple(cells) == headings else 0
    )


def read_papers(path: Path, papers: dict[Owner, Paper]) -> Iterator[tuple[Owner, Paper, bytes]]:
    """Each PDF of the upload at `path`. Raises FileProblem if it isn't the one that was read before."""
    with path.open("rb") as file, ExitStack() as stack:
        is_archived = any(paper.member for paper in papers.values())
        archive = stack.enter_context(open_archive(file, path.name)) if is_archived else None
        for owner, paper in papers.items():
            try:
                content = (
                    read_member(archive, archive.getinfo(paper.member), own_files.MOST_BYTES, path.name)
                    if archive
                    else file.read()
                )
            except KeyError:
                content = b""
            if hashlib.sha256(content).hexdigest() != paper.sha256:
                raise FileProblem(f"{path.name} has changed since it was read. Import it again.")
            yield owner, paper, content
