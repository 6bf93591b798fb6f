"""The portal on several web servers: `python -m bench.servers`, a table as in bench/servers.md.

Each server has 64 threads in one process, then in two, and answers /invoices for one person. Rates and CPU are measured
with normal clients; then with 200 additional connections that send their head, or a body, one byte a second. Finally
the server replaces its processes under load. The other servers are installed into a temporary folder.
"""

import contextlib
import http.client
import os
import re
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from bench.flood import PORT, environment
from bench.pages import SMALL, cpu_seconds, fill, get, log_in

SECONDS, CLIENTS, SLOW = 6, 4, 200
SLOW_HEAD = b"GET /login HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: "
OTHERS = ("gunicorn==27.0.1", "granian==2.8.9")
PYTHON = [sys.executable, "-m"]
GUNICORN = ["gunicorn", "wsgi:app", "-k", "gthread", "--threads", "64", "--worker-connections", "2000"]
GRANIAN = ["granian", "wsgi:app", "--interface", "wsgi", "--blocking-threads", "64", "--backlog", "2048"]


@dataclass(frozen=True)
class Server:
    name: str
    command: list[str]
    processes: str  # the option for their number; an environment variable without a dash
    restart: signal.Signals

    def start(self, folder: Path, others: Path, processes: int) -> subprocess.Popen:
        settings = {**os.environ, **environment(folder), "PORT": str(PORT), "DEMO": "no", "PYTHONPATH": str(others)}
        command = [*PYTHON, *self.command]
        if self.processes.startswith("-"):
            command += [self.processes, str(processes)]
        else:
            settings[self.processes] = str(processes)
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        return subprocess.Popen(command, env=settings, start_new_session=True, **quiet)


SERVERS = [
    Server("waitress", ["app.supervisor"], "WEB_PROCESSES", signal.SIGUSR1),
    Server("gunicorn", [*GUNICORN, "--keep-alive", "60", "-b", f"127.0.0.1:{PORT}"], "-w", signal.SIGHUP),
    Server("granian", [*GRANIAN, "--host", "127.0.0.1", "--port", str(PORT)], "--workers", signal.SIGHUP),
]


def main() -> None:
    print("| server | processes | rate | CPU | memory | beside slow heads | beside slow bodies | lost at a restart |")
    print("|---|---|---|---|---|---|---|---|")
    base: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as name:
        others = Path(name, "others")
        install = ["uv", "pip", "install", "--quiet", "--target", str(others), *OTHERS]
        subprocess.run([*PYTHON, *install], check=True)
        for processes in (1, 2):
            for server in SERVERS:
                folder = Path(name, f"{server.name}-{processes}")
                fill(folder, SMALL)
                process = server.start(folder, others, processes)
                try:
                    wait_for_a_page()
                    print(row(server, process, processes, base), flush=True)
                finally:
                    end(process)


def row(server: Server, process: subprocess.Popen, processes: int, base: dict[str, float]) -> str:
    cookie = log_in(PORT)
    ask(cookie, 1)
    before, began = cpu_of(process.pid), time.perf_counter()
    quiet = ask(cookie)
    rate = len(quiet) / (time.perf_counter() - began)
    cpu = (cpu_of(process.pid) - before) / len(quiet)
    memory = sum(map(unshared_mib, web_processes(process.pid)))
    for key, figure in (("rate", rate), ("cpu", cpu), ("memory", memory)):
        base.setdefault(key, figure)
    cells = [f"{rate / base['rate']:.2f}", f"{cpu / base['cpu']:.2f}", f"{memory / base['memory']:.2f}"]
    for request in (SLOW_HEAD, slow_body()):
        with slow_connections(request):
            beside = ask(cookie)
        share = len(beside) / len(quiet)
        cells.append(f"{share:.2f}, p95 ×{p95(beside) / p95(quiet):.1f}" if len(beside) > 20 else f"{share:.2f}")  # noqa: RUF001
    lost, asked = restart(server, process, cookie)
    cells.append(f"{lost} of {asked}" if lost else "none")
    return f"| {server.name} | {processes} | {' | '.join(cells)} |"


def slow_body() -> bytes:
    return b"POST /login HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: text/plain\r\nContent-Length: 4000\r\n\r\n"


@contextlib.contextmanager
def slow_connections(request: bytes, number: int = SLOW) -> Iterator[list[socket.socket]]:
    sockets = [socket.create_connection(("127.0.0.1", PORT)) for _ in range(number)]
    stop = threading.Event()

    def drip() -> None:
        while not stop.wait(1):
            for one in sockets:
                with contextlib.suppress(OSError):
                    one.send(b"a")

    for one in sockets:
        one.sendall(request)
    dripping = threading.Thread(target=drip)
    dripping.start()
    time.sleep(1)
    try:
        yield sockets
    finally:
        stop.set()
        dripping.join()
        for one in sockets:
            one.close()


def is_open(connection: socket.socket) -> bool:
    """True if the server has neither answered nor closed it."""
    with contextlib.suppress(BlockingIOError):
        connection.recv(1, socket.MSG_DONTWAIT)
        return False
    return True


def ask(cookie: str, seconds: float = SECONDS) -> list[float]:
    """Seconds of each answer to CLIENTS connections, which are kept open and send the next request after each
    answer."""
    times: list[float] = []
    until = time.perf_counter() + seconds

    def client() -> None:
        connection = http.client.HTTPConnection("127.0.0.1", PORT, timeout=seconds)
        while (began := time.perf_counter()) < until:
            try:
                connection.request("GET", "/invoices", headers={"Cookie": cookie})
                response = connection.getresponse()
                response.read()
            except OSError:  # not within `seconds`
                connection.close()
                continue
            assert response.status == 200
            times.append(time.perf_counter() - began)

    together(client)
    return times


def restart(server: Server, process: subprocess.Popen, cookie: str) -> tuple[int, int]:
    """(number of requests that failed while the processes were replaced, number of all requests)"""
    lost, asked = [], []
    old, stop = set(web_processes(process.pid)), threading.Event()

    def client() -> None:
        while not stop.is_set():
            asked.append(1)
            try:
                status, _body, _response = get(PORT, "/invoices", {"Cookie": cookie})
                lost.extend([1] * (status != 200))
            except (OSError, http.client.HTTPException):
                lost.append(1)

    def replace() -> None:
        time.sleep(1)
        process.send_signal(server.restart)
        until = time.monotonic() + 60
        while old & set(web_processes(process.pid)) and time.monotonic() < until:
            time.sleep(0.2)
        time.sleep(2)
        stop.set()

    together(client, replace)
    return len(lost), len(asked)


def together(client, *more) -> None:
    threads = [threading.Thread(target=target) for target in (*[client] * CLIENTS, *more)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def p95(times: list[float]) -> float:
    return statistics.quantiles(times, n=20)[18]


def wait_for_a_page() -> None:
    until = time.monotonic() + 60
    while time.monotonic() < until:
        with contextlib.suppress(OSError):
            if get(PORT, "/login")[0] == 200:
                return
        time.sleep(0.1)
    raise TimeoutError("no page within a minute")


# The processes


def web_processes(pid: int) -> list[int]:
    """The processes that answer: all descendants except the portal's worker and the server's helpers."""
    found: list[int] = []
    children = Path(f"/proc/{pid}/task/{pid}/children")
    for child in children.read_text().split() if children.exists() else []:
        with contextlib.suppress(OSError):
            command = Path(f"/proc/{child}/cmdline").read_text()
            if "worker\0" not in command and "resource_tracker" not in command:
                found.append(int(child))
    return found


def cpu_of(pid: int) -> float:
    return sum(map(cpu_seconds, web_processes(pid)))


def unshared_mib(pid: int) -> float:
    return int(re.search(r"Pss:\s+(\d+)", Path(f"/proc/{pid}/smaps_rollup").read_text())[1]) / 1024


def end(process: subprocess.Popen) -> None:
    process.terminate()
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(20)
    with contextlib.suppress(ProcessLookupError):  # what it left behind
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    time.sleep(1)


if __name__ == "__main__":
    main()
