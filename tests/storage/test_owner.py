"""A command that root runs, in root's crontab, leaves nothing that the portal's own user can't use."""

import os

import pytest

from app.config import Config, ConfigError
from app.database.sqlite import migrate, open_database
from app.health.place import rights
from app.storage.backup import back_up
from app.storage.database_file import DatabaseFile
from app.storage.errors import Unusable
from app.storage.instance import check_place, check_start
from app.storage.locks import UseLock
from app.storage.restore import restore
from braintree_emulator.store import Store
from tests.conftest import NOON

PORTAL_USER = 12_345
pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="gives files to another user")


@pytest.fixture
def folder(disk):
    """The portal's folder, as the user that the portal runs as has it."""
    folder = disk.file.path.parent
    for path in (folder, *folder.iterdir()):
        os.chown(path, PORTAL_USER, PORTAL_USER)
    return folder


def owners(folder) -> dict[str, int]:
    return {path.name: path.stat().st_uid for path in folder.iterdir()}


def as_portal_user(work):
    """`work` in a child process of the portal's user."""
    child = os.fork()
    if child == 0:
        os.setgid(PORTAL_USER)
        os.setuid(PORTAL_USER)
        try:
            work()
        except BaseException as error:
            print(error)
            os._exit(1)
        os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def reachable(folder):
    """pytest keeps its temporary folders from other users."""
    for parent in folder.parents:
        if parent.stat().st_uid == 0 and parent.name.startswith(("pytest-", "popen-", "test_")):
            parent.chmod(0o755)


def test_a_backup_by_root_leaves_the_database_to_its_owner(disk, folder, tmp_path_factory):
    disk.write(3)
    disk.stop()
    back_up(disk.config, tmp_path_factory.mktemp("backup") / "portal.bak", NOON)
    assert set(owners(folder).values()) == {PORTAL_USER}


def test_a_backup_by_root_while_the_portal_is_stopped_pauses_nothing(disk, folder, tmp_path_factory):
    disk.write(3)
    disk.stop()
    for lock in (disk.file.lock, disk.file.beside(".migrating")):
        lock.unlink(missing_ok=True)
    disk.start()
    back_up(disk.config, tmp_path_factory.mktemp("backup") / "portal.bak", NOON)
    reachable(folder)
    as_portal_user(disk.start)
    assert not disk.is_held()


def test_a_restore_by_root_leaves_the_database_to_its_owner(disk, folder, tmp_path_factory):
    disk.write(3)
    target = tmp_path_factory.mktemp("backup") / "portal.bak"
    back_up(disk.config, target, NOON)
    disk.stop()
    restore(disk.config, target, NOON)
    assert set(owners(folder).values()) == {PORTAL_USER}


def test_a_backup_where_the_portal_may_not_write_asks_for_another_folder(disk, folder, tmp_path_factory):
    disk.write(3)
    private = tmp_path_factory.mktemp("private")
    private.chmod(0o700)
    reachable(folder)

    def write():
        for target, why in (
            (private.parent / "x.bak", "12345 may not write in the folder"),
            (private / "x.bak", f"12345 may not write in the folder {private}. Name a file in another"),
            (private / "inner" / "x.bak", f"There is no folder {private}/inner"),
        ):
            with pytest.raises(Unusable, match=why):
                back_up(disk.config, target, NOON)

    as_portal_user(write)


def test_files_made_by_root_belong_to_the_owner_of_the_folder(tmp_path):
    os.chown(tmp_path, PORTAL_USER, PORTAL_USER)
    file = DatabaseFile(tmp_path / "portal.sqlite3")
    UseLock.exclusive_or_shared(file).release()
    migrate(open_database(f"sqlite:///{file.path}"))
    file.write_marker(1)
    Store(tmp_path / "demo-gateway.sqlite3").put("kind", "id", {})
    assert len(owners(tmp_path)) >= 5 and set(owners(tmp_path).values()) == {PORTAL_USER}


@pytest.mark.parametrize("name", ["marker", "lock"])
def test_a_file_that_the_portal_may_not_read_is_named(disk, folder, name):
    disk.write(3)
    disk.stop()
    path = getattr(disk.file, name)
    os.chown(path, 0, 0)
    path.chmod(0o600)
    reachable(folder)

    def start():
        why = disk.why_not()
        assert str(path) in why and "belongs to root" in why and f"chown USER {path}" in why

    as_portal_user(start)
    assert not disk.is_held()


def test_a_folder_that_the_portal_may_not_enter_is_named(disk, folder):
    disk.write(3)
    disk.stop()
    reachable(folder)
    folder.chmod(0o700)
    os.chown(folder, 0, 0)

    def start():
        with pytest.raises(ConfigError, match="secret_key can't be used: Permission denied"):
            Config.from_env({"INSTANCE_PATH": str(folder)})
        for check in (check_place, check_start):
            with pytest.raises(ConfigError, match=f"{folder} can't be used by .* chown USER {folder}"):
                check({"INSTANCE_PATH": str(folder)}, folder / "no note")

    as_portal_user(start)


def test_a_file_of_root_is_given_back_and_not_only_named(disk, folder):
    os.chown(disk.file.path, 0, 0)
    disk.file.path.chmod(0o600)
    reachable(folder)

    def look():
        assert f"give it back: chown USER {disk.file.path}" in rights(disk.file.path)

    as_portal_user(look)
