"""Running again what a database refused only because of others at the same time."""

import random
import time
from collections.abc import Callable
from typing import TypeVar

from peewee import IntegrityError, OperationalError

RERUN_SECONDS, LONGEST_PAUSE = 30, 0.5  # as long as SQLite lets a transaction wait for its turn
LEAST_RUNS = 5  # also of one that takes longer than that, such as an import
DUPLICATES = 4  # one is what another transaction wrote first; so many in a row are a mistake of this one
Result = TypeVar("Result")


def retry_refused(run: Callable[[], Result], is_refused: Callable[[Exception], bool]) -> Result:
    until, pause, runs, duplicates = time.monotonic() + RERUN_SECONDS, 0.005, 0, 0
    while True:
        runs += 1
        try:
            return run()
        except (OperationalError, IntegrityError) as error:
            duplicates += isinstance(error, IntegrityError)
            is_late = time.monotonic() > until and runs >= LEAST_RUNS
            if not is_refused(error) or duplicates > DUPLICATES or is_late:
                raise
        time.sleep(random.uniform(0, pause))  # noqa: S311
        pause = min(2 * pause, LONGEST_PAUSE)
