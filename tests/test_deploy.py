"""The files in deploy/ name what exists, and are what the programs that read them accept."""

import configparser
import os
import re
import shutil
import subprocess
from importlib.util import find_spec
from pathlib import Path

import pytest

from app.health.place import SETTINGS
from tests.support.proxies import nginx_file, require_program

ROOT = Path(__file__).resolve().parent.parent
DEPLOY = ROOT / "deploy"
UNITS = sorted([*DEPLOY.glob("*.service"), *DEPLOY.glob("*.timer")])
SERVICES = sorted(DEPLOY.glob("*.service"))
HOME = "/srv/customer-center"


def succeeds(*command: str, **settings: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True, env={**os.environ, **settings})
    assert done.returncode == 0, done.stdout + done.stderr


def read(unit: Path) -> configparser.ConfigParser:
    parser = configparser.ConfigParser(strict=False, interpolation=None)
    parser.optionxform = str
    parser.read(unit)
    return parser


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_systemd_accepts_a_unit(unit, tmp_path):
    analyze = require_program("systemd-analyze")
    for one in UNITS:  # as they are installed: a timer's service is beside it
        (tmp_path / one.name).write_text(one.read_text().replace(HOME, str(ROOT)))
    succeeds(analyze, "verify", "--man=no", str(tmp_path / unit.name))


@pytest.mark.parametrize("unit", SERVICES, ids=lambda unit: unit.name)
def test_a_service_runs_what_exists_and_not_as_root(unit, app):
    service = read(unit)["Service"]
    assert service["User"] == "portal" and service["WorkingDirectory"] == HOME
    assert service["ProtectSystem"] == "strict" and service["NoNewPrivileges"] == "yes" and service["UMask"] == "0077"
    for module in re.findall(r"-m ([\w.]+)", service["ExecStart"]):
        assert find_spec(module), module
    for command in re.findall(r"flask --app wsgi ([\w-]+)", service["ExecStart"]):
        assert command in app.cli.commands, command


def test_the_units_protect_the_system_alike():
    def protection(unit):
        return {
            line
            for line in unit.read_text().splitlines()
            if re.match(r"(NoNew|Private|Protect|Restrict|Lock|User|UMask|StateDirectoryMode)", line)
        }

    assert len({frozenset(protection(unit)) for unit in SERVICES}) == 1


def names_in_examples() -> set[tuple[str, str]]:
    found = set()
    for line in (DEPLOY / "portal.env.example").read_text().splitlines():
        if match := re.match(r"#?([A-Z_]+)=", line):
            found.add(("portal.env.example", match[1]))
    compose, dockerfile = ((DEPLOY / name).read_text() for name in ("compose.yaml", "Dockerfile"))
    portal = compose.partition("x-portal")[2].partition("\nservices:")[0]
    found |= {("compose.yaml", name) for name in re.findall(r"^ +([A-Z_]+):", portal, re.MULTILINE)}
    image = re.search(r"^ENV (.*(?:\\\n.*)*)", dockerfile, re.MULTILINE)[1]
    return found | {("Dockerfile", name) for name in re.findall(r"([A-Z_]+)=", image)}


def test_every_setting_in_the_files_exists():
    others = {"PATH", "FLASK_APP", "PYTHONDONTWRITEBYTECODE"}
    assert {(file, name) for file, name in names_in_examples() if name not in SETTINGS | others} == set()
    assert len(names_in_examples()) > 12


def test_the_image_gets_what_the_portal_imports_and_reads():
    text = (DEPLOY / "Dockerfile").read_text().replace("\\\n", "")
    copied = {source for line in re.findall(r"^COPY (.*) \S+$", text, re.MULTILINE) for source in line.split()}
    assert [source for source in copied if not (ROOT / source).exists()] == []
    allowed = {line[1:] for line in (DEPLOY / "Dockerfile.dockerignore").read_text().splitlines() if line[0] == "!"}
    assert {source.partition("/")[0] for source in copied} == allowed
    read_at_run_time = {"app", "migrations", "templates", "static", "braintree_emulator", "pyproject.toml", "wsgi.py"}
    assert read_at_run_time <= copied
    assert text.index("USER 10001") > text.rindex("RUN ")


def test_compose_runs_commands_that_exist_with_files_that_exist(app):
    text = (DEPLOY / "compose.yaml").read_text()
    assert "python, -m, app.supervisor, web]" in text and "[flask, worker]" in text and "worker" in app.cli.commands
    for file in ("../deploy/Dockerfile", "Caddyfile", "portal.env.example"):
        assert (DEPLOY / file).exists()
    for name in re.findall(r"\{\$([A-Z_]+)", (DEPLOY / "Caddyfile").read_text()):
        assert f"      {name}: " in text


def test_nginx_accepts_its_file(tmp_path):
    succeeds(require_program("nginx"), "-t", "-c", str(nginx_file(tmp_path, 8000, 8443)))


def test_caddy_accepts_its_file():
    succeeds(require_program("caddy"), "validate", "--adapter", "caddyfile", "--config", str(DEPLOY / "Caddyfile"))


def test_compose_accepts_its_file(tmp_path):
    docker = require_program("docker")
    if subprocess.run([docker, "compose", "version"], capture_output=True).returncode:
        pytest.skip("docker compose is not installed")
    (tmp_path / "deploy").mkdir()
    for name in ("compose.yaml", "Dockerfile", "Caddyfile"):
        shutil.copy(DEPLOY / name, tmp_path / "deploy" / name)
    shutil.copy(DEPLOY / "portal.env.example", tmp_path / "deploy/portal.env")
    settings = {"PORTAL_HOST": "pay.example.com", "DATABASE_PASSWORD": "secret"}
    succeeds(docker, "compose", "-f", str(tmp_path / "deploy/compose.yaml"), "config", "-q", **settings)
