"""Real processes: the demo gateway on a socket, and forked children that pay and may be killed."""

import json
import os
import signal
import subprocess
import sys
import traceback
import urllib.request
from contextlib import contextmanager

from app.payments.gateway.braintree_gateway import BraintreeGateway
from braintree_emulator import Emulator
from tests.support import databases, statements

# Sockets answer at once here: what takes longer than this is "no answer".
READ_SECONDS = 0.4
LATE_SECONDS = 0.8
PATIENT_SECONDS = 30  # where nothing is broken any longer, a slow machine is no fault


class GatewayProcess:
    """`python -m braintree_emulator`, with its control endpoints and its store."""

    def __init__(self, folder):
        self.store = folder / "gateway.sqlite3"
        self.process = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "braintree_emulator",
                "--port",
                "0",
                "--store",
                str(self.store),
                "--settle-after",
                "43200",
            ],
            stdout=subprocess.PIPE,
            text=True,
        )
        self.url = self.process.stdout.readline().split()[-1]
        self.demo = Emulator(self.store)
        self.demo.settle_after = 43_200

    def add_fault(self, name: str, on: str = "sale", times: int = 1, **options) -> None:
        self.control("faults", {"name": name, "on": on, "times": times, "options": options})

    def clear_faults(self) -> None:
        self.control("faults/clear", {})

    def control(self, what: str, body: dict) -> None:
        request = urllib.request.Request(f"{self.url}/emulator/{what}", json.dumps(body).encode())
        urllib.request.urlopen(request, timeout=10).read()

    def client(self, **changes) -> BraintreeGateway:
        """The portal's adapter over HTTP. Make it after fork."""
        accounts = {"USD": "demo_usd", "EUR": "demo_eur"}
        return BraintreeGateway(
            environment="demo",
            merchant_id="demo_merchant",
            public_key="demo_public_key",
            private_key="demo_private_key",
            gateway_url=self.url,
            merchant_accounts=accounts,
            **{"read_seconds": READ_SECONDS, **changes},
        )

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(10)


def start(work) -> tuple[int, int]:
    """Run `work()` in a forked child. Returns (pid, file descriptor); the text that `work` returns can be read from
    it."""
    reader, writer = os.pipe()
    pid = os.fork()
    if pid:
        os.close(writer)
        return pid, reader
    status = 1
    try:
        os.close(reader)
        os.write(writer, str(work()).encode())
        status = 0
    except BaseException:
        os.write(writer, traceback.format_exc().encode())
    finally:
        os._exit(status)


def finish(pid: int, reader: int) -> tuple[int, str]:
    """(exit status, or minus the signal that killed it; its text)"""
    with os.fdopen(reader) as said:
        text = said.read()
    _, status = os.waitpid(pid, 0)
    return os.waitstatus_to_exitcode(status), text


def run(work) -> tuple[int, str]:
    return finish(*start(work))


def kill_me(*_args) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def kill_at_statement(portal, number: int) -> None:
    """Kill this process with SIGKILL when its connection is about to run its Nth SQL statement."""
    left = iter(range(number - 1, -1, -1))

    def count(*_statement):
        if next(left, 0) == 0:
            kill_me()

    if databases.is_postgres(portal.url):
        statements.listen(count)
    else:
        portal.database.connection().set_trace_callback(count)


@contextmanager
def closed(portal):
    """Without a connection of the parent, so that it may fork."""
    portal.close()
    try:
        yield
    finally:
        portal.open()
