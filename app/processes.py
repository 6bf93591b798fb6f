"""The supervisor's child processes."""

import ctypes
import os
import signal
import socket
import subprocess
import sys
import time
from select import select

from app.config import ROOT
from app.listening import LISTEN_FD, READY_FD, close_listener

QUICK_SECONDS, MAX_FAST_EXITS = 30, 4
STOP_SECONDS = 8
NOTICE_SECONDS = 0.2  # until a busy web server has read its signal
PR_SET_PDEATHSIG = 1


class RunFailed(Exception):
    """The portal can't run. The message says why."""


class Child:
    """A process of the portal. If it exits, it is restarted after a pause, which grows with each exit."""

    def __init__(self, name: str, arguments: list[str], environment: dict[str, str]):
        self.name = name
        self.arguments = arguments
        self.environment = environment
        self.quick_deaths = 0
        self.start_at = 0.0
        self.process: subprocess.Popen | None = None

    def start(self) -> None:
        self.launch(self.environment)

    def launch(self, environment: dict[str, str], handles: tuple[int, ...] = ()) -> None:
        self.started = time.monotonic()
        self.process = subprocess.Popen(  # noqa: S603 our own modules, our own interpreter
            [sys.executable, *self.arguments],
            cwd=ROOT,
            env=environment,
            stdin=subprocess.DEVNULL,
            process_group=0,
            pass_fds=handles,
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
        if code == os.EX_TEMPFAIL:  # the database is unavailable: wait for it, however long that takes
            self.quick_deaths = min(self.quick_deaths, MAX_FAST_EXITS - 1)
        if self.quick_deaths >= MAX_FAST_EXITS:
            raise RunFailed(f"The {self.name} keeps stopping ({describe_exit(code)}). Its reason is above.")
        pause = 2**self.quick_deaths - 1
        say(f"The {self.name} stopped ({describe_exit(code)}); starting it again{f' in {pause} s' * bool(pause)}.")
        self.process = None
        self.start_at = now + pause

    @property
    def running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def restart(self) -> None:
        stop_all([self])
        self.start()


class WebServer(Child):
    """One of the web servers, which all accept connections on the supervisor's socket."""

    def __init__(self, environment: dict[str, str], listener: socket.socket):
        super().__init__("web server", ["-m", "app.server"], environment)
        self.listener = listener
        self.ready: int | None = None
        self.left = 0.0

    def start(self) -> None:
        self.forget_ready()
        self.ready, writer = os.pipe()
        listener = self.listener.fileno()
        self.launch({**self.environment, LISTEN_FD: str(listener), READY_FD: str(writer)}, (listener, writer))
        os.close(writer)

    def forget_ready(self) -> None:
        if self.ready is not None:
            os.close(self.ready)
            self.ready = None

    def is_ready_within(self, seconds: float) -> bool:
        """True if it accepts connections. False if it doesn't in time, or exited."""
        has_news, _, _ = select([self.ready], [], [], seconds)
        is_ready = bool(has_news) and os.read(self.ready, 1) == b"."
        self.forget_ready()
        return is_ready

    def successor(self) -> "WebServer":
        return WebServer(self.environment, self.listener)

    def leave(self) -> None:
        """Tell it to accept no more connections and to exit when it has answered its requests."""
        self.left = time.monotonic()
        if self.running:
            self.process.send_signal(signal.SIGHUP)


def stop_all(children: list[Child], listener: socket.socket | None = None) -> None:
    """Stop the processes and wait for them. If all web servers stop, `listener` is their socket: it is closed once they
    have their signal."""
    for child in children:
        if child.running:
            child.process.terminate()
    if listener:
        time.sleep(NOTICE_SECONDS)
        close_listener(listener)
    deadline = time.monotonic() + STOP_SECONDS
    for child in children:
        try:
            if child.process is not None:
                child.process.wait(max(0, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            child.process.kill()
            child.process.wait()


def die_with_parent() -> None:
    """On Linux, sends SIGTERM to this process when its parent exits, even if the parent is killed."""
    if sys.platform == "linux":
        parent = os.getppid()
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != parent:
            os.kill(os.getpid(), signal.SIGTERM)


def describe_exit(code: int) -> str:
    return f"signal {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"


def say(*lines: str) -> None:
    print(*lines, sep="\n", flush=True)
