"""Makes PDF files from the Typst templates in templates/documents. Texts are passed as data, never as markup, and the
templates can't read files outside their folder."""

import json
import logging
from datetime import datetime
from pathlib import Path

import typst
from babel import Locale

from app.config import ROOT
from app.documents import fonts

logger = logging.getLogger(__name__)
FOLDER = ROOT / "templates" / "documents"
STANDARDS = ["a-3a", "ua-1"]
LETTER = frozenset(("US", "CA", "MX", "PH", "CL", "CO", "CR", "DO", "GT", "NI", "PA", "PR", "SV", "VE"))


def typeset(name: str, data: dict, *, locale: str, now: datetime, logo: bytes = b"") -> bytes:
    """A tagged PDF file (PDF/A-3a and PDF/UA-1) from the template `name`. `data` must have `title` and `author`. Its
    texts may contain any characters. A logo that Typst can't read is omitted."""
    shown = cleaned(data)
    text = json.dumps(shown, ensure_ascii=False)
    shown["fonts"] = fonts.families(text, locale)
    shown["paper"] = "us-letter" if Locale.parse(locale).territory in LETTER else "a4"
    try:
        return compiled(name, shown | {"logo": list(logo)}, now)
    except typst.TypstError as error:
        logger.warning("%s of %s is set again, more simply: %s", name, data["title"], error.message)
    try:
        return compiled(name, shown | {"logo": []}, now)
    except typst.TypstError as error:
        logger.error("%s of %s is set in plain letters: %s", name, data["title"], error.message)
    return compiled(name, replace_non_ascii(shown) | {"logo": []}, now)


def compiled(name: str, data: dict, now: datetime, folder: Path = FOLDER) -> bytes:
    return typst.compile(
        folder / f"{name}.typ",
        root=folder,
        font_paths=fonts.fonts(),
        format="pdf",
        sys_inputs={"data": json.dumps(data)},
        pdf_standards=STANDARDS,
        timestamp=now.replace(microsecond=0),
    )


def cleaned(value):
    """The same structure, with texts that the fonts can display."""
    if isinstance(value, str):
        return fonts.displayable(value)
    if isinstance(value, dict):
        return {key: cleaned(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [cleaned(part) for part in value]
    return value


def replace_non_ascii(value):
    if isinstance(value, str):
        return value.encode("ascii", "replace").decode()
    if isinstance(value, dict):
        return {key: replace_non_ascii(part) for key, part in value.items()}
    return [replace_non_ascii(part) for part in value] if isinstance(value, list) else value
