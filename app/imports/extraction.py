"""Running extractor.py with limits on memory, time and output."""

import json
import resource
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO, NamedTuple

from app.imports import extractor
from app.imports.csv_reader import HeadingCounter
from app.imports.report import FileProblem

MAX_MEMORY = 768 << 20
MAX_SECONDS = 300
MAX_OUTPUT = 1 << 30


class Upload(NamedTuple):
    """`folder` is empty, and is deleted with the upload."""

    file: BinaryIO
    name: str
    folder: Path
    count_names: HeadingCounter


def extracted(kind: str, upload: Upload, ending: str) -> dict:
    """The result of extractor.py for the upload. It runs as a separate process, see there."""
    upload.file.seek(0)
    source = upload.folder / f"upload.{ending}"
    with source.open("wb") as copy:
        while chunk := upload.file.read(1 << 20):
            copy.write(chunk)
    command = [sys.executable, "-I", extractor.__file__, kind, str(source), str(upload.folder)]
    try:
        ended = subprocess.run(  # noqa: S603
            command, env={}, capture_output=True, timeout=2 * MAX_SECONDS, preexec_fn=bound_process, check=False
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
        (resource.RLIMIT_AS, MAX_MEMORY),
        (resource.RLIMIT_CPU, MAX_SECONDS),
        (resource.RLIMIT_FSIZE, MAX_OUTPUT),
        (resource.RLIMIT_CORE, 0),
    ):
        with suppress(ValueError, OSError):  # not every system has each of them
            resource.setrlimit(what, (most, most))
