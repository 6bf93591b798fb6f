"""Fixtures for importing: files on disk, the command line, and the database without a request."""

import pytest

from app.models import Customer


@pytest.fixture
def database(app):
    database = app.extensions["database"]
    database.connect(reuse_if_open=True)
    yield database
    database.close()


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
