"""The portal behind nginx and Caddy as deploy/ sets them up: HTTPS at an address with a port."""

import http.client
import re
import signal
import socket
import ssl
import subprocess
import threading
import time
from urllib.parse import urlencode

import pytest

from tests.support.proxies import NAME, caddy_file, nginx_file, require_program
from tests.test_run import Portal, free_ports

FIRST = "/first-administrator"
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
PROXIES = {
    "nginx": (nginx_file, ["-c"]),
    "caddy": (caddy_file, ["run", "--adapter", "caddyfile", "--config"]),
}


class Site:
    """The portal behind a proxy."""

    def __init__(self, folder, program: str):
        write, arguments = PROXIES[program]
        path = require_program(program)
        self.https = free_ports()
        self.address = f"{NAME}:{self.https}"
        keys = {f"BRAINTREE_{name}": "key" for name in ("MERCHANT_ID", "PUBLIC_KEY", "PRIVATE_KEY")}
        self.portal = Portal(
            folder,
            PORTAL_URL=f"https://{self.address}",
            BRAINTREE_ENVIRONMENT="sandbox",
            BRAINTREE_GATEWAY_URL="http://127.0.0.1:9",
            **keys,
        )
        file = write(folder, self.portal.port, self.https)
        with (folder / "proxy.log").open("w") as log:
            self.proxy = subprocess.Popen([path, *arguments, str(file)], stdout=log, stderr=subprocess.STDOUT)
        self.trusting = ssl.create_default_context(cafile=folder / "ca.pem")

    def connect(self, source: str = "127.0.0.1") -> socket.socket:
        plain = socket.create_connection(("127.0.0.1", self.https), timeout=20, source_address=(source, 0))
        return self.trusting.wrap_socket(plain, server_hostname=NAME)

    def ask(self, method: str, path: str, body: str = "", source: str = "127.0.0.1", **headers):
        """The response; `text` is its body."""
        connection = http.client.HTTPSConnection("127.0.0.1", self.https)
        connection.sock = self.connect(source)
        connection.request(method, path, body or None, {"Host": self.address, "Connection": "close", **headers})
        response = connection.getresponse()
        response.text = response.read().decode()
        return response

    def end(self) -> None:
        self.proxy.kill()
        self.proxy.wait()
        self.portal.end()


@pytest.fixture(scope="module", params=PROXIES)
def site(request, tmp_path_factory):
    require_program(request.param)
    one = Site(tmp_path_factory.mktemp(request.param), request.param)
    try:
        one.portal.wait_until_ready()
        make_administrator(one)
        yield one
    finally:
        one.end()


def make_administrator(site: Site) -> None:
    """With the form that the portal's first lines lead to, as a browser sends it."""
    path = site.portal.wait_for("/first-administrator/").partition(site.address)[2]
    cookie = {"Cookie": cookie_of(site.ask("GET", path))}
    page = site.ask("GET", FIRST, **cookie)
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page.text)[1]
    cookie = {"Cookie": cookie_of(page)}
    form = {"csrf_token": token, "name": "Ruth Weil", "email": "ruth@example.com", "password": "Amber-Kettle-77-drums"}
    body = urlencode({**form, "company": "Harbor Pine Supply"})
    strange = {"Origin": "https://elsewhere.example", "Referer": "https://elsewhere.example/"}
    assert site.ask("POST", FIRST, body, **cookie, **strange, **FORM).status == 400
    own = {"Origin": f"https://{site.address}", "Referer": f"https://{site.address}{FIRST}"}
    made = site.ask("POST", FIRST, body, **cookie, **own, **FORM)
    assert made.status == 303, made.text


def cookie_of(response: http.client.HTTPResponse) -> str:
    return response.headers["Set-Cookie"].partition(";")[0]


def test_pages_are_only_for_https_and_not_compressed(site):
    page = site.ask("GET", "/login", **{"Accept-Encoding": "gzip, br"})
    assert page.status == 200 and page.headers["Strict-Transport-Security"].startswith("max-age=31536000")
    assert "Content-Encoding" not in page.headers and page.headers["Set-Cookie"].startswith("__Host-portal=")


def test_the_portal_learns_the_visitors_address_and_believes_no_other(site):
    site.ask("GET", "/nothing-here", source="127.0.0.2", **{"X-Forwarded-For": "203.0.113.9"})
    assert " from 127.0.0.2," in site.portal.wait_for("/nothing-here")


def test_a_slow_head_is_cut_off(site):
    slow = site.connect()
    slow.sendall(b"GET /login HTTP/1.1\r\nHost: ")
    began = time.monotonic()
    answer = b"x"
    while answer and b"408" not in answer:
        answer = slow.recv(1000)
    assert time.monotonic() - began < 15
    slow.close()


def test_slow_bodies_hold_up_no_other_request(site):
    slow = [site.connect() for _ in range(80)]
    head = f"POST /login HTTP/1.1\r\nHost: {site.address}\r\nContent-Length: 900\r\n\r\na"
    for one in slow:
        one.sendall(head.encode())
    began = time.monotonic()
    for _ in range(20):
        assert site.ask("GET", "/login").status == 200
    assert time.monotonic() - began < 20
    for one in slow:
        one.close()


def test_a_restart_loses_no_request_behind_the_proxy(site):
    statuses, stop = [], threading.Event()

    def ask() -> None:
        while not stop.is_set():
            statuses.append(site.ask("GET", "/login").status)

    clients = [threading.Thread(target=ask) for _ in range(3)]
    for client in clients:
        client.start()
    site.portal.process.send_signal(signal.SIGUSR1)
    site.portal.wait_for("Restarted.")
    time.sleep(1)
    stop.set()
    for client in clients:
        client.join()
    assert set(statuses) == {200} and len(statuses) > 20
