"""Serves with waitress until a signal, and shuts down gracefully.

After SIGTERM, the socket is closed, so that a proxy sends new requests to another host. Current requests are answered,
and idle connections are closed at once. After SIGHUP, another process takes over the socket, so there is time to tell
each client that its connection ends, and no request is lost.
"""

import signal
import socket
import time

import waitress
from waitress import wasyncore
from waitress.channel import HTTPChannel
from waitress.task import WSGITask

from app.listening import close_listener, is_open, say_ready

PATIENT_SECONDS, QUICK_SECONDS = 60, 6
IDLE_SECONDS = 2  # the longest pause between two requests of an active client
OPEN_SECONDS = 1  # the longest wait for the supervisor to close the shared socket, and for a new client's first request


class FinishingTask(WSGITask):
    def build_response_header(self):
        if getattr(self.channel.server, "is_finishing", False):
            self.set_close_on_finish()
        return super().build_response_header()


def serve(app, listener: socket.socket, *, is_shared: bool, **settings) -> None:
    """`is_shared`: other web servers use the socket too, and the supervisor closes it."""
    HTTPChannel.task_class = FinishingTask
    received: list[int] = []
    connections: dict = {}
    server = waitress.create_server(app, map=connections, sockets=[listener], **settings)
    server.handle_close = lambda: None  # when the socket closes, current requests still need the server

    def stop(number, _frame):
        received.append(number)
        server.adj.log_socket_errors = False  # accepting on the closed socket fails, which is no error now
        server.pull_trigger()

    for name in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(name, stop)
    say_ready()
    while not received:
        wasyncore.poll2(1.0, connections)
    is_patient = received[0] == signal.SIGHUP
    if not is_patient and not is_shared:
        close_listener(listener)
    finish(server, connections, is_patient=is_patient)


def finish(server, connections: dict, *, is_patient: bool) -> None:
    """Answer the current requests, for a limited time, then stop the server's threads.

    When the last process of an open socket exits, the system resets the connections that wait in it, and their requests
    are lost. So until the socket is closed, the server still accepts connections, unless its successor does.
    """
    server.is_finishing, server.accepting = True, not is_patient
    began = time.monotonic()
    until = began + (PATIENT_SECONDS if is_patient else QUICK_SECONDS)
    idle_seconds = IDLE_SECONDS if is_patient else 0
    while (server.accepting or server.active_channels) and time.monotonic() < until:
        server.accepting = server.accepting and is_open(server.socket) and time.monotonic() - began < OPEN_SECONDS
        for channel in list(server.active_channels.values()):
            if is_idle(channel, idle_seconds):
                channel.will_close = True
        wasyncore.poll2(0.1, connections)
    server.task_dispatcher.shutdown(timeout=1)


def is_idle(channel, seconds: float) -> bool:
    """True if the connection has no request or response under way, and received nothing for so long. A new client has
    at least OPEN_SECONDS to send its first request."""
    is_new = channel.last_activity == channel.creation_time
    enough = max(seconds, OPEN_SECONDS) if is_new else seconds
    is_waiting = channel.requests or channel.request is not None or channel.total_outbufs_len
    return not is_waiting and time.time() - channel.last_activity >= enough
