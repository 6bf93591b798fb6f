"""`make run`: runs web servers, the worker and, in the demo, the gateway, until Ctrl-C. With the argument `web` it runs
no worker, for an additional host.

It migrates the database, loads the demo company on the first run, starts the processes, prints the portal's URL,
restarts processes that exit, and stops all of them when it stops.
"""

import contextlib
import http.client
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from urllib.parse import urlsplit

from peewee import PeeweeException

from app import holds_demo_data, refuse_demo_data
from app.clock import system_clock, to_ms
from app.config import ROOT, Config, ConfigError
from app.environment import LOCAL
from app.extensions import db
from app.listening import CannotListen, check_host, choose_another, listen
from app.models import Attempt, Audit, Company, FirstRun
from app.processes import Child, RunFailed, WebServer, describe_exit, die_with_parent, say, stop_all
from app.storage.errors import report_disk_errors
from app.storage.instance import check_start, may_make_portal, note_start
from app.storage.locks import run_alone
from app.storage.server_errors import database_error_text
from app.storage.startup import bring_up

PROXIES = ("http_proxy", "https_proxy", "all_proxy")
READY_SECONDS = 60
LEAVE_SECONDS = 70
_restart = threading.Event()  # set by SIGUSR1


def main(arguments: list[str]) -> int:
    if arguments not in ([], ["web"]):
        say(f"There is no {' '.join(arguments)}: give no argument, or web for the web servers alone.")
        return 2
    os.umask(0o077)  # only the owner may read files in the instance folder
    for name in (signal.SIGINT, signal.SIGTERM):  # shells start background jobs with SIGINT ignored
        signal.signal(name, stop)
    if signal.getsignal(signal.SIGHUP) != signal.SIG_IGN:  # nohup ignores SIGHUP
        signal.signal(signal.SIGHUP, stop)
    signal.signal(signal.SIGUSR1, lambda *_: _restart.set())
    if os.environ.get("MAKELEVEL"):
        die_with_parent()
    try:
        # Before the folder and a secret key are created.
        check_start(os.environ)
        check_host(os.environ.get("HOST", "").strip() or LOCAL)
        run(Config.from_env(), has_worker=not arguments)
    except ConfigError as error:
        say(*error.problems)
        return 2
    except (RunFailed, CannotListen) as failure:
        say(str(failure))
        return 1
    except KeyboardInterrupt:
        return 0


def run(config: Config, *, has_worker: bool) -> None:
    report_disk_errors(config.data_path)
    run_alone(config)
    gateway_port = demo_gateway_port(config)
    if gateway_port:
        check_gateway_port(gateway_port, config.port)
    listener = listen(config.host, config.port)
    prepare(config)
    children = all_children(config, gateway_port, listener)
    if not has_worker:
        children = [child for child in children if child.name != "worker"]
    with shared_counters(config) as settings:
        for child in children:
            child.environment.update(settings)
        run_children(config, children, listener)


def run_children(config: Config, children: list[Child], listener: socket.socket) -> None:
    leaving: list[WebServer] = []
    try:
        for child in children:
            child.start()
        wait_until_ready(config, children)
        try:
            print_addresses(config)
        except PeeweeException as error:
            say(database_error_text(error, config))
        while True:
            if _restart.is_set():
                _restart.clear()
                replace_all(children, leaving)
            reap(leaving)
            restart_exited(children)
    finally:
        for name in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(name, signal.SIG_IGN)
        stop_all([*children, *leaving], listener)


def replace_all(children: list[Child], leaving: list[WebServer]) -> None:
    """Replaces one web server after the other, so that one can always answer, and then the worker."""
    say("Restarting.")
    for place, child in enumerate(children):
        if not isinstance(child, WebServer):
            continue
        successor = child.successor()
        successor.start()
        if not successor.is_ready_within(READY_SECONDS):
            stop_all([successor])
            say("A new web server doesn't start: its reason is above. Those from before go on.")
            return
        children[place] = successor
        child.leave()
        leaving.append(child)
    for child in children:
        if child.name == "worker":
            child.restart()
    say("Restarted.")


def reap(leaving: list[WebServer]) -> None:
    for child in list(leaving):
        if not child.running or time.monotonic() - child.left > LEAVE_SECONDS:
            stop_all([child])
            leaving.remove(child)


@contextlib.contextmanager
def shared_counters(config: Config):
    """Sets the folder in which web processes share their metrics, also with the processes that they replace."""
    if not config.metrics_token:
        yield {}
        return
    with tempfile.TemporaryDirectory(prefix="portal-metrics-") as folder:
        yield {"PROMETHEUS_MULTIPROC_DIR": folder}


def demo_gateway_port(config: Config) -> int | None:
    if config.demo and not os.environ.get("BRAINTREE_GATEWAY_URL", "").strip():
        return urlsplit(config.gateway_url).port
    return None


def check_gateway_port(port: int, portal_port: int) -> None:
    try:
        socket.create_server(("127.0.0.1", port)).close()
    except OSError as error:
        raise RunFailed(
            f"Port {port}, which the demo gateway needs, can't be used: {error.strerror}. {choose_another(portal_port)}"
        ) from None


def prepare(config: Config) -> None:
    bring_up(config, system_clock(), may_make=may_make_portal(config))
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
    """Stores the answer no for later runs. Raises ConfigError."""
    answer = setting.strip().lower()
    if answer not in ("", "yes", "no"):
        raise ConfigError([f"DEMO is {setting!r}: set it to no for a company of your own, or leave it out."])
    if answer == "no":
        Audit.write("started_empty", to_ms(system_clock()), actor="console")
    return answer != "no"


def run_flask(config: Config, *command: str) -> None:
    """Raises RunFailed."""
    done = subprocess.run(  # noqa: S603 our own command
        [sys.executable, "-m", "flask", "--app", "wsgi", *command],
        cwd=ROOT,
        env=environment_of(config),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        check=False,
    )
    if done.returncode:
        raise RunFailed(f"flask {' '.join(command)} failed ({describe_exit(done.returncode)}). Its reason is above.")


def all_children(config: Config, gateway_port: int | None, listener: socket.socket) -> list[Child]:
    environment = environment_of(config)
    children = [
        *(WebServer(environment, listener) for _ in range(config.web_processes)),
        Child("worker", ["-m", "flask", "--app", "wsgi", "worker"], environment),
    ]
    if gateway_port:
        from app import demo  # the emulator is only needed for the demo

        children.insert(0, Child("demo gateway", demo.gateway_command(config, gateway_port), environment))
    return children


def environment_of(config: Config) -> dict[str, str]:
    local = config.gateway_url is not None
    kept = {k: v for k, v in os.environ.items() if not (local and k.lower() in PROXIES)}
    # On Linux, fewer malloc arenas let threads reuse memory: a web server needs a third less.
    return {"MALLOC_ARENA_MAX": "2", **kept, "PYTHONUNBUFFERED": "1"}


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
        say(*demo_logins(), mail_line(config))
    with db.connection_context():
        token = FirstRun.issued(config.keys, system_clock())
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


def demo_logins() -> list[str]:
    if not holds_demo_data():
        return ["Your own company, on the demo gateway: no card is charged."]
    from app.imports.demo import login_lines  # only needed for the demo

    with db.connection_context():
        return login_lines()


def mail_line(config: Config) -> str:
    outbox = f"{config.portal_url}/outbox"
    if config.smtp_url:
        server = urlsplit(config.smtp_url).hostname
        return f"Emails are sent to their readers through {server}, and also listed at {outbox}"
    return f"Emails: {outbox}"


def stop(*_):
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
