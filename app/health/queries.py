"""How many payments and uploaded files there are, by what became of them."""

from peewee import SQL, fn

from app.models import Attempt, ImportRun
from app.models.base import tuples


def payments() -> dict[str, int]:
    """{outcome: how many}: of approved payments the outcome is what became of the money."""
    outcome = fn.COALESCE(fn.NULLIF(Attempt.settlement, ""), Attempt.state)
    return dict(tuples(Attempt.select(outcome, fn.COUNT(Attempt.id)).group_by(SQL("1"))))


def import_runs() -> dict[str, int]:
    return dict(tuples(ImportRun.select(ImportRun.state, fn.COUNT(ImportRun.id)).group_by(ImportRun.state)))
