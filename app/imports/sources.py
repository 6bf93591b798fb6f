"""Opens uploads as rows: CSV, spreadsheets, e-invoices or PDFs. They are recognized by their content alone."""

import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from app.imports.archives import megabytes, open_archive, read_member
from app.imports.csv_reader import (
    NO_CORRECTIONS,
    Corrections,
    HeadingCounter,
    Origin,
    Source,
    open_seekable,
    read_csv,
    read_generated_csv,
)
from app.imports.document_files import E_INVOICE_ROOTS, PDF, ZIP, File, archived_documents, documents_source, root_of
from app.imports.einvoices import LONGEST_XML
from app.imports.extraction import Upload, extracted
from app.imports.report import FileProblem, listed, quote

LARGEST_FILE = 1 << 30
OLE = b"\xd0\xcf\x11\xe0"
LISTS = "It must be a list, with a row for each: CSV, .xlsx or .ods."


@contextmanager
def open_source(
    path: Path, count_names: HeadingCounter, *, with_documents: bool = False, corrected: Corrections = NO_CORRECTIONS
) -> Iterator[Source]:
    """The Source at `path`. `count_names` returns how many fields a row of headings names; there may be titles above
    it. E-invoices and PDFs are accepted only `with_documents`. Raises FileProblem if it can't be read."""
    with open_seekable(path) as file, tempfile.TemporaryDirectory(prefix="import-") as folder:
        if (size := file.seek(0, 2)) > LARGEST_FILE:
            raise FileProblem(
                f"The file is {megabytes(size)}; the maximum is {megabytes(LARGEST_FILE)}. Split it into several."
            )
        file.seek(0)
        upload = Upload(file, path.name, Path(folder), count_names)
        start = file.read(4_096)
        file.seek(0)
        if start.startswith(ZIP):
            source = archive_source(upload, with_documents, corrected.sheet)
        elif start.startswith(OLE):
            raise old_workbook(file)
        elif start.startswith(PDF):
            source = document_source(upload, with_documents, "a PDF")
        elif (root := root_of(start)) is not None:
            source = xml_source(upload, with_documents, root)
        else:
            source = read_csv(file, path.name, count_names)
        source.corrected = corrected
        with source.file:
            yield source


def old_workbook(file: BinaryIO) -> FileProblem:
    secret, before = "EncryptedPackage".encode("utf-16-le"), b""
    while chunk := file.read(1 << 20):
        if secret in before + chunk:
            return FileProblem("The workbook is protected by a password. Save it without one.")
        before = chunk[-len(secret) :]
    return FileProblem("The file is an old Excel workbook (.xls). Open it, and save it as .xlsx or as “CSV UTF-8”.")


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


def archive_source(upload: Upload, with_documents: bool, sheet: str) -> Source:
    with open_archive(upload.file, upload.name) as archive:
        names = set(archive.namelist())
        if "xl/workbook.xml" in names:
            if any(name.startswith("xl/externalLinks/") for name in names):
                raise FileProblem(
                    "The workbook takes values from other files (external links), which may be old. In Excel choose "
                    "Data, Edit Links, Break Link, and save it."
                )
            return spreadsheet_source(upload, "xlsx", sheet)
        if "mimetype" in names and b"opendocument.spreadsheet" in read_member(
            archive, archive.getinfo("mimetype"), 1_000, upload.name
        ):
            refuse_encrypted_ods(archive, upload.name)
            return spreadsheet_source(upload, "ods", sheet)
        for part, kind in OTHER_FORMATS.items():
            if part in names:
                raise FileProblem(f"The file is {kind}. {LISTS}")
        if not with_documents:
            raise FileProblem(f"The file is a ZIP. {LISTS}")
        return documents_source(upload, archived_documents(archive, upload))


def document_source(upload: Upload, with_documents: bool, kind: str) -> Source:
    if not with_documents:
        raise FileProblem(f"The file is {kind}. {LISTS}")
    return documents_source(upload, iter([File(upload.name, "", upload.file.read(LONGEST_XML + 1))]))


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


def spreadsheet_source(upload: Upload, ending: str, wanted: str) -> Source:
    result = extracted("sheets", upload, ending)
    sheets = result["sheets"]
    if not sheets:
        raise FileProblem(
            "The workbook has no sheet that can be read. Make the one with the rows visible, and save it."
        )
    fitting = [names_in(upload.folder / sheet["file"], upload) for sheet in sheets]
    best = sheets[fitting.index(max(fitting))] if max(fitting) >= 2 else sheets[0]
    chosen = next((sheet for sheet in sheets if sheet["name"] == wanted), best)
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
    filled = tuple((sheet["name"], sheet["rows"]) for sheet in sheets if sheet["rows"])
    origin = Origin(sheet=name, sheets=filled, notes=tuple(notes))
    return read_generated_csv(path.open("rb"), upload.name, origin, upload.count_names)


def names_in(path: Path, upload: Upload) -> int:
    with path.open("rb") as file:
        return upload.count_names(read_generated_csv(file, upload.name, Origin(), upload.count_names).header)
