"""What System Status and `flask doctor` say of a PostgreSQL server."""

import pytest

from app.database.postgres_facts import DURABILITY, dangers
from app.health.findings import OK, WARNING
from app.health.live import database_facts
from app.models import WorkerProcess

pytestmark = pytest.mark.postgres


@pytest.fixture
def said(app, config, clock):
    """said() is what is found with `processes` web servers."""

    def _said(processes=1):
        database = app.extensions["database"]
        with database.connection_context():
            return list(database_facts(config.replace(web_processes=processes), database, clock()))

    return _said


def test_without_what_keeps_confirmed_payments_there_is_a_warning_for_each():
    assert dangers(dict.fromkeys(DURABILITY, "on")) == []
    found = dangers(dict.fromkeys(DURABILITY, "off"))
    assert len(found) == 2 and all("when the server's power fails" in one for one in found)


def test_settings_are_those_of_the_server(said, app):
    with app.extensions["database"].connection_context():
        (fsync,) = app.extensions["database"].execute_sql("SHOW fsync").fetchone()
    assert any("fsync is off" in one.text for one in said()) is (fsync == "off")


@pytest.mark.parametrize(("workers", "needed"), [([], 4163), (["one:1", "one:2"], 4163), (["one:1", "two:1"], 8326)])
def test_more_connections_than_the_server_lets_in_are_a_warning(said, clock, read, workers, needed):
    for name in workers:
        read(lambda name=name: WorkerProcess.note_heartbeat(name, 1, clock(), {}))
    (found,) = [one for one in said(processes=64) if "max_connections" in one.text]
    assert found.level == WARNING and f"may need {needed} connections at once" in found.text


def test_as_many_connections_as_there_may_be_are_no_warning(said):
    assert not [one for one in said(processes=1) if "max_connections" in one.text]
    assert all(one.level in (OK, WARNING) for one in said())
