"""Several web processes: a restart loses no request, counts are shared, and what one knows the others know."""

import http.client
import os
import re
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections import Counter
from http.cookies import SimpleCookie
from io import BytesIO
from urllib.parse import urlencode

import pytest
from werkzeug.test import EnvironBuilder

from app.config import DEMO_PASSWORD
from tests.people import PIXEL
from tests.support.pages import fields_of
from tests.test_run import ROOT, free_ports, start  # noqa: F401 (fixture)

FORM = "application/x-www-form-urlencoded"
SWITCHES, TEXTS = "/setup/accounting/preferences", "/setup/company/system-email-templates/new_invoice"
PAY = 'id="invoice-paybar"'
TOKEN = "a token of the monitoring"
CUSTOMER, ADMINISTRATOR = "maya@cedarlane.example", "ruth@harborpine.example"


class Load:
    """Clients that ask for a page all the time: one with a connection for each request, one with a single one."""

    def __init__(self, port: int):
        self.port, self.stop, self.answers = port, threading.Event(), Counter()
        self.threads = [threading.Thread(target=self.ask, args=[keep]) for keep in (False, False, True)]

    def __enter__(self):
        [thread.start() for thread in self.threads]
        return self

    def __exit__(self, *_):
        self.stop.set()
        [thread.join() for thread in self.threads]

    def ask(self, keep: bool) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        while not self.stop.wait(0.02):
            try:
                connection.request("GET", "/login")
                answer = connection.getresponse()
                answer.read()
                self.answers[answer.status] += 1
            except (OSError, http.client.HTTPException) as error:
                self.answers[repr(error)] += 1
                connection.close()
            if not keep:
                connection.close()


def servers(portal) -> set[int]:
    listed = subprocess.run(["ps", "-eo", "pid=,ppid=,args="], capture_output=True, text=True, check=True).stdout
    rows = [line.split(maxsplit=2) for line in listed.splitlines()]
    return {int(pid) for pid, parent, args in rows if int(parent) == portal.process.pid and "app.server" in args}


def test_a_restart_loses_no_request_and_no_count(start):  # noqa: F811
    portal = start(WEB_PROCESSES="2", METRICS_TOKEN=TOKEN).wait_until_ready()
    before, already = servers(portal), logins_counted(portal.port)
    assert len(before) == 2
    with Load(portal.port) as load:
        portal.process.send_signal(signal.SIGUSR1)
        portal.wait_for("Restarted.", 120)
        time.sleep(0.5)
    assert load.answers.keys() == {200}
    deadline = time.monotonic() + 20
    while servers(portal) & before and time.monotonic() < deadline:
        time.sleep(0.1)
    assert len(servers(portal)) == 2 and not servers(portal) & before
    assert logins_counted(portal.port) - already == load.answers[200]
    assert portal.stop(signal.SIGTERM) == 0


def test_a_stop_refuses_connections_and_answers_those_it_has_taken(start):  # noqa: F811
    """So a proxy can send what follows to another host: after a reset it can't know whether a payment was begun."""
    portal = start(WEB_PROCESSES="2").wait_until_ready()
    early, slow = (http.client.HTTPConnection("127.0.0.1", portal.port, timeout=10) for _ in range(2))
    slow.putrequest("POST", "/login")
    slow.putheader("Content-Length", "4")
    slow.endheaders(b"a=")
    early.connect()
    time.sleep(0.3)
    portal.process.send_signal(signal.SIGTERM)
    time.sleep(0.1)
    early.request("GET", "/login")
    assert early.getresponse().status == 200
    time.sleep(0.8)
    with pytest.raises(ConnectionRefusedError):
        http.client.HTTPConnection("127.0.0.1", portal.port, timeout=10).connect()
    slow.send(b"bc")
    assert slow.getresponse().status == 400
    assert portal.process.wait(20) == 0


def logins_counted(port: int) -> int:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    connection.request("GET", "/metrics", headers={"Authorization": f"Bearer {TOKEN}"})
    text = connection.getresponse().read().decode()
    counts = re.findall(r'portal_requests_total\{[^}]*route="accounts.login",status="200"\} ([0-9.]+)', text)
    return sum(map(round, map(float, counts)))


def test_a_new_server_that_cannot_start_leaves_the_old_ones_at_work(start, tmp_path):  # noqa: F811
    portal = start().wait_until_ready()
    before = servers(portal)
    with sqlite3.connect(tmp_path / "instance/portal.sqlite3") as database:
        database.execute("INSERT INTO schema_migration (name, applied) VALUES ('0999_later', '2030-01-01 00:00:00')")
    database.close()
    portal.process.send_signal(signal.SIGUSR1)
    portal.wait_for("Those from before go on.", 120)
    assert servers(portal) == before and portal.get("/login") == 200


class Browser:
    """Cookies that it shows to whichever server it asks."""

    def __init__(self):
        self.cookies: dict[str, str] = {}

    def ask(self, port: int, path: str, body: bytes | None = None, content_type: str = FORM) -> tuple[int, str]:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        if body is None:
            connection.request("GET", path, headers=headers)
        else:
            connection.request("POST", path, body, headers | {"Content-Type": content_type})
        answer = connection.getresponse()
        for header in answer.headers.get_all("Set-Cookie", []):
            self.cookies |= {name: cookie.value for name, cookie in SimpleCookie(header).items()}
        return answer.status, answer.read().decode(errors="replace")

    def send(self, shown_by: int, sent_to: int, path: str, drop: tuple[str, ...] = (), **fields) -> int:
        _status, page = self.ask(shown_by, path)
        form = {name: value for name, value in fields_of(page, path).items() if name not in drop}
        return self.ask(sent_to, path, urlencode(form | fields).encode())[0]

    def upload(self, shown_by: int, sent_to: int, path: str, field: str, file_name: str, content: bytes) -> int:
        """The form of /setup/company/information with this action."""
        form = fields_of(self.ask(shown_by, "/setup/company/information")[1], path)
        made = EnvironBuilder(path, method="POST", data={**form, field: (BytesIO(content), file_name)}).get_request()
        return self.ask(sent_to, path, made.get_data(), made.content_type)[0]

    def log_in(self, shown_by: int, sent_to: int, email: str, password: str = DEMO_PASSWORD) -> int:
        return self.send(shown_by, sent_to, "/login", email=email, password=password)


@pytest.fixture
def two(start, tmp_path):  # noqa: F811
    """The ports of two web servers on the database of the demo company."""
    portal = start().wait_until_ready()
    other = free_ports()
    environment = {
        "PATH": os.environ["PATH"],
        "INSTANCE_PATH": str(tmp_path / "instance"),
        "TMPDIR": str(tmp_path),
        "PORT": str(other),
        "PORTAL_URL": f"http://127.0.0.1:{portal.port}",
        "BRAINTREE_GATEWAY_URL": f"http://127.0.0.1:{portal.port + 1}",
    }
    server = subprocess.Popen([sys.executable, "-m", "app.server"], cwd=ROOT, env=environment)
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            Browser().ask(other, "/healthz")
            break
        except OSError:
            assert server.poll() is None
            time.sleep(0.1)
    yield portal.port, other
    server.terminate()
    assert server.wait(15) == 0


def test_two_servers_agree_on_logins_locks_and_settings(two):
    one, other = two
    maya = Browser()
    assert maya.log_in(one, other, CUSTOMER) == 303
    assert maya.ask(one, "/invoices")[0] == maya.ask(other, "/invoices")[0] == 200

    stranger = Browser()
    answers = [stranger.log_in(*ports, "noah@cedarlane.example", "wrong") for ports in ((one, other), (other, one)) * 3]
    assert answers[:4] == [422] * 4 and answers[4:] == [429] * 2

    ruth = Browser()
    assert ruth.log_in(one, one, ADMINISTRATOR) == 303
    for name, ports in (("First & Sons", (one, other)), ("Second & Sons", (other, one))):
        form = {"name": name, "time_zone": "America/New_York", "locale": "en_US"}
        status = ruth.send(*ports, "/setup/company/information", **form)
        assert status == 303
        assert all(name.replace("&", "&amp;") in maya.ask(port, "/invoices")[1] for port in two)

    assert maya.send(one, other, "/logout") == 303
    assert maya.ask(one, "/invoices")[0] == 303


def test_two_servers_agree_on_features_logo_and_texts(two):
    one, other = two
    maya, ruth = Browser(), Browser()
    assert maya.log_in(one, one, CUSTOMER) == ruth.log_in(one, one, ADMINISTRATOR) == 303
    assert all(PAY in maya.ask(port, "/invoices")[1] for port in two)
    off = ("customers_can_pay_online",)
    assert ruth.send(one, other, f"{SWITCHES}?subtab=items-transactions", drop=off, confirm="1") == 303
    assert not any(PAY in maya.ask(port, "/invoices")[1] for port in two)

    assert ruth.send(one, other, TEXTS, subject="Ready: {invoice}", opening="Hello", closing="") == 303
    assert all("Ready: {invoice}" in ruth.ask(port, TEXTS)[1] for port in two)

    assert ruth.upload(other, one, "/setup/company/logo", "logo", "logo.png", PIXEL) == 303
    pages = [ruth.ask(port, "/setup/company/information")[1] for port in two]
    (address,) = {re.search(r'src="(/logo/[^"]+)"', page)[1] for page in pages}
    assert [Browser().ask(port, address)[0] for port in two] == [200, 200]
