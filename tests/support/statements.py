"""The SQL that the portal sends, seen where peewee logs it just before it is run: to count it, to act at one moment of
it, or to fail as a database would."""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager

PEEWEE = logging.getLogger("peewee")


class Listener(logging.Handler):
    """Calls `see` with each statement and its parameters. What it raises, the statement raises."""

    def __init__(self, see: Callable[[str, object], None]):
        super().__init__()
        self.see = see

    def createLock(self):
        """None: while one thread waits in `see`, others go on."""
        self.lock = None

    def emit(self, record: logging.LogRecord) -> None:
        if isinstance(record.msg, tuple):
            self.see(*record.msg)


def listen(see: Callable[[str, object], None]) -> None:
    """Until this process ends."""
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
    """`act` is called once, before the `number`-th statement that contains `part`; it may raise. There must be one."""
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
