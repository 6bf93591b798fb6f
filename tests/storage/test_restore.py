"""`flask restore` as an operator types it: what it says first, what it refuses, and which logins it ends."""

from datetime import timedelta

import pytest
from click.testing import CliRunner

from app.clock import to_ms
from app.config import Config
from app.models import Audit, Company, FirstRun, Link, OutboxMail, Session, User
from app.storage.backup import back_up
from app.storage.cli import restore_command
from app.storage.errors import Unusable
from app.storage.restore import restore
from tests.conftest import NOON

SANDBOX = {"environment": "sandbox", "merchant_id": "m", "public_key": "p", "private_key": "k"}


@pytest.fixture
def target(disk):
    """A backup of Harbor & Pine, beside the database, which got another name since."""
    disk.ask(lambda: Company.update(name="Harbor & Pine").execute())
    return named_otherwise(disk)


def named_otherwise(disk):
    target = disk.file.path.with_name("portal.bak")
    back_up(disk.config, target, NOON)
    disk.ask(lambda: Company.update(name="Another Company").execute())
    disk.stop()
    return target


@pytest.fixture
def type_restore(disk):
    """type_restore(*words, answer="y") runs the command with the settings of this disk."""
    (disk.config.instance / "secret_key").write_text(disk.config.secret_key)

    def _type(*words, answer=""):
        env = {
            "INSTANCE_PATH": str(disk.config.instance),
            "PORTAL_URL": "http://localhost:8123",
            "DATABASE_URL": disk.config.database_url,
        }
        assert Config.from_env(env).database_url == disk.config.database_url
        return CliRunner(env=env).invoke(restore_command, [str(word) for word in words], input=answer)

    return _type


def company(disk) -> str:
    return disk.ask(lambda: Company.current().name)


def test_the_company_and_the_portal_are_named_before_anything_is_replaced(disk, target, type_restore):
    done = type_restore(target, answer="n\n")
    assert done.exit_code == 1 and company(disk) == "Another Company"
    assert f"Backup: Harbor & Pine, backed up 2026-11-22 17:00 UTC, {target}" in done.output
    assert f"Portal: http://localhost:8123, demo, {disk.file.path}" in done.output
    assert "It replaces: Another Company," in done.output and "Restored" not in done.output
    assert [path.name for path in disk.file.path.parent.glob("*.part*")] == []


@pytest.mark.parametrize(("words", "answer"), [((), "y\n"), (("--yes",), "")])
def test_backup_is_restored_after_confirmation(disk, target, type_restore, words, answer):
    done = type_restore(target, *words, answer=answer)
    assert done.exit_code == 0 and company(disk) == "Harbor & Pine"
    assert "All sessions, and all set-up and reset links, have ended" in done.output


def test_without_an_answer_nothing_is_restored(disk, target, type_restore):
    assert type_restore(target).exit_code == 1 and company(disk) == "Another Company"


def test_a_database_that_can_not_be_read_is_replaced_all_the_same(disk, target, type_restore):
    disk.file.path.write_bytes(b"not a database at all")
    done = type_restore(target, "--yes")
    assert done.exit_code == 0 and "It replaces: a company without a name" in done.output
    assert company(disk) == "Harbor & Pine"


@pytest.mark.parametrize("environment", ["sandbox", "production"])
def test_the_demo_companys_backup_is_refused_outside_the_demo(disk, environment):
    disk.ask(lambda: Audit.write("demo_loaded", 0))
    target = named_otherwise(disk)
    live = disk.config.replace(**SANDBOX | {"environment": environment})
    with pytest.raises(Unusable, match=f"contains the demo company.*{environment}"):
        restore(live, target, NOON)
    assert company(disk) == "Another Company"
    restore(disk.config, target, NOON)


def logged_in(disk) -> None:
    """Ruth has a session, a reset link and a set-up link whose mails wait, and a link that she has used."""
    ruth = User.create(email="ruth@harborpine.example", created_ms=1)
    Session.open(ruth, NOON)
    for purpose in (Link.SETUP, Link.RESET):  # one to set up ends those to reset
        Link.issue(ruth, purpose, NOON, timedelta(days=1))
        link = Link.select().order_by(Link.id.desc()).get()
        OutboxMail.create(
            key=f"link:{link.token_hash}",
            recipient=ruth.email,
            subject="",
            text="",
            html="",
            created_ms=to_ms(NOON),
            next_try_ms=to_ms(NOON),
        )
    Link.create(
        token_hash="used",
        user=ruth,
        purpose=Link.RESET,
        created_ms=to_ms(NOON),
        used_ms=to_ms(NOON),
        expires_ms=to_ms(NOON) + 1,
    )


def check_logged_out(disk) -> None:
    assert disk.ask(Session.select().count) == 0
    assert disk.ask(lambda: [link.is_live(NOON) for link in Link]) == [False] * 3
    assert disk.ask(lambda: {mail.state for mail in OutboxMail}) == {OutboxMail.CANCELED}
    assert disk.ask(lambda: Audit.last("restore_ended_logins").facts) == {"links": 2, "sessions": 1}


def test_sessions_and_links_of_the_backups_time_end(disk):
    disk.ask(lambda: logged_in(disk))
    target = named_otherwise(disk)
    restore(disk.config, target, NOON)
    check_logged_out(disk)


def test_sessions_and_links_end_in_a_backup_copied_by_hand(disk):
    disk.ask(lambda: logged_in(disk))
    target = named_otherwise(disk)
    disk.put_back_by_hand(target)
    disk.start()
    check_logged_out(disk)


def test_the_token_of_an_unfinished_first_run_ends(disk):
    token = disk.ask(lambda: FirstRun.issue(disk.config.keys, NOON))
    target = named_otherwise(disk)
    restore(disk.config, target, NOON)
    assert not disk.ask(lambda: FirstRun.accepts(token, NOON)) and disk.ask(FirstRun.is_open)
