"""Which tests run on which database.

With TEST_DATABASE=postgresql://…, a server where databases may be created, all tests run on PostgreSQL; without it, on
SQLite. With TEST_DATABASES=both in addition (`make test`), each test runs on SQLite, and those of `ON_BOTH` also on
PostgreSQL. There, one parameter of each test is drawn at random, and half of the tests outside of paying, lists and
search. TEST_ALL=1 runs all of them.
"""

import os
from collections import Counter, defaultdict

import pytest

from tests.sampling import ALL, sample
from tests.support import databases

SQLITE, POSTGRES = "SQLite", "PostgreSQL"
KINDS = [POSTGRES if databases.URL else SQLITE]
if os.environ.get("TEST_DATABASES") == "both":
    KINDS = [SQLITE, POSTGRES]
ON_BOTH = (
    "tests/accounts/",
    "tests/bookkeeping/",
    "tests/customers/",
    "tests/health/",
    "tests/imports/",
    "tests/invoices/",
    "tests/notices/",
    "tests/payments/",
    "tests/search/",
    "tests/test_migrations_expand.py",
    "tests/test_route_access.py::test_each_person",
    "tests/transactions/",
    "tests/worker/",
)
HALVED = (
    "tests/accounts/",
    "tests/bookkeeping/",
    "tests/customers/",
    "tests/health/",
    "tests/imports/",
    "tests/notices/",
    "tests/transactions/",
)
DRAWN = 1  # of a test's parameters, for PostgreSQL
ALWAYS = ("[postgres-ruth-page]", "[postgres-alice-page]")  # every page of an administrator and of a customer


def kinds_of(definition) -> list[str]:
    """The databases that a test is about, if it uses a database."""
    for mark, kind in (("sqlite", SQLITE), ("postgres", POSTGRES)):
        if definition.get_closest_marker(mark):
            return [kind]
    if "tests/storage/" in definition.nodeid:
        return [SQLITE]
    if len(KINDS) == 1 or ALL:
        return [SQLITE, POSTGRES]
    is_once = definition.get_closest_marker("once") is not None
    return [SQLITE, POSTGRES] if definition.nodeid.startswith(ON_BOTH) and not is_once else [SQLITE]


def parametrize(metafunc) -> None:
    """A test that uses a database gets a `server` of each kind. The first kind is not named in the test's id."""
    if "server" in metafunc.fixturenames:
        kinds = kinds_of(metafunc.definition)
        kinds = [kind for kind in KINDS if kind in kinds] or kinds
        ids = [pytest.HIDDEN_PARAM if kind == KINDS[0] else "postgres" for kind in kinds]
        metafunc.parametrize("server", kinds, ids=ids, indirect=True, scope="session")


def kind_of(item) -> str:
    """The database of a test; if it uses none, the default one."""
    params = item.callspec.params if hasattr(item, "callspec") else {}
    is_marked = any(item.get_closest_marker(mark) for mark in ("sqlite", "postgres"))
    return params.get("server") or (kinds_of(item)[0] if is_marked else KINDS[0])


def chosen(items: list) -> tuple[list, list]:
    """(tests to run, tests to leave out). PostgreSQL's come last, so that a process switches its database only once."""
    runs, left, drawable = [], [], defaultdict(list)
    for item in items:
        kind = kind_of(item)
        if kind not in KINDS:
            left.append(item)
        elif is_drawn(item, kind):
            drawable[item.parent.nodeid, item.originalname].append(item)
        else:
            runs.append(item)
    halved = sorted(key for key in drawable if key[0].startswith(HALVED))
    kept = {*drawable} - {*halved} | {*sample(halved, len(halved) // 2, "PostgreSQL")}
    for key, many in drawable.items():
        drawn = sample(many, DRAWN, key) if key in kept else []
        runs += drawn
        left += [item for item in many if item not in drawn]
    return sorted(runs, key=lambda item: kind_of(item) == POSTGRES), left


def is_drawn(item, kind: str) -> bool:
    if kind == SQLITE or len(KINDS) == 1:
        return False
    return item.get_closest_marker("postgres") is None and not item.nodeid.endswith(ALWAYS)


def note_of(item) -> str:
    """Where a test runs, for the summary at the end."""
    marked = any(item.get_closest_marker(mark) for mark in ("sqlite", "postgres"))
    return kind_of(item) if marked or "server" in getattr(item, "fixturenames", ()) else "no database"


def summary(ran: Counter, left: Counter) -> str:
    """`ran` and `left` are numbers of tests by `note_of`."""
    lines = ["Tests on " + ", ".join(f"{place}: {count:,}" for place, count in sorted(ran.items()))]
    if left[POSTGRES] and len(KINDS) == 2:
        lines.append(f"PostgreSQL: {left[POSTGRES]:,} more were not drawn; TEST_ALL=1 runs them")
    elif left:
        other = next(iter(left))
        lines.append(f"Left out: {left[other]:,} that are about {other}; make test runs them")
    return "\n".join(lines)
