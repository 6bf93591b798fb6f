"""A simple HTTP browser that records the time and errors of each answer."""

import http.client
import re
import time
from collections import defaultdict
from html import unescape
from urllib.parse import urlencode, urlsplit

from bench.flood import FORM, PORT
from bench.pages import PASSWORD, email_of

Fields = list[tuple[str, str]]
MAX_KEPT = 20  # errors of a kind that are described


class Notes:
    """Seconds of each kind of request, and errors of answers."""

    def __init__(self) -> None:
        self.seconds: dict[str, list[float]] = defaultdict(list)
        self.wrong: dict[str, int] = defaultdict(int)
        self.described: list[str] = []

    def add(self, kind: str, seconds: float, wrong: str = "") -> None:
        self.seconds[kind].append(seconds)
        if wrong:
            self.wrong[kind] += 1
            if self.wrong[kind] <= MAX_KEPT:
                self.described.append(f"{time.strftime('%H:%M:%S')} {kind}: {wrong}")

    def merge(self, other: "Notes") -> None:
        for kind, seconds in other.seconds.items():
            self.seconds[kind] += seconds
            self.wrong[kind] += other.wrong[kind]
        self.described += other.described


class Failed(Exception):
    """The answer was recorded as an error, and the visit ends."""


class Browser:
    """One connection, its cookies, and its own network address."""

    def __init__(self, notes: Notes, address: str, port: int = PORT) -> None:
        self.notes, self.address = notes, address
        self.cookies: dict[str, str] = {}
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)

    def get(self, kind: str, path: str, expected: str, headers: dict[str, str] | None = None) -> str:
        return self.ask(kind, "GET", path, None, headers or {}, {200: expected})[1]

    def post(self, kind: str, path: str, fields: Fields, expected: dict[int, str]) -> tuple[int, str]:
        """(status, page), or (status, target) for a redirect. `expected` is {status: text that the page must
        contain}."""
        return self.ask(kind, "POST", path, urlencode(fields), FORM, expected)

    def ask(
        self, kind: str, method: str, path: str, body: str | None, headers: dict[str, str], expected: dict[int, str]
    ) -> tuple[int, str]:
        began, wrong, status, said = time.perf_counter(), "", 0, ""
        cookie = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        try:
            self.connection.request(method, path, body, {**headers, "Cookie": cookie, "X-Forwarded-For": self.address})
            response = self.connection.getresponse()
            status, said = response.status, response.read().decode("utf-8", "replace")
        except (OSError, http.client.HTTPException) as error:
            wrong = f"{method} {path}: {type(error).__name__} {error}"
            self.connection.close()
        else:
            for name, value in re.findall(r"([\w-]+)=([^;,]*)", "; ".join(response.headers.get_all("Set-Cookie", []))):
                if name in ("portal", "session"):
                    self.cookies[name] = value
            said = response.headers.get("Location", said) if 300 <= status < 400 else said
            if status not in expected or expected[status] not in said:
                title = re.search(r"<title>(.*?)</title>", said, re.DOTALL)
                wrong = f"{method} {path}: {status} {' '.join((title[1] if title else said[:80]).split())}"
        self.notes.add(kind, time.perf_counter() - began, wrong)
        if wrong:
            raise Failed(wrong)
        return status, said

    def log_in(self, email: str) -> None:
        self.cookies.clear()
        page = self.get("login page", "/login", 'name="password"')
        typed = [("email", email), ("password", PASSWORD)]
        self.post("log in", "/login", [("csrf_token", token_of(page)), *typed], {303: "/"})

    def log_in_as(self, person: int) -> None:
        self.log_in(email_of(person))

    def close(self) -> None:
        self.connection.close()


def token_of(page: str) -> str:
    return re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)[1]


def fields_of(page: str, action: str) -> Fields:
    """What the form with this action submits if nothing is typed, without unselected choices."""
    form = re.search(rf'<form[^>]* action="{re.escape(action)}".*?</form>', page, re.DOTALL)[0]
    fields = []
    for tag in re.findall(r"<input[^>]*>", form):
        name, value = re.search(r' name="([^"]*)"', tag), re.search(r' value="([^"]*)"', tag)
        if name and 'type="radio"' not in tag and 'type="checkbox"' not in tag:
            fields.append((name[1], unescape(value[1]) if value else ""))
    return fields


def path_of(address: str) -> str:
    parts = urlsplit(address)
    return parts.path + (f"?{parts.query}" if parts.query else "")
