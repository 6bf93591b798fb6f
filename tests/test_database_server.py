"""DATABASE_URL=postgresql://…: what is wrong with the server or the database is one sentence, and nothing is made."""

import pytest

from app.config import ConfigError
from app.database import migrate, open_database
from app.storage.server_errors import explained_of_server
from app.storage.startup import bring_up
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
    assert "is of a newer version of the portal (it has 9999_newer)" in why_not(empty)


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
def test_what_a_server_says_is_put_into_a_sentence(error, part):
    assert part in (sentence := explained_of_server(RuntimeError(error), HERE)) and HERE in sentence


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
