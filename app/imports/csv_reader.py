"""Reading a CSV file as rows of text: detects encoding and separator, and numbers rows as a spreadsheet does."""

import codecs
import csv
import io
import os
import re
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from itertools import islice
from pathlib import Path
from typing import BinaryIO, NamedTuple

from app.imports.report import FileProblem, quote

CHUNK = 1 << 20
LONGEST_CELL = 100_000
LONGEST_LINE = 1_000_000
MAX_COLUMNS = 1_000
MAX_ROWS = 2_000_000
DELIMITERS = ",;\t"
HEADING_WITHIN = 20
CONTROLS = bytes(sorted(set(range(32)) - {9, 10, 13})) + b"\x7f"
UNREADABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffd]")
# Without the bytes that are quotes, dashes and spaces in Windows-1252, because an accented capital may precede those.
SOME_UTF8 = re.compile(
    rb"[\xc3-\xdf][\x80-\x84\x86-\x90\x95\x98-\x9f\xa1-\xaa\xac-\xba\xbc-\xbf](?![\x80-\xbf])"
    rb"|[\xe1-\xef][\x80-\xbf]{2}"
)
BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
NOT_CSV = {
    b"\x1f\x8b": "a gzip file",
    b"SQLite format 3": "a database",
    b"<!doctype": "a web page",
    b"<html": "a web page",
    b"<?xml": "XML",
    b"[{": "JSON",
    b'{"': "JSON",
}


PICTURES = (b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"II*\0", b"MM\0*", b"BM")
NO_PICTURE = "The file is a picture, which can't be imported. Upload the list itself: export it as CSV, .xlsx or .ods."


class Heading(NamedTuple):
    """The row that names a file's columns: the `delimiter`, the row's number and cells, and the rows above it."""

    delimiter: str
    row: int
    cells: list[str]
    above: list[str]


class PdfFile(NamedTuple):
    """A PDF. `member` is its name in a ZIP, "" if it is the upload itself."""

    name: str
    member: str
    sha256: str


@dataclass(frozen=True)
class Origin:
    """What a CSV file was generated from. `notes` say how it was read; `pdfs` are PDFs by the row of their document.

    `states_balances`: if a document says neither what is paid nor what is due, nothing of it is paid.
    """

    sheet: str = ""
    sheets: tuple[tuple[str, int], ...] = ()  # of a workbook: the name of each that isn't empty, and its rows
    members: tuple[str, ...] = ()  # the file that each row is from, from row 2 on
    notes: tuple[str, ...] = ()
    pdfs: dict[int, PdfFile] = field(default_factory=dict)
    states_balances: bool = True

    def place(self, row: int) -> str:
        """Where a row is in the upload."""
        if self.members:
            return self.members[min(max(row - 2, 0), len(self.members) - 1)]
        return f"Sheet {quote(self.sheet)}, row {row:,}" if self.sheet else f"Row {row:,}"


ITSELF = Origin()


HeadingCounter = Callable[[list[str]], int]  # how many fields a row of headings names


@dataclass(frozen=True)
class Corrections:
    """Corrections of a file's rows: they are in this `sheet` of a workbook, "" for the best match. `cells` are {row:
    {index of the cell: its text}}. Rows in `left_out` are read, because their whole document has to be left out."""

    sheet: str = ""
    cells: dict[int, dict[int, str]] = field(default_factory=dict)
    left_out: frozenset[int] = frozenset()


NO_CORRECTIONS = Corrections()


@dataclass
class Source:
    """An open CSV file. Cells may be replaced by `corrected`.

    `suspicious`: some cell may contain UNREADABLE characters, so every cell has to be checked. `size` and `position()`
    are bytes.
    """

    name: str
    encoding: str
    suspicious: bool
    size: int
    heading: Heading
    hidden: int
    text: io.TextIOWrapper
    file: BinaryIO
    origin: Origin = ITSELF
    corrected: Corrections = NO_CORRECTIONS

    @property
    def header(self) -> list[str]:
        return self.heading.cells

    def rows(self) -> Iterator[tuple[int, list[str]]]:
        """Blank rows are skipped, but counted."""
        self.text.seek(0)
        for number, cells in numbered_rows(
            csv.reader(lines(self.text), delimiter=self.heading.delimiter, strict=True), self.hidden
        ):
            if number > self.heading.row:
                for place, text in self.corrected.cells.get(number, {}).items():
                    cells += [""] * (place + 1 - len(cells))
                    cells[place] = text
                yield number, cells

    def position(self) -> int:
        return self.file.tell()


def read_csv(file: BinaryIO, name: str, count_names: HeadingCounter) -> Source:
    """The Source in `file`. `count_names` returns how many fields a row of headings names; there may be titles above
    it. Raises FileProblem if it is not a CSV file with headings."""
    csv.field_size_limit(LONGEST_CELL)
    encoding, suspicious = detect_encoding(file)
    file.seek(0)
    text = io.TextIOWrapper(file, encoding, errors="replace", newline="")
    first, delimiter, hidden = first_line(text)
    heading = find_heading(text, delimiter, "" if hidden else DELIMITERS, hidden, count_names)
    if not heading.cells:
        raise FileProblem(f"{name} has no header row: {first[:40]!r}")
    if len(heading.cells) > MAX_COLUMNS:
        raise FileProblem(f"The header has {len(heading.cells):,} cells; the maximum is {MAX_COLUMNS:,}.")
    return Source(name, encoding, suspicious, os.fstat(file.fileno()).st_size, heading, hidden, text, file)


def read_generated_csv(file: BinaryIO, name: str, origin: Origin, count_names: HeadingCounter) -> Source:
    """The Source in a CSV file that the portal generated, in UTF-8 with commas. It may have no rows."""
    csv.field_size_limit(LONGEST_CELL)
    _encoding, suspicious = utf8_or_windows(file, file.read(CHUNK), "utf-8")
    file.seek(0)
    text = io.TextIOWrapper(file, "utf-8", errors="replace", newline="")
    heading = find_heading(text, ",", "", 0, count_names)
    return Source(name, "utf-8", suspicious, os.fstat(file.fileno()).st_size, heading, 0, text, file, origin)


def find_heading(text: io.TextIOWrapper, delimiter: str, others: str, hidden: int, count_names) -> Heading:
    """The row that names the most fields among the first HEADING_WITHIN rows, with any delimiter. If no row names
    two fields, the first row that is about as long as the longest and contains no number."""
    best = None
    for candidate in delimiter + others.replace(delimiter, ""):
        text.seek(0)
        above: list[str] = []
        for number, cells in first_rows(text, candidate, hidden):
            count = count_names(cells)
            if best is None or count > max(best[0], 1):
                best = count, Heading(candidate, number, cells, above[:])
            above.append(next(filter(None, map(str.strip, cells)), ""))
    if best and best[0] > 1:
        return best[1]
    text.seek(0)
    rows = list(first_rows(text, delimiter, hidden))
    filled = [sum(map(bool, map(str.strip, cells))) for _number, cells in rows]
    for place, (number, cells) in enumerate(rows):
        if filled[place] * 2 > max(filled) and not any(cell.strip().isdigit() for cell in cells):
            return Heading(delimiter, number, cells, [next(filter(None, row), "") for _number, row in rows[:place]])
    text.seek(0)
    number, cells = next(numbered_rows(csv.reader(lines(text), delimiter=delimiter, strict=True), hidden), (0, []))
    return Heading(delimiter, number, cells, [])


def first_rows(text: io.TextIOWrapper, delimiter: str, hidden: int) -> Iterator[tuple[int, list[str]]]:
    # Errors are reported later, when all rows are read.
    try:
        yield from islice(
            numbered_rows(csv.reader(lines(text), delimiter=delimiter, strict=True), hidden), HEADING_WITHIN
        )
    except FileProblem:
        return


@contextmanager
def open_seekable(path: Path) -> Iterator[BinaryIO]:
    # A pipe can be read only once, so it is copied.
    with open(path, "rb") as file:
        if file.seekable():
            yield file
            return
        with tempfile.TemporaryFile(prefix="import-") as copy:
            shutil.copyfileobj(file, copy, CHUNK)
            copy.seek(0)
            yield copy


def lines(text: io.TextIOWrapper) -> Iterator[str]:
    # A longer line would have to be held in memory.
    for number, line in enumerate(iter(partial(text.readline, LONGEST_LINE + 1), ""), 1):
        if len(line) > LONGEST_LINE:
            raise FileProblem(
                f"Line {number:,} is longer than {LONGEST_LINE:,} characters. Is it a CSV file, with "
                "the ends of its lines?"
            )
        yield line


def detect_encoding(file: BinaryIO) -> tuple[str, bool]:
    """The encoding of the whole file, and True if it may contain characters that can't be read.

    Valid UTF-8 is UTF-8. Anything else is Windows-1252, unless other places are clearly UTF-8. Then the file is
    damaged, and the reader names the row.
    """
    start = file.read(CHUNK)
    if not start.strip():
        raise FileProblem("The file is empty.")
    is_webp = start[:4] == b"RIFF" and start[8:12] == b"WEBP"
    if is_webp or (start.startswith(PICTURES) and UNREADABLE.search(start[:40].decode("latin-1"))):
        raise FileProblem(NO_PICTURE)
    for magic, kind in NOT_CSV.items():
        if start.startswith(magic) or start[:40].lstrip(b"\xef\xbb\xbf \r\n").lower().startswith(magic):
            raise FileProblem(f"The file is {kind}, not CSV: open it and save it, or export it, as “CSV UTF-8”.")
    for bom, encoding in BOMS:
        if start.startswith(bom):
            return (encoding, True) if encoding == "utf-16" else utf8_or_windows(file, start, encoding)
    if start[1:40:2].count(0) > 5 or start[0:40:2].count(0) > 5:
        return ("utf-16-be" if start[0] == 0 else "utf-16-le"), True
    controls = len(start) - len(start.translate(None, CONTROLS))
    if controls > len(start) // 20:
        raise FileProblem("This is not a CSV file: it has bytes that no text has.")
    return utf8_or_windows(file, start, "utf-8")


def utf8_or_windows(file: BinaryIO, chunk: bytes, encoding: str) -> tuple[str, bool]:
    decoder = codecs.getincrementaldecoder("utf-8")()
    valid, mixed, suspicious = True, False, False
    while True:
        suspicious = suspicious or len(chunk.translate(None, CONTROLS)) != len(chunk)
        if valid:
            try:
                decoder.decode(chunk, final=not chunk)
            except UnicodeDecodeError:
                valid = False
        if not chunk.isascii():
            mixed = mixed or bool(SOME_UTF8.search(chunk))
        if not chunk:
            break
        chunk = file.read(CHUNK)
    if valid:
        return encoding, suspicious
    return ("utf-8", True) if mixed or encoding == "utf-8-sig" else ("cp1252", True)


def first_line(text: io.TextIOWrapper) -> tuple[str, str, int]:
    """The first line, the delimiter, and how many lines a spreadsheet hides ("sep=;" as Excel writes it)."""
    line = text.readline(LONGEST_CELL)
    if declared := re.fullmatch(r"\ufeff?sep=(.)\s*", line, re.IGNORECASE):
        return line, declared[1], 1
    outside_quotes = re.sub(r'"[^"]*"?', "", line)
    return line, max(DELIMITERS, key=outside_quotes.count), 0


def numbered_rows(reader, hidden: int, most: int = MAX_ROWS) -> Iterator[tuple[int, list[str]]]:
    number = -hidden
    try:
        for cells in reader:
            number += 1
            if number > most:
                raise FileProblem(f"The file has more than {most:,} rows. Split it into several.")
            if number > 0 and any(cells):
                yield number, cells
    except csv.Error as error:
        if "field larger" in str(error):
            why = f"a cell is longer than {LONGEST_CELL:,} characters: a quote is probably not closed"
        else:
            why = 'a cell has a quote (") that is not closed, or not doubled inside a quoted cell'
        raise FileProblem(f"Row {max(1, number + 1):,}: {why}. Nothing after it can be read.") from None


class Progress:
    """Is called while a file is read. This base class does nothing."""

    def row(self, row: int, source: Source) -> None: ...

    def checking(self, documents: int) -> None: ...


NO_PROGRESS = Progress()
