"""CSV files of lists, sent while they are read."""

from collections.abc import Iterable, Iterator
from datetime import date
from itertools import islice

from flask import current_app, stream_with_context

from app.csv_export import csv_row
from app.web.formatting import current_today

ROWS = 200  # in one piece


def csv_download(name: str, heading: tuple[str, ...], rows: Iterable[tuple]):
    """A response with a CSV file that Excel reads: `rows` are read while it is sent. None is an empty cell. The date is
    added to the file's `name`, which is ASCII."""
    response = current_app.response_class(
        stream_with_context(pieces(heading, iter(rows))), content_type="text/csv; charset=utf-8"
    )
    response.headers["Content-Disposition"] = f'attachment; filename="{name}-{current_today().isoformat()}.csv"'
    return response


def pieces(heading: tuple[str, ...], rows: Iterator[tuple]) -> Iterator[str]:
    yield "\ufeff" + csv_row(heading)
    while some := list(islice(rows, ROWS)):
        yield "".join(csv_row(["" if cell is None else plain(cell) for cell in row]) for row in some)


def plain(cell) -> str:
    return cell.isoformat() if isinstance(cell, date) else str(cell)
