"""Errors of a PostgreSQL server, or of the connection to it, in sentences for a person at a console."""

import re
from pathlib import Path

from app.config import Config, is_postgres
from app.database.sqlite import sqlite3
from app.storage.errors import file_error_text

# {pattern of the error's text: sentence}. Errors before the login have no code. The hosts of one URL may have failed in
# different ways; then the first matching pattern counts.
SENTENCES = {
    "session is read-only": "None of the hosts of {where} takes writes. Is the primary down, and no standby promoted?",
    "password authentication failed": "{where} refuses the user name or the password in DATABASE_URL.",
    "no password supplied": "{where} wants a password, and DATABASE_URL has none.",
    "peer authentication failed": "{where} lets a user in only from the system's account of the same name. Give the "
    "role a password and the host in DATABASE_URL, or change pg_hba.conf.",
    "no pg_hba.conf entry": "{where} lets no one in from this machine as this user. Add a line to the server's "
    "pg_hba.conf, or check DATABASE_URL.",
    'role ".+" does not exist': "{where} has no such user. Check DATABASE_URL, or make it on the server: createuser "
    "--pwprompt NAME",
    'database ".+" does not exist': "There is no database {where}. Check DATABASE_URL, or make it on the server: "
    "createdb --owner=USER --encoding=UTF8 --template=template0 NAME",
    "(resolve|translate) host": "The host of {where} is not known here. Check its name in DATABASE_URL.",
    "connection refused": "Nothing answers at {where}. Check the host and the port in DATABASE_URL, that PostgreSQL "
    "runs there, and that its listen_addresses include that address.",
    "no such file": "Nothing answers at {where}: there is no such socket. Is PostgreSQL running on this machine?",
    "timeout": "{where} doesn't answer in time. Check the host and the port in DATABASE_URL, and firewalls in between.",
    "no route to host": "{where} can't be reached from this machine.",
    "network is unreachable": "{where} can't be reached from this machine.",
    "read-only transaction": "{where} is a standby, which takes no writes. Name the primary in DATABASE_URL, or all "
    "hosts, with ?target_session_attrs=read-write",
    "too many clients|remaining connection slots": "{where} has no connection to spare. Raise its max_connections: a "
    "web process takes up to 65.",
    "does not support ssl": "{where} has no TLS, and DATABASE_URL demands it (sslmode). Switch ssl on at the server.",
    "to create extension": "The user in DATABASE_URL may not install what the search needs in {where}. As the server's "
    'administrator: psql -d NAME -c "CREATE EXTENSION pg_trgm; CREATE EXTENSION btree_gin"',
    "is not available": "{where} is on a server without pg_trgm and btree_gin. Install them there: on Debian and "
    "Ubuntu they are part of postgresql, elsewhere of postgresql-contrib.",
    "denied for schema": "The user in DATABASE_URL may not make tables in {where}. As the server's administrator: "
    'psql -c "ALTER DATABASE NAME OWNER TO USER"',
    "lock timeout": "{where} was in use for too long. Try again.",
}
STARTING = ("starting up", "shutting down", "in recovery mode")


def server_error_text(error: Exception, where: str) -> str:
    """`where` is the database's URL in printable form."""
    text = " ".join(str(error).split())
    if is_starting(error):
        return f"{where} is starting or stopping, and doesn't take connections yet. Try again."
    sentence = next((words for part, words in SENTENCES.items() if re.search(part, text, re.IGNORECASE)), "")
    return sentence.format(where=where) or f"{where} can't be used: {text}"


def database_error_text(error: Exception, config: Config, path: Path | None = None) -> str:
    """A sentence for an error of either database, or of a file: `path`, or Config.data_path."""
    if is_postgres(config.database_url) and not is_of_file(error):
        return server_error_text(error, config.database_name)
    return file_error_text(error, path or config.data_path)


def is_of_file(error: Exception) -> bool:
    kinds = (OSError, sqlite3.Error)
    return isinstance(error, kinds) or isinstance(getattr(error, "orig", None), kinds)


def is_starting(error: Exception) -> bool:
    return any(part in str(error) for part in STARTING)
