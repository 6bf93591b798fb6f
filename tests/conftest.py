"""Fixtures: a fresh portal per test, its clock and its gateway handed in."""

import copy
import gc
from collections import Counter
from collections.abc import Callable
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from weakref import WeakKeyDictionary

import pytest
from flask import Flask
from hypothesis import HealthCheck, settings

from app import create_app, demo
from app.config import Config
from app.database import migrate, open_database
from app.demo import MOUNT
from app.extensions import db
from braintree_emulator import Emulator
from tests import people, sampling
from tests.gateway import in_process_gateway
from tests.support import choice, databases, lock_watch
from tests.support.pages import csrf_of

# How fast the machine is says nothing about the code.
settings.register_profile("portal", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("portal")

NOON = datetime(2026, 11, 22, 17, 0, tzinfo=UTC)
LEFT = pytest.StashKey[Counter]()


def pytest_collection_finish():
    """What is there before the first test stays: looking through it for garbage again and again takes a sixth of the
    time of a run."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000)


def pytest_generate_tests(metafunc):
    choice.parametrize(metafunc)


def pytest_collection_modifyitems(config, items):
    items[:], left = choice.chosen(items)
    if left:
        config.hook.pytest_deselected(items=left)
    config.stash[LEFT] = Counter(choice.note_of(item) for item in left)
    for item in items:
        item.user_properties.append(("database", choice.note_of(item)))


def pytest_sessionfinish(session):
    """A worker of xdist hands over what it left out."""
    if hasattr(session.config, "workeroutput"):
        session.config.workeroutput["left"] = dict(session.config.stash[LEFT])


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node):
    node.config.stash[LEFT] = Counter(getattr(node, "workeroutput", {}).get("left"))


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item):
    databases.use_server(choice.kind_of(item) == choice.POSTGRES)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item):
    """A test on SQLite pays nothing for the watch."""
    with lock_watch.WATCH.listening() if choice.kind_of(item) == choice.POSTGRES else nullcontext():
        return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item):
    try:
        return (yield)
    finally:
        lock_watch.WATCH.check()


def pytest_terminal_summary(terminalreporter, config):
    calls = [report for name in ("passed", "failed", "error") for report in terminalreporter.getreports(name)]
    ran = Counter(dict(getattr(report, "user_properties", ())).get("database", "no database") for report in calls)
    terminalreporter.write_line(choice.summary(ran, config.stash.get(LEFT, Counter())))
    terminalreporter.write_line(f"TEST_SEED={sampling.SEED} repeats what was drawn")


class FakeClock:
    """Time that stands still until a test moves it."""

    def __init__(self, now: datetime = NOON):
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **delta) -> None:
        self.now += timedelta(**delta)


@dataclass
class Snapshot:
    """What is there when a test begins, made once in a run and copied for each: making it takes longer than
    most tests. `database` is its URL, `gateway` the one whose store is copied."""

    database: str
    cast: people.Cast | None = None
    world: object = None
    gateway: Emulator | None = None

    @classmethod
    def take(cls, app: Flask, folder: Path, start: str, make: Callable) -> "Snapshot":
        """`make(app, gateway)` returns the cast and the world."""
        clock = FakeClock()
        gateway = Emulator(clock=clock, browser_url=MOUNT)
        config = portal_config(folder, start)
        with bound(app, config, in_process_gateway(gateway), clock, gateway):
            cast, world = make(app, gateway)
            databases.fold(app.extensions["database"])
        return cls(config.database_url, cast, world, gateway)


@pytest.fixture(scope="session")
def server(request):
    """The kind of database that a test runs on. What is made once in a run depends on it."""
    return request.param


@pytest.fixture(scope="session")
def empty_database(tmp_path_factory, server):
    """The URL of a migrated database to copy."""
    url = databases.make(databases.url_in(tmp_path_factory.mktemp("empty")))
    database = open_database(url)
    migrate(database)
    databases.fold(database)
    if databases.SERVER:
        lock_watch.watch(url)
    yield url
    databases.remove(url)


@pytest.fixture(scope="session")
def empty_snapshot(empty_database):
    return Snapshot(empty_database)


@pytest.fixture(scope="session")
def cast_snapshot(shared_app, tmp_path_factory, empty_database, password_hash):
    def make(app, _gateway):
        with app.extensions["database"].connection_context():
            return people.build(NOON, password_hash), None

    yield from kept(Snapshot.take(shared_app, tmp_path_factory.mktemp("cast"), empty_database, make))


@pytest.fixture(scope="session")
def world_snapshot(shared_app, tmp_path_factory, cast_snapshot):
    def make(app, gateway):
        from tests import routes

        cast = copy.deepcopy(cast_snapshot.cast)
        return cast, routes.build(app, cast, entrance(app), gateway)

    yield from kept(Snapshot.take(shared_app, tmp_path_factory.mktemp("world"), cast_snapshot.database, make))


def kept(snapshot: Snapshot):
    yield snapshot
    databases.remove(snapshot.database)


@pytest.fixture
def start(request, server):
    """The snapshot that this test begins with."""
    kind = next((name for name in ("world", "cast") if name in request.fixturenames), "empty")
    return request.getfixturevalue(f"{kind}_snapshot")


def portal_config(folder: Path, database: str) -> Config:
    """A portal in `folder` on a copy of that database."""
    config = usual_config(folder)
    databases.copy(database, config.database_url)
    return config


def usual_config(folder: Path) -> Config:
    return Config(
        portal_url="http://localhost",
        database_url=databases.url_in(folder),
        secret_key="a test key that is long enough to be accepted",
        environment="demo",
        merchant_id="demo_merchant",
        public_key="demo_public_key",
        private_key="demo_private_key",
        gateway_url="http://127.0.0.1:1",
        instance=folder,
        bcrypt_rounds=4,
        testing=True,
    )


@pytest.fixture
def clock():
    return FakeClock()


@pytest.fixture
def config(tmp_path, start):
    config = portal_config(tmp_path, start.database)
    yield config
    databases.remove(config.database_url)


@pytest.fixture
def demo_gateway(clock, start):
    """The demo gateway, in this process: faults, transactions and settlement in the test's hands."""
    gateway = Emulator(clock=clock, browser_url=MOUNT)
    if start.gateway:
        start.gateway.store.connection.backup(gateway.store.connection)
    return gateway


@pytest.fixture
def gateway(demo_gateway):
    """The real SDK, talking to the demo gateway without a socket."""
    return in_process_gateway(demo_gateway)


@pytest.fixture(scope="session")
def shared_app(tmp_path_factory, empty_database):
    """The one portal of a run: making it takes longer than most tests. Tests ask for `app`."""
    gateway = Emulator(clock=FakeClock(), browser_url=MOUNT)
    app = create_app(
        portal_config(tmp_path_factory.mktemp("shared"), empty_database),
        gateway=in_process_gateway(gateway),
        clock=gateway.clock,
        demo_gateway=gateway,
    )
    app.extensions["database"].close_all()
    return app


@contextmanager
def bound(app, config, gateway, clock, demo_gateway):
    """The portal on another database, gateway and clock; afterwards everything is as it was."""
    before = dict(app.config), dict(app.extensions)
    database = app.extensions["database"]
    database.init(databases.path_of(config.database_url))
    db.initialize(database)
    app.config["PORTAL"] = config
    app.extensions.update(gateway=gateway, clock=clock, demo_gateway=demo_gateway)
    vars(app).pop("wsgi_app")  # the mount of the demo gateway before, and what a test put around it
    demo.init_app(app)
    try:
        yield app
    finally:
        database.close_all()
        for now, then in zip((app.config, app.extensions), before, strict=True):
            now.clear()
            now.update(then)


@pytest.fixture
def app(shared_app, tmp_path, config, gateway, clock, demo_gateway):
    """The portal on a database of this test; one of its own where the test has another config. What a test changes in
    the app's config and extensions ends with it."""
    if config == usual_config(tmp_path):
        with bound(shared_app, config, gateway, clock, demo_gateway):
            yield shared_app
        return
    app = create_app(config, gateway=gateway, clock=clock, demo_gateway=demo_gateway)
    yield app
    app.extensions["database"].close_all()


@pytest.fixture(scope="session")
def password_hash():
    from app.accounts.hashing import hash_password

    return hash_password(people.PASSWORD, "a test key that is long enough to be accepted", rounds=4)


@pytest.fixture
def cast(app, start):
    return copy.deepcopy(start.cast)


@pytest.fixture
def client(app):
    return app.test_client()


@pytest.fixture
def log_in(app, cast):
    """log_in(cast.alice) is a client that is logged in as Alice, through the login form."""
    return entrance(app)


@pytest.fixture
def ruth(cast, log_in):
    """A client that is logged in as the administrator."""
    return log_in(cast.ruth)


@pytest.fixture
def database(app):
    """The portal's database, open without a request. A request closes it, and the next query opens it again."""
    database = app.extensions["database"]
    database.connect(reuse_if_open=True)
    yield database
    database.close()


@pytest.fixture
def read(app):
    """read(function) is its result with the database open."""

    def _read(function):
        with app.extensions["database"].connection_context():
            return function()

    return _read


OPENED = WeakKeyDictionary()


def opened_login_page(app) -> tuple[str, str]:
    """The cookie and the form's token of a visitor who opened the login page, once for each portal."""
    if app not in OPENED:
        client = app.test_client()
        token = csrf_of(client.get("/login").get_data(as_text=True))
        OPENED[app] = client.get_cookie(app.config["SESSION_COOKIE_NAME"]).value, token
    return OPENED[app]


def entrance(app):
    def log_in(user, password=people.PASSWORD):
        client = app.test_client()
        cookie, token = opened_login_page(app)
        client.set_cookie(app.config["SESSION_COOKIE_NAME"], cookie)
        response = client.post("/login", data={"csrf_token": token, "email": user.email, "password": password})
        assert response.status_code == 303, response.get_data(as_text=True)
        return client

    return log_in


@pytest.fixture
def world(cast, start):
    """A company in the middle of its work: tests/routes.py."""
    return replace(copy.deepcopy(start.world), cast=cast)
