"""Every field and URL parameter of every route with what people and attackers type: never a 500,
and nothing that was sent comes back as markup."""

import io
import json
import logging
import re
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.conftest import csrf_of
from tests.routes import HTMX, ROUTES

ROOT = Path(__file__).resolve().parent.parent
SCRIPT = "<script>alert(1)</script>"
NASTY = (
    "", " ", "\0", "a\0b", "\ud800", "a\r\nSet-Cookie: x=1", "\u202eevil", "x" * 10_000, "é" * 3_000, "🧾",
    SCRIPT, "\"'><img src=x onerror=alert(1)>", "{{7*7}}", "{% raw %}", "${7*7}", "%s%n", "%", "%00", "%ZZ",
    "' OR 1=1 --", "'; DROP TABLE invoice; --", "\\", "../../../etc/passwd", "//evil.example", "/\\evil.example",
    "javascript:alert(1)", "=1+1", "0", "-0", "-1", "1", "٣", "１００", "1_000", "1E-9", "1e400", "0.005", "1.",
    "9223372036854775807", "9223372036854775808", "-9223372036854775809", "9" * 5_000, "0x10", "NaN", "sNaN",
    "Infinity", "null", "true", "[]", "{}", "2026-02-30", "0000-00-00", "9999-12-31", "10000-01-01", "USD", "usd",
    "ZZZ", "~", "~~~~", "2026-11-30~1~invoice", "2026-11-30~x~9223372036854775808~invoice",
    "USD~999999999999999~x~invoice", "PAY-", "PAY-2222222222", ":", "a:1", "a:" + "9" * 400, "[1:", "a@b",
    "a@b.c\nBcc: d@e.f", "İ" * 50, "a" * 63 + "@" + "b" * 250 + ".example",
)  # fmt: skip
ASK = [(route, name) for route in ROUTES for name in route.fields]
RAW = (SCRIPT, "<img src=x", "{{49}}", ">49<")


def targets(response) -> list[str]:
    return [response.headers[name] for name in ("Location", "HX-Redirect") if name in response.headers]


def leads_away(target: str) -> bool:
    """A browser reads a backslash as a slash, and drops line breaks."""
    place = urlsplit(re.sub(r"[\s]", "", target).replace("\\", "/"))
    return place.netloc not in ("", "localhost") or place.scheme not in ("", "http")


def shown(value: str) -> str:
    return repr(value[:24])


@pytest.fixture
def broken(caplog):
    """broken(response) says what is wrong with an answer, or nothing."""
    caplog.set_level(logging.ERROR)

    def _broken(response):
        text = response.get_data(as_text=True)
        if response.status_code >= 500 or caplog.records:
            caplog.clear()
            return f"status {response.status_code}"
        if response.mimetype == "text/html" and any(raw in text for raw in RAW):
            return "markup came back"
        return "to another site" if any(map(leads_away, targets(response))) else None

    return _broken


@pytest.fixture
def post(world, log_in, clock):
    """post(route, fields={name: value}) sends its request as Alice, with the token of her forms."""
    alice = {}

    def enter():
        clock.advance(minutes=31)  # wrong passwords have locked her account by now
        alice["client"] = log_in(world.cast.alice)
        alice["token"] = csrf_of(alice["client"].get("/account").get_data(as_text=True))

    def _post(route, fields=None, **changes):
        if route.changes_session or not alice:
            enter()
        request = route.request(world, route.kinds[0])
        place = "data" if route.method == "POST" else "query_string"
        token = {"csrf_token": alice["token"]} if route.method == "POST" else {}
        request[place] = {**token, **(request[place] or {}), **(fields or {})}
        return alice["client"].open(**{**request, **changes})

    return _post


def sendable(value):
    """As a browser's bytes: the test client would refuse to encode a lone surrogate itself."""
    return value.encode("utf-8", "surrogatepass") if isinstance(value, str) else value


@pytest.mark.parametrize(("route", "name"), ASK, ids=lambda part: str(part))
def test_no_value_of_a_field_breaks_its_route(post, broken, route, name):
    wrong = {}
    for number, value in enumerate(NASTY):
        headers = HTMX if number % 2 else {}
        if problem := broken(post(route, fields={name: sendable(value)}, headers=headers)):
            wrong[shown(value)] = problem
    assert wrong == {}


@pytest.mark.parametrize(("route", "name"), ASK, ids=lambda part: str(part))
def test_a_field_twice_or_a_thousand_times_or_not_at_all(post, broken, route, name):
    for values in (["1", "2"], [SCRIPT, "x" * 200], [str(n) for n in range(1000)], []):
        assert broken(post(route, fields={name: values})) is None


@pytest.mark.parametrize("rule", ["/invoices/{}", "/payments/{}", "/reset/{}", "/welcome/{}", "/outbox/{}",
                                  "/outbox/{}/html", "/static/{}", "/{}", "/demo-gateway/{}"])  # fmt: skip
def test_no_part_of_a_path_breaks_its_route(world, log_in, broken, rule):
    client, wrong = log_in(world.cast.alice), {}
    for value in NASTY:
        quoted = "".join(f"%{byte:02X}" for byte in sendable(value))
        if problem := broken(client.get(rule.format(quoted))):
            wrong[shown(value)] = problem
    assert wrong == {}


HEADERS = ("Cookie", "HX-Request", "HX-Request-Type", "HX-Target", "Referer", "User-Agent", "Accept-Language",
           "X-Forwarded-For", "X-Forwarded-Host", "Content-Type", "Range", "If-Modified-Since", "Host")  # fmt: skip


@pytest.mark.parametrize("name", HEADERS)
def test_no_header_breaks_a_page(world, client, broken, name):
    wrong = {}
    for value in NASTY:
        raw = re.sub(r"[\r\n\0]", " ", value).encode("utf-8", "surrogatepass").decode("latin-1")
        for path in ("/login", "/invoices"):
            if problem := broken(client.get(path, headers={name: raw})):
                wrong[shown(value)] = problem
    assert wrong == {}


@pytest.mark.parametrize("cookie", ["portal", "theme", "remember_token"])
def test_no_cookie_breaks_a_page(world, client, broken, cookie):
    wrong = {}
    for value in NASTY:
        raw = re.sub(r'[\r\n\0;,"]', " ", value).encode("utf-8", "surrogatepass").decode("latin-1")
        if problem := broken(client.get("/login", headers={"Cookie": f"{cookie}={raw}"})):
            wrong[shown(value)] = problem
    assert wrong == {}


def test_another_host_is_refused(client, broken):
    for host in ("evil.example", "localhost.evil.example", "localhost:80@evil.example", "a" * 300, "[::1"):
        response = client.get("/login", headers={"Host": host})
        assert broken(response) is None and response.status_code == 400


POSTS = [route for route in ROUTES if route.method == "POST"]
BODIES = (
    (b"", "application/x-www-form-urlencoded"),
    (b"\xff\xfe=\xed\xa0\x80&csrf_token=%ff", "application/x-www-form-urlencoded"),
    (b"a=1;b=2&&&=&=x", "application/x-www-form-urlencoded; charset=utf-7"),
    (json.dumps({"email": [1], "password": {}}).encode(), "application/json"),
    (b"[" * 20_000, "application/json"),
    (b"--x\r\nContent-Disposition: form-data; name=\"email\"\r\n\r\nno end", "multipart/form-data; boundary=x"),
    (b"--x--", "multipart/form-data"),
    (b"<!DOCTYPE a [<!ENTITY b SYSTEM 'file:///etc/passwd'>]><a>&b;</a>", "text/xml"),
    (b"&".join(b"f%d=1" % n for n in range(5_000)), "application/x-www-form-urlencoded"),
    (b"email=" + b"x" * 300_000, "application/x-www-form-urlencoded"),
)  # fmt: skip


@pytest.mark.parametrize("route", POSTS, ids=str)
def test_no_body_breaks_a_route(post, broken, route):
    for body, kind in BODIES:
        response = post(route, data=body, content_type=kind)
        assert broken(response) is None and 400 <= response.status_code < 500, (body[:40], response)


def test_every_field_that_the_code_reads_is_tried():
    """Names in args.get("…"), form.getlist("…") and the like have to be in tests/routes.py."""
    read = set()
    for path in (ROOT / "app").rglob("*.py"):
        if "demo_gateway" not in path.parts:
            pattern = r'\b(?:args|form|values)\.(?:get|getlist)\(\s*"(\w+)"'
            read |= set(re.findall(pattern, path.read_text()))
    named = {name for route in ROUTES for name in route.fields}
    assert len(read) > 8 and read - named == set()


def test_every_field_of_every_form_is_tried(world, log_in):
    named, found = {name for route in ROUTES for name in route.fields} | {"csrf_token"}, set()
    for client in (log_in(world.cast.alice), log_in(world.cast.ruth)):
        for route in (r for r in ROUTES if r.method == "GET" and r.is_page):
            page = client.open(**route.request(world, route.kinds[0])).get_data(as_text=True)
            found |= set(re.findall(r'<(?:input|select|textarea|button)[^>]*? name="([\w.-]+)"', page))
    assert len(found) > 8 and found - named == set()


@pytest.mark.parametrize("route", [route for route in POSTS if route.fields], ids=str)
def test_a_file_where_text_belongs_breaks_no_route(world, client, log_in, broken, route):
    """A file part has no text. Without it the field is missing; the other fields are sent as they belong."""
    person = {"staff": world.cast.ruth, "public": None}.get(route.rule, world.cast.alice)
    client = log_in(person) if person else client
    for name in route.fields:
        client = log_in(person) if person and route.changes_session else client
        page = client.get("/account" if person else "/forgot").get_data(as_text=True)
        request = route.request(world, route.kinds[0])
        request["data"] = {"csrf_token": csrf_of(page), **(request["data"] or {}), name: (io.BytesIO(b"x"), "x.txt")}
        assert broken(client.open(**request, content_type="multipart/form-data")) is None, name
