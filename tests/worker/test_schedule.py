"""Duties: when they run, what is noted of them, and what happens to one that keeps failing."""

import pytest

from app.clock import to_ms
from app.models import Audit, Duty, OutboxMail, WorkerProcess
from app.web.menu import SYSTEM_STATUS
from app.worker import Worker
from app.worker.schedule import LONGEST_PAUSE_SECONDS, SET_ASIDE, Schedule, Task


class Work:
    """A duty that fails as long as `error` is set; `runs` counts."""

    def __init__(self):
        self.runs, self.error = 0, None

    def __call__(self):
        self.runs += 1
        if self.error:
            raise self.error


@pytest.fixture
def work():
    return Work()


@pytest.fixture
def schedule(app, clock, work):
    """With the one duty `work`, due every ten seconds."""
    return Schedule([Task("tidy", "Tidy up", 10, work)], app.extensions["database"], clock, {})


def fail(schedule, work, times, ticks=0.0) -> float:
    """The duty fails so many times in a row; the ticks at which it is due next."""
    work.error = OSError("the disk is full")
    for _ in range(times):
        schedule.run_due(ticks)
        ticks = schedule.tasks[0].next_ticks
    return ticks


def test_a_run_is_noted_with_its_result_and_the_next(schedule, read, clock):
    schedule.run_due(0)
    row = read(lambda: Duty.by_name()["tidy"])
    at = to_ms(clock())
    assert (row.started_ms, row.error, row.failures, row.failing_ms, row.next_ms) == (at, "", 0, None, at + 10_000)


def test_notes_are_written_every_twenty_seconds_and_not_at_each_run(schedule, read, work):
    for ticks in range(0, 60, 10):
        schedule.run_due(ticks)
    assert work.runs == 6
    read(Duty.delete().execute)
    schedule.run_due(60)
    schedule.run_due(70)
    assert read(Duty.select().count) == 1
    read(Duty.delete().execute)
    schedule.run_due(79)
    assert read(Duty.select().count) == 0


def test_a_failing_duty_is_tried_more_and_more_rarely(schedule, work, read, clock):
    pauses, ticks = [], 0.0
    for _ in range(9):
        pauses.append(fail(schedule, work, 1, ticks) - ticks)
        ticks += pauses[-1]
    assert pauses[:4] == [20, 40, 80, 160] and pauses[-1] == LONGEST_PAUSE_SECONDS
    row = read(lambda: Duty.by_name()["tidy"])
    assert (row.failures, row.error) == (9, "OSError: the disk is full")
    assert row.next_ms == to_ms(clock()) + 1000 * LONGEST_PAUSE_SECONDS


def test_administrators_are_alerted_once_until_it_works_again(schedule, work, read):
    ticks = fail(schedule, work, SET_ASIDE - 1)
    assert read(lambda: Audit.last("duty.failing")) is None
    ticks = fail(schedule, work, 3, ticks)
    assert read(lambda: [line.facts["why"] for line in Audit.alerts(0)]) == ["OSError: the disk is full"]

    work.error = None
    schedule.run_due(ticks)
    assert read(lambda: (Duty.by_name()["tidy"].failing_ms, Audit.last("duty.recovered").subject)) == (
        None,
        "duty:Tidy up",
    )
    fail(schedule, work, SET_ASIDE, schedule.tasks[0].next_ticks)
    assert read(lambda: len(list(Audit.alerts(0)))) == 2


def test_a_second_worker_with_the_same_failure_sends_no_second_alert(app, schedule, work, read, clock):
    fail(schedule, work, SET_ASIDE)
    second = Schedule([Task("tidy", "Tidy up", 10, work)], app.extensions["database"], clock, {})
    fail(second, work, SET_ASIDE)
    assert read(lambda: len(list(Audit.alerts(0)))) == 1


def test_the_alert_is_an_email_that_leads_to_system_status(app, cast, read, schedule, work):
    fail(schedule, work, SET_ASIDE)
    read(Worker(app).alert)
    (mail,) = read(lambda: list(OutboxMail.select().where(OutboxMail.recipient == cast.ruth.email)))
    assert mail.subject == "A duty of the portal keeps failing: Tidy up"
    assert SYSTEM_STATUS.url in mail.text and "the disk is full" in mail.text


@pytest.mark.parametrize("leap", [{"days": 4000}, {"days": -4000}])
def test_a_leaping_clock_stops_no_duty(schedule, work, clock, leap):
    schedule.run_due(0)
    clock.advance(**leap)
    schedule.run_due(10)
    assert work.runs == 2


def test_a_database_that_cannot_be_written_stops_no_duty(app, schedule, work):
    app.extensions["database"].execute_sql("DROP TABLE duty")
    app.extensions["database"].close()
    schedule.run_due(0)
    schedule.run_due(10)
    assert work.runs == 2


def test_a_worker_is_known_while_it_runs(schedule, read, clock):
    schedule.run_due(0)
    assert read(lambda: [row.name for row in WorkerProcess.alive(clock())]) == [schedule.process]
    schedule.end()
    assert read(lambda: WorkerProcess.alive(clock())) == []
