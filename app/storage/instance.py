"""Which portal a console command works on. Its settings say so, and are easily forgotten in another shell: a command
never makes a database, and doesn't quietly open another one than that of the portal that was started last from this
folder."""

import contextlib
import json
import tempfile
from collections.abc import Mapping
from pathlib import Path

from app.config import ROOT, Config, ConfigError, database_url_of, is_postgres
from app.files import write_whole
from app.storage.database_file import DatabaseFile
from app.storage.locks import SETTINGS, is_in_use, settings_of

DEFAULT = ROOT / "instance"
LAST_START = DEFAULT / "last-start.json"
TRIALS = Path(tempfile.gettempdir()).resolve()
PLACE = ("INSTANCE_PATH", "DATABASE_URL")


def note_start(config: Config, env: Mapping[str, str], note: Path = LAST_START, trials: Path = TRIALS) -> None:
    """Remember where the portal that starts keeps its data. Not for one in the folder of `trials`."""
    if is_postgres(config.database_url):
        return
    file = DatabaseFile.of_url(config.database_url)
    if file.path.absolute().is_relative_to(trials):
        return
    facts = {
        "database": str(file.path.absolute()),
        "settings": settings_in(env, PLACE),
        **settings_of(config),
    }
    with contextlib.suppress(OSError):  # the folder may belong to another user
        note.parent.mkdir(mode=0o700, exist_ok=True)
        write_whole(note, json.dumps(facts), owner=note.parent)


def check_place(env: Mapping[str, str], note: Path = LAST_START, default: Path = DEFAULT) -> None:
    """Raises ConfigError when a command with these settings, or without any in the folder `default`, would work on no
    portal, or on another one."""
    settings = settings_in(env, PLACE)
    if is_postgres(settings.get("DATABASE_URL", "")):
        return
    file = DatabaseFile.of_url(database_url_of(settings or {"INSTANCE_PATH": str(default)}))
    last = last_start(note)
    hint = ""
    if last and Path(last["database"]) != file.path.absolute() and Path(last["database"]).exists():
        hint = f" The portal that was started last has {settings_text(last)}: export its settings in this shell."
    if not file.exists:
        raise ConfigError([f"There is no portal at {file.path}.{hint} make run makes a new one, and flask init."])
    if hint and not settings:
        raise ConfigError(
            [
                f"{file.path} is not the database of the portal that was started last.{hint} To mean this "
                f"one, set INSTANCE_PATH={file.path.parent}."
            ]
        )


def check_start(env: Mapping[str, str], note: Path = LAST_START, default: Path = DEFAULT) -> None:
    """Raises ConfigError when a start would make a new, empty portal although another one was started last: its
    settings are missing here, or its disk is."""
    settings = settings_in(env, PLACE)
    file = DatabaseFile.of_url(database_url_of(settings or {"INSTANCE_PATH": str(default)}))
    last = last_start(note)
    if file.exists or not last:
        return
    if Path(last["database"]) == file.path.absolute():
        raise ConfigError(
            [
                f"{file.path} is gone: the portal that was started last kept its data there. Is its disk mounted? Or "
                "restore a backup: flask restore FILE. To begin with an empty portal: flask init."
            ]
        )
    if not settings and Path(last["database"]).exists():
        raise ConfigError(
            [
                f"This would make a new portal at {file.path}. The one that was started last has "
                f"{settings_text(last)}: export its settings in this shell. To make a new one, set "
                f"INSTANCE_PATH={file.path.parent}."
            ]
        )


def check_settings(config: Config, note: Path = LAST_START) -> None:
    """Raises ConfigError when the portal on this database runs now, with another gateway or address."""
    if is_postgres(config.database_url):
        return
    file = DatabaseFile.of_url(config.database_url)
    last = last_start(note)
    if not last or Path(last["database"]) != file.path.absolute() or not is_in_use(file):
        return
    ours = settings_of(config)
    other = [f"{name}={last[name]}, here it is {ours[name]}" for name in SETTINGS if last[name] != ours[name]]
    if other:
        raise ConfigError([f"The portal runs with {'; '.join(other)}. Export its settings in this shell."])


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
