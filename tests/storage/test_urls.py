"""A server's URL is never taken for a path."""

import pytest

from app.database import sqlite
from app.storage.database_file import DatabaseFile

SERVER = "postgresql://portal:secret@db1.example/portal"


@pytest.mark.parametrize("open_it", [DatabaseFile.of_url, sqlite.open_database])
def test_the_url_of_a_server_is_refused_and_makes_no_folder(open_it, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ValueError, match="no URL of an SQLite database") as refused:
        open_it(SERVER)
    assert list(tmp_path.iterdir()) == [] and "secret" not in str(refused.value)


def test_the_url_of_a_file_is_its_path(tmp_path):
    assert DatabaseFile.of_url(f"sqlite:///{tmp_path}/a.sqlite3").path == tmp_path / "a.sqlite3"
