"""`flask doctor`: the checks of a whole installation, and what each says to do."""

import contextlib
import re
import subprocess
import sys
from datetime import date

import pytest
from click.testing import CliRunner

from app import create_app
from app.clock import to_ms
from app.config import ROOT
from app.database import open_database
from app.extensions import db
from app.health import place, reach
from app.health.cli import doctor_command
from app.health.findings import OK, PROBLEM, WARNING
from app.health.live import checks
from app.models import Audit, Customer, Duty
from app.models.duty import Run
from app.storage.startup import bring_up
from app.web.static_files import StaticFile, all_files
from app.worker import Worker
from tests.mail.conftest import FAR
from tests.people import invoice

pytestmark = pytest.mark.sqlite


@pytest.fixture
def portal(tmp_path, monkeypatch, clock):
    """The settings of a portal that was started once, and stopped."""
    env = {"INSTANCE_PATH": str(tmp_path), "DATABASE_URL": "", "PORT": "9"}
    for name, value in env.items():
        monkeypatch.setenv(name, value)
    config = place.Config.from_env(env)
    tmp_path.chmod(0o700)
    bring_up(config, clock())
    return config


@pytest.fixture(scope="module", autouse=True)
def compressed_files():
    """As bin/environment leaves them."""
    subprocess.run([sys.executable, ROOT / "bin/compress.py"], check=True)
    all_files.cache_clear()


@pytest.fixture
def read_portal(portal):
    """with read_portal() as database: it is open."""

    @contextlib.contextmanager
    def _open():
        database = open_database(portal.database_url)
        db.initialize(database)
        with database.connection_context():
            yield database
        database.close_all()

    return _open


def doctor(*options) -> tuple[int, list[str]]:
    """(exit code, lines)"""
    result = CliRunner().invoke(doctor_command, options)
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.exit_code, result.output.splitlines()


def about(subject: str, lines: list[str]) -> str:
    return next(line for line in lines if line[8:].startswith(subject))


def test_a_portal_without_a_worker_has_one_problem(portal):
    code, lines = doctor("--offline")
    assert code == 1 and [line for line in lines if line.startswith("PROBLEM")] == [about("Worker", lines)]


def test_a_portal_that_runs_has_none(portal):
    app = create_app(portal)
    Worker(app).schedule.note()
    app.extensions["database"].close_all()
    code, lines = doctor("--offline")
    assert code == 0 and lines[-1].startswith("Checked: ") and "problems: 0, warnings: 0" in lines[-1]


def test_doctor_contacts_gateway_and_portal_unless_offline(portal):
    _code, lines = doctor()
    assert about("Braintree", lines).startswith("PROBLEM") and about("Portal URL", lines).startswith("PROBLEM")
    assert "http://127.0.0.1:9 can't be reached from here" in about("Portal URL", lines)


def test_wrong_settings_are_all_that_is_said(portal, monkeypatch):
    monkeypatch.setenv("PORT", "none")
    code, lines = doctor("--offline")
    assert code == 1 and len(lines) == 2 and "PORT is 'none'" in lines[0]


def test_a_misspelled_setting_is_a_warning(portal, monkeypatch):
    monkeypatch.setenv("SMPT_URL", "smtp://mail.example.com")
    monkeypatch.setenv("BRAINTREE_KEY", "x")
    text = "\n".join(doctor("--offline")[1])
    assert "SMPT_URL is not a setting. Did you mean SMTP_URL?" in text and "BRAINTREE_KEY is not a setting." in text
    assert "mail.example.com" not in text


def test_every_setting_of_the_readme_is_known():
    table = (place.Path(__file__).parents[2] / "README.md").read_text().partition("| Variable |")[2]
    cells = [line.split("|")[1] for line in table.splitlines() if line.startswith("| `")]
    named = {name for cell in cells for name in re.findall("`([A-Z_]+)`", cell)}
    assert named and named <= place.SETTINGS


def test_files_that_others_can_read_are_named_with_a_command(portal):
    (portal.instance / "secret_key").chmod(0o644)
    _code, lines = doctor("--offline")
    assert f"Run: chmod go= {portal.instance}/secret_key" in about("Folder", lines)


@pytest.mark.parametrize(("mode", "is_named"), [(0o644, True), (0o640, False), (0o600, False)])
def test_settings_that_everyone_can_read_are_named(portal, mode, is_named):
    file = portal.instance / "portal.env"
    file.touch(mode)
    file.chmod(mode)
    texts = [finding.text for finding in place.folder(portal, file)]
    assert (texts == [f"Everyone on this machine can read {file}. Run: chmod o= {file}"]) == is_named


@pytest.mark.parametrize(
    ("value", "is_named"),
    [
        ("postgresql://db/portal?sslmode=verify-full&sslrootcert=/etc/ca.pem", True),
        ("'postgresql://db/portal?sslmode=verify-full&sslrootcert=/etc/ca.pem'", False),
        ("Harbor & Pine <billing@harborpine.example>", True),
        ('"Harbor Pine"', False),
        ('"pa$word"', True),
        ("smtp://user:pa$word@mail.example:587", True),
        ("'it''s'", True),
        ("smtp://user:p%40ss#1@mail.example:587", False),
        ("", False),
    ],
)
def test_a_setting_that_a_shell_reads_differently_is_named(portal, value, is_named):
    file = portal.instance / "portal.env"
    file.write_text(f"# A comment & more=x\nPORT=8000\nNAME={value}\n")
    file.chmod(0o600)
    texts = [finding.text for finding in place.folder(portal, file)]
    assert (
        any(text.startswith(f"Line 3 of {file}: put the value of NAME in single quotes") for text in texts) == is_named
    )
    assert len(texts) == 1


def test_the_example_of_settings_is_read_alike_by_all():
    assert not [*place.unquoted_settings(ROOT / "deploy/portal.env.example")]


def test_a_damaged_database_is_named_and_not_opened(portal):
    path = portal.instance / "portal.sqlite3"
    content = bytearray(path.read_bytes())
    content[5000:60000] = b"\xff" * 55000
    path.write_bytes(content)
    code, lines = doctor("--offline")
    assert code == 1 and "is damaged" in about("Database file", lines) and len(lines) == 5


def test_another_secret_key_is_named(portal):
    (portal.instance / "secret_key").write_text("x" * 40)
    assert "not the one that the passwords were made with" in about("Secret key", doctor("--offline")[1])


def test_amounts_that_do_not_belong_together_are_named_with_what_to_do(portal, read_portal):
    with read_portal() as database:
        due = invoice(Customer.create(number="1", name="Fennel"), "INV-7", 4200, date(2026, 12, 1))
    assert about("Amounts", doctor("--offline")[1]).startswith("ok")
    with read_portal() as database:
        database.execute_sql("UPDATE invoice SET open_minor = 4199, paid_online_minor = 1 WHERE id = ?", (due.id,))
    code, lines = doctor("--offline")
    said = about("Amounts", lines)
    assert (
        code == 1
        and said.startswith("PROBLEM")
        and "Of 1, the amount is not the sum" in said
        and ": invoice INV-7. " in said
    )
    assert "restore a backup" in said and "Turn Customers Can Pay Online off" in said


def test_static_files_that_are_not_compressed_are_named():
    (found,) = place.static_files({"css/app.css": StaticFile(b"a{}", "text/css"), "a.woff2": StaticFile(b"", "")})
    assert found.level == WARNING and "1 of 2 are not compressed, such as css/app.css" in found.text
    assert "bin/environment requirements.txt" in found.text


@pytest.fixture
def found(app, config, cast, clock):
    """found(name=value) is {subject: finding} of a portal with these settings."""

    def _found(**settings):
        database = app.extensions["database"]
        with database.connection_context():
            return {one.subject: one for one in checks(config.replace(**settings), database, clock())}

    return _found


def test_a_portal_in_use_without_backups_is_warned(app, found, clock):
    assert found(environment="production", smtp_url="smtp://x")["Backup"].level == WARNING
    with app.extensions["database"].connection_context():
        Duty.note(Run("backup", to_ms(clock()), 5, "", 0, 0))
    assert found(environment="production")["Backup"].level == OK
    clock.advance(hours=27)
    assert "The last one was made on 2026-11-22" in found(environment="production")["Backup"].text


def test_a_backup_is_noted(app, cast, tmp_path, found):
    result = app.test_cli_runner().invoke(args=["backup", str(tmp_path / "copy.bak")])
    assert result.exit_code == 0 and found(environment="production")["Backup"].level == OK


def test_a_clock_behind_what_was_recorded_is_a_problem(app, found, clock):
    assert found()["Clock"].level == OK
    with app.extensions["database"].connection_context():
        Audit.write("login", to_ms(clock()))
    clock.advance(days=-400)
    assert found()["Clock"].level == PROBLEM


def test_logins_that_may_all_come_from_the_proxy_are_a_warning(app, found):
    with app.extensions["database"].connection_context():
        Audit.write("login", 1, address="127.0.0.1")
    public = {"portal_url": "https://pay.example.com", "environment": "sandbox"}
    proxy = found(**public)["Proxy"]
    assert proxy.level == WARNING and "TRUSTED_PROXIES" in proxy.text
    with app.extensions["database"].connection_context():
        Audit.write("login", 1, address="192.0.2.9")
    assert "Proxy" not in found(**public)


def test_without_a_mail_server_email_is_a_problem(found):
    assert "SMTP_URL" in found(environment="sandbox")["Email"].text


def test_a_mail_server_that_refuses_is_named(config):
    (finding,) = reach.mail_server(config.replace(smtp_url=f"smtp://{FAR}:1"))
    assert finding.level == PROBLEM and "refused the connection" in finding.text
