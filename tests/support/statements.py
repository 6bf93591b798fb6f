"""Listens to the portal's SQL where peewee logs it before running it: to count it, to act at a certain statement, or
to fail like a database."""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager

PEEWEE = logging.getLogger("peewee")


class Listener(logging.Handler):
    """Calls `see` with each statement and its parameters. If `see` raises, so does the statement."""

    def __init__(self, see: Callable[[str, object], None]):
        super().__init__()
        self.see = see

    def createLock(self):
        """No lock, so that other threads continue while one waits in `see`."""
        self.lock = None

    def emit(self, record: logging.LogRecord) -> None:
        if isinstance(record.msg, tuple):
            self.see(*record.msg)


def listen(see: Callable[[str, object], None]) -> None:
    """Listen until this process ends."""
    PEEWEE.addHandler(Listener(see))
    PEEWEE.setLevel(logging.DEBUG)
    PEEWEE.propagate = False


@contextmanager
def listening(see: Callable[[str, object], None]) -> Iterator[None]:
    listener, level, propagates = Listener(see), PEEWEE.level, PEEWEE.propagate
    PEEWEE.addHandler(listener)
    PEEWEE.setLevel(logging.DEBUG)
    PEEWEE.propagate = False
    try:
        yield
    finally:
        PEEWEE.removeHandler(listener)
        PEEWEE.setLevel(level)
        PEEWEE.propagate = propagates


@contextmanager
def counted() -> Iterator[list[str]]:
    """`with counted() as sent:` fills `sent` with the statements."""
    sent: list[str] = []
    with listening(lambda sql, _parameters: sent.append(sql)):
        yield sent


@contextmanager
def before_statement(part: str, act: Callable[[], object], number: int = 1) -> Iterator[None]:
    """Call `act` once, before the `number`-th statement that contains `part`; it may raise. Fails if there is no
    such statement."""
    seen = 0

    def see(sql: str, _parameters) -> None:
        nonlocal seen
        seen += part in sql
        if part in sql and seen == number:
            act()

    with listening(see):
        yield
    assert seen >= number, f"{seen} statements contain {part!r}"


def raising(error: BaseException) -> Callable[[], object]:
    def fail():
        raise error

    return fail
