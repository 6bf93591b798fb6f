"""Large sets of inputs are drawn from in `make test` and used whole in `make test-long`.

TEST_SEED repeats a draw; by default it is the day, so that every value has its turn within some days. TEST_ALL=1 draws
nothing: every value is used, and what is repeated at random (kills, races, lives) is repeated thousands of times.
"""

import os
import random
from collections.abc import Sequence
from datetime import date

SEED = os.environ.setdefault("TEST_SEED", str(date.today().toordinal()))
ALL = os.environ.get("TEST_ALL") == "1"


def sample(values: Sequence, count: int, key: object) -> Sequence:
    """`count` of the values in their order, drawn by the seed and `key`; all of them with TEST_ALL."""
    if ALL or count >= len(values):
        return values
    drawn = random.Random(f"{SEED} {key}").sample(range(len(values)), count)
    return [values[index] for index in sorted(drawn)]


def times(few: int, many: int) -> int:
    """How often something random is repeated: `few` times in `make test`, `many` with TEST_ALL."""
    return many if ALL else few
