"""Fixtures of the tests of exporting payments: those of paying, an administrator, and a database without a request."""

import csv
import io

import pytest

from app.bookkeeping.formats import FORMATS
from app.bookkeeping.runs import export
from app.models import Company
from app.models.audit import Actor
from tests.conftest import NOON
from tests.imports.conftest import flask_import, write  # noqa: F401 (fixtures)
from tests.payments.conftest import alice, make_invoice, owed  # noqa: F401 (fixtures)

PATH = "/transactions/customers/payments/export"


@pytest.fixture
def export_as(database):
    """export_as("csv") are the runs that an export makes now."""

    def _export(key: str):
        return export(FORMATS[key], Company.current(), Actor("ruth@harborpine.example", NOON, "http://localhost"))

    return _export


def rows_of(run) -> list[dict]:
    text = bytes(run.content).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline="")))
