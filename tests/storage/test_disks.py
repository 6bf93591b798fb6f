"""Full and read-only disks, wrong places, damaged files: each is one sentence that blames the right file."""

import contextlib
import os
import subprocess
import sys

import pytest
from peewee import OperationalError

from app.config import ROOT
from app.database.sqlite import open_database
from app.storage.backup import back_up
from app.storage.errors import Unusable
from app.storage.restore import restore
from tests.conftest import NOON


@pytest.fixture
def mounted():
    """mounted(folder, options) mounts a disk of its own there. Only root can."""
    folders = []

    def mount(folder, options):
        folder.mkdir(exist_ok=True)
        words = ["mount", "-t", "tmpfs", "-o", options, "none", str(folder)]
        if sys.platform != "linux" or os.geteuid() != 0 or subprocess.run(words, check=False).returncode:
            pytest.skip("can't mount a disk")
        folders.append(folder)
        return folder

    yield mount
    for folder in folders:
        subprocess.run(["umount", "-l", str(folder)], check=True)


def fill(folder):
    with contextlib.suppress(OSError), (folder / "filler").open("wb", buffering=0) as file:
        while True:
            file.write(b"x" * 4096)


def flask(folder, *words):
    return subprocess.run(
        [sys.executable, "-m", "flask", "--app", "wsgi", *words],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        env={"PATH": os.environ["PATH"], "INSTANCE_PATH": str(folder), "TMPDIR": str(folder.parent)},
        check=False,
    )


@pytest.mark.parametrize("kilobytes", [4, 16, 400])
def test_a_start_on_a_full_disk_says_so(mounted, tmp_path, kilobytes):
    """The secret key, the files of the database, and its tables, in turn, find no room."""
    folder = mounted(tmp_path / "instance", f"size={kilobytes}k")
    if kilobytes == 4:
        fill(folder)
    done = flask(folder, "init")
    assert done.returncode and "Traceback" not in done.stderr and str(folder) in done.stderr
    assert "disk" in done.stderr.lower() or "no space left" in done.stderr.lower()


def test_a_command_on_a_full_disk_says_so(mounted, tmp_path):
    folder = mounted(tmp_path / "instance", "size=2400k")
    assert flask(folder, "init").returncode == 0
    fill(folder)
    done = flask(folder, "settings", "set", "customer-access", "on")
    assert done.returncode and "Traceback" not in done.stderr and "full" in done.stderr.lower()


def test_the_demo_gateway_says_that_its_disk_is_full(mounted, tmp_path):
    folder = mounted(tmp_path / "small", "size=64k")
    fill(folder)
    done = subprocess.run(
        [sys.executable, "-m", "braintree_emulator", "--port", "0", "--store", str(folder / "gateway.sqlite3")],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert done.returncode == 1 and "Traceback" not in done.stderr and str(folder) in done.stderr


def test_a_read_only_disk_is_named_as_one(mounted, disk, tmp_path):
    folder = mounted(tmp_path / "mount", "size=8m")
    (folder / "portal.sqlite3").write_bytes(disk.file.path.read_bytes())
    subprocess.run(["mount", "-o", "remount,ro", str(folder)], check=True)
    disk.config = disk.config.replace(database_url=f"sqlite:///{folder}/portal.sqlite3")
    assert (why := disk.why_not()).endswith("its disk is read-only.") and str(folder) in why and "Errno" not in why


def test_a_restore_on_a_full_disk_blames_the_disk(mounted, disk, tmp_path):
    disk.write(300)
    back_up(disk.config, target := tmp_path / "portal.bak", NOON)
    folder = mounted(tmp_path / "mount", "size=300k")
    disk.config = disk.config.replace(database_url=f"sqlite:///{folder}/portal.sqlite3")
    with pytest.raises(Unusable) as refused:
        restore(disk.config, target, NOON)
    assert str(refused.value) == (
        f"Nothing was restored. The disk of {folder}/portal.sqlite3 is full. Make room, then try again."
    )


def test_a_backup_into_a_folder_that_is_not_there_names_it(disk, tmp_path):
    with pytest.raises(Unusable) as refused:
        back_up(disk.config, tmp_path / "nowhere" / "portal.bak", NOON)
    assert str(refused.value) == f"There is no folder {tmp_path}/nowhere. Make it, or name a file in another folder."


def test_a_backup_over_the_database_itself_is_refused_as_such(disk):
    with pytest.raises(Unusable, match="is the database itself"):
        back_up(disk.config, disk.file.path, NOON, overwrite=True)


@pytest.mark.parametrize("keep", [0.3, 0.9])
def test_a_backup_that_was_cut_off_is_named_as_the_damaged_one(disk, keep):
    disk.write(500)
    back_up(disk.config, target := disk.file.path.with_name("portal.bak"), NOON)
    disk.stop()
    content = target.read_bytes()
    target.write_bytes(content[: int(len(content) * keep)])
    with pytest.raises(Unusable) as refused:
        restore(disk.config, target, NOON)
    why = str(refused.value)
    assert why.startswith(f"Nothing was restored. {target} is damaged") and why.endswith("Restore another backup.")


def damage_pages(path):
    content = bytearray(path.read_bytes())
    for number in range(20, len(content) // 4096):
        content[number * 4096 : number * 4096 + 200] = b"\xff" * 200
    path.write_bytes(content)


def test_a_damaged_backup_is_named_with_its_damage(disk):
    disk.write(500)
    back_up(disk.config, target := disk.file.path.with_name("portal.bak"), NOON)
    disk.stop()
    damage_pages(target)
    with pytest.raises(Unusable, match=f"Nothing was restored. {target} is damaged .*another backup"):
        restore(disk.config, target, NOON)


def test_a_damaged_database_gives_no_backup(disk, tmp_path):
    disk.write(500)
    disk.stop()
    damage_pages(disk.file.path)
    with pytest.raises(Unusable, match=f"No backup was made: {disk.file.path} is damaged"):
        back_up(disk.config, tmp_path / "other.bak", NOON)
    assert not list(tmp_path.glob("*other.bak*"))


@pytest.mark.parametrize("nested", [False, True])
def test_a_disk_that_fills_up_in_a_transaction_is_what_the_error_says(disk, nested):
    """SQLite then rolls back by itself; a second ROLLBACK would fail and say only that."""
    database = open_database(disk.config.database_url)
    database.connect()
    try:
        pages = database.execute_sql("PRAGMA page_count").fetchone()[0]
        database.execute_sql(f"PRAGMA max_page_count = {pages + 20}")  # as if the disk had no more room
        with pytest.raises(OperationalError, match="is full"), database.atomic():
            database.execute_sql("CREATE TABLE written (x)")
            with database.atomic() if nested else contextlib.nullcontext():
                for _ in range(100):
                    database.execute_sql("INSERT INTO written VALUES (zeroblob(9000))")
        assert "written" not in database.get_tables()
    finally:
        database.close_all()
