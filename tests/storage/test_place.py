"""A command works on the portal that was started last, or says which settings are missing."""

import json

import pytest

from app.config import Config, ConfigError
from app.storage import instance
from app.storage.database_file import DatabaseFile
from app.storage.locks import UseLock
from tests.support import databases


@pytest.fixture
def folders(tmp_path, empty_database):
    """The folders of two portals, the demo's and the company's own, and where the last start is noted."""
    for name in ("demo", "own"):
        (tmp_path / name).mkdir()
        databases.copy(empty_database, f"sqlite:///{tmp_path / name / 'portal.sqlite3'}")
    return tmp_path


def started(folder, note, **settings):
    """Note a start of the portal in `folder`, as `place.note_start` writes it outside the temporary folder."""
    config = Config.from_env({"INSTANCE_PATH": str(folder), "SECRET_KEY": "k" * 40, **settings})
    note.write_text(
        json.dumps(
            {
                "database": str(folder / "portal.sqlite3"),
                "settings": {"INSTANCE_PATH": str(folder)},
                "BRAINTREE_ENVIRONMENT": config.environment,
                "PORTAL_URL": config.portal_url,
            }
        )
    )
    return config


def test_a_command_with_the_settings_of_the_portal_works_on_it(folders):
    started(folders / "own", note := folders / "note")
    instance.check_place({"INSTANCE_PATH": str(folders / "own")}, note)


def test_a_database_that_is_not_there_is_not_made(folders):
    started(folders / "own", note := folders / "note")
    with pytest.raises(ConfigError, match=f"started last has INSTANCE_PATH={folders / 'own'}: export"):
        instance.check_place({"DATABASE_URL": f"sqlite:///{folders}/none.sqlite3"}, note)
    assert not (folders / "none.sqlite3").exists()


def test_without_settings_another_portal_than_the_last_is_refused(folders):
    """The demo was tried in the default folder; then the company's own portal was started."""
    started(folders / "own", note := folders / "note")
    with pytest.raises(ConfigError, match="is not the database of the portal that was started last"):
        instance.check_place({}, note, default=folders / "demo")
    instance.check_place({"INSTANCE_PATH": str(folders / "demo")}, note)


@pytest.mark.parametrize("content", [None, "{", "[]", '{"database": "/nowhere"}'])
def test_a_note_that_is_missing_or_damaged_refuses_nothing(folders, content):
    note = folders / "note"
    if content is not None:
        note.write_text(content)
    instance.check_place({}, note, default=folders / "demo")


def test_another_gateway_or_address_than_the_running_portals_is_refused(folders):
    keys = {"BRAINTREE_MERCHANT_ID": "m", "BRAINTREE_PUBLIC_KEY": "p", "BRAINTREE_PRIVATE_KEY": "q"}
    started(folders / "own", note := folders / "note", BRAINTREE_ENVIRONMENT="sandbox", **keys)
    config = Config.from_env({"INSTANCE_PATH": str(folders / "own"), "SECRET_KEY": "k" * 40})
    instance.check_settings(config, note)
    running = UseLock.exclusive_or_shared(DatabaseFile.of_url(config.database_url))
    with pytest.raises(ConfigError, match="runs with BRAINTREE_ENVIRONMENT=sandbox, here it is demo"):
        instance.check_settings(config, note)
    running.release()


def test_a_start_is_noted_but_not_that_of_a_trial_in_a_temporary_folder(folders):
    config = Config.from_env({"INSTANCE_PATH": str(folders / "own"), "SECRET_KEY": "k" * 40})
    note = folders / "sub" / "note"
    instance.note_start(config, {"INSTANCE_PATH": str(folders / "own")}, note, trials=folders)
    assert not note.exists()
    instance.note_start(config, {"INSTANCE_PATH": str(folders / "own")}, note, trials=folders / "elsewhere")
    assert instance.last_start(note)["settings"] == {"INSTANCE_PATH": str(folders / "own")}


def test_a_start_without_the_settings_of_the_last_makes_no_new_portal(folders):
    started(folders / "own", note := folders / "note")
    with pytest.raises(ConfigError, match=f"started last has INSTANCE_PATH={folders / 'own'}: export"):
        instance.check_start({}, note, default=folders / "new")
    instance.check_start({"INSTANCE_PATH": str(folders / "new")}, note, default=folders / "new")
    instance.check_start({}, note, default=folders / "demo")


def test_a_start_without_the_disk_of_the_last_makes_no_new_portal(folders):
    started(folders / "own", note := folders / "note")
    (folders / "own/portal.sqlite3").unlink()
    with pytest.raises(ConfigError, match=r"own/portal.sqlite3 is gone: .* Is its disk mounted\?"):
        instance.check_start({"INSTANCE_PATH": str(folders / "own")}, note)
    instance.check_start({}, note, default=folders / "new")


@pytest.mark.parametrize("url", ["postgres:/db/portal", "mysql://db/portal", "portal.sqlite3"])
@pytest.mark.parametrize("check", [instance.check_start, instance.check_place])
def test_a_url_of_no_database_is_left_to_the_check_of_settings(check, url, folders):
    started(folders / "own", note := folders / "note")
    check({"DATABASE_URL": url}, note)


@pytest.mark.parametrize("check", [instance.check_start, instance.check_place])
def test_a_file_that_is_gone_is_missed_without_a_note_of_the_last_start(check, folders):
    file = DatabaseFile(folders / "own" / "portal.sqlite3")
    file.write_marker(1)
    settings = {"INSTANCE_PATH": str(folders / "own")}
    check(settings, folders / "none")
    file.path.unlink()
    with pytest.raises(ConfigError, match=r"is gone: a portal kept its data there\. Is its disk mounted\? Or restore"):
        check(settings, folders / "none")
    running = UseLock.exclusive_or_shared(file)
    with pytest.raises(ConfigError, match="A portal still runs without it: stop that first"):
        check(settings, folders / "none")
    running.release()


def test_a_first_start_is_refused_nothing(folders):
    instance.check_start({}, folders / "none", default=folders / "new")


SERVER = "postgresql://me:canary@db/portal"


def started_on_server(folders, note):
    """A portal on PostgreSQL was started from this folder."""
    env = {"INSTANCE_PATH": str(folders / "own"), "DATABASE_URL": SERVER, "SECRET_KEY": "k" * 40}
    config = Config.from_env(env)
    instance.note_start(config, env, note, trials=folders / "elsewhere")
    return config


def test_after_postgresql_neither_a_start_nor_a_command_returns_to_a_file_unasked(folders):
    config = started_on_server(folders, note := folders / "note")
    assert "canary" not in note.read_text()
    for check in (instance.check_start, instance.check_place):
        for folder in ("demo", "new"):
            with pytest.raises(ConfigError, match=r"DATABASE_URL=postgresql://…@db/portal: export its settings"):
                check({}, note, default=folders / folder)
        check({"DATABASE_URL": SERVER}, note)
    instance.check_start({"INSTANCE_PATH": str(folders / "demo")}, note)
    assert not instance.may_make_portal(config, note)
    assert instance.may_make_portal(config.replace(database_url="postgresql://db/other"), note)
