"""Serves static files. They are read once, so that an upgrade doesn't change them under a running server. Their URLs
contain a hash of their content. bin/compress.py compresses them beforehand.

Pages are not compressed: they contain secrets, such as the CSRF token, beside text from the request, so the compressed
size would let an attacker guess the secrets (BREACH). A proxy must not compress pages either.
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
ENCODINGS = {"br": ".br", "gzip": ".gz"}  # the better one first


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
    response.cache_control.no_cache = True  # set_headers replaces it if the URL has the hash
    if file.encoded:
        response.vary.add("Accept-Encoding")
    if coding:
        response.content_encoding = coding
    return response.make_conditional(request, accept_ranges=not coding, complete_length=len(body))


@cache
def asset(path: str) -> str:
    # The URL contains a hash of the content, so browsers may cache it forever.
    return f"/static/{path}?v={all_files()[path].digest[:12]}"


def icon(name: str, cls: str = "") -> Markup:
    # Not escaped: names and classes come from templates, never from users.
    kind = f"icon {cls}" if cls else "icon"
    used = f'<use href="{asset("icons.svg")}#{name}"/>'
    return Markup(f'<svg class="{kind}" aria-hidden="true" focusable="false">{used}</svg>')  # noqa: S704
