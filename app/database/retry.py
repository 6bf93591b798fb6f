"""Repeats what a database refused only because of concurrent transactions."""

import random
import time
from collections.abc import Callable
from typing import TypeVar

from peewee import IntegrityError, OperationalError

RERUN_SECONDS, LONGEST_PAUSE = 30, 0.5  # as long as a transaction may wait on SQLite
LEAST_RUNS = 5  # even if they take longer than that, such as an import
DUPLICATES = 4  # one may be a concurrent transaction's; this many in a row are an error of this transaction
Result = TypeVar("Result")


def retry_conflicts(run: Callable[[], Result], is_conflict: Callable[[Exception], bool]) -> Result:
    until, pause, runs, duplicates = time.monotonic() + RERUN_SECONDS, 0.005, 0, 0
    while True:
        runs += 1
        try:
            return run()
        except (OperationalError, IntegrityError) as error:
            duplicates += isinstance(error, IntegrityError)
            is_late = time.monotonic() > until and runs >= LEAST_RUNS
            if not is_conflict(error) or duplicates > DUPLICATES or is_late:
                raise
        time.sleep(random.uniform(0, pause))  # noqa: S311
        pause = min(2 * pause, LONGEST_PAUSE)
