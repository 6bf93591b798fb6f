"""A first look at an upload: its kind, and each column with sample values and our guess of its field."""

import re
from collections.abc import Iterable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from difflib import get_close_matches
from itertools import islice, takewhile
from pathlib import Path

from app.imports import systems
from app.imports.csv_reader import NO_CORRECTIONS, Corrections, Source
from app.imports.customer_columns import CUSTOMER_COLUMNS
from app.imports.document_files import PDF_HEADINGS
from app.imports.document_systems import DOCUMENTS
from app.imports.invoice_columns import INVOICE_COLUMNS, XERO_COLUMNS
from app.imports.mapping import Column, Mapping, heading_counter, key
from app.imports.payment_columns import PAYMENT_COLUMNS
from app.imports.secret_columns import secret_places
from app.imports.sources import open_source
from app.imports.table import Table

CUSTOMERS, INVOICES, PAYMENTS = "customers", "invoices", "payments"
COLUMNS: dict[str, tuple[Column, ...]] = {
    CUSTOMERS: CUSTOMER_COLUMNS,
    INVOICES: INVOICE_COLUMNS,
    PAYMENTS: PAYMENT_COLUMNS,
}
COUNTERS = {
    CUSTOMERS: heading_counter(CUSTOMER_COLUMNS, also=systems.headings(systems.CUSTOMERS)),
    INVOICES: heading_counter(INVOICE_COLUMNS, XERO_COLUMNS, also=systems.headings(DOCUMENTS)),
    PAYMENTS: heading_counter(PAYMENT_COLUMNS),
}
ABBREVIATIONS = {
    "cust": "customer",
    "inv": "invoice",
    "doc": "document",
    "amt": "total",
    "no": "number",
    "num": "number",
    "#": "number",
    "qty": "quantity",
    "dt": "date",
    "curr": "currency",
}
ROWS, SAMPLES, LONGEST_SAMPLE, MAX_SHOWN = 50, 3, 60, 100
LONGEST_ROW, KEPT = 5_000, 500
ALIKE, REQUIRED_ALIKE = 0.8, 0.7


@dataclass
class FileColumn:
    heading: str
    samples: list[str] = field(default_factory=list)
    guess: str = ""  # one of our fields
    is_secret: bool = False


@dataclass
class Survey:
    """`kind` is "" if the headings don't tell. If it `is_fixed`, its columns can't be chosen. `sheet` was surveyed,
    of the `sheets` of a workbook: see Origin."""

    kind: str
    columns: list[FileColumn]
    is_fixed: bool
    sheet: str = ""
    sheets: tuple[tuple[str, int], ...] = ()


def survey(path: Path, kind: str, mapping: Mapping, sheet: str = "") -> Survey:
    """Look at the first rows of the file. `kind`, `mapping` and `sheet` were chosen by a person; `kind` may be "".
    Raises FileProblem if the file can't be read."""
    with opened(path, kind, mapping.headings, Corrections(sheet)) as source:
        origin = source.origin
        header = source.header
        columns = [FileColumn(heading.strip()) for heading in header[:MAX_SHOWN]]
        for _number, cells in islice(source.rows(), ROWS):
            for column, cell in zip(columns, cells, strict=False):
                text = " ".join(cell.split())[: LONGEST_SAMPLE + 1]
                if text and len(column.samples) < SAMPLES and text not in column.samples:
                    column.samples.append(text if len(text) <= LONGEST_SAMPLE else f"{text[:LONGEST_SAMPLE]}…")
    has_pdfs = tuple(header) == PDF_HEADINGS
    kind = kind or (INVOICES if has_pdfs else kind_of(header))
    is_xero = kind == INVOICES and "contactname" in map(key, header)
    if kind:
        guess_fields(columns, COLUMNS[kind])
    said = {key(heading): name for name, headings in mapping.fields.items() for heading in headings}
    hide_secrets(columns, {place: said.get(key(one.heading), one.guess) for place, one in enumerate(columns)})
    return Survey(kind, columns, is_xero or has_pdfs, origin.sheet, origin.sheets)


def opened(
    path: Path, kind: str, headings: tuple[str, ...], corrected: Corrections = NO_CORRECTIONS
) -> AbstractContextManager[Source]:
    said = set(map(key, headings))

    def count(cells: list[str]) -> int:
        there = len({key(cell) for cell in cells[:1_000]} & said)
        return there + max(counter(cells) for counter in ([COUNTERS[kind]] if kind else COUNTERS.values()))

    return open_source(path, count, with_documents=kind in ("", INVOICES), corrected=corrected)


def cells_of(
    path: Path, kind: str, headings: tuple[str, ...], corrected: Corrections, rows: set[int], secret: set[int]
) -> dict[int, list[str]]:
    """The cells of these rows, with corrections, and without those at the `secret` indexes; none if the file is no
    table. In very long rows, long cells are cut, and marked as cut."""
    with opened(path, kind, headings, corrected) as source:
        if source.origin.members or not rows:
            return {}
        last = max(rows)
        found = {
            number: cells for number, cells in takewhile(lambda row: row[0] <= last, source.rows()) if number in rows
        }
    for cells in found.values():
        cells[:] = ["" if place in secret else cell for place, cell in enumerate(cells)]
    return {
        number: list(map(cut, cells)) if sum(map(len, cells)) > LONGEST_ROW else cells
        for number, cells in found.items()
    }


def cut(cell: str) -> str:
    return cell if len(cell) <= KEPT else f"{cell[:KEPT]}… [cut: the file has {len(cell):,} characters here]"


def kind_of(header: list[str]) -> str:
    """The kind that most of the headings belong to; "" if fewer than two are known, or if two kinds have as many.
    Payments have the headings of invoices too, and one more."""
    counts = {kind: counter(header) for kind, counter in COUNTERS.items()}
    best = max(counts.values())
    if counts[PAYMENTS] == best > max(counts[CUSTOMERS], counts[INVOICES]) and best > 1:
        return PAYMENTS
    if max(counts[CUSTOMERS], counts[INVOICES]) < 2 or counts[CUSTOMERS] == counts[INVOICES]:
        return ""
    return CUSTOMERS if counts[CUSTOMERS] > counts[INVOICES] else INVOICES


def guess_fields(columns: list[FileColumn], ours: tuple[Column, ...]) -> None:
    exact = {key(name): one.field for one in reversed(ours) for name in (*one.aliases, one.title)}
    taken: set[str] = set()
    for column in columns:
        guess = exact.get(key(column.heading)) or exact.get(without_abbreviations(column.heading), "")
        if guess not in taken:
            column.guess = guess
            taken |= {guess} - {""}
    required = {column.field for column in ours if column.required}
    for wanted, least in ((required, REQUIRED_ALIKE), ({column.field for column in ours}, ALIKE)):
        for column in (each for each in columns if not each.guess):
            free = [name for name, field in exact.items() if field in wanted - taken]
            if near := get_close_matches(key(column.heading)[:40], free, 1, least):
                column.guess = exact[near[0]]
                taken.add(column.guess)


def without_abbreviations(heading: str) -> str:
    """The key of a heading with abbreviations written out."""
    words = re.findall(r"[^\W_]+|#", heading[:255].casefold())
    return key("".join(ABBREVIATIONS.get(word, word) for word in words))


def take_fields(columns: list[FileColumn], table: Table) -> None:
    """Set the field that each column was read as."""
    field_at = {index: name for name, indexes in table.found.items() for index in indexes}
    for index, column in enumerate(columns):
        column.guess = field_at.get(index, "")
    hide_secrets(columns, field_at)


def forget_guesses(columns: list[FileColumn], headings: Iterable[str]) -> None:
    """For columns that a person is asked about."""
    for column in columns:
        if column.heading in headings:
            column.guess = ""


def hide_secrets(columns: list[FileColumn], field_at: dict[int, str]) -> None:
    """If a file has a column of passwords, show no samples: a password may have been typed into another column."""
    secret = secret_places([column.heading for column in columns], CUSTOMER_COLUMNS, places_of(field_at))
    for place, column in enumerate(columns):
        column.is_secret = place in secret
        column.samples = [] if secret else column.samples


def places_of(field_at: dict[int, str]) -> dict[str, tuple[int, ...]]:
    found: dict[str, tuple[int, ...]] = {}
    for place, name in field_at.items():
        found[name] = (*found.get(name, ()), place)
    return found
