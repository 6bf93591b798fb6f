"""Columns that were chosen for an earlier file, to use them again for one with the same headings."""

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from app.imports.choices import REASON, Choices
from app.imports.mapping import NO_MAPPING
from app.imports.survey import COLUMNS, Survey, survey
from app.models import ColumnMapping

MAX_SHEETS_TRIED = 3  # each reads the workbook again


def asks_for_sheet(seen: Survey, choices: Choices) -> bool:
    return len(seen.sheets) > 1 and not choices.sheet


def survey_of(path: Path, kind: str, choices: Choices) -> Survey:
    """Survey the file: the chosen sheet, or one for which columns were saved. Otherwise the sheet that fits best,
    and the administrator is asked which one. `kind` was chosen by a person, or is ""."""
    seen = survey(path, kind, choices.mapped(), choices.sheet)
    kinds = (kind,) if kind else tuple(COLUMNS)
    names = [name for name, _rows in seen.sheets] if asks_for_sheet(seen, choices) else []
    for sheet in saved_sheets(kinds, names)[:MAX_SHEETS_TRIED]:
        other = survey(path, kind, NO_MAPPING, sheet)
        saved = saved_mapping(kinds, (column.heading for column in other.columns), sheet)
        if saved and saved.sheet:
            choices.choose_sheet(sheet)
            return other
    return replace(seen, kind=kind, columns=[]) if names else seen


def use_saved_mapping(seen: Survey, choices: Choices) -> None:
    kinds = (seen.kind,) if seen.kind else tuple(COLUMNS)
    headings = [column.heading for column in seen.columns]
    saved = saved_mapping(kinds, headings, seen.sheet) if not choices.columns and headings else None
    if saved:
        seen.kind = saved.kind
        choices.columns, choices.mapping = saved.fields, saved.name


def saved_sheets(kinds: Iterable[str], sheets: Iterable[str]) -> list[str]:
    """Those `sheets` for which columns were saved."""
    saved = {each.sheet for kind in kinds for each in ColumnMapping.of_kind(kind)}
    return [sheet for sheet in sheets if sheet in saved]


def saved_mapping(kinds: Iterable[str], headings: Iterable[str], sheet: str) -> ColumnMapping | None:
    """The mapping that was used last for a file of one of these kinds with exactly these headings, among those for
    this `sheet` and those for no particular one."""
    there = {heading for heading in headings if heading not in ("", REASON)}
    fitting = [
        saved
        for kind in kinds
        for saved in ColumnMapping.of_kind(kind)
        if set(saved.fields) == there and saved.sheet in ("", sheet)
    ]
    return max(fitting, key=lambda saved: (saved.used_ms, saved.id), default=None)
