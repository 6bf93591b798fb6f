"""What a browser's first visit weighs on the wire."""

import gzip
import re

import pytest

from app.web.static_files import asset

BRAINTREE = [f"/static/vendor/braintree-web-3.144.0/{name}.js" for name in ("client", "data-collector")]


def wire_bytes(client, path, extra=()) -> int:
    """The page and every file of ours that it names, as a browser asks for them the first time."""
    page = client.get(path)
    body = page.get_data(as_text=True)
    assert page.status_code == 200
    files = set(re.findall(r'(?:href|src)="(/static/[^"#]+)', body)) | set(extra)
    files |= {"/static/fonts/figtree-latin-wght-normal.woff2"}
    headers = {"Accept-Encoding": "gzip, deflate, br"}
    return len(page.data) + sum(len(client.get(file, headers=headers).data) for file in sorted(files))


def test_the_first_page_is_at_most_80_kb(log_in, world):
    assert wire_bytes(log_in(world.cast.alice), "/invoices") <= 80 * 1024


def test_the_pay_page_is_at_most_200_kb_with_the_genuine_scripts(log_in, world):
    assert wire_bytes(log_in(world.cast.alice), "/payments/new?all=USD", BRAINTREE) <= 200 * 1024


@pytest.mark.parametrize("name", ["css/app.css", "js/forms.js", "icons.svg", "vendor/htmx-4.0.1.min.js"])
def test_a_compressed_file_is_the_same_file(client, name):
    plain = client.get(asset(name))
    packed = client.get(asset(name), headers={"Accept-Encoding": "gzip"})
    assert packed.headers["Content-Encoding"] == "gzip" and "Content-Encoding" not in plain.headers
    assert gzip.decompress(packed.data) == plain.data
    assert len(packed.data) == int(packed.headers["Content-Length"]) < len(plain.data) / 2
    assert packed.headers["ETag"] != plain.headers["ETag"]
    assert "Accept-Encoding" in packed.vary and "Accept-Encoding" in plain.vary
    assert packed.headers["Cache-Control"] == plain.headers["Cache-Control"]


def test_an_unchanged_compressed_file_is_not_sent_again(client):
    etag = client.get("/static/css/app.css", headers={"Accept-Encoding": "gzip"}).headers["ETag"]
    again = client.get("/static/css/app.css", headers={"Accept-Encoding": "gzip", "If-None-Match": etag})
    assert again.status_code == 304 and not again.data


@pytest.mark.parametrize("accepted", ["", "identity", "gzip;q=0, br", "br"])
def test_a_client_that_does_not_accept_gzip_gets_the_plain_file(client, accepted):
    response = client.get("/static/css/app.css", headers={"Accept-Encoding": accepted})
    assert "Content-Encoding" not in response.headers


def test_part_of_a_file_is_not_compressed(client):
    response = client.get("/static/css/app.css", headers={"Accept-Encoding": "gzip", "Range": "bytes=0-9"})
    assert response.status_code == 206 and len(response.data) == 10 and "Content-Encoding" not in response.headers


@pytest.mark.parametrize("path", ["/login", "/static/fonts/figtree-latin-wght-normal.woff2", "/static/nothing.css"])
def test_pages_fonts_and_errors_are_sent_as_they_are(client, path):
    assert "Content-Encoding" not in client.get(path, headers={"Accept-Encoding": "gzip"}).headers
