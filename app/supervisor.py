"""`make run`: web server, worker and, in the demo, the gateway, until Ctrl-C.

It migrates the database, loads the demo company on the first run, starts the processes, says where
to go, starts again what dies, and ends all of them with itself.
"""

import ctypes
import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from urllib.parse import urlsplit

from app import holds_demo_data, refuse_demo_data
from app.clock import system_clock, to_ms
from app.config import ROOT, Config, ConfigError
from app.extensions import db
from app.models import Attempt, Audit, Company, FirstRun
from app.storage.database_file import DatabaseFile
from app.storage.errors import report_disk_errors
from app.storage.instance import note_start
from app.storage.locks import run_alone
from app.storage.startup import bring_up

PROXIES = ("http_proxy", "https_proxy", "all_proxy")
READY_SECONDS, STOP_SECONDS = 60, 8
QUICK_SECONDS, MAX_FAST_EXITS = 30, 4
PR_SET_PDEATHSIG = 1


class Ended(Exception):
    """The run is over. `code` is the exit status, the text says why."""

    def __init__(self, reason: str, code: int = 1):
        self.code = code
        super().__init__(reason)


class Child:
    """One process of the portal. One that dies is started again, after a pause that grows."""

    def __init__(self, name: str, arguments: list[str], environment: Mapping[str, str]):
        self.name, self.arguments, self.environment = name, arguments, environment
        self.quick_deaths, self.start_at = 0, 0.0
        self.process: subprocess.Popen | None = None

    def start(self) -> None:
        self.started = time.monotonic()
        self.process = subprocess.Popen(  # noqa: S603 our own modules, our own interpreter
            [sys.executable, *self.arguments],
            cwd=ROOT,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            process_group=0,
            preexec_fn=die_with_parent,
        )

    def restart_if_exited(self) -> None:
        now = time.monotonic()
        if self.process is None and now >= self.start_at:
            self.start()
        elif self.process is not None and self.process.poll() is not None:
            self.record_exit(now)

    def record_exit(self, now: float) -> None:
        code = self.process.returncode
        quick = now - self.started < QUICK_SECONDS
        self.quick_deaths = self.quick_deaths + 1 if quick else 0
        if self.quick_deaths >= MAX_FAST_EXITS:
            raise Ended(f"The {self.name} keeps stopping ({describe_exit(code)}). Its reason is above.")
        pause = 2**self.quick_deaths - 1
        say(f"The {self.name} stopped ({describe_exit(code)}); starting it again{f' in {pause} s' * bool(pause)}.")
        self.process, self.start_at = None, now + pause

    @property
    def running(self) -> bool:
        return self.process is not None and self.process.poll() is None


def main() -> int:
    os.umask(0o077)  # what the instance folder gets is its owner's alone
    for name in (signal.SIGINT, signal.SIGTERM):  # shells start background jobs with SIGINT ignored
        signal.signal(name, stop)
    if signal.getsignal(signal.SIGHUP) != signal.SIG_IGN:  # nohup wants it to stay
        signal.signal(signal.SIGHUP, stop)
    if os.environ.get("MAKELEVEL"):
        die_with_parent()
    try:
        run(Config.from_env())
    except ConfigError as error:
        say(*error.problems)
        return 2
    except Ended as end:
        say(str(end))
        return end.code
    except KeyboardInterrupt:
        return 0


def run(config: Config) -> None:
    report_disk_errors(DatabaseFile.of_url(config.database_url).path)
    run_alone(config)
    gateway_port = own_gateway_port(config)
    check_ports(config, gateway_port)
    prepare(config)
    children = children_of(config, gateway_port)
    try:
        for child in children:
            child.start()
        wait_until_it_answers(config, children)
        greet(config)
        while True:
            poll(children)
    finally:
        stop_all(children)


def own_gateway_port(config: Config) -> int | None:
    if config.demo and not os.environ.get("BRAINTREE_GATEWAY_URL", "").strip():
        return urlsplit(config.gateway_url).port
    return None


def check_ports(config: Config, gateway_port: int | None) -> None:
    wanted = [(config.host, config.port, "")]
    if gateway_port:
        wanted.append(("127.0.0.1", gateway_port, ", which the demo gateway needs,"))
    for host, port, what in wanted:
        try:
            family = socket.AF_INET6 if ":" in host else socket.AF_INET
            socket.create_server((host, port), family=family).close()
        except OSError as error:
            raise Ended(
                f"Port {port}{what} on {host} can't be used: {error.strerror}. If the portal isn't "
                f"running already, choose another with PORT, like PORT={config.port + 10} make run."
            ) from None


def prepare(config: Config) -> None:
    bring_up(config, system_clock())
    note_start(config, os.environ)
    database = db.obj
    refuse_demo_data(config)
    with database.connection_context():
        wants_demo = config.demo and not is_own_company(os.environ.get("DEMO", ""))
    database.close_all()
    if wants_demo:
        say("First run: loading the demo company.")
        flask(config, "demo", "load", capture=True)


def is_own_company(demo: str) -> bool:
    if Company.current().name or Audit.last("started_empty"):
        return True
    if demo.strip().lower() not in ("", "yes", "no"):
        raise ConfigError([f"DEMO is {demo!r}: set it to no for a company of your own, or leave it out."])
    if demo.strip().lower() == "no":
        Audit.write("started_empty", to_ms(system_clock()), actor="console")
    return Audit.last("started_empty") is not None


def flask(config: Config, *command: str, capture: bool = False) -> str:
    """Run `flask COMMAND`. Raises Ended if it fails."""
    done = subprocess.run(  # noqa: S603 our own command
        [sys.executable, "-m", "flask", "--app", "wsgi", *command],
        cwd=ROOT,
        env=environment_of(config),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE if capture else None,
        text=True,
        check=False,
    )
    if done.returncode:
        raise Ended(f"flask {' '.join(command)} failed ({describe_exit(done.returncode)}). Its reason is above.")
    return done.stdout or ""


def children_of(config: Config, gateway_port: int | None) -> list[Child]:
    environment = environment_of(config)
    children = [
        Child("web server", ["-m", "app.server"], environment),
        Child("worker", ["-m", "flask", "--app", "wsgi", "worker"], environment),
    ]
    if gateway_port:
        from app import demo  # the emulator is for the demo alone

        children.insert(0, Child("demo gateway", demo.gateway_command(config, gateway_port), environment))
    return children


def environment_of(config: Config) -> dict[str, str]:
    local = config.gateway_url is not None
    kept = {k: v for k, v in os.environ.items() if not (local and k.lower() in PROXIES)}
    return {**kept, "PYTHONUNBUFFERED": "1"}


def wait_until_it_answers(config: Config, children: list[Child]) -> None:
    deadline = time.monotonic() + READY_SECONDS
    while not answers(config):
        if time.monotonic() > deadline:
            raise Ended(f"The web server did not answer within {READY_SECONDS} seconds.")
        for child in children:
            if not child.running:
                why = describe_exit(child.process.returncode)
                raise Ended(f"The {child.name} stopped right after its start ({why}). Its reason is above.")
        time.sleep(0.2)


def answers(config: Config) -> bool:
    connection = http.client.HTTPConnection(config.host, config.port, timeout=10)
    try:
        connection.request("GET", "/login", headers={"Host": urlsplit(config.portal_url).netloc})
        return connection.getresponse().status < 500
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def poll(children: list[Child]) -> None:
    for child in children:
        child.restart_if_exited()
    time.sleep(0.2)


def greet(config: Config) -> None:
    say("", f"The customer center is ready: {config.portal_url}")
    if config.demo:
        say(demo_logins(config), where_mail_goes(config))
    with db.connection_context():
        token = FirstRun.issue(system_clock())
        from_demo = 0 if config.demo else Attempt.made_in_demo().count()
    if from_demo:
        say(
            f"Made on the demo gateway, where no money moves, and still counted as paid: {from_demo} payments. Open "
            "their invoices again with: flask books undo-demo-payments"
        )
    if not config.demo and holds_demo_data():
        say(
            "This is the demo company's folder, and its logins are closed outside the demo. For a company of your own, "
            "set INSTANCE_PATH to a new folder."
        )
    if token:
        say(f"Make the first administrator: {config.portal_url}/first-administrator/{token}")
    say("Stop it with Ctrl-C.", "")


def demo_logins(config: Config) -> str:
    if holds_demo_data():
        return flask(config, "demo", "logins", capture=True).rstrip()
    return "Your own company, on the demo gateway: no card is charged."


def where_mail_goes(config: Config) -> str:
    outbox = f"{config.portal_url}/outbox"
    if config.smtp_url:
        server = urlsplit(config.smtp_url).hostname
        return f"Emails are sent to their readers through {server}, and also listed at {outbox}"
    return f"Emails: {outbox}"


def stop_all(children: list[Child]) -> None:
    for name in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(name, signal.SIG_IGN)
    for child in children:
        if child.running:
            child.process.terminate()
    deadline = time.monotonic() + STOP_SECONDS
    for child in children:
        try:
            if child.process is not None:
                child.process.wait(max(0, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            child.process.kill()
            child.process.wait()


def die_with_parent() -> None:
    """On Linux: SIGTERM for this process when the one that started it is gone, however it went."""
    if sys.platform == "linux":
        parent = os.getppid()
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != parent:
            os.kill(os.getpid(), signal.SIGTERM)


def stop(*_):
    raise KeyboardInterrupt


def describe_exit(code: int) -> str:
    return f"signal {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"


def say(*lines: str) -> None:
    print(*lines, sep="\n", flush=True)


if __name__ == "__main__":
    sys.exit(main())
