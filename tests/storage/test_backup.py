"""`flask backup` and `flask restore`: whole or not at all, and nothing is lost on the way."""

import os
import resource
import sys

import pytest
from peewee import sqlite3

from app.storage.backup import back_up
from app.storage.errors import Unusable
from app.storage.locks import UseLock
from app.storage.restore import restore
from tests.conftest import NOON
from tests.storage.test_start import OTHER_KEY


def rows(path) -> int:
    with sqlite3.connect(path) as database:
        (found,) = database.execute("SELECT count(*) FROM customer").fetchone()
    database.close()
    return found


def backed_up(disk, name="portal.bak", **options):
    target = disk.file.path.parent / name
    back_up(disk.config, target, NOON, **options)
    return target


def test_a_backup_is_made_while_the_portal_writes_and_is_its_owners_alone(disk):
    disk.write(7, tick=False)
    target = backed_up(disk)
    assert rows(target) == 7 and target.stat().st_mode & 0o777 == 0o600
    assert [p.name for p in target.parent.glob(f"*{target.name}*")] == [target.name]


def test_an_existing_file_stays_unless_it_may_be_replaced(disk):
    target = backed_up(disk)
    before = target.read_bytes()
    disk.write(3)
    with pytest.raises(Unusable, match="exists already"):
        backed_up(disk)
    assert target.read_bytes() == before
    backed_up(disk, overwrite=True)
    assert rows(target) == 3


@pytest.mark.parametrize("name", ["portal.sqlite3", "."])
def test_the_database_itself_is_never_the_target(disk, name):
    with pytest.raises(Unusable):
        backed_up(disk, name, overwrite=True)


@pytest.mark.skipif(sys.platform != "linux", reason="limits the size of files")
def test_a_full_disk_leaves_nothing_half(disk, tmp_path):
    disk.write(800)
    target = tmp_path / "portal.bak"
    child = os.fork()
    if child == 0:
        resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))
        try:
            back_up(disk.config, target, NOON)
        except Unusable:
            os._exit(3)
        os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 3
    assert list(tmp_path.glob("*portal.bak*")) == []


def test_a_restored_backup_replaces_the_database_and_keeps_it(disk):
    disk.write(4, "A")
    target = backed_up(disk)
    disk.write(5, "B")
    disk.stop()
    kept = restore(disk.config, target, NOON)
    disk.start()
    assert disk.customers() == {"A0", "A1", "A2", "A3"} and rows(kept) == 9
    assert disk.is_held() and disk.deployment().backup_ms is None


def test_restoring_after_a_crash_leaves_the_old_log_to_the_old_database(disk):
    disk.write(200, "A")
    target = backed_up(disk)
    disk.write(200, "B")
    disk.write(5, "C", tick=False)
    disk.crash()
    disk.put_back_by_hand(target)  # the obvious way first, which is refused
    disk.why_not()
    restore(disk.config, target, NOON)
    disk.start()
    assert len(disk.customers()) == 200


def test_a_backup_that_was_copied_over_the_database_can_be_restored_in_place(disk):
    disk.write(200, "A")
    backup = disk.copy_by_hand()
    disk.write(300, "B")
    disk.crash()
    disk.put_back_by_hand(backup)
    restore(disk.config, disk.file.path, NOON)
    disk.start()
    assert len(disk.customers()) == 200


def test_a_copy_with_a_log_of_its_own_is_restored_with_what_the_log_holds(disk, tmp_path):
    disk.write(3, "A")
    disk.write(4, "B", tick=False)
    disk.crash()
    aside = tmp_path / "aside"
    aside.mkdir()
    for suffix in ("", "-wal"):
        disk.file.beside(suffix).rename(aside / f"copy{suffix}")
    restore(disk.config, aside / "copy", NOON)
    disk.start()
    assert len(disk.customers()) == 7


def test_restore_is_refused_while_the_portal_runs(disk):
    target = backed_up(disk)
    disk.write(2)
    running = UseLock.exclusive_or_shared(disk.file)
    running.share()
    with pytest.raises(Unusable, match="is running"):
        restore(disk.config, target, NOON)
    running.release()
    assert rows(disk.file.path) == 2


def damage(path, sql):
    with sqlite3.connect(path) as database:
        database.executescript(sql)
    database.close()


@pytest.mark.parametrize(
    ("sql", "why"),
    [
        ("DROP TABLE invoice", "not a portal's database"),
        ("INSERT INTO schema_migration (name, applied) VALUES ('0099_future', '2027-01-01')", "newer version"),
        ("UPDATE deployment SET key_check = 'another'", "secret key is not the one"),
    ],
)
def test_unusable_backup_is_refused_and_changes_nothing(disk, sql, why):
    target = backed_up(disk)
    damage(target, sql)
    disk.write(2)
    disk.stop()
    before = {path.name: path.read_bytes() for path in disk.file.path.parent.iterdir() if path.is_file()}
    with pytest.raises(Unusable, match=why):
        restore(disk.config, target, NOON)
    after = {path.name: path.read_bytes() for path in disk.file.path.parent.iterdir() if path.is_file()}
    assert after == before


def test_a_damaged_backup_is_refused(disk):
    disk.write(500)
    target = backed_up(disk)
    content = bytearray(target.read_bytes())
    content[200_000:600_000] = b"\xff" * 400_000
    target.write_bytes(content)
    disk.stop()
    with pytest.raises(Unusable, match="damaged"):
        restore(disk.config, target, NOON)
    assert rows(disk.file.path) == 500


def test_a_backup_of_an_older_version_is_migrated(disk):
    target = backed_up(disk)
    damage(
        target,
        "DROP TABLE deployment; DROP TABLE unmatched_charge;"
        " ALTER TABLE company DROP COLUMN payments_held_ms;"
        " ALTER TABLE worker_process DROP COLUMN portal_url; ALTER TABLE worker_process DROP COLUMN environment;"
        " DELETE FROM schema_migration WHERE name IN"
        " ('0010_deployment', '0016_unmatched_charge', '0041_hosts', '0044_pepper')",
    )
    restore(disk.config, target, NOON)
    disk.start()
    assert disk.is_held()


def test_a_lost_secret_key_can_be_replaced_on_purpose(disk):
    target = backed_up(disk)
    disk.config = disk.config.replace(secret_key=OTHER_KEY)
    with pytest.raises(Unusable, match="--new-secret-key"):
        restore(disk.config, target, NOON)
    restore(disk.config, target, NOON, new_key=True)
    disk.start()


def test_a_copied_flask_backup_beside_a_foreign_log_is_refused_even_without_a_marker(disk):
    disk.write(100, "A")
    target = backed_up(disk)
    disk.write(100, "B")
    disk.write(2, "C", tick=False)
    disk.crash()
    disk.put_back_by_hand(target)
    disk.file.write_marker(1)
    assert "is a backup that was copied here" in disk.why_not()
