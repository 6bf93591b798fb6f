"""The invoice list during a flood of logins, and the server's start time and size: `python -m bench.flood`.

The portal's real web server (app.server, bcrypt at its real cost) answers /invoices for one customer, first alone, then
during two floods of wrong logins. Each login is for another account and from another address, so that no lock helps.
The floods use a short password, and one of 120 KB of combining marks, whose normalization would be quadratic.
"""

import http.client
import itertools
import os
import re
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from urllib.parse import urlencode

from bench.pages import SMALL, fill, get, log_in, secret

PORT, SECONDS, FLOODERS = 18155, 8, 8
# The password, and the pause after each answer in seconds: a long one costs no hash, and would come faster.
PASSWORDS = {"wrong": ("wrong", 0), "hostile": ("a" + "\u0301\u0323" * 10_000, 0.2)}
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        fill(folder, SMALL)
        began = time.perf_counter()
        server = subprocess.Popen([sys.executable, "-m", "app.server"], env={**os.environ, **environment(folder)})
        try:
            wait_for_a_page()
            print(f"start to first page: {time.perf_counter() - began:.2f} s (target: ≤ 1)")
            cookie = log_in(PORT)
            quiet = ask_for_the_list(cookie)
            report("quiet", quiet)
            for name, attack in PASSWORDS.items():
                flooded, answers = ask_beside_a_flood(cookie, *attack)
                report(name, flooded)
                print(f"ratio {len(flooded) / len(quiet):.2f} (target: ≥ 0.4, p99 ≤ 50 ms); logins answered {answers}")
            print(f"web worker: {resident(server.pid):.0f} MiB (target: ≤ 90)")
        finally:
            server.terminate()
            server.wait()


def environment(folder: Path) -> dict[str, str]:
    return {
        "INSTANCE_PATH": str(folder),
        "SECRET_KEY": secret(),
        "PORT": str(PORT),
        "TRUSTED_PROXIES": "1",
        "BRAINTREE_ENVIRONMENT": "demo",
        "BRAINTREE_GATEWAY_URL": "http://127.0.0.1:1",
    }


def wait_for_a_page() -> None:
    while True:
        try:
            get(PORT, "/login")
            return
        except OSError:
            time.sleep(0.01)


def ask_for_the_list(cookie: str) -> list[float]:
    """Seconds of each request during SECONDS, one after the other."""
    times, until = [], time.perf_counter() + SECONDS
    while time.perf_counter() < until:
        began = time.perf_counter()
        assert get(PORT, "/invoices", {"Cookie": cookie})[0] == 200
        times.append(time.perf_counter() - began)
    return times


def ask_beside_a_flood(cookie: str, password: str, pause: float) -> tuple[list[float], dict[int, int]]:
    """The same during wrong logins with this password; and the number of answers to those by status."""
    stop, answers = threading.Event(), {}
    flooders = [threading.Thread(target=flood, args=(stop, answers, n, password, pause)) for n in range(FLOODERS)]
    for thread in flooders:
        thread.start()
    times = ask_for_the_list(cookie)
    stop.set()
    for thread in flooders:
        thread.join()
    return times, answers


def flood(stop: threading.Event, answers: dict[int, int], lane: int, password: str, pause: float) -> None:
    typed = urlencode({"password": password})
    for n in itertools.count():
        if stop.wait(pause):
            return
        address = {"X-Forwarded-For": f"10.{lane}.{n // 250 % 250}.{n % 250}"}
        cookie, token = form_of(address)
        body = urlencode({"csrf_token": token, "email": f"x{lane}-{n}@example.com"}) + f"&{typed}"
        status = post("/login", body, {**address, **FORM, **cookie})
        answers[status] = answers.get(status, 0) + 1


def form_of(address: dict[str, str]) -> tuple[dict[str, str], str]:
    """The cookie header and the token of a new login form."""
    _status, page, response = get(PORT, "/login", address)
    token = re.search(rb'name="csrf_token"[^>]*value="([^"]+)"', page)[1].decode()
    return {"Cookie": response.headers["Set-Cookie"].partition(";")[0]}, token


def post(path: str, body: str, headers: dict[str, str]) -> int:
    connection = http.client.HTTPConnection("127.0.0.1", PORT, timeout=60)
    connection.request("POST", path, body, headers)
    response = connection.getresponse()
    response.read()
    return response.status


def report(name: str, times: list[float]) -> None:
    p99 = statistics.quantiles(times, n=100)[98]
    print(
        f"{name:9}{len(times) / SECONDS:7.0f} req/s   p50 {statistics.median(times) * 1000:6.1f} ms   "
        f"p99 {p99 * 1000:6.1f} ms"
    )


def resident(pid: int) -> float:
    status = Path(f"/proc/{pid}/status").read_text()
    return int(re.search(r"VmRSS:\s+(\d+)", status)[1]) / 1024


if __name__ == "__main__":
    main()
