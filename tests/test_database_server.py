"""DATABASE_URL=postgresql://…: what is wrong with the server or the database is one sentence, and nothing is made."""

import shutil
import subprocess
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from app.clock import to_ms
from app.config import ConfigError
from app.database import migrate, open_database
from app.extensions import db
from app.models import Audit, Deployment, Duty, Session
from app.storage.holding import hold_payments
from app.storage.markers import ServerMarker
from app.storage.server_errors import server_error_text
from app.storage.startup import bring_up
from app.worker.schedule import Schedule, Task
from tests import people
from tests.conftest import NOON, portal_config
from tests.support import databases

on_server = pytest.mark.postgres
HERE = "postgresql://…@db/portal"


@pytest.fixture
def empty(tmp_path):
    """The settings of a portal whose database has nothing in it."""
    url = databases.make(databases.url_in(tmp_path, "new"))
    yield portal_config(tmp_path, url).replace(secret_key="k" * 40)
    databases.remove(url)


def why_not(config, **options) -> str:
    with pytest.raises(ConfigError) as refused:
        bring_up(config, NOON, **options)
    (problem,) = refused.value.problems
    return problem


def execute(config, statement: str) -> None:
    database = open_database(config.database_url)
    with database.connection_context():
        database.execute_sql(statement)
    database.close_all()


def tables_in(config) -> list[str]:
    database = open_database(config.database_url)
    with database.connection_context():
        names = database.get_tables()
    database.close_all()
    return names


@on_server
def test_a_start_makes_the_tables_and_the_next_one_finds_them(empty):
    bring_up(empty, NOON)
    bring_up(empty, NOON, may_make=False)
    assert "invoice" in tables_in(empty)


@on_server
def test_a_command_makes_no_portal_in_an_empty_database(empty):
    assert "There is no portal in" in (why := why_not(empty, may_make=False)) and "flask init" in why
    assert tables_in(empty) == []


@on_server
def test_the_database_of_another_program_is_refused(empty):
    execute(empty, "CREATE TABLE other (id integer)")
    assert "is the database of another program" in why_not(empty)
    assert tables_in(empty) == ["other"]


@on_server
def test_a_database_of_a_newer_version_is_refused(empty):
    bring_up(empty, NOON)
    execute(empty, "INSERT INTO schema_migration (name, applied) VALUES ('9999_newer', now())")
    assert "comes from a newer version of the portal (it has 9999_newer)" in why_not(empty)


@on_server
def test_a_host_with_another_secret_key_is_refused(empty):
    bring_up(empty, NOON)
    why = why_not(empty.replace(secret_key="q" * 40))
    assert "The secret key is not the one" in why and "every host of a portal has the same" in why


@on_server
def test_a_database_without_unicode_is_refused(empty):
    name = databases.name_of(empty.database_url)
    databases.remove(empty.database_url)
    databases.on_server(f"CREATE DATABASE \"{name}\" ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0")
    assert "has the encoding LATIN1" in why_not(empty)


@on_server
def test_a_user_who_may_not_install_the_search_is_refused(empty):
    databases.on_server("DROP ROLE IF EXISTS weak")
    databases.on_server("CREATE ROLE weak LOGIN")
    weak = empty.replace(database_url=empty.database_url.replace("portal@", "weak@", 1))
    assert "CREATE EXTENSION pg_trgm; CREATE EXTENSION btree_gin" in why_not(weak)
    assert tables_in(empty) == []
    databases.on_server("DROP ROLE weak")


@on_server
@pytest.mark.parametrize(
    ("change", "part"),
    [
        (lambda url: f"{url}_none", "There is no database"),
        (lambda url: url.replace("portal@", "none@", 1), "has no such user"),
        (lambda _url: "postgresql://127.0.0.1:1/portal", "Nothing answers at postgresql://127.0.0.1:1/portal"),
        (
            lambda _url: "postgresql://u:canary@127.0.0.1:1,127.0.0.1:2/p",
            "Nothing answers at postgresql://…@127.0.0.1:1,",
        ),
        (lambda url: f"{url}?sslmode=perhaps", "invalid sslmode value"),
        (lambda url: f"{url}?speed=high", "can't be used: invalid URI query parameter"),
    ],
)
def test_a_wrong_url_is_explained_without_its_password(empty, change, part):
    why = why_not(empty.replace(database_url=change(empty.database_url)))
    assert part in why and "canary" not in why


@pytest.mark.parametrize(
    ("error", "part"),
    [
        ('connection failed: ... FATAL:  password authentication failed for user "u"', "refuses the user name"),
        ("fe_sendauth: no password supplied", "wants a password"),
        ('FATAL:  no pg_hba.conf entry for host "10.0.0.9"', "pg_hba.conf"),
        ('FATAL:  database "p" does not exist', "There is no database"),
        ('relation "p" does not exist', "can't be used: relation"),
        ("failed to resolve host 'db': [Errno -2]", "is not known here"),
        ("connection timeout expired", "doesn't answer in time"),
        ("FATAL:  sorry, too many clients already", "max_connections"),
        ("host db1: Connection refused\nhost db2: session is read-only", "None of the hosts"),
        ("FATAL:  the database system is starting up", "is starting or stopping"),
        ('extension "pg_trgm" is not available', "postgresql-contrib"),
        ("permission denied for schema public", "may not make tables"),
        ("server does not support SSL, but SSL was required", "has no TLS"),
        ("something\n  else", "can't be used: something else"),
    ],
)
def test_error_of_a_database_server_becomes_a_sentence(error, part):
    assert part in (sentence := server_error_text(RuntimeError(error), HERE)) and HERE in sentence


@on_server
def test_two_hosts_start_on_an_empty_database_at_once(empty):
    """One makes the tables, the other waits."""
    from concurrent.futures import ThreadPoolExecutor

    def start(_number):
        database = open_database(empty.database_url)
        migrate(database)
        database.close_all()

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(start, range(2)))
    assert "invoice" in tables_in(empty)


@pytest.fixture
def portal(empty):
    """The settings of a portal that was started once, with a worker that was heard of then, and a session."""
    bring_up(empty, NOON)
    worked(empty, NOON)
    with opened(empty):
        cast = people.build(NOON, "no password")
        Session.create(user=cast.alice, token_hash="t", created_ms=0, seen_ms=0)
    return empty


@contextmanager
def opened(config):
    database = open_database(config.database_url)
    db.initialize(database)
    with database.connection_context():
        yield database
    database.close_all()


def worked(config, now):
    """What a worker of this host notes while it runs."""
    with opened(config) as database:
        schedule = Schedule([Task("tidy", "Tidy up", 3600, lambda: None)], database, lambda: now, config.shared)
        schedule.run_due(0)
        ServerMarker(config).write()


def is_held(config) -> bool:
    """Whether payment is held and everyone was logged out; never only one of them."""
    with opened(config):
        held = Deployment.is_held()
        assert held is not Session.select().exists()
        return held


def dump(config, target: Path) -> None:
    url = ["--dbname", config.database_url]
    subprocess.run([tool("pg_dump"), "--format=custom", "--file", str(target), *url], check=True)


def put_back(config, source: Path) -> None:
    url = ["--dbname", config.database_url]
    subprocess.run([tool("pg_restore"), "--clean", "--if-exists", *url, str(source)], check=True)


def tool(name: str) -> str:
    found = shutil.which(name) or next(iter(sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))), None)
    return str(found or name)


@on_server
def test_a_portal_that_was_stopped_and_started_is_no_copy(portal):
    bring_up(portal, NOON + timedelta(minutes=1))
    assert not is_held(portal)


@on_server
def test_a_dump_that_was_put_back_holds_payments_once(portal, tmp_path):
    dump(portal, tmp_path / "dump")
    put_back(portal, tmp_path / "dump")
    bring_up(portal, NOON)
    assert is_held(portal)
    bring_up(portal, NOON)
    with opened(portal):
        assert Audit.select().where(Audit.event == "restored").count() == 1
        assert Deployment.current().compare_from_ms == to_ms(NOON - timedelta(days=1))


@on_server
def test_a_restore_whose_comparison_is_not_complete_is_compared_from_its_beginning(portal):
    with opened(portal):
        hold_payments(NOON, to_ms(NOON - timedelta(days=9)))
        Deployment.update(home="elsewhere").execute()
    bring_up(portal, NOON)
    with opened(portal):
        assert Deployment.current().compare_from_ms == to_ms(NOON - timedelta(days=9))


@on_server
def test_a_dump_in_another_database_holds_payments(portal, tmp_path):
    other = portal.replace(database_url=databases.make(databases.url_in(tmp_path, "other")))
    dump(portal, tmp_path / "dump")
    put_back(other, tmp_path / "dump")
    bring_up(other, NOON)
    assert is_held(other) and not is_held(portal)
    databases.remove(other.database_url)


@on_server
def test_a_server_whose_files_were_put_back_is_noticed_by_the_hosts_that_worked_since(portal, tmp_path):
    """The rows are those of the time of the backup, in the same tables of the same server."""
    copy = tmp_path / "marker"
    worked(portal, NOON + timedelta(hours=1))
    marker = portal.instance / "server.marker"
    copy.write_bytes(marker.read_bytes())
    with opened(portal):
        Duty.update(started_ms=to_ms(NOON)).execute()
    second_host = portal.replace(instance=tmp_path / "second")
    bring_up(second_host, NOON + timedelta(hours=2))
    assert not is_held(portal)
    bring_up(portal, NOON + timedelta(hours=2))
    assert is_held(portal)
    assert marker.read_bytes() != copy.read_bytes()


@on_server
@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"portal_url": "https://pay.example.com"}, "PORTAL_URL=http://localhost"),
        ({"environment": "sandbox"}, "BRAINTREE_ENVIRONMENT=demo"),
    ],
)
def test_a_portal_with_other_settings_is_refused_while_a_worker_runs(portal, change, named):
    other = portal.replace(**change)
    why = why_not(other)
    assert named in why and "Export its settings in this shell" in why
    bring_up(portal, NOON)
    with pytest.raises(ConfigError):
        bring_up(other, NOON + timedelta(seconds=110))
    bring_up(other, NOON + timedelta(seconds=130))
