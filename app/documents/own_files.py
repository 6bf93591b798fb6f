"""The company's own PDF files of documents, which replace the generated ones."""

import re

from app.files import safe_name
from app.models import DocumentFile, Invoice
from app.models.audit import Actor

MAX_BYTES = 5 * 1024 * 1024
START, END = b"%PDF-", b"%%EOF"
TABLE = re.compile(rb"startxref\s+(\d{1,10})\s+%%EOF\s*\0*$")
IS_TABLE = re.compile(rb"\s*(?:xref\b|\d+\s+\d+\s+obj\b)")
NO_FILE = "Choose a PDF file"
NOT_A_PDF = "The file is not a PDF. Save it as a PDF and choose it again"
NOT_WHOLE = "The PDF is incomplete: its end is missing or damaged. Save it again and choose it again"
DEFAULT_NAME = "document.pdf"


class FileError(ValueError):
    """The file can't be used. The message says what to do."""


def attach(invoice: Invoice, name: str, content: bytes, actor: Actor) -> bool:
    """Save `content` as the PDF of `invoice`, replacing the previous one. False if it is the same. Raises FileError if
    it is not a complete PDF. One transaction."""
    check_pdf(content)
    return DocumentFile.attach(invoice, stored_name(name), content, actor)


def check_pdf(content: bytes) -> None:
    """Checks for a header, an end, and a cross-reference table at the stated position. Parses nothing else. Raises
    FileError."""
    if not content:
        raise FileError(NO_FILE)
    if len(content) > MAX_BYTES:
        raise FileError(f"The file has more than {MAX_BYTES // 1024**2} MB. Choose a smaller one")
    if not content.startswith(START):
        raise FileError(NOT_A_PDF)
    end = TABLE.search(content[-1024:])
    if end is None or not IS_TABLE.match(content[int(end[1]) : int(end[1]) + 40]):
        raise FileError(NOT_WHOLE)


def stored_name(name: str) -> str:
    return safe_name(name, DEFAULT_NAME)
