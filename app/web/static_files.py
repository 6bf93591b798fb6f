"""Static files: addresses with a hash of their content, and gzip for browsers that accept it.

Pages are not compressed: they hold the CSRF token beside text from the request, which compression would let an
attacker guess (BREACH). A proxy before the portal should not compress them either.
"""

import gzip
import hashlib
from functools import lru_cache
from pathlib import Path

from flask import Flask, request
from markupsafe import Markup

from app.config import ROOT

COMPRESSIBLE = {"text/css", "text/javascript", "application/javascript", "image/svg+xml"}


def init_app(app: Flask) -> None:
    send = app.view_functions["static"]
    app.view_functions["static"] = lambda filename: compressed(send(filename=filename), filename)


def compressed(response, filename: str):
    if response.mimetype not in COMPRESSIBLE:
        return response
    response.vary.add("Accept-Encoding")
    if response.status_code != 200 or not request.accept_encodings.quality("gzip"):
        return response
    path = ROOT / "static" / filename
    etag, _is_weak = response.get_etag()
    response.direct_passthrough = False
    response.set_data(gzipped(path, path.stat().st_mtime_ns))
    response.content_encoding = "gzip"
    response.accept_ranges = None
    response.set_etag(f"{etag}-gzip")
    return response.make_conditional(request)


# Compressing the files of a pay page takes 48 ms of CPU; keeping the results takes 160 KB of memory.
@lru_cache(64)
def gzipped(path: Path, _changed_ns: int) -> bytes:
    return gzip.compress(path.read_bytes(), 9)


@lru_cache(256)
def asset(path: str) -> str:
    # With the hash of its content, browsers may keep it for ever.
    return f"/static/{path}?v={hashlib.sha256((ROOT / 'static' / path).read_bytes()).hexdigest()[:12]}"


def icon(name: str, cls: str = "") -> Markup:
    # Names and classes are the templates' own.
    kind = f"icon {cls}" if cls else "icon"
    used = f'<use href="{asset("icons.svg")}#{name}"/>'
    return Markup(f'<svg class="{kind}" aria-hidden="true" focusable="false">{used}</svg>')  # noqa: S704
