"""Every field and URL parameter of every route with what people and attackers type: never a 500,
and nothing that was sent comes back as markup."""

import io
import json
import logging
import re
import sys
import unicodedata
from collections import Counter
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from waitress.adjustments import Adjustments

from app.models import Link
from app.server import MAX_BODY, parser_of
from app.web.forms import Form
from app.web.limits import LONGEST, MAX_VALUES, BoundedFields, longest
from tests.conftest import csrf_of
from tests.routes import HTMX, PUBLIC, ROUTES, STAFF
from tests.sampling import sample

ROOT = Path(__file__).resolve().parent.parent
SCRIPT = "<script>alert(1)</script>"
NASTY = (
    "",
    " ",
    "\0",
    "a\0b",
    "\ud800",
    "a\r\nSet-Cookie: x=1",
    "\u202eevil",
    "x" * 10_000,
    "é" * 3_000,
    "🧾",
    SCRIPT,
    "\"'><img src=x onerror=alert(1)>",
    "{{7*7}}",
    "{% raw %}",
    "${7*7}",
    "%s%n",
    "%",
    "%00",
    "%ZZ",
    "' OR 1=1 --",
    "'; DROP TABLE invoice; --",
    "\\",
    "../../../etc/passwd",
    "//evil.example",
    "/\\evil.example",
    "javascript:alert(1)",
    "=1+1",
    "0",
    "-0",
    "-1",
    "1",
    "٣",
    "１００",
    "1_000",
    "1E-9",
    "1e400",
    "0.005",
    "1.",
    "9223372036854775807",
    "9223372036854775808",
    "-9223372036854775809",
    "9" * 5_000,
    "0x10",
    "NaN",
    "sNaN",
    "Infinity",
    "null",
    "true",
    "[]",
    "{}",
    "2026-02-30",
    "0000-00-00",
    "9999-12-31",
    "10000-01-01",
    "USD",
    "usd",
    "ZZZ",
    "~",
    "~~~~",
    "2026-11-30~1~invoice",
    "2026-11-30~x~9223372036854775808~invoice",
    "USD~999999999999999~x~invoice",
    "PAY-",
    "PAY-2222222222",
    ":",
    "a:1",
    "a:" + "9" * 400,
    "[1:",
    "a@b",
    "a@b.c\nBcc: d@e.f",
    "İ" * 50,
    "a" * 63 + "@" + "b" * 250 + ".example",
)
PER_FIELD, FIELDS_PER_ROUTE, PER_PLACE, BODIES_PER_ROUTE = 3, 1, 12, 2
A_FEW = NASTY[::3]  # for what isn't typed, and only has to match
LONG = ("a" + "\u0301\u0323" * 5_000, "kq7-" * 250, "9" * 20_000)
WITH_FIELDS = [route for route in ROUTES if route.fields]
SOME = len(WITH_FIELDS) // 4
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
        text = response.get_data(as_text=True) if response.mimetype == "text/html" else ""
        is_answer = (response.status_code, response.request.path) == (503, "/readyz")  # no worker runs beside the test
        if (response.status_code >= 500 and not is_answer) or caplog.records:
            caplog.clear()
            return f"status {response.status_code}"
        if any(raw in text for raw in RAW):
            return "markup came back"
        return "to another site" if any(map(leads_away, targets(response))) else None

    return _broken


@pytest.fixture
def post(app, world, log_in, clock):
    """post(route, fields={name: value}) sends its request as the person the route is for, with the token of their
    forms: Alice, Ruth for the administrator's routes, and a stranger, who may hold a link, for the public ones."""
    current = {}

    def enter(route):
        clock.advance(minutes=31)  # wrong passwords have locked the account by now
        if route.rule == PUBLIC:
            client, page = app.test_client(), "/login"
            open_link(app, world.cast.alice, client, route, clock())
        else:
            client, page = log_in(world.cast.ruth if route.rule == STAFF else world.cast.alice), "/account"
        current.update(client=client, token=csrf_of(client.get(page).get_data(as_text=True)))

    def _post(route, fields=None, **changes):
        if route.changes_session or not current:
            enter(route)
        request = route.request(world, route.kinds[0])
        place = "data" if route.method == "POST" else "query_string"
        token = {"csrf_token": current["token"]} if route.method == "POST" else {}
        request[place] = {**token, **(request[place] or {}), **(fields or {})}
        return current["client"].open(**{**request, **changes})

    return _post


def open_link(app, user, client, route, now):
    """For the pages on which a password is set: a link that leads to them."""
    purposes = {"accounts.reset": Link.RESET, "accounts.welcome": Link.SETUP}
    if purpose := purposes.get(route.endpoint):
        with app.extensions["database"].connection_context():
            token = Link.issue(user, purpose, now, timedelta(hours=1))
        client.get(f"/{route.endpoint.removeprefix('auth.')}/{token}")


def sendable(value):
    """As a browser's bytes: the test client would refuse to encode a lone surrogate itself."""
    return value.encode("utf-8", "surrogatepass") if isinstance(value, str) else value


@pytest.mark.parametrize("route", WITH_FIELDS, ids=str)
def test_no_value_of_a_field_breaks_its_route(post, broken, route):
    wrong = {}
    for name in route.fields:
        values = NASTY if LONGEST[name] > 20 else A_FEW
        for number, value in enumerate(sample(values, PER_FIELD, (route, name))):
            headers = HTMX if number % 2 else {}
            if problem := broken(post(route, fields={name: sendable(value)}, headers=headers)):
                wrong[name, shown(value)] = problem
    assert wrong == {}


@pytest.fixture
def work(app, monkeypatch):
    """Counts what the portal does, not how long it takes: function calls, and characters that are normalized, which
    is quadratic."""
    done, serve, normalize = Counter(), app.wsgi_app, unicodedata.normalize

    def counted(form, text):
        done["normalized"] += len(text)
        return normalize(form, text)

    def profile(_frame, event, _argument):
        if event in ("call", "c_call"):
            done["calls"] += 1

    def measured(*arguments):
        done.clear()
        sys.setprofile(profile)
        try:
            return serve(*arguments)
        finally:
            sys.setprofile(None)

    monkeypatch.setattr(unicodedata, "normalize", counted)
    app.wsgi_app = measured
    return done


@pytest.mark.parametrize("route", sample(WITH_FIELDS, SOME, "long"), ids=str)
def test_a_long_value_costs_no_more_than_reading_it(post, broken, work, route):
    for name in sample(route.fields, FIELDS_PER_ROUTE, (route, "long")):
        usual = 0
        # The last two are refused: where a value is needed, and for its length.
        for value in ("x", "kV7#pQz!2m", "", "x" * min(longest(name) + 1, 1001)):
            post(route, fields={name: value})
            usual = max(usual, work["calls"])
        for value in LONG:
            assert broken(post(route, fields={name: sendable(value)})) is None, name
            most = 2 * usual + 12 * len(sendable(value))
            assert work["normalized"] <= 2000 and work["calls"] <= most, (name, value[:4], work)


@pytest.mark.parametrize("route", sample(WITH_FIELDS, SOME, "repeated"), ids=str)
def test_a_field_twice_or_a_thousand_times_or_not_at_all(post, broken, route):
    for name in sample(route.fields, FIELDS_PER_ROUTE, (route, "repeated")):
        for values in (["1", "2"], [SCRIPT, "x" * 200], [str(n) for n in range(1000)], []):
            assert broken(post(route, fields={name: values})) is None, name


@pytest.mark.parametrize(
    "rule",
    [
        "/invoices/{}",
        "/payments/{}",
        "/reset/{}",
        "/welcome/{}",
        "/outbox/{}",
        "/outbox/{}/html",
        "/static/{}",
        "/{}",
        "/demo-gateway/{}",
    ],
)
def test_no_part_of_a_path_breaks_its_route(world, log_in, broken, rule):
    client, wrong = log_in(world.cast.alice), {}
    for value in sample(NASTY, PER_PLACE, rule):
        quoted = "".join(f"%{byte:02X}" for byte in sendable(value))
        if problem := broken(client.get(rule.format(quoted))):
            wrong[shown(value)] = problem
    assert wrong == {}


HEADERS = (
    "Cookie",
    "HX-Request",
    "HX-Request-Type",
    "HX-Target",
    "Referer",
    "User-Agent",
    "Accept-Language",
    "X-Forwarded-For",
    "X-Forwarded-Host",
    "Content-Type",
    "Range",
    "If-Modified-Since",
    "Host",
)


@pytest.mark.parametrize("name", HEADERS)
def test_no_header_breaks_a_page(world, client, broken, name):
    wrong = {}
    for value in sample(NASTY, PER_PLACE, name):
        raw = re.sub(r"[\r\n\0]", " ", value).encode("utf-8", "surrogatepass").decode("latin-1")
        for path in ("/login", "/invoices"):
            if problem := broken(client.get(path, headers={name: raw})):
                wrong[shown(value)] = problem
    assert wrong == {}


@pytest.mark.parametrize("cookie", ["portal", "theme", "remember_token"])
def test_no_cookie_breaks_a_page(world, client, broken, cookie):
    wrong = {}
    for value in sample(NASTY, PER_PLACE, cookie):
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
    (b'--x\r\nContent-Disposition: form-data; name="email"\r\n\r\nno end', "multipart/form-data; boundary=x"),
    (b"--x--", "multipart/form-data"),
    (b"--x\r\nContent-Disposition: form-data\r\n\r\na\r\n--x--\r\n", "multipart/form-data; boundary=x"),
    (b"<!DOCTYPE a [<!ENTITY b SYSTEM 'file:///etc/passwd'>]><a>&b;</a>", "text/xml"),
    (b"&".join(b"f%d=1" % n for n in range(5_000)), "application/x-www-form-urlencoded"),
    (b"email=" + b"x" * 300_000, "application/x-www-form-urlencoded"),
)


@pytest.mark.parametrize("route", POSTS, ids=str)
def test_no_body_breaks_a_route(post, broken, route):
    for body, kind in sample(BODIES, BODIES_PER_ROUTE, route):
        response = post(route, data=body, content_type=kind)
        assert broken(response) is None and 400 <= response.status_code < 500, (body[:40], response)


def test_every_field_that_the_code_reads_is_tried():
    """Names in args.get("…"), form.getlist("…") and the like have to be in tests/routes.py."""
    read = set()
    for path in (ROOT / "app").rglob("*.py"):
        pattern = r'\b(?:args|form|values)\.(?:get|getlist)\(\s*"(\w+)"'
        read |= set(re.findall(pattern, path.read_text()))
    named = {name for route in ROUTES for name in route.fields}
    assert len(read) > 8 and read - named == set()


def test_every_field_has_a_maximum_length(app):
    """The fields of all forms, and the names that views read themselves."""
    read = {name for route in ROUTES for name in route.fields}
    fields = {
        name
        for form in forms_below(Form)
        for base in form.__mro__
        for name, field in vars(base).items()
        if hasattr(field, "field_class")
    }
    assert len(fields) > 25 and (read | fields) - LONGEST.keys() == set()


def forms_below(form):
    return [form, *(deep for child in form.__subclasses__() for deep in forms_below(child))]


def test_a_long_body_is_refused_unread(app, client):
    for path in ("/login", "/forgot", "/reset", "/welcome", "/payments", "/webhooks/braintree"):
        body = io.BytesIO(b"password=" + b"%CC%81" * 40_000)
        answer = client.post(
            path, input_stream=body, content_length=240_009, content_type="application/x-www-form-urlencoded"
        )
        assert (answer.status_code, body.tell()) == (413, 0), path


def test_no_more_of_a_value_is_decoded_than_is_kept(app, client, work):
    """Decoding 20,000 escapes takes longer than a page."""
    client.post("/login", data={"password": "\u0301" * 20_000})
    assert 0 < work["calls"] < 20_000


def test_longer_text_is_cut_before_it_is_read(app):
    sent = BoundedFields([("name", "x" * 300), ("no_field", "x" * 300), ("invoice", "a"), ("invoice", "b" * 99)])
    assert [len(value) for _name, value in sent.items(multi=True)] == [201, 101, 1, 61]
    assert len(BoundedFields([("invoice", "a")] * 5000).getlist("invoice")) == MAX_VALUES + 1
    with app.test_request_context("/?q=" + "x" * 9999, method="POST", data={"next": "y" * 9999}) as context:
        assert len(context.request.args["q"]) == 1001 and len(context.request.form["next"]) == 2001


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
    token = ""
    for name in route.fields:
        if not token or route.changes_session:
            client = log_in(person) if person else client
            token = csrf_of(client.get("/account" if person else "/forgot").get_data(as_text=True))
        request = route.request(world, route.kinds[0])
        request["data"] = {"csrf_token": token, **(request["data"] or {}), name: (io.BytesIO(b"x"), "x.txt")}
        assert broken(client.open(**request, content_type="multipart/form-data")) is None, name


def multipart(*parts: tuple[str, str]) -> dict:
    """A request with these (parameters of Content-Disposition, text)."""
    body = "".join(f"--x\r\nContent-Disposition: form-data{name}\r\n\r\n{text}\r\n" for name, text in parts)
    return {"data": f"{body}--x--\r\n".encode(), "content_type": "multipart/form-data; boundary=x"}


@pytest.mark.parametrize("nameless", ["", "; filename=a.csv"])
@pytest.mark.parametrize("path", ["/login", "/forgot", "/account/password", "/webhooks/braintree"])
def test_a_part_without_a_name_is_refused(world, log_in, broken, path, nameless):
    client = log_in(world.cast.alice)
    token = csrf_of(client.get("/account").get_data(as_text=True))
    response = client.post(path, **multipart(('; name="csrf_token"', token), (nameless, "x")))
    assert broken(response) is None and response.status_code == 400


@pytest.mark.parametrize("path", ["/account/invitations/{}", "/account/customers/{}/leave"])
def test_a_number_of_any_length_in_a_path_is_not_found(world, log_in, broken, path):
    client = log_in(world.cast.alice)
    for number in ("9" * 30, "9" * 5_000):
        response = client.get(path.format(number))
        assert broken(response) is None and response.status_code == 404


def test_a_content_length_of_any_length_is_answered(app):
    for digits, status in ((5_000, 400), (4_000, 413)):
        parser = parser_of(app)(Adjustments(max_request_body_size=MAX_BODY))
        parser.received(b"POST /login HTTP/1.1\r\nContent-Length: %s\r\n\r\n" % (b"9" * digits))
        assert parser.error.code == status


def test_two_lengths_of_a_body_are_refused(app):
    both = b"POST /login HTTP/1.1\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
    for request, is_refused in ((both, True), (both.replace(b"Content-Length: 5\r\n", b""), False)):
        parser = parser_of(app)(Adjustments(max_request_body_size=MAX_BODY))
        parser.received(request)
        assert (parser.error is not None and parser.error.code == 400) == is_refused
