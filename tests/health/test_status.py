"""Setup > Company > System Status."""

import html
import re

import pytest

from app.models import Duty, db
from app.models.duty import Run
from app.web.menu import SYSTEM_STATUS
from app.worker import Worker
from app.worker.duties import LABELS


def text_of(client) -> str:
    page = client.get(SYSTEM_STATUS.url).get_data(as_text=True)
    return html.unescape(re.sub(r"\s+", " ", re.sub("<[^>]+>", " ", page)))


def test_status_page_has_versions_sizes_and_every_duty(app, cast, log_in, demo_gateway):
    Worker(app).run_due(0)
    text = text_of(log_in(cast.ruth))
    assert all(label in text for label in LABELS.values())
    assert "demo, merchant demo_merchant" in text and "waiting" in text and "None is running" not in text


def test_without_a_worker_it_says_what_to_start(cast, log_in):
    assert "None is running: no email is sent" in text_of(log_in(cast.ruth))


def test_a_duty_that_is_set_aside_shows_since_when_and_why(app, cast, log_in, clock):
    with app.extensions["database"].connection_context():
        run = Run("tidy", 1, 2, "OSError: the disk is full", 7, 3)
        Duty.note(run)
        Duty.set_aside(run, clock(), "Delete expired data")
    text = text_of(log_in(cast.ruth))
    assert "OSError: the disk is full" in text and "Failing" in text


@pytest.mark.sqlite
def test_it_shows_the_journal_of_sqlite(cast, log_in):
    assert re.search(r"SQLite [\d.]+, journal wal, ", text_of(log_in(cast.ruth)))


@pytest.mark.postgres
def test_it_shows_the_server_that_is_connected(app, cast, log_in):
    with app.extensions["database"].connection_context():
        info = db.connection().info
        most = int(db.execute_sql("SHOW max_connections").fetchone()[0])
    found = re.search(
        r"PostgreSQL [\d.]+, (\S+):(\d+), primary, (\d+) of (\d+) connections", text_of(log_in(cast.ruth))
    )
    assert (found[1], int(found[2])) == (info.host, info.port) and 0 < int(found[3]) <= int(found[4]) < most
