"""Streams lists as CSV files."""

import zlib
from collections.abc import Iterable, Iterator
from datetime import date
from itertools import islice
from unicodedata import normalize
from urllib.parse import quote

from flask import Response, current_app, request, stream_with_context

from app.csv_export import csv_row
from app.web.formatting import current_today

ROWS_PER_CHUNK = 200


def csv_download(name: str, heading: tuple[str, ...], rows: Iterable[tuple]):
    """A response that streams `rows` as a CSV file that Excel can open. None is an empty cell. Today's date is added to
    the file's `name`."""
    text = csv_chunks(heading, iter(rows))
    is_gzipped = bool(request.accept_encodings.quality("gzip"))
    response = current_app.response_class(
        stream_with_context(gzipped(text) if is_gzipped else text), content_type="text/csv; charset=utf-8"
    )
    if is_gzipped:  # safe from BREACH: the file has no token and nothing from the request
        response.content_encoding = "gzip"
    return as_attachment(response, f"{name}-{current_today().isoformat()}.csv")


def as_attachment(response: Response, name: str) -> Response:
    """The response as a download. A name that is not ASCII is added as RFC 6266 says, beside its ASCII form."""
    letters = normalize("NFKD", name).encode("ascii", "ignore").decode()
    plain_name = "".join(letter for letter in letters if letter.isprintable() and letter not in '"\\').strip() or "file"
    more = "" if plain_name == name else f"; filename*=UTF-8''{quote(name, safe='')}"
    response.headers["Content-Disposition"] = f'attachment; filename="{plain_name}"{more}'
    return response


def csv_chunks(heading: tuple[str, ...], rows: Iterator[tuple]) -> Iterator[str]:
    yield "\ufeff" + csv_row(heading)
    while some := list(islice(rows, ROWS_PER_CHUNK)):
        yield "".join(csv_row(["" if cell is None else plain(cell) for cell in row]) for row in some)


def gzipped(text: Iterator[str]) -> Iterator[bytes]:
    compressor = zlib.compressobj(1, wbits=31)
    yield from filter(None, (compressor.compress(piece.encode()) for piece in text))
    yield compressor.flush()


def plain(cell) -> str:
    return cell.isoformat() if isinstance(cell, date) else str(cell)
