"""What the log says, and what it never says."""

import json
import logging
import re

import pytest

from app.web.logs import FORMAT, Formatter, JsonFormatter
from tests.conftest import csrf_of

TOKEN = "T" + "o" * 42


@pytest.fixture
def lines(caplog):
    """lines() are the log lines as the portal writes them."""
    caplog.handler.setFormatter(Formatter(FORMAT))
    caplog.set_level(logging.INFO)
    return lambda: [line for line in caplog.text.splitlines() if "app.web.logs" in line]


def foreign_invoice(world, client):
    return client.get(f"/invoices/{world.open['fennel'].public_id}")


REFUSALS = {
    "404 GET /invoices/": foreign_invoice,
    "404 GET /setup for": lambda world, client: client.get("/setup"),
    "400 POST /account/sessions": lambda world, client: client.post("/account/sessions"),
    "413 POST /account/theme": lambda world, client: client.post("/account/theme", data={"theme": "x" * 200_000}),
    "405 GET /account/theme": lambda world, client: client.get("/account/theme"),
    "400 GET /invoices for": lambda world, client: client.get("/invoices", headers={"Host": "evil.example"}),
}


@pytest.mark.parametrize("line", REFUSALS)
def test_a_refused_request_leaves_one_line(world, log_in, lines, line):
    client = log_in(world.cast.alice)
    client.environ_base["REMOTE_ADDR"] = "::ffff:192.0.2.7"
    answer = REFUSALS[line](world, client)
    (found,) = lines()
    code = answer.headers["X-Request-ID"]
    assert f"refused {line}" in found and re.match(
        r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z WARNING app.web.logs ", found
    )
    assert found.count(code) == 2 and "from 192.0.2.7" in found
    assert "for alice@cedarlane.example" in found or "evil" in str(answer.request.headers)


def test_a_form_that_is_refused_says_why_in_the_log(client, cast, lines):
    client.post("/login", data={"email": "x", "password": "canary"})
    (found,) = lines()
    assert "The CSRF token is missing." in found and "for - from" in found and "canary" not in found


def test_limits_are_logged(client, cast, lines):
    for _ in range(5):
        page = client.get("/login").get_data(as_text=True)
        client.post("/login", data={"csrf_token": csrf_of(page), "email": "a@b.example", "password": "canary"})
    (found,) = lines()
    assert "refused 429 POST /login" in found and "canary" not in found and "a@b.example" not in found


@pytest.mark.parametrize(
    "path",
    [
        f"/reset/{TOKEN}/x",
        f"/welcome/{TOKEN}x/y",
        f"/nothing?token={TOKEN}",
        f"/first-administrator/{TOKEN}",
        f"/welcome//{TOKEN}/",
    ],
)
def test_no_token_is_logged(client, cast, lines, path):
    assert client.get(path, follow_redirects=True).status_code == 404
    assert lines() and not any("oooo" in line for line in lines())


def test_a_path_cannot_write_lines_of_its_own(client, cast, lines):
    client.get("/x%0A2026%20no%1b\u202e")
    (found,) = lines()
    assert "%0A" in found and found.isprintable()


def test_successful_request_is_not_logged(client, cast, log_in, lines):
    log_in(cast.alice).get("/invoices")
    client.get("/login")
    assert lines() == []


def test_json_lines_have_the_same_facts(client, cast, caplog):
    caplog.handler.setFormatter(JsonFormatter())
    answer = client.post("/login", data={"email": "x", "password": "canary"})
    (facts,) = [json.loads(line) for line in caplog.text.splitlines() if "app.web.logs" in line]
    assert facts["request"] == answer.headers["X-Request-ID"] and facts["level"] == "WARNING"
    assert "refused 400 POST /login" in facts["message"] and facts["time"].endswith("Z")


def test_a_traceback_is_one_json_line(app, caplog):
    caplog.handler.setFormatter(JsonFormatter())
    try:
        raise RuntimeError("first\nsecond")
    except RuntimeError:
        logging.getLogger("app").exception("unexpected")
    (line,) = caplog.text.splitlines()
    assert "first\nsecond" in json.loads(line)["exception"]
