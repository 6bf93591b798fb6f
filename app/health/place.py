"""Checks of settings and files, before the database is opened."""

import difflib
import os
import re
import shutil
import stat
from collections.abc import Iterator, Mapping
from dataclasses import fields
from datetime import datetime
from pathlib import Path

from peewee import PeeweeException

from app.config import ROOT, Config, ConfigError
from app.health.findings import Finding, ok, problem, warning
from app.storage.database_file import DatabaseFile
from app.storage.errors import Unusable, denied, file_error_text, is_there
from app.storage.instance import check_place, check_settings
from app.storage.server_errors import server_error_text
from app.storage.server_startup import open_server
from app.storage.startup import check_before_opening, check_content
from app.web.static_files import COMPRESSIBLE, ENCODINGS, StaticFile

# Config's attributes are the settings in lower case, except these.
OTHER_NAMES = {"INSTANCE_PATH", "SESSION_IDLE_MINUTES", "SESSION_HOURS", "BRAINTREE_ENVIRONMENT", "LOG_FORMAT", "DEMO"}
OTHER_NAMES |= {f"BRAINTREE_{name}" for name in ("MERCHANT_ID", "PUBLIC_KEY", "PRIVATE_KEY", "GATEWAY_URL")}
OTHER_NAMES |= {"BRAINTREE_MERCHANT_ACCOUNTS", "BRAINTREE_THREE_D_SECURE"}
SETTINGS = {one.name.upper() for one in fields(Config)} | OTHER_NAMES
PREFIXES = ("BRAINTREE_", "SMTP_", "BOUNCE_", "PORTAL_", "MAIL_FROM", "TRUSTED_PROX", "SESSION_HO", "SESSION_IDLE")
SETTINGS_FILE = ROOT / "portal.env"  # where docs/installing.md keeps them
QUOTED = re.compile("'[^']*'|\"[^\"$`\\\\]*\"")
PLAIN = re.compile(r"[^\s\"'$`\\&;|<>()]*")  # the same for systemd and for a shell
SIMILAR = 0.85
DAMAGE_SECONDS = 120
LITTLE_BYTES, TOO_LITTLE_BYTES = 2 * 1024**3, 200 * 1024**2


def settings(env: Mapping[str, str]) -> tuple[Config | None, list[Finding]]:
    """The configuration, or None if it can't be read, and the findings."""
    misspelled = [warning("Settings", text) for text in misspelled_names(env)]
    try:
        check_place(env)
        config = Config.from_env(env, make_key=False)
        check_settings(config)
    except ConfigError as error:
        return None, [*misspelled, *(problem("Settings", text) for text in error.problems)]
    return config, misspelled or [ok("Settings", f"{config.environment}, {config.portal_url}")]


def misspelled_names(env: Mapping[str, str]) -> Iterator[str]:
    for name in sorted(env.keys() - SETTINGS):
        meant = difflib.get_close_matches(name.upper(), SETTINGS, 1, SIMILAR)
        if meant:
            yield f"{name} is not a setting. Did you mean {meant[0]}?"
        elif name.startswith(PREFIXES):
            yield f"{name} is not a setting. Check its spelling."


def folder(config: Config, settings_file: Path = SETTINGS_FILE) -> Iterator[Finding]:
    place = config.instance
    if not place.is_dir():
        yield problem("Folder", f"{place} is not a folder. Set INSTANCE_PATH to the one that has the portal's files.")
        return
    private = [place, place / "secret_key"] + [config.data_path] * (config.data_path != place)
    wrong = list(filter(None, (rights(file) for file in private if is_there(file))))
    if settings_file.exists() and settings_file.stat().st_mode & stat.S_IROTH:
        wrong.append(f"Everyone on this machine can read {settings_file}. Run: chmod o= {settings_file}")
    wrong += unquoted_settings(settings_file)
    yield from (problem("Folder", text) for text in wrong)
    if not wrong:
        yield ok("Folder", str(place))


def rights(path: Path) -> str:
    if not os.access(path, os.R_OK | os.W_OK):
        return denied(path)
    others = stat.S_IMODE(path.stat().st_mode) & 0o077
    return f"Other users of this machine can use {path}. Run: chmod go= {path}" if others else ""


def unquoted_settings(file: Path) -> Iterator[str]:
    """Problems with values that a shell reads differently from systemd: after an & that is not quoted, for example, the
    setting is missing."""
    try:
        lines = file.read_text(errors="replace").splitlines()
    except OSError:
        return
    for number, line in enumerate(lines, 1):
        name, is_setting, value = line.strip().partition("=")
        if is_setting and name[:1] not in ("#", ";") and not QUOTED.fullmatch(value) and not PLAIN.fullmatch(value):
            yield (
                f"Line {number} of {file}: put the value of {name} in single quotes. A shell interprets some of its "
                "characters, so commands would run with other settings than the portal."
            )


def static_files(files: Mapping[str, StaticFile]) -> Iterator[Finding]:
    plain = [path for path, file in files.items() if path.endswith(COMPRESSIBLE) and len(file.encoded) < len(ENCODINGS)]
    if plain:
        yield warning(
            "Static files",
            f"{len(plain)} of {len(files)} are not compressed, such as {min(plain)}, so pages load slowly. Run: "
            "bin/environment requirements.txt, and restart the portal.",
        )
    else:
        yield ok("Static files", f"{len(files)}, compressed")


def disk(config: Config) -> Iterator[Finding]:
    free = shutil.disk_usage(config.instance).free
    text = f"{free / 1e9:.1f} GB are free for {config.instance}"
    if free < TOO_LITTLE_BYTES:
        yield problem("Disk", f"{text}. Make room: on a full disk nothing can be paid.")
    elif free < LITTLE_BYTES:
        yield warning("Disk", f"{text}. Make room: an import or a backup may need more.")
    else:
        yield ok("Disk", text)


def database_file(config: Config, *, thorough: bool = True) -> Iterator[Finding]:
    """With `thorough`, checks the file for damage, for at most two minutes."""
    file = DatabaseFile.of_url(config.database_url)
    try:
        check_before_opening(file)
        check_content(file.path, pragma="integrity_check", seconds=DAMAGE_SECONDS if thorough else 0)
        yield ok("Database file", str(file.path))
    except Unusable as error:
        yield problem("Database file", str(error))
    except OSError as error:
        yield problem("Database file", file_error_text(error, file.path))


def database_server(config: Config, now: datetime) -> Iterator[Finding]:
    try:
        open_server(config, now, may_make=False).close_all()
        yield ok("Database server", config.database_name)
    except Unusable as error:
        yield problem("Database server", str(error))
    except PeeweeException as error:
        yield problem("Database server", server_error_text(error, config.database_name))
