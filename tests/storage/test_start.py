"""Whatever is wrong with the database is said in one sentence, and the portal doesn't start on it."""

import pytest
from peewee import sqlite3

from app.accounts import two_factor
from app.models import User
from app.sealed import decrypt
from app.storage.database_file import DatabaseFile, mark
from app.worker import Worker
from tests.conftest import NOON

OTHER_KEY = "another key that is also long enough to be accepted"


def test_a_clean_database_starts_again_and_again(disk):
    disk.write(3)
    disk.stop()
    disk.start()
    disk.start()
    assert not disk.is_held()


def test_a_crash_alone_starts_with_everything_in_place(disk):
    disk.write(2, "A")
    disk.write(3, "B", tick=False)
    disk.crash()
    disk.start()
    assert disk.customers() == {"A0", "A1", "B0", "B1", "B2"}
    assert not disk.is_held()


def test_a_backup_copied_over_the_database_after_a_crash_is_refused(disk):
    disk.write(200, "A")
    backup = disk.copy_by_hand()
    disk.write(200, "B")
    disk.write(5, "C", tick=False)
    disk.crash()
    log = disk.file.leftover_log().read_bytes()
    disk.put_back_by_hand(backup)
    before = disk.file.path.read_bytes()

    why = disk.why_not()

    assert "is a backup that was copied here" in why and "flask restore" in why
    assert disk.file.path.read_bytes() == before and disk.file.leftover_log().read_bytes() == log


def test_a_backup_copied_over_the_database_after_a_clean_stop_is_taken_for_what_it_is(disk):
    disk.write(2, "A")
    backup = disk.copy_by_hand()
    disk.write(2, "B")
    disk.stop()
    disk.put_back_by_hand(backup)
    disk.start()
    assert disk.customers() == {"A0", "A1"}
    assert disk.is_held()


def test_a_database_brought_to_another_folder_is_taken_for_a_copy(disk):
    disk.write(2)
    disk.stop()
    disk.file.marker.unlink()
    disk.start()
    assert disk.is_held()


def test_a_damaged_database_is_refused(disk):
    disk.write(500)
    disk.stop()
    content = bytearray(disk.file.path.read_bytes())
    page = 4096
    for number in range(20, len(content) // page):
        content[number * page : number * page + 200] = b"\xff" * 200
    disk.file.path.write_bytes(content)
    assert "is damaged" in (why := disk.why_not()) and "flask restore FILE" in why


@pytest.mark.parametrize("content", [b"not a database" * 1000, b"PK\x03\x04"])
def test_a_file_that_is_no_database_is_refused(disk, content):
    disk.file.path.write_bytes(content)
    assert "is not a SQLite database" in disk.why_not()


def test_the_database_of_another_program_is_refused(disk):
    disk.file.path.unlink()
    with sqlite3.connect(disk.file.path) as other:
        other.execute("CREATE TABLE invoice (id)")
    other.close()
    assert "of another program" in disk.why_not()


def test_a_newer_database_is_refused(disk):
    with sqlite3.connect(disk.file.path) as database:
        database.execute("INSERT INTO schema_migration (name, applied) VALUES ('0099_future', '2027-01-01')")
    database.close()
    assert "0099_future" in (why := disk.why_not()) and "newer version" in why


def test_another_secret_key_is_refused_and_the_right_one_still_starts(disk):
    config = disk.config
    disk.config = config.replace(secret_key=OTHER_KEY)
    assert "secret key is not the one" in (why := disk.why_not()) and "accept-secret-key" in why
    disk.config = config
    disk.start()


def test_a_folder_that_cannot_be_written_is_named(disk, tmp_path):
    (tmp_path / "file").write_text("")
    disk.config = disk.config.replace(database_url=f"sqlite:///{tmp_path}/file/portal.sqlite3")
    assert str(tmp_path / "file") in disk.why_not()


def test_the_marker_never_says_more_than_the_database_file_holds(disk):
    disk.write(1)
    reader = sqlite3.connect(disk.file.path, isolation_level=None)
    reader.execute("BEGIN")
    reader.execute("SELECT * FROM customer").fetchall()
    for batch in range(3):
        disk.write(50, f"D{batch}", tick=False)
        mark(disk.connection, disk.file, NOON)
        assert disk.file.tick() >= disk.file.marked_tick()
    reader.close()


def test_a_broken_marker_counts_as_none(disk):
    disk.file.marker.write_text("{")
    assert DatabaseFile(disk.file.path).marked_tick() is None


def test_the_worker_keeps_the_marker_up_to_date(app, clock):
    worker, file = Worker(app), DatabaseFile.of_url(app.config["PORTAL"].database_url)
    worker.run_due(0)
    first = file.marked_tick()
    clock.advance(seconds=30)
    worker.run_due(30)
    assert first is not None and file.marked_tick() == file.tick()
    assert worker.mark_database() is None and file.tick() == file.marked_tick()


def test_no_clear_two_factor_seed_is_left_on_disk_after_one_start(disk):
    seed = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
    disk.ask(lambda: User.create(email="ruth@harborpine.example", created_ms=1, totp_secret=seed, totp_confirmed_ms=1))
    disk.stop()
    assert seed.encode() in disk.file.path.read_bytes()
    disk.start()
    files = disk.file.path.parent.glob(f"{disk.file.path.name}*")
    assert not any(seed.encode() in file.read_bytes() for file in files if file.is_file())
    encrypted = disk.ask(lambda: User.get(email="ruth@harborpine.example").totp_secret)
    assert decrypt(encrypted, disk.config.keys, two_factor.SEEDS) == seed
