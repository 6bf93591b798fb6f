"""Serving with waitress until a signal, and finishing what was begun.

SIGTERM: what was asked is answered, and idle connections are closed at once. SIGHUP: another process takes over the
socket, so there is time to tell each client that its connection ends; none loses a request.
"""

import signal
import socket
import time

import waitress
from waitress import wasyncore
from waitress.channel import HTTPChannel
from waitress.task import WSGITask

from app.listening import say_ready

PATIENT_SECONDS, QUICK_SECONDS = 60, 6
IDLE_SECONDS = 2  # between two requests of a client that is at work


class FinishingTask(WSGITask):
    def build_response_header(self):
        if getattr(self.channel.server, "is_finishing", False):
            self.set_close_on_finish()
        return super().build_response_header()


def serve(app, listener: socket.socket, **settings) -> None:
    HTTPChannel.task_class = FinishingTask
    received: list[int] = []
    connections: dict = {}
    server = waitress.create_server(app, map=connections, sockets=[listener], **settings)

    def stop(number, _frame):
        received.append(number)
        server.pull_trigger()

    for name in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(name, stop)
    say_ready()
    while not received:
        wasyncore.poll2(1.0, connections)
    finish(server, connections, is_patient=received[0] == signal.SIGHUP)


def finish(server, connections: dict, *, is_patient: bool) -> None:
    server.is_finishing, server.accepting = True, False
    until = time.monotonic() + (PATIENT_SECONDS if is_patient else QUICK_SECONDS)
    idle_seconds = IDLE_SECONDS if is_patient else 0
    while server.active_channels and time.monotonic() < until:
        for channel in list(server.active_channels.values()):
            if is_idle(channel) and time.time() - channel.last_activity >= idle_seconds:
                channel.will_close = True
        wasyncore.poll2(0.1, connections)
    server.task_dispatcher.shutdown(timeout=1)


def is_idle(channel) -> bool:
    return not channel.requests and channel.request is None and not channel.total_outbufs_len
