"""The file of an SQLite database, through a connection of the driver: its version number, its log and its damage."""


def user_version(connection) -> int:
    return connection.execute("PRAGMA user_version").fetchone()[0]


def set_user_version(connection, version: int) -> None:
    connection.execute(f"PRAGMA user_version = {version}")


def fold_log(connection) -> bool:
    """Checkpoint the log into the database file. Returns False while others read an older state."""
    busy, in_log, folded = connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
    return not busy and in_log == folded


def end_log(connection) -> None:
    """Make the database a single file without a log. No other connection may be open."""
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.execute("PRAGMA journal_mode = DELETE")


def first_damage(connection, check: str = "integrity_check") -> str:
    """The first damage that was found, or ''. `check` is integrity_check or the faster quick_check."""
    (found,) = connection.execute(f"PRAGMA {check}(1)").fetchone()
    return "" if found == "ok" else found.splitlines()[-1]
