"""CSV files of lists, sent while they are read."""

import zlib
from collections.abc import Iterable, Iterator
from datetime import date
from itertools import islice
from unicodedata import normalize
from urllib.parse import quote

from flask import Response, current_app, request, stream_with_context

from app.csv_export import csv_row
from app.web.formatting import current_today

ROWS = 200  # in one piece


def csv_download(name: str, heading: tuple[str, ...], rows: Iterable[tuple]):
    """A response with a CSV file that Excel reads: `rows` are read while it is sent. None is an empty cell. The date is
    added to the file's `name`."""
    text = pieces(heading, iter(rows))
    is_packed = bool(request.accept_encodings.quality("gzip"))
    response = current_app.response_class(
        stream_with_context(gzipped(text) if is_packed else text), content_type="text/csv; charset=utf-8"
    )
    if is_packed:  # the file holds no token and nothing of the request, whose secret its size could give away
        response.content_encoding = "gzip"
    return attached(response, f"{name}-{current_today().isoformat()}.csv")


def attached(response: Response, name: str) -> Response:
    """The response as a file to save. A name that isn't ASCII is written as RFC 6266 says, beside one that is."""
    letters = normalize("NFKD", name).encode("ascii", "ignore").decode()
    plain_name = "".join(letter for letter in letters if letter.isprintable() and letter not in '"\\').strip() or "file"
    more = "" if plain_name == name else f"; filename*=UTF-8''{quote(name, safe='')}"
    response.headers["Content-Disposition"] = f'attachment; filename="{plain_name}"{more}'
    return response


def pieces(heading: tuple[str, ...], rows: Iterator[tuple]) -> Iterator[str]:
    yield "\ufeff" + csv_row(heading)
    while some := list(islice(rows, ROWS)):
        yield "".join(csv_row(["" if cell is None else plain(cell) for cell in row]) for row in some)


def gzipped(text: Iterator[str]) -> Iterator[bytes]:
    packer = zlib.compressobj(1, wbits=31)
    yield from filter(None, (packer.compress(piece.encode()) for piece in text))
    yield packer.flush()


def plain(cell) -> str:
    return cell.isoformat() if isinstance(cell, date) else str(cell)
