"""Counts payments and imports by outcome."""

from peewee import SQL, fn

from app.models import Attempt, ImportRun
from app.models.base import tuples


def payments() -> dict[str, int]:
    """{outcome: count}. The outcome of an approved payment is its settlement."""
    outcome = fn.COALESCE(fn.NULLIF(Attempt.settlement, ""), Attempt.state)
    return dict(tuples(Attempt.select(outcome, fn.COUNT(Attempt.id)).group_by(SQL("1"))))


def import_runs() -> dict[str, int]:
    return dict(tuples(ImportRun.select(ImportRun.state, fn.COUNT(ImportRun.id)).group_by(ImportRun.state)))
