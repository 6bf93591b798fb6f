"""A separate program that reads files with third-party code: spreadsheets (Rust), and files inside PDFs.

    extractor.py sheets|pdfs FILE FOLDER

`extraction.py` starts it with limits on memory, time and output, so that a hostile file can only end this process. It
writes FOLDER/result.json; {"problem": …} says why the file can't be read.
"""

import csv
import datetime
import io
import json
import re
import sys
import zipfile
from contextlib import suppress
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from xml.parsers import expat

MAX_ROWS = 250_000
MAX_CELLS = 3_000_000  # of long texts they take some 400 MB
MAX_COLUMNS = 1_000
MAX_SHEETS = 50
CHUNK = 1 << 20
LONGEST_ROW = 16 << 20
LONGEST_PART = 8 << 20
NO_RESULT = "#NO RESULT"
# Cells for which calamine returns no value, or that display fewer decimals than they have.
CELL = re.compile(
    rb"<(?:\w+:)?c\b(?P<attributes>[^>]*[^>/])>(?P<formula><(?:\w+:)?f\b[^>]*(?:/>|>[^<]*</(?:\w+:)?f>))?\s*"
    rb"(?:(?P<empty></(?:\w+:)?c>|<(?:\w+:)?v\s*/>|<(?:\w+:)?v></)|<(?:\w+:)?v[^>]*>(?P<value>[^<]*)<)"
)
ODD = re.compile(rb't="e"|<(?:\w+:)?f\b|>-?\d+\.\d{3}')
REFERENCE = re.compile(rb'\br="([A-Z]{1,3})(\d{1,7})"')
STYLE = re.compile(rb'\bs="(\d{1,6})"')
LONG_DECIMALS = re.compile(rb"-?\d+\.\d{3,}")
ODS_ERROR = re.compile(rb"<text:p>(#(?:REF!|N/A|VALUE!|NAME\?|DIV/0!|NUM!|NULL!)|Err:\d{3})</text:p>")
ODS_TABLE = re.compile(rb'<table:table\b[^>]*\btable:name="([^"]*)"')
BUILT_IN_DECIMALS = {
    1: 0,
    2: 2,
    3: 0,
    4: 2,
    5: 0,
    6: 0,
    7: 2,
    8: 2,
    37: 0,
    38: 0,
    39: 2,
    40: 2,
    41: 0,
    42: 0,
    43: 2,
    44: 2,
}
E_INVOICES = ("factur-x.xml", "zugferd-invoice.xml", "xrechnung.xml", "order-x.xml")


class Refused(Exception):
    """The text says why, and what to do."""


def sheets(path: Path, folder: Path) -> dict:
    """Write each visible sheet as a CSV file, with rows and columns at the same positions as in the spreadsheet."""
    from python_calamine import CalamineError, CalamineWorkbook, PasswordError, SheetTypeEnum, SheetVisibleEnum

    try:
        workbook = CalamineWorkbook.from_path(str(path))
        all_sheets = workbook.sheets_metadata
        is_ods = "mimetype" in zipfile.ZipFile(path).namelist()
        odd_cells = {} if is_ods else odd_cells_of(path)
        if is_ods:
            refuse_errors_of_ods(path)
        kept = [s for s in all_sheets if s.visible == SheetVisibleEnum.Visible and s.typ == SheetTypeEnum.WorkSheet]
        found, cells = [], 0
        for number, sheet in enumerate(kept[:MAX_SHEETS]):
            target = folder / f"{number}.csv"
            odd = odd_cells.get(sheet.name, {})
            size, rows = write_sheet(workbook.get_sheet_by_name(sheet.name), odd, target, cells)
            cells += size
            rounded = sum(1 for row in odd.values() for what in row.values() if isinstance(what, int))
            found.append({"name": sheet.name, "file": target.name, "rounded": rounded, "rows": rows})
    except PasswordError:
        raise Refused("is protected by a password. Save it without one.") from None
    except (CalamineError, expat.ExpatError, zipfile.BadZipFile) as error:
        if "Cell limit" in str(error):
            raise Refused(
                f"has more than {MAX_CELLS:,} cells. Delete empty rows and columns, or save it as CSV."
            ) from None
        raise Refused("is damaged or incomplete. Save it again, and upload all of it.") from None
    hidden = [s.name for s in all_sheets if s.visible != SheetVisibleEnum.Visible]
    return {"sheets": found, "hidden": hidden[:MAX_SHEETS]}


def write_sheet(sheet, odd: dict, target: Path, before: int) -> tuple[int, int]:
    """(number of cells, number of rows with a value)"""
    if sheet.start is None:
        target.touch()
        return 0, 0
    height, width, left = sheet.end[0] + 1, sheet.end[1] + 1, sheet.start[1]
    if height > MAX_ROWS:
        raise Refused(
            f"has {height:,} rows in the sheet “{sheet.name[:40]}”; the maximum is {MAX_ROWS:,}. Save it as CSV."
        )
    if width > MAX_COLUMNS or height * width + before > MAX_CELLS:
        raise Refused(
            f"has {height:,} rows and {width:,} columns in the sheet “{sheet.name[:40]}”; the maximum is "
            f"{MAX_COLUMNS:,} columns and {MAX_CELLS:,} cells. Delete empty rows and columns, or save it as CSV."
        )
    filled = 0
    with target.open("w", encoding="utf-8", errors="replace", newline="") as file:
        writer = csv.writer(file)
        for row, values in enumerate(sheet.iter_rows()):
            cells = [""] * left + [text_of(value) for value in values]
            for column, what in odd.get(row, {}).items():
                if column < len(cells):
                    cells[column] = as_displayed(cells[column], what)
            filled += any(cells)
            writer.writerow(cells if any(cells) else [])
    return height * width, filled


def text_of(value) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, int | float):
        return number_text(value)
    if isinstance(value, datetime.datetime) and value.time() == datetime.time():
        value = value.date()
    return str(value)


def number_text(value: float | Decimal) -> str:
    """A number that can be read in only one way: never with exactly three decimals, which may be thousands. A number
    that the spreadsheet displays like 1.2E+15 has lost digits, and is written like that."""
    if abs(float(value)) >= 1e15:
        return f"{float(value):.14E}"
    text = f"{Decimal(f'{value:.15g}'):f}"
    whole, _, fraction = text.partition(".")
    fraction = fraction.rstrip("0")
    if not fraction:
        return "0" if whole == "-0" else whole
    return f"{whole}.{fraction}{'0' if len(fraction) == 3 else ''}"


def as_displayed(text: str, what: str | int) -> str:
    """An error, or the number with as many decimals as the cell displays."""
    if isinstance(what, str):
        return text or what
    with suppress(ArithmeticError):
        return number_text(Decimal(text).quantize(Decimal(1).scaleb(-what), ROUND_HALF_UP))
    return text


def odd_cells_of(path: Path) -> dict[str, dict[int, dict[int, str | int]]]:
    """By sheet, row and column (from 0): a cell's error, that its formula has no result, or its number of decimals."""
    found: dict[str, dict[int, dict[int, str | int]]] = {}
    with zipfile.ZipFile(path) as archive:
        places = sheet_places(archive)
        decimals = decimals_of_styles(archive)
        for name, place in places.items():
            if place in archive.namelist():
                for row, column, what in odd_cells(archive, place, decimals):
                    found.setdefault(name, {}).setdefault(row, {})[column] = what
    return found


def odd_cells(archive: zipfile.ZipFile, place: str, decimals: list[int | None]):
    for text in rows_of_text(archive, place):
        for cell in CELL.finditer(text) if ODD.search(text) else ():
            attributes, value = cell["attributes"], cell["value"]
            if b't="e"' in attributes:
                what: str | int | None = (value or b"#VALUE!").decode("utf-8", "replace")[:20]
            elif cell["empty"] and cell["formula"] and b't="str"' not in attributes:
                what = NO_RESULT
            elif value and LONG_DECIMALS.match(value) and (style := STYLE.search(attributes)):
                number = int(style[1])
                what = decimals[number] if number < len(decimals) else None
            else:
                continue
            if what is not None and (reference := REFERENCE.search(attributes)):
                yield int(reference[2]) - 1, column_index(reference[1]), what


def rows_of_text(archive: zipfile.ZipFile, place: str):
    # Whole rows: a chunk may end anywhere.
    rest = b""
    with archive.open(place) as file:
        while chunk := file.read(CHUNK):
            rest += chunk
            end = rest.rfind(b"row>")
            if end < 0 and len(rest) > LONGEST_ROW:
                raise Refused("has a row that is too long. Save it as CSV.")
            if end >= 0:
                yield rest[: end + 4]
                rest = rest[end + 4 :]
    yield rest


def column_index(letters: bytes) -> int:
    index = 0
    for letter in letters:
        index = index * 26 + letter - 64
    return index - 1


def sheet_places(archive: zipfile.ZipFile) -> dict[str, str]:
    targets: dict[str, str] = {}
    places: dict[str, str] = {}

    def relation(name: str, attributes: dict[str, str]) -> None:
        if name.rpartition(":")[2] == "Relationship":
            target = attributes.get("Target", "")
            targets[attributes.get("Id", "")] = target.lstrip("/") if target.startswith("/") else f"xl/{target}"

    def sheet(name: str, attributes: dict[str, str]) -> None:
        if name.rpartition(":")[2] == "sheet":
            id_ = next((value for key, value in attributes.items() if key.rpartition(":")[2] == "id"), "")
            places[attributes.get("name", "")] = targets.get(id_, "")

    parse(archive, "xl/_rels/workbook.xml.rels", relation)
    parse(archive, "xl/workbook.xml", sheet)
    return places


def decimals_of_styles(archive: zipfile.ZipFile) -> list[int | None]:
    """Number of decimals of each style; None if it shows all of them, or percent."""
    formats: dict[int, str] = {}
    found: list[int | None] = []
    inside: list[str] = []

    def start(name: str, attributes: dict[str, str]) -> None:
        name = name.rpartition(":")[2]
        if name == "numFmt":
            formats[int(attributes.get("numFmtId", "0"))] = attributes.get("formatCode", "")
        elif name == "xf" and inside[-1:] == ["cellXfs"]:
            number = int(attributes.get("numFmtId", "0"))
            found.append(decimals_of(formats[number]) if number in formats else BUILT_IN_DECIMALS.get(number))
        inside.append(name)

    if "xl/styles.xml" in archive.namelist():
        parse(archive, "xl/styles.xml", start, lambda _name: inside.pop())
    return found


def decimals_of(code: str) -> int | None:
    section = re.sub(r'"[^"]*"|\\.|\[[^\]]*\]|_.|\*.', "", code.partition(";")[0])
    if re.search(r"[%EeyYmMdDhHsS?/]|General", section) or not re.search("[0#]", section):
        return None
    return len(re.sub("[^0#]", "", section.partition(".")[2]))


def parse(archive: zipfile.ZipFile, name: str, start, end=None) -> None:
    if archive.getinfo(name).file_size > LONGEST_PART:
        raise Refused("has too many sheets or styles. Save it as CSV.")
    parser = expat.ParserCreate()

    def refuse(*_arguments) -> None:
        raise Refused("has an XML entity in it, which a spreadsheet program doesn't write. Save it again.")

    parser.StartDoctypeDeclHandler = refuse
    parser.StartElementHandler = start
    if end:
        parser.EndElementHandler = end
    parser.Parse(archive.read(name), True)


def refuse_errors_of_ods(path: Path) -> None:
    # Rows and columns may be repeated, so finding the cell's position would need another parser.
    sheet, rest = b"", b""
    with zipfile.ZipFile(path) as archive, archive.open("content.xml") as file:
        while chunk := file.read(CHUNK):
            text = rest + chunk
            if error := ODS_ERROR.search(text):
                text = text[: error.start()]
            sheet = (ODS_TABLE.findall(text) or [sheet])[-1]
            if error:
                name = sheet.decode("utf-8", "replace")[:40]
                raise Refused(f"has a cell with the error {error[1].decode()} in the sheet “{name}”. Correct it there.")
            rest = text[-2_000:]


def pdfs(path: Path, folder: Path) -> dict:
    """Extract e-invoices from PDFs. FILE is a PDF, or a ZIP of PDFs. `attached` maps members to files in FOLDER."""
    from pypdf import PdfReader

    found, broken = {}, []
    for number, (name, file) in enumerate(pdf_files(path)):
        content = b""
        try:
            for attached, contents in PdfReader(file).attachments.items():
                if Path(attached).name.lower() in E_INVOICES and contents:
                    content = contents[0]
        except Exception:  # of a library, about any byte of any file
            broken.append(name)
        if content:
            found[name] = f"{number}.xml"
            (folder / found[name]).write_bytes(content)
    return {"attached": found, "broken": broken}


def pdf_files(path: Path):
    with path.open("rb") as start:
        is_archive = start.read(4).startswith(b"PK")
    if not is_archive:
        with path.open("rb") as file:
            yield "", file
        return
    with zipfile.ZipFile(path) as archive:
        for member in archive.infolist():
            if member.filename.lower().endswith(".pdf"):
                yield member.filename, io.BytesIO(archive.read(member))


def main(kind: str, path: str, folder: str) -> None:
    try:
        result = {"sheets": sheets, "pdfs": pdfs}[kind](Path(path), Path(folder))
    except Refused as error:
        result = {"problem": str(error)}
    (Path(folder) / "result.json").write_text(json.dumps(result), encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
