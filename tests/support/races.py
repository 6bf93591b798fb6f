"""Runs several things at the same moment, each in a thread with its own connection."""

import os
import threading
from collections.abc import Callable
from contextlib import ExitStack, nullcontext, suppress
from typing import Any

from app.extensions import db
from tests.support.statements import before_statement, listening

# For the others to come: where the database lets one in at a time, they don't. If they must, a slow machine needs more.
PATIENCE_SECONDS = float(os.environ.get("TEST_PATIENCE", "0.5"))
LONGEST_SECONDS = 60


def run_during(work: Callable[[], Any], before: str, other: Callable[[], Any], number: int = 1) -> tuple[Any, Any]:
    """What `work` and `other` returned, or the exceptions that ended them. `other` starts when `work` is about to
    run its `number`-th statement that contains `before`, and finishes before that statement, if the database allows
    it."""
    results: list[Any] = [None]

    def run() -> None:
        try:
            with db.connection_context():
                results[0] = other()
        except Exception as error:
            results[0] = error

    thread = threading.Thread(target=run)

    def begin() -> None:
        thread.start()
        thread.join(PATIENCE_SECONDS)

    try:
        with before_statement(before, begin, number):
            result = work()
    except Exception as error:
        result = error
    thread.join(LONGEST_SECONDS)
    assert not thread.is_alive(), "it hangs"
    return result, results[0]


def at_once(*works: Callable[[], Any], before: str = "", by_http: bool = False) -> list[Any]:
    """What each of `works` returned, or the exception that ended it. Each waits before its first statement that
    contains `before` until all of them have reached theirs, as far as the database allows. `by_http`: they are
    requests, which connect by themselves."""
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
