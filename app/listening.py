"""Opens the socket that the portal listens on, in the supervisor for all web servers, or in a single web server."""

import contextlib
import errno
import os
import socket

LISTEN_FD, READY_FD = "PORTAL_LISTEN_FD", "PORTAL_READY_FD"  # environment variables that the supervisor sets


class CannotListen(Exception):
    """The message says why, and what to do."""


def listen(host: str, port: int) -> socket.socket:
    """Raises CannotListen."""
    try:
        socket.getaddrinfo(host, port)
        return socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
    except (OSError, UnicodeError) as error:
        if isinstance(error, (socket.gaierror, UnicodeError)) or error.errno == errno.EADDRNOTAVAIL:
            raise CannotListen(
                f"HOST is {host}, which is no address of this machine. Set it to 127.0.0.1 behind a proxy on this "
                "machine, or to 0.0.0.0 to listen on all addresses."
            ) from None
        if error.errno == errno.EACCES:
            raise CannotListen(f"Port {port} on {host} needs root. Set PORT to 1024 or more.") from None
        raise CannotListen(f"Port {port} on {host} can't be used: {error.strerror}. {choose_another(port)}") from None


def check_host(host: str) -> None:
    """Raises CannotListen if no port can be opened on this host."""
    listen(host, 0).close()


def choose_another(port: int) -> str:
    return f"If the portal isn't running already, choose another with PORT, like PORT={port + 10} make run."


def inherited() -> socket.socket | None:
    number = os.environ.pop(LISTEN_FD, None)
    return socket.socket(fileno=int(number)) if number else None


def say_ready() -> None:
    """Tell the supervisor, if there is one, that this web server accepts connections."""
    number = os.environ.pop(READY_FD, None)
    if number:
        os.write(int(number), b".")
        os.close(int(number))


def is_open(listener: socket.socket) -> bool:
    return bool(listener.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN))


def close_listener(listener: socket.socket) -> None:
    """In every process that has it: who connects is refused from now on."""
    with contextlib.suppress(OSError):
        listener.shutdown(socket.SHUT_RDWR)
