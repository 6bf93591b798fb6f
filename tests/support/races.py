"""Doing several things at the same moment, each in a thread with a connection of its own."""

import threading
from collections.abc import Callable
from contextlib import ExitStack, nullcontext, suppress
from typing import Any

from app.extensions import db
from tests.support.statements import listening

PATIENCE_SECONDS = 0.5  # for the others to come: where the database lets one in at a time, they don't
LONGEST_SECONDS = 60


def at_once(*works: Callable[[], Any], before: str = "", by_http: bool = False) -> list[Any]:
    """What each of `works` returned, or the exception that ended it. None of them runs its first statement that has
    the words `before` until all of them are about to, as far as the database lets them. `by_http`: they are requests,
    which connect by themselves."""
    results: list[Any] = [None] * len(works)
    gate, waited = threading.Barrier(len(works)), threading.local()

    def meet(sql: str, _parameters: object) -> None:
        if before in sql and threading.current_thread() in threads and not getattr(waited, "once", False):
            waited.once = True
            with suppress(threading.BrokenBarrierError):
                gate.wait(PATIENCE_SECONDS)

    def run(place: int, work: Callable[[], Any]) -> None:
        try:
            with nullcontext() if by_http else db.connection_context():
                results[place] = work()
        except Exception as error:
            results[place] = error

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(works)]
    with ExitStack() as stack:
        if before:
            stack.enter_context(listening(meet))
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(LONGEST_SECONDS)
    assert not any(thread.is_alive() for thread in threads), "it hangs"
    return results
