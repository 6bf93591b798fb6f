"""Fixtures for importing: files on disk, the command line, the browser, and the database without a request."""

import io
from datetime import UTC, datetime
from pathlib import Path

import pytest

from app.clock import to_ms
from app.imports import runs
from app.imports.context import ImportContext
from app.imports.parts import MAX_ROWS
from app.models import Allocation, Attempt, Customer, ImportRun, Invoice, User
from app.web.menu import IMPORT
from tests.conftest import csrf_of

CASES = Path(__file__).parent / "cases"
NOW_MS = to_ms(datetime(2026, 11, 22, tzinfo=UTC))


@pytest.fixture
def write(tmp_path):
    """write("invoices.csv", text or bytes) is the path of that file."""

    def _write(name: str, content: str | bytes):
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return _write


@pytest.fixture
def flask_import(app, database):
    """flask_import("invoices", path, …options) runs the command."""

    def _run(what: str, path, *options: str):
        result = app.test_cli_runner().invoke(args=["import", what, str(path), *options])
        assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
        return result

    return _run


@pytest.fixture
def cedar(database):
    return Customer.create(number="77", name="Cedar Lane Bakery")


@pytest.fixture
def pay(database):
    """pay("INV-1", 4000) pays that much of an invoice here, and gives the attempt; settled by default."""

    def _pay(number: str, minor: int, state: str = Attempt.APPROVED, settlement: str = Attempt.SETTLED) -> Attempt:
        invoice, tries = Invoice.get(Invoice.number == number), Attempt.select().count()
        user = User.by_email("a@a.example") or User.create(email="a@a.example", created_ms=NOW_MS)
        attempt = Attempt.create(
            token=f"t{tries}",
            order_id=f"o{tries}",
            transaction_id=f"tx{tries}",
            customer=invoice.customer,
            user=user,
            amount_minor=minor,
            currency=invoice.currency,
            state=state,
            settlement=settlement if state == Attempt.APPROVED else "",
            created_ms=NOW_MS,
            touched_ms=NOW_MS,
        )
        Allocation.create(attempt=attempt, invoice=invoice, amount_minor=minor)
        Invoice.recount([invoice.id])
        return attempt

    return _pay


@pytest.fixture
def rows_of_a_part():
    """How many rows of a file are written in one transaction."""
    return MAX_ROWS


@pytest.fixture
def work(app, rows_of_a_part):
    """work() is what the worker does with the uploads that wait."""

    def _work():
        with app.extensions["database"].connection_context():
            while runs.work_once(ImportContext.of(app)._replace(most_rows=rows_of_a_part)):
                pass

    return _work


@pytest.fixture
def upload(ruth, work):
    """upload(text) is the page of that file after the worker has read it."""

    def _upload(text: str | bytes, name: str = "may.csv", kind: str = "") -> str:
        content = text.encode() if isinstance(text, str) else text
        token = csrf_of(ruth.get(IMPORT.url).get_data(as_text=True))
        data = {"csrf_token": token, "kind": kind, "file": (io.BytesIO(content), name)}
        answer = ruth.post(IMPORT.url, data=data, content_type="multipart/form-data")
        assert answer.status_code == 303, answer.get_data(as_text=True)
        work()
        return answer.location

    return _upload


@pytest.fixture
def page(ruth):
    return lambda url: " ".join(ruth.get(url).get_data(as_text=True).split())


@pytest.fixture
def press(ruth, work, app):
    """press(url, "apply") sends that form of the page, and lets the worker work."""

    def _press(url: str, what: str, **fields):
        with app.extensions["database"].connection_context():
            version = ImportRun.by_public_id(url.rpartition("/")[2]).digest
        token = csrf_of(ruth.get(url).get_data(as_text=True))
        answer = ruth.post(f"{url}/{what}", data={"csrf_token": token, "version": version, **fields})
        work()
        return answer

    return _press
