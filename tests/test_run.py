"""`python -m app.supervisor`, which is what `make run` runs: starts, greets, keeps running, stops, leaves nothing."""

import http.client
import os
import re
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
from waitress.adjustments import Adjustments

from app.server import MAX_BODY, MAX_UPLOADS, parser_of
from app.web.menu import IMPORT

ROOT = Path(__file__).resolve().parent.parent
DEAD_PROXY = "http://127.0.0.1:9"


def free_ports() -> int:
    """A port that is free together with the one after it, which the demo gateway takes."""
    for _ in range(50):
        with socket.create_server(("127.0.0.1", 0)) as one:
            port = one.getsockname()[1]
            try:
                socket.create_server(("127.0.0.1", port + 1)).close()
                return port
            except OSError:
                continue
    raise RuntimeError("no two free ports in a row")


class Portal:
    """A run of the portal. `lines` is what it has printed so far."""

    def __init__(self, folder: Path, port: int | None = None, in_background: bool = False, **environment):
        """`in_background` starts it as a script's shell does: with SIGINT ignored."""
        self.port = port or free_ports()
        self.log = folder / "run.log"
        outer = {k: v for k, v in os.environ.items() if not k.startswith(("BRAINTREE_", "SMTP", "PORTAL"))}
        # As the folder of temporary files it says that this is a trial: nothing is noted in the project's folder.
        settings = {
            "INSTANCE_PATH": str(folder / "instance"),
            "PORT": str(self.port),
            "HTTP_PROXY": DEAD_PROXY,
            "TMPDIR": str(folder),
        }
        with self.log.open("w") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "app.supervisor"],
                cwd=ROOT,
                env={**outer, **settings, **environment},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=ignore_sigint if in_background else None,
            )

    @property
    def lines(self) -> list[str]:
        return self.log.read_text().splitlines()

    def wait_for(self, text: str, seconds: float = 60) -> str:
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if found := [line for line in self.lines if text in line]:
                return found[0]
            if self.process.poll() is not None and text not in self.log.read_text():
                break
            time.sleep(0.1)
        raise AssertionError(f"{text!r} was not printed:\n" + "\n".join(self.lines))

    def wait_until_ready(self):
        self.wait_for("Stop it with Ctrl-C")
        return self

    def get(self, path: str) -> int:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        connection.request("GET", path)
        return connection.getresponse().status

    def children(self) -> dict[str, int]:
        """{what: process id} of everything that this run has started."""
        listed = subprocess.run(["ps", "-eo", "pid=,ppid=,args="], capture_output=True, text=True, check=True).stdout
        found = (line.split(maxsplit=2) for line in listed.splitlines())
        return {args: int(pid) for pid, parent, args in found if int(parent) == self.process.pid}

    def wait_for_children(self, count: int, seconds: float = 10) -> list[int]:
        deadline = time.monotonic() + seconds
        while len(self.children()) != count and time.monotonic() < deadline:
            time.sleep(0.1)
        pids = list(self.children().values())
        assert len(pids) == count, self.children()
        return pids

    def child(self, what: str) -> int:
        return next(pid for args, pid in self.children().items() if what in args)

    def stop(self, name=signal.SIGINT) -> int:
        self.process.send_signal(name)
        return self.process.wait(15)

    def end(self) -> None:
        """Leave no process behind, whatever the test found: the children end with the supervisor."""
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(15)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()


def ignore_sigint() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)


@pytest.fixture
def start(tmp_path):
    started = []

    def _start(folder=tmp_path, **options):
        started.append(Portal(folder, **options))
        return started[-1]

    yield _start
    for portal in started:
        portal.end()


def is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def gone(pids, seconds=10) -> bool:
    deadline = time.monotonic() + seconds
    while any(map(is_alive, pids)) and time.monotonic() < deadline:
        time.sleep(0.1)
    return not any(map(is_alive, pids))


def test_supervisor_starts_restarts_and_stops_all_processes(start):
    portal = start().wait_until_ready()
    assert portal.wait_for("The customer center is ready: ").endswith(f"http://127.0.0.1:{portal.port}")
    logins = [re.fullmatch(r"(Customer|Administrator): (\S+@\S+) (\S+)", line) for line in portal.lines]
    kinds = [login[1] for login in logins if login]
    assert kinds.count("Customer") >= 3 and kinds.count("Administrator") == 1
    assert portal.get("/login") == 200 and portal.get("/outbox") == 200

    os.kill(portal.child("worker"), signal.SIGKILL)
    portal.wait_for("The worker stopped (signal SIGKILL); starting it again", 10)
    pids = portal.wait_for_children(3)
    assert portal.get("/login") == 200 and refuses_a_long_body(portal)
    assert portal.stop() == 0 and gone(pids, 1)
    assert not [line for line in portal.lines if "Traceback" in line]


def refuses_a_long_body(portal) -> bool:
    """Whether a long body is refused before it is stored."""
    with socket.create_connection(("127.0.0.1", portal.port), timeout=10) as raw:
        raw.sendall(b"POST /nope HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 2000000\r\n\r\n")
        return raw.recv(100).startswith(b"HTTP/1.1 413")


def test_sigint_ends_a_run_that_a_script_started_in_the_background(start):
    portal = start(in_background=True).wait_until_ready()
    pids = portal.wait_for_children(3)
    assert portal.stop(signal.SIGINT) == 0 and gone(pids, 1)


def test_a_second_run_keeps_the_data_and_sigterm_stops_it(start, tmp_path):
    assert start().wait_until_ready().stop() == 0
    assert_owner_only(tmp_path / "instance")
    secret = (tmp_path / "instance/secret_key").read_text()
    again = start().wait_until_ready()
    assert not [line for line in again.lines if "First run" in line]
    assert (tmp_path / "instance/secret_key").read_text() == secret
    assert again.stop(signal.SIGTERM) == 0


def test_children_die_with_a_killed_supervisor(start):
    portal = start().wait_until_ready()
    pids = list(portal.children().values())
    portal.process.kill()
    assert len(pids) == 3 and gone(pids)


def assert_owner_only(folder: Path) -> None:
    assert folder.stat().st_mode & 0o077 == 0
    assert [p.name for p in folder.iterdir() if p.is_file() and p.stat().st_mode & 0o077] == []


@pytest.mark.parametrize("offset", [0, 1])
def test_a_port_in_use_is_named_with_a_way_out(start, offset):
    port = free_ports()
    with socket.create_server(("127.0.0.1", port + offset)):
        portal = start(port=port)
        assert portal.process.wait(20) == 1
    assert f"Port {port + offset}" in portal.lines[0] and f"PORT={port + 10} make run" in portal.lines[0]
    assert len(portal.lines) == 1


def test_a_second_portal_on_the_same_database_is_refused(start, tmp_path):
    first = start().wait_until_ready()
    (tmp_path / "second").mkdir()
    second = start(tmp_path / "second", INSTANCE_PATH=str(tmp_path / "instance"))
    assert second.process.wait(20) == 2 and len(second.lines) == 1
    assert f"already runs on {tmp_path}/instance/portal.sqlite3 at http://127.0.0.1:{first.port}" in second.lines[0]
    assert first.get("/login") == 200 and first.stop() == 0


def test_a_wrong_configuration_is_named_in_plain_lines(start):
    portal = start(BRAINTREE_ENVIRONMENT="sandbox", PORTAL_URL="nonsense")
    assert portal.process.wait(20) == 2
    assert [line.split()[0] for line in portal.lines] == [
        "BRAINTREE_MERCHANT_ID",
        "BRAINTREE_PUBLIC_KEY",
        "BRAINTREE_PRIVATE_KEY",
        "PORTAL_URL",
    ]


def test_a_child_that_cannot_start_ends_the_run(start, tmp_path):
    first = start().wait_until_ready()
    first.stop()
    store = tmp_path / "instance/demo-gateway.sqlite3"
    store.write_bytes(b"not a database" * 1000)
    portal = start()
    assert portal.process.wait(60) == 1
    assert "stopped right after its start" in portal.lines[-1]


def test_the_server_alone_says_what_is_wrong(tmp_path):
    done = subprocess.run(
        [sys.executable, "-m", "app.server"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=30,
        env={"PATH": os.environ["PATH"], "INSTANCE_PATH": str(tmp_path), "PORT": "0"},
    )
    assert done.returncode == 2 and done.stderr == "PORT is '0': set it to a whole number from 1 to 65535.\n"


SANDBOX = {
    "BRAINTREE_ENVIRONMENT": "sandbox",
    "BRAINTREE_MERCHANT_ID": "m",
    "BRAINTREE_PUBLIC_KEY": "p",
    "BRAINTREE_PRIVATE_KEY": "k",
}


def test_the_demo_companys_folder_is_recognized_outside_the_demo(start):
    start().wait_until_ready().stop()
    sandbox = start(**SANDBOX)
    sandbox.wait_for("This is the demo company's folder")
    sandbox.stop()
    live = start(
        **SANDBOX | {"BRAINTREE_ENVIRONMENT": "production"},
        PORTAL_URL="https://pay.harborpine.example",
        SMTP_URL="smtp://mail.harborpine.example",
    )
    assert live.process.wait(20) == 2
    assert len(live.lines) == 1 and "set INSTANCE_PATH or DATABASE_URL to a new place" in live.lines[0]


def flask(folder: Path, *command: str):
    return subprocess.run(
        [sys.executable, "-m", "flask", "--app", "wsgi", *command],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        env={"PATH": os.environ["PATH"], "INSTANCE_PATH": str(folder)},
    )


def test_a_host_that_is_not_this_machines_is_refused_before_anything_is_made(start, tmp_path):
    portal = start(HOST="nosuch.invalid")
    assert portal.process.wait(30) == 1
    assert "HOST is nosuch.invalid, which is no address of this machine." in portal.log.read_text()
    assert not (tmp_path / "instance").exists()


def test_a_command_makes_no_portal_unless_it_is_asked_to(tmp_path):
    folder = tmp_path / "instance"
    done = flask(folder, "settings", "show")
    assert done.returncode == 2 and f"There is no portal at {folder}/portal.sqlite3." in done.stderr
    assert "flask init" in done.stderr and not folder.exists()
    assert flask(folder, "init").returncode == 0
    assert flask(folder, "settings", "show").stdout.splitlines()[0] == "Credit Card Payments: off"
    assert {path.stat().st_mode & 0o077 for path in (folder, *folder.iterdir())} == {0}


def test_a_portal_is_backed_up_while_it_runs_and_restored_only_afterwards(start, tmp_path):
    portal = start().wait_until_ready()
    backup = str(tmp_path / "portal.bak")
    assert flask(tmp_path / "instance", "backup", backup).returncode == 0
    done = flask(tmp_path / "instance", "restore", backup)
    assert done.returncode == 1 and "The portal, or one of its commands, is running" in done.stderr
    portal.stop()
    done = flask(tmp_path / "instance", "restore", backup, "--yes")
    assert done.returncode == 0 and "Online payment stays paused" in done.stdout, done.stderr


def test_a_company_of_ones_own_starts_empty_on_the_demo_gateway_and_moves_on_to_braintree(start):
    first = start(DEMO="no").wait_until_ready()
    assert "/first-administrator/" in first.wait_for("Create the first administrator")
    assert not [line for line in first.lines if line.startswith(("Customer:", "First run"))]
    first.stop()
    again = start().wait_until_ready()
    assert not [line for line in again.lines if line.startswith(("Customer:", "First run"))]
    again.stop()
    live = start(
        **SANDBOX | {"BRAINTREE_ENVIRONMENT": "production"},
        PORTAL_URL="https://pay.harborpine.example",
        SMTP_URL="smtps://mail.harborpine.example",
    )
    live.wait_until_ready()
    assert not [line for line in live.lines if "demo" in line]


def test_a_wrong_choice_of_demo_is_named(start):
    portal = start(DEMO="perhaps")
    assert portal.process.wait(60) == 2 and "set it to no for a company of your own" in portal.lines[-1]


@pytest.fixture
def parse(shared_app):
    """parse(path, size) is the parser of a request that has sent its head."""
    parser = parser_of(shared_app)

    def _parse(path: str, size: int):
        parsed = parser(Adjustments(max_request_body_size=MAX_BODY))
        parsed.received(f"POST {path} HTTP/1.1\r\nContent-Length: {size}\r\n\r\n".encode())
        return parsed

    return _parse


def test_only_some_uploads_may_be_large_at_a_time(parse):
    parsers = [parse(IMPORT.url, 20_000_000) for _ in range(MAX_UPLOADS + 1)]
    assert [bool(parser.error) for parser in parsers] == [False] * MAX_UPLOADS + [True]
    assert parse("/login", 20_000_000).error.code == 413


def test_a_body_may_be_as_long_as_its_view_takes(parse):
    document = "/customers/2222222222222222/invoices/2222222222222222/file"
    assert not parse(document, 5 * 1024**2).error and not parse(f"{IMPORT.url}/2222222222222222/rows", 1_000_000).error
    status, _headers, body = parse(document, 6 * 1024**2).error.to_response()
    assert status == "413 Request Entity Too Large" and b"Nothing was saved: this takes at most 5 MB." in body
    _status, _headers, body = parse("/account", 600_000).error.to_response()
    assert b"at most 512 KB" in body
