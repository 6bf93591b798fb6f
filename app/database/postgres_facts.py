"""Facts about a PostgreSQL server for operators."""

from collections.abc import Mapping

from app.database.facts import Facts

# Each with what happens, if it is off, when the power of the server fails.
DURABILITY = {
    "fsync": "a payment that was confirmed can be lost, and the database damaged",
    "full_page_writes": "the database can be damaged",
}
STATE = """
SELECT current_setting('server_version'), pg_database_size(current_database()), pg_is_in_recovery(),
    (SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend'),
    current_setting('max_connections')::int - (SELECT sum(setting::int) FROM pg_settings
        WHERE name IN ('superuser_reserved_connections', 'reserved_connections')),
    (SELECT datconnlimit FROM pg_database WHERE datname = current_database()),
    (SELECT rolconnlimit FROM pg_roles WHERE rolname = current_user)"""


def facts_of(database) -> Facts:
    version, size, is_standby, connected, *limits = database.execute_sql(STATE).fetchone()
    most = min(limit for limit in limits if limit >= 0)  # -1 is no limit
    info = database.connection().info
    role = "standby" if is_standby else "primary"
    return Facts(
        f"PostgreSQL {version.split()[0]}",
        f"{info.host or 'local socket'}:{info.port}, {role}, {connected} of {most} connections",
        size,
        tuple(dangers({name: database.execute_sql(f"SHOW {name}").fetchone()[0] for name in DURABILITY})),
        most,
    )


def dangers(settings: Mapping[str, str]) -> list[str]:
    return [
        f"{name} is off: when the server's power fails, {DURABILITY[name]}. Turn it on in postgresql.conf."
        for name, value in settings.items()
        if value == "off"
    ]
