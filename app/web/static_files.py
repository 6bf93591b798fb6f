"""Static files: read once, so that an upgrade under a running server doesn't change them; at addresses with a hash of
their content; compressed for browsers that accept it, by bin/compress.py beforehand.

Pages are not compressed: they hold the CSRF token and what people owe beside text from the request, and the size of the
compressed answer would let an attacker guess one by the other (BREACH). A proxy must not compress them either.
"""

import hashlib
import sys
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

from flask import Flask, abort, current_app, request
from markupsafe import Markup

from app.config import ROOT

TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml", ".woff2": "font/woff2"}
COMPRESSED = Path(sys.prefix, "static")
COMPRESSIBLE = (".css", ".js", ".svg")
ENCODINGS = {"br": ".br", "gzip": ".gz"}  # the better first


@dataclass(frozen=True)
class StaticFile:
    body: bytes
    mimetype: str

    @cached_property
    def digest(self) -> str:
        return hashlib.sha256(self.body).hexdigest()

    @cached_property
    def encoded(self) -> dict[str, bytes]:
        """{content coding: body}"""
        paths = {coding: COMPRESSED / f"{self.digest}{ending}" for coding, ending in ENCODINGS.items()}
        return {coding: path.read_bytes() for coding, path in paths.items() if path.exists()}


@cache
def all_files() -> dict[str, StaticFile]:
    static = ROOT / "static"
    return {
        str(path.relative_to(static)): StaticFile(path.read_bytes(), TYPES.get(path.suffix, "text/plain"))
        for path in static.rglob("*")
        if path.is_file()
    }


def init_app(app: Flask) -> None:
    app.view_functions["static"] = send


def send(filename: str):
    file = all_files().get(filename) or abort(404)
    accepted = request.accept_encodings
    coding = next((c for c in file.encoded if accepted.quality(c) and "Range" not in request.headers), None)
    body = file.encoded[coding] if coding else file.body
    response = current_app.response_class(body, mimetype=file.mimetype)
    response.set_etag(file.digest[:24] + (f"-{coding}" if coding else ""))
    response.cache_control.no_cache = True  # until it is asked for by its hash
    if file.encoded:
        response.vary.add("Accept-Encoding")
    if coding:
        response.content_encoding = coding
    return response.make_conditional(request, accept_ranges=not coding, complete_length=len(body))


@cache
def asset(path: str) -> str:
    # With the hash of its content, browsers may keep it for ever.
    return f"/static/{path}?v={all_files()[path].digest[:12]}"


def icon(name: str, cls: str = "") -> Markup:
    # Names and classes are the templates' own.
    kind = f"icon {cls}" if cls else "icon"
    used = f'<use href="{asset("icons.svg")}#{name}"/>'
    return Markup(f'<svg class="{kind}" aria-hidden="true" focusable="false">{used}</svg>')  # noqa: S704
