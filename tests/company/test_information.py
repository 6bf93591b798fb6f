"""Setup > Company > Company Information: the company, its logo, and the Customer Center Login."""

import re
import struct
from io import BytesIO

import pytest

from app.company.logo import LogoError, read_logo
from app.models import Audit, Company, CompanyLogo
from tests.conftest import csrf_of
from tests.people import PIXEL
from tests.support.pages import version_of

URL = "/setup/company/information"
FRAME = b"\xff\xc0\x00\x0b\x08\x00\x55\x00\x78\x01\x01\x11\x00"  # 120 by 85
JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF" + b"\0" * 10 + FRAME + b"\xff\xd9"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


def png(width: int, height: int) -> bytes:
    return PIXEL[:16] + struct.pack(">II", width, height) + PIXEL[24:]


@pytest.fixture
def send(ruth):
    def _send(**fields):
        page = ruth.get(URL).get_data(as_text=True)
        hidden = {"csrf_token": csrf_of(page), "version": version_of(page)}
        row = Company.current().__data__
        names = ("name", "address", "email", "phone", "time_zone", "locale", "statement_descriptor")
        return ruth.post(URL, data={**hidden, **{name: row[name] for name in names}, **fields})

    return _send


@pytest.fixture
def choose(ruth):
    """choose(content): what the page answers to this file as the logo."""

    def _choose(content, name="logo.png", **fields):
        token = csrf_of(ruth.get(URL).get_data(as_text=True))
        return ruth.post("/setup/company/logo", data={"csrf_token": token, "logo": (BytesIO(content), name), **fields})

    return _choose


def test_the_login_address_is_there_to_be_copied(ruth):
    page = ruth.get(URL).get_data(as_text=True)
    assert "Customer Center Login" in page and 'readonly value="http://localhost/login"' in page
    assert 'data-copy="login-url"' in page


def test_saved_information_is_on_every_page(send, ruth):
    typed = {"name": "Quince & Sons", "time_zone": "Europe/Berlin", "locale": "de-DE", "address": "1 Quay\r\nBath"}
    assert send(**typed).location == URL
    now = Company.current()
    kept = {"name": "Quince & Sons", "time_zone": "Europe/Berlin", "locale": "de_DE", "address": "1 Quay\nBath"}
    assert {name: getattr(now, name) for name in kept} == kept
    assert "Quince &amp; Sons" in ruth.get("/account").get_data(as_text=True)
    assert Audit.select().where(Audit.subject == "company:name").get().facts == {
        "was": "Harbor & Pine Supply",
        "to": "Quince & Sons",
    }


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("name", "x" * 201, "200 characters"),
        ("name", "a\nb", "one line"),
        ("email", "no-address", "correct format"),
        ("email", "a@b.example\nBcc: c@d.example", "correct format"),
        ("time_zone", "Mars/Olympus", "Choose a time zone"),
        ("locale", "xx_YY", "language and country"),
        ("locale", "", "language and country"),
        ("address", "a\x00b", "invisible"),
        ("phone", "\u202e1", "one line"),
    ],
)
def test_invalid_value_is_reported_and_not_saved(send, field, value, words):
    response = send(**{"statement_descriptor": "CHANGED", field: value})
    assert response.status_code == 422 and words in response.get_data(as_text=True)
    assert Company.current().statement_descriptor == "" and Audit.last("setting") is None


@pytest.mark.parametrize(("content", "media_type"), [(PIXEL, "image/png"), (JPEG, "image/jpeg")])
def test_a_logo_is_on_every_page_and_kept_by_browsers(choose, ruth, client, content, media_type):
    assert choose(content).location == URL
    url = re.search(r'src="(/logo/\w+)"', client.get("/login").get_data(as_text=True))[1]
    response = client.get(url)
    assert response.data == content and response.mimetype == media_type
    assert "immutable" in response.headers["Cache-Control"] and response.headers["X-Content-Type-Options"] == "nosniff"
    assert url in ruth.get("/account").get_data(as_text=True)
    assert Audit.last("setting").subject == "company:logo_hash"


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "Choose a picture"),
        (SVG, "not a whole PNG or JPEG"),
        (b"<html>", "not a whole"),
        (PIXEL[:-1], "not a whole"),
        (JPEG[:-2], "not a whole"),
        (b"\xff\xd8\xff\xd9", "not a whole"),
        (b"\x89PNG\r\n\x1a\n", "not a whole"),
        (b"GIF89a" + b"\0" * 20, "not a whole"),
        (png(2001, 10), "2,001 by 10"),
        (png(0, 5), "0 by 5"),
        (png(2**32 - 1, 2**32 - 1), "4,294,967,295"),
        (PIXEL[:-12] + b"x" * 205_000 + PIXEL[-12:], "200 KB"),
    ],
)
def test_invalid_logo_is_refused_with_a_reason(choose, content, words):
    response = choose(content, name="logo.png")
    assert response.status_code == 422 and words in response.get_data(as_text=True)
    assert Company.current().logo_hash == "" and CompanyLogo.current() is None


def test_a_file_far_too_large_is_refused_before_it_is_read(choose):
    assert choose(b"x" * 300_000).status_code == 413


def test_a_logo_is_taken_away(choose, client):
    choose(PIXEL)
    digest = Company.current().logo_hash
    assert choose(b"", remove="1").status_code == 303
    assert Company.current().logo_hash == "" and client.get(f"/logo/{digest}").status_code == 404


def test_a_jpeg_with_lengths_that_lie_is_no_picture():
    for lying in (b"\xff\xe0\xff\xff" + b"\0" * 50, b"\xff\xe0\x00\x00" * 9):
        content = b"\xff\xd8" + lying + b"\xff\xd9"
        with pytest.raises(LogoError):
            read_logo(content)


def test_language_and_country_are_chosen_by_name(ruth, cast):
    page = ruth.get("/setup/company/information").get_data(as_text=True)
    assert re.search('<option selected value="en_US">English .United States.</option>', page)
    assert '<option value="de_DE">German (Germany)</option>' in page
    record = ruth.get(f"/customers/{cast.cedar.public_id}").get_data(as_text=True)
    assert '<option selected value="">As the company</option>' in record
