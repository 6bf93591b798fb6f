"""Fixtures: a fresh portal per test, its clock and its gateway handed in."""

import re
import shutil
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from jinja2 import BytecodeCache

from app import create_app
from app.config import Config
from app.database import migrate, open_database
from tests import people
from tests.gateway import in_process_gateway

NOON = datetime(2026, 11, 22, 17, 0, tzinfo=UTC)


class FakeClock:
    """Time that stands still until a test moves it."""

    def __init__(self, now: datetime = NOON):
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **delta) -> None:
        self.now += timedelta(**delta)


class Compiled(BytecodeCache):
    """Templates are compiled once for all the portals that a run of the tests makes."""

    def __init__(self):
        self.kept = {}

    def load_bytecode(self, bucket):
        if bucket.key in self.kept:
            bucket.bytecode_from_string(self.kept[bucket.key])

    def dump_bytecode(self, bucket):
        self.kept[bucket.key] = bucket.bytecode_to_string()


Flask.jinja_options = {"bytecode_cache": Compiled()}


@pytest.fixture(scope="session")
def empty_database(tmp_path_factory):
    """A migrated database to copy: migrating takes longer than most tests."""
    path = tmp_path_factory.mktemp("template") / "portal.sqlite3"
    database = open_database(f"sqlite:///{path}")
    migrate(database)
    with database.connection_context():
        database.execute_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    database.close_all()
    return path


@pytest.fixture
def clock():
    return FakeClock()


@pytest.fixture
def config(tmp_path, empty_database):
    path = tmp_path / "portal.sqlite3"
    shutil.copy(empty_database, path)
    return Config(
        portal_url="http://localhost",
        database_url=f"sqlite:///{path}",
        secret_key="a test key that is long enough to be accepted",
        environment="demo",
        merchant_id="demo_merchant",
        public_key="demo_public_key",
        private_key="demo_private_key",
        gateway_url="http://127.0.0.1:1",
        instance=tmp_path,
        bcrypt_rounds=4,
        testing=True,
    )


@pytest.fixture
def demo_gateway(clock):
    """The demo gateway, in this process: faults, transactions and settlement in the test's hands."""
    from app.demo_gateway import DemoGateway

    return DemoGateway(":memory:", clock=clock)


@pytest.fixture
def gateway(demo_gateway):
    """The real SDK, talking to the demo gateway without a socket."""
    return in_process_gateway(demo_gateway)


@pytest.fixture
def app(config, gateway, clock, demo_gateway):
    app = create_app(config, gateway=gateway, clock=clock, demo_gateway=demo_gateway)
    yield app
    app.extensions["database"].close_all()


@pytest.fixture(scope="session")
def password_hash():
    from app.auth.passwords import hash_password

    return hash_password(people.PASSWORD, "a test key that is long enough to be accepted", rounds=4)


@pytest.fixture
def cast(app, clock, password_hash):
    with app.extensions["database"].connection_context():
        return people.build(clock(), password_hash)


@pytest.fixture
def client(app):
    return app.test_client()


@pytest.fixture
def log_in(app, cast):
    """log_in(cast.alice) is a client that is logged in as Alice, through the login form."""

    def _log_in(user, password=people.PASSWORD):
        client = app.test_client()
        page = client.get("/login").get_data(as_text=True)
        response = client.post(
            "/login", data={"csrf_token": csrf_of(page), "email": user.email, "password": password}
        )
        assert response.status_code == 303, response.get_data(as_text=True)
        return client

    return _log_in


def csrf_of(page: str) -> str:
    return re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page).group(1)


@pytest.fixture
def world(app, cast, log_in, demo_gateway):
    """A company in the middle of its work: tests/routes.py."""
    from tests import routes

    return routes.build(app, cast, log_in, demo_gateway)
