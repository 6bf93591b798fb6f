"""Makes sure that a console command works on the right portal. The settings that select it are easily forgotten in
another shell. So a command never creates a database, and refuses to open a portal other than the one that was last
started from this folder."""

import contextlib
import json
import tempfile
from collections.abc import Mapping
from pathlib import Path

from app.config import ROOT, Config, ConfigError, database_url_of, is_postgres, shown_url
from app.files import write_whole
from app.storage.database_file import DatabaseFile
from app.storage.errors import file_error_text
from app.storage.locks import SETTINGS, is_in_use, settings_of

DEFAULT = ROOT / "instance"
LAST_START = DEFAULT / "last-start.json"
TRIALS = Path(tempfile.gettempdir()).resolve()
PLACE = ("INSTANCE_PATH", "DATABASE_URL")


def note_start(config: Config, env: Mapping[str, str], note: Path = LAST_START, trials: Path = TRIALS) -> None:
    """Record where the portal that starts keeps its data. Does nothing for a portal in the folder of `trials`."""
    if config.data_path.absolute().is_relative_to(trials):
        return
    settings = settings_in(env, PLACE)
    if is_postgres(config.database_url):
        settings["DATABASE_URL"] = config.database_name
    facts = {"database": place_of(config.database_url), "settings": settings, **settings_of(config)}
    with contextlib.suppress(OSError):  # the folder may belong to another user
        note.parent.mkdir(mode=0o700, exist_ok=True)
        write_whole(note, json.dumps(facts), owner=note.parent)


@contextlib.contextmanager
def config_error_for_files():
    """Context: an OSError, such as for a folder that this user may not enter, becomes a ConfigError."""
    try:
        yield
    except OSError as error:
        raise ConfigError([file_error_text(error, DEFAULT)]) from error


@config_error_for_files()
def check_place(env: Mapping[str, str], note: Path = LAST_START, default: Path = DEFAULT) -> None:
    """Raises ConfigError if a command with these settings, or without any in the folder `default`, would work on no
    portal or on another one."""
    settings, file = settings_in(env, PLACE), file_of(env, default)
    if file is None:
        return
    last = last_start(note)
    hint = ""
    if last and last["database"] != str(file.path.absolute()) and may_exist(last["database"]):
        hint = f" The portal that was started last has {settings_text(last)}: export its settings in this shell."
    if file.is_gone:
        raise ConfigError([gone(file)])
    if not file.exists:
        raise ConfigError([f"There is no portal at {file.path}.{hint} `make run` or `flask init` makes a new one."])
    if hint and not settings:
        raise ConfigError([another_than_last(file, hint)])


@config_error_for_files()
def check_start(env: Mapping[str, str], note: Path = LAST_START, default: Path = DEFAULT) -> None:
    """Raises ConfigError if a start would create a new, empty portal although another one was started last: its
    settings, its disk or its file are missing. Also if it would return to a file after PostgreSQL without being
    asked to."""
    settings, file, last = settings_in(env, PLACE), file_of(env, default), last_start(note)
    if file is None:
        return
    if file.is_gone:
        raise ConfigError([gone(file)])
    if not last:
        return
    if file.exists:
        if not settings and is_postgres(last["database"]):
            hint = f" The portal that was started last has {settings_text(last)}: export its settings in this shell."
            raise ConfigError([another_than_last(file, hint)])
        return
    if last["database"] == str(file.path.absolute()):
        raise ConfigError([gone(file)])
    if not settings and may_exist(last["database"]):
        raise ConfigError(
            [
                f"This would make a new portal at {file.path}. The one that was started last has "
                f"{settings_text(last)}: export its settings in this shell. To make a new one, set "
                f"INSTANCE_PATH={file.path.parent}."
            ]
        )


def check_settings(config: Config, note: Path = LAST_START) -> None:
    """Raises ConfigError if the portal on this database is running with another gateway or URL."""
    if is_postgres(config.database_url):
        return
    file = DatabaseFile.of_url(config.database_url)
    last = last_start(note)
    if not last or last["database"] != place_of(config.database_url) or not is_in_use(file):
        return
    ours = settings_of(config)
    other = [f"{name}={last[name]}, here it is {ours[name]}" for name in SETTINGS if last[name] != ours[name]]
    if other:
        raise ConfigError([f"The portal runs with {'; '.join(other)}. Export its settings in this shell."])


def may_make_portal(config: Config, note: Path = LAST_START) -> bool:
    """True if a start may create a portal in an empty database. False if the last started portal used that database."""
    last = last_start(note)
    return not last or last["database"] != place_of(config.database_url)


def file_of(env: Mapping[str, str], default: Path) -> DatabaseFile | None:
    """The file that these settings name, or the one in the folder `default` if there are none. None for a server,
    and for a URL that Config.from_env rejects."""
    url = database_url_of(settings_in(env, PLACE) or {"INSTANCE_PATH": str(default)})
    return DatabaseFile.of_url(url) if url.startswith("sqlite:///") else None


def place_of(url: str) -> str:
    return shown_url(url) if is_postgres(url) else str(DatabaseFile.of_url(url).path.absolute())


def may_exist(place: str) -> bool:
    try:
        return is_postgres(place) or Path(place).exists()
    except PermissionError:  # in a folder of another user
        return True


def gone(file: DatabaseFile) -> str:
    running = " A portal still runs without it: stop that first." if is_in_use(file) else ""
    return (
        f"{file.path} is gone: a portal kept its data there.{running} Is its disk mounted? Or restore a backup: "
        "flask restore FILE. To begin with an empty portal: flask init."
    )


def another_than_last(file: DatabaseFile, hint: str) -> str:
    return (
        f"{file.path} is not the database of the portal that was started last.{hint} To mean this one, set "
        f"INSTANCE_PATH={file.path.parent}."
    )


def last_start(note: Path) -> dict | None:
    try:
        last = json.loads(note.read_text())
        return last if {"database", "settings", *SETTINGS} <= last.keys() else None
    except (OSError, ValueError, AttributeError):
        return None


def settings_in(env: Mapping[str, str], names) -> dict[str, str]:
    return {name: env[name].strip() for name in names if env.get(name, "").strip()}


def settings_text(last: dict) -> str:
    settings = last["settings"] or {"INSTANCE_PATH": str(Path(last["database"]).parent)}
    return " ".join(f"{name}={value}" for name, value in settings.items())
