"""What a browser's first visit weighs on the wire."""

import gzip
import os
import re
import subprocess
import sys

import brotli
import pytest

from app.config import ROOT
from app.web.security import IMMUTABLE
from app.web.static_files import StaticFile, all_files, asset

BRAINTREE = [f"/static/vendor/braintree-web-3.144.0/{name}.js" for name in ("client", "data-collector")]


@pytest.fixture(autouse=True, scope="module")
def compressed_files():
    """As bin/environment leaves them."""
    subprocess.run([sys.executable, ROOT / "bin/compress.py"], check=True)
    all_files.cache_clear()


def wire_bytes(client, path, coding, extra=()) -> int:
    """The page and every file of ours that it names, as a browser asks for them the first time."""
    page = client.get(path)
    body = page.get_data(as_text=True)
    assert page.status_code == 200
    files = set(re.findall(r'(?:href|src)="(/static/[^"#]+)', body)) | set(extra)
    files |= {"/static/fonts/figtree-latin-wght-normal.woff2"}
    headers = {"Accept-Encoding": coding}
    return len(page.data) + sum(len(client.get(file, headers=headers).data) for file in sorted(files))


@pytest.mark.parametrize("coding", ["gzip", "br"])
def test_the_first_page_is_at_most_80_kb(log_in, world, coding):
    assert wire_bytes(log_in(world.cast.alice), "/invoices", coding) <= 80 * 1024


@pytest.mark.parametrize("coding", ["gzip", "br"])
def test_the_pay_page_is_at_most_200_kb_with_the_genuine_scripts(log_in, world, coding):
    assert wire_bytes(log_in(world.cast.alice), "/payments/new?all=USD", coding, BRAINTREE) <= 200 * 1024


@pytest.mark.parametrize("name", ["css/app.css", "js/forms.js", "icons.svg", "vendor/htmx-4.0.1.min.js"])
@pytest.mark.parametrize(("coding", "unpack"), [("br", brotli.decompress), ("gzip", gzip.decompress)])
def test_a_compressed_file_is_the_same_file(client, name, coding, unpack):
    plain = client.get(asset(name))
    packed = client.get(asset(name), headers={"Accept-Encoding": coding})
    assert packed.headers["Content-Encoding"] == coding and "Content-Encoding" not in plain.headers
    assert unpack(packed.data) == plain.data
    assert len(packed.data) == int(packed.headers["Content-Length"]) < len(plain.data) / 2
    assert packed.headers["ETag"] != plain.headers["ETag"]
    assert "Accept-Encoding" in packed.vary and "Accept-Encoding" in plain.vary
    assert packed.headers["Cache-Control"] == plain.headers["Cache-Control"] == IMMUTABLE


@pytest.mark.parametrize("coding", ["br", "gzip"])
def test_an_unchanged_compressed_file_is_not_sent_again(client, coding):
    headers = {"Accept-Encoding": coding}
    etag = client.get("/static/css/app.css", headers=headers).headers["ETag"]
    again = client.get("/static/css/app.css", headers={**headers, "If-None-Match": etag})
    assert again.status_code == 304 and not again.data and "Accept-Encoding" in again.vary
    other = client.get("/static/css/app.css", headers={"If-None-Match": etag})
    assert other.status_code == 200 and other.data


@pytest.mark.parametrize(
    ("accepted", "coding"),
    [
        ("", None),
        ("identity", None),
        ("br;q=0", None),
        ("gzip;q=0, br", "br"),
        ("gzip, br", "br"),
        ("deflate, gzip", "gzip"),
    ],
)
def test_a_client_gets_the_smallest_coding_that_it_accepts(client, accepted, coding):
    response = client.get("/static/css/app.css", headers={"Accept-Encoding": accepted})
    assert response.headers.get("Content-Encoding") == coding


def test_part_of_a_file_is_not_compressed(client):
    response = client.get("/static/css/app.css", headers={"Accept-Encoding": "gzip", "Range": "bytes=0-9"})
    assert response.status_code == 206 and len(response.data) == 10 and "Content-Encoding" not in response.headers


def test_every_static_file_has_the_type_that_browsers_need(client):
    types = {client.get(f"/static/{name}").mimetype for name in all_files() if not name.endswith(("LICENSE", "SUMS"))}
    assert types == {"text/css", "text/javascript", "image/svg+xml", "font/woff2", "text/plain"}  # README.md


def test_a_file_that_was_not_compressed_is_sent_as_it_is():
    file = StaticFile(b"body{}", "text/css")
    assert file.encoded == {}


@pytest.mark.parametrize("path", ["/login", "/static/fonts/figtree-latin-wght-normal.woff2", "/static/nothing.css"])
def test_pages_fonts_and_errors_are_sent_as_they_are(client, path):
    assert "Content-Encoding" not in client.get(path, headers={"Accept-Encoding": "gzip, br"}).headers


def test_files_are_those_of_the_start(client):
    all_files()
    later = ROOT / f"static/later-{os.getpid()}.txt"
    later.write_text("from an upgrade")
    try:
        assert client.get(f"/static/{later.name}").status_code == 404
    finally:
        later.unlink()


def test_a_csv_file_is_compressed_on_its_way(log_in, world):
    client = log_in(world.cast.alice)
    plain = client.get("/invoices/export.csv")
    packed = client.get("/invoices/export.csv", headers={"Accept-Encoding": "gzip"})
    assert packed.headers["Content-Encoding"] == "gzip" and "Content-Encoding" not in plain.headers
    assert plain.status_code == 200 and gzip.decompress(packed.data) == plain.data
