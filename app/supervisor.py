"""`make run`: web server, worker and, in the demo, the gateway, until Ctrl-C.

It migrates the database, loads the demo company on the first run, starts the processes, says where
to go, starts again what dies, and ends all of them with itself.
"""

import contextlib
import ctypes
import http.client
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
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


class RunFailed(Exception):
    """The portal can't run; the text says why."""


class Child:
    """One process of the portal. One that dies is started again, after a pause that grows."""

    def __init__(self, name: str, arguments: list[str], environment: dict[str, str]):
        self.name = name
        self.arguments = arguments
        self.environment = environment
        self.quick_deaths = 0
        self.start_at = 0.0
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
            raise RunFailed(f"The {self.name} keeps stopping ({describe_exit(code)}). Its reason is above.")
        pause = 2**self.quick_deaths - 1
        say(f"The {self.name} stopped ({describe_exit(code)}); starting it again{f' in {pause} s' * bool(pause)}.")
        self.process = None
        self.start_at = now + pause

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
    except RunFailed as failure:
        say(str(failure))
        return 1
    except KeyboardInterrupt:
        return 0


def run(config: Config) -> None:
    report_disk_errors(DatabaseFile.of_url(config.database_url).path)
    run_alone(config)
    gateway_port = demo_gateway_port(config)
    check_ports(config, gateway_port)
    prepare(config)
    children = all_children(config, gateway_port)
    with shared_counters(config) as settings:
        for child in children:
            child.environment.update(settings)
        run_children(config, children)


def run_children(config: Config, children: list[Child]) -> None:
    try:
        for child in children:
            child.start()
        wait_until_ready(config, children)
        print_addresses(config)
        while True:
            restart_exited(children)
    finally:
        stop_all(children)


@contextlib.contextmanager
def shared_counters(config: Config):
    """The setting that names a folder in which web processes share what they count, also with those before them."""
    if not config.metrics_token:
        yield {}
        return
    with tempfile.TemporaryDirectory(prefix="portal-metrics-") as folder:
        yield {"PROMETHEUS_MULTIPROC_DIR": folder}


def demo_gateway_port(config: Config) -> int | None:
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
            raise RunFailed(
                f"Port {port}{what} on {host} can't be used: {error.strerror}. If the portal isn't "
                f"running already, choose another with PORT, like PORT={config.port + 10} make run."
            ) from None


def prepare(config: Config) -> None:
    bring_up(config, system_clock())
    note_start(config, os.environ)
    database = db.obj
    refuse_demo_data(config)
    with database.connection_context():
        loads_demo = config.demo and not is_for_own_company() and wants_demo_company(os.environ.get("DEMO", ""))
    database.close_all()
    if loads_demo:
        say("First run: loading the demo company.")
        run_flask(config, "demo", "load")


def is_for_own_company() -> bool:
    return bool(Company.current().name or Audit.last("started_empty"))


def wants_demo_company(setting: str) -> bool:
    """Records a no, so that it counts for later runs too. Raises ConfigError."""
    answer = setting.strip().lower()
    if answer not in ("", "yes", "no"):
        raise ConfigError([f"DEMO is {setting!r}: set it to no for a company of your own, or leave it out."])
    if answer == "no":
        Audit.write("started_empty", to_ms(system_clock()), actor="console")
    return answer != "no"


def run_flask(config: Config, *command: str) -> str:
    """What `flask COMMAND` prints. Raises RunFailed."""
    done = subprocess.run(  # noqa: S603 our own command
        [sys.executable, "-m", "flask", "--app", "wsgi", *command],
        cwd=ROOT,
        env=environment_of(config),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RunFailed(f"flask {' '.join(command)} failed ({describe_exit(done.returncode)}). Its reason is above.")
    return done.stdout


def all_children(config: Config, gateway_port: int | None) -> list[Child]:
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


def wait_until_ready(config: Config, children: list[Child]) -> None:
    deadline = time.monotonic() + READY_SECONDS
    while not is_answering(config):
        if time.monotonic() > deadline:
            raise RunFailed(f"The web server did not answer within {READY_SECONDS} seconds.")
        for child in children:
            if not child.running:
                why = describe_exit(child.process.returncode)
                raise RunFailed(f"The {child.name} stopped right after its start ({why}). Its reason is above.")
        time.sleep(0.2)


def is_answering(config: Config) -> bool:
    connection = http.client.HTTPConnection(config.host, config.port, timeout=10)
    try:
        connection.request("GET", "/login", headers={"Host": urlsplit(config.portal_url).netloc})
        return connection.getresponse().status < 500
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def restart_exited(children: list[Child]) -> None:
    for child in children:
        child.restart_if_exited()
    time.sleep(0.2)


def print_addresses(config: Config) -> None:
    say("", f"The customer center is ready: {config.portal_url}")
    if config.demo:
        say(demo_logins(config), mail_line(config))
    with db.connection_context():
        token = FirstRun.issue(system_clock())
        from_demo = 0 if config.demo else Attempt.made_in_demo().count()
    if from_demo:
        say(
            f"Payments made on the demo gateway, where no money moves, that still count as paid: {from_demo}. Open "
            "their invoices again with: flask books undo-demo-payments"
        )
    if not config.demo and holds_demo_data():
        say(
            "This is the demo company's folder, and its logins are closed outside the demo. For a company of your own, "
            "set INSTANCE_PATH to a new folder."
        )
    if token:
        say(f"Create the first administrator: {config.portal_url}/first-administrator/{token}")
    say("Stop it with Ctrl-C.", "")


def demo_logins(config: Config) -> str:
    if holds_demo_data():
        return run_flask(config, "demo", "logins").rstrip()
    return "Your own company, on the demo gateway: no card is charged."


def mail_line(config: Config) -> str:
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
