"""Checks of the database's contents. They are fast, because System Status runs them each time it is opened."""

from collections.abc import Iterator
from datetime import datetime

from app.clock import AHEAD_MS, from_ms, to_ms
from app.config import WEB_THREADS, Config
from app.database.facts import applied_migrations, known_migrations
from app.environment import LOOPBACK
from app.health.findings import Finding, ok, problem, warning
from app.health.place import disk
from app.mail import queries
from app.models import Audit, Deployment, Duty, WorkerProcess
from app.models.deployment import KEY_CHANGED
from app.storage.backup import DUTY as BACKUP
from app.worker.duties import LABELS
from app.worker.secret_keys import of_earlier_keys

BACKUP_OLD_MS = 26 * 3_600_000
LOGINS = 20
WEB_CONNECTIONS = WEB_THREADS + 1
WORKER_CONNECTIONS = 3  # for its duties, an import, and the mailbox for bounces
SIGNED_MS = 30 * 24 * 3_600_000  # how long a login may last, and how long links to stop reminders must work


def checks(config: Config, database, now: datetime) -> Iterator[Finding]:
    """The database must be connected."""
    yield from disk(config)
    yield from schema(database)
    yield from secret_key(config, now)
    yield from database_facts(config, database, now)
    yield from worker(now)
    yield from duties()
    yield from mail(config, now)
    yield from backups(config, now)
    yield from clock(now)
    yield from proxies(config)


def utc_text(ms: int | None) -> str:
    return f"{from_ms(ms):%Y-%m-%d %H:%M} UTC" if ms else "-"


def schema(database) -> Iterator[Finding]:
    applied = applied_migrations(database)
    if applied - known_migrations():
        yield problem("Schema", "The database comes from a newer version of the portal. Upgrade the portal.")
    elif known_migrations() - applied:
        yield problem("Schema", "The database comes from an older version of the portal. Restart the portal.")
    else:
        yield ok("Schema", max(applied))


def secret_key(config: Config, now: datetime) -> Iterator[Finding]:
    if not Deployment.accepts(config.keys):
        yield problem(
            "Secret key",
            "It is not the one that the passwords were made with. Put the right secret_key back into "
            f"{config.instance}, or set SECRET_KEY; if you have replaced it, set SECRET_KEY_FALLBACKS to the one "
            "before. If it is lost: flask accept-secret-key",
        )
    elif config.keys.earlier:
        yield earlier_keys(config, now)
    else:
        yield ok("Secret key", "the one that the passwords were made with")


def earlier_keys(config: Config, now: datetime) -> Finding:
    left = sum(1 for _value in of_earlier_keys(config.keys))
    if left or Deployment.matching_key(config.keys) != config.secret_key:
        return warning(
            "Secret key",
            "Something is still encrypted with an earlier key. The worker encrypts it again within an hour: keep "
            "SECRET_KEY_FALLBACKS, and run flask doctor then.",
        )
    changed = Audit.last(KEY_CHANGED)
    until_ms = changed.at_ms + SIGNED_MS if changed else 0
    if until_ms > to_ms(now):
        return ok(
            "Secret key",
            f"a new one. Keep SECRET_KEY_FALLBACKS until {utc_text(until_ms)}, for logins and for links that stop "
            "reminders, in emails that were sent before; nothing else needs it",
        )
    return warning("Secret key", "Nothing needs SECRET_KEY_FALLBACKS any longer. Leave it out.")


def database_facts(config: Config, database, now: datetime) -> Iterator[Finding]:
    facts = database.facts()
    text = f"{facts.engine}, {facts.state}, {facts.size / 1e6:,.1f} MB"
    found = [*facts.dangers, *too_few_connections(config, facts.most_connections, now)]
    yield from (warning("Database", f"{text}. {danger}") for danger in found)
    if not found:
        yield ok("Database", text)


def too_few_connections(config: Config, most: int | None, now: datetime) -> Iterator[str]:
    # Each thread may hold a connection. Hosts without a worker are not known, and not counted.
    hosts = len({one.name.rpartition(":")[0] for one in WorkerProcess.alive(now)}) or 1
    needed = hosts * (config.web_processes * WEB_CONNECTIONS + WORKER_CONNECTIONS)
    if most is not None and needed > most:
        each = f"{WEB_CONNECTIONS} for each web server (WEB_PROCESSES={config.web_processes})"
        yield (
            f"The portal may need {needed} connections at once, and the server lets in {most}: on {hosts} "
            f"host{'s' * (hosts > 1)}, {each} and {WORKER_CONNECTIONS} for a worker. A page without one says that the "
            "portal is busy. Raise max_connections in postgresql.conf, or lower WEB_PROCESSES."
        )


def worker(now: datetime) -> Iterator[Finding]:
    if alive := WorkerProcess.alive(now):
        yield ok("Worker", ", ".join(one.name for one in alive))
    else:
        yield problem("Worker", "None is running: no email is sent, and payments stay unconfirmed. Start the portal.")


def duties() -> Iterator[Finding]:
    for row in Duty.failing():
        label, since = LABELS.get(row.name, row.name), utc_text(row.failing_ms)
        yield problem("Duties", f"{label}: failing since {since} with {row.error}. The worker's log says more.")


def mail(config: Config, now: datetime) -> Iterator[Finding]:
    if not config.has_mail:
        yield problem("Email", "No mail server is set, so email reaches no one. Set SMTP_URL.")
    elif trouble := queries.trouble(to_ms(now)):
        why = f"The mail server: {trouble.reason}" if trouble.reason else "No worker sends it"
        yield problem("Email", f"{trouble.count} waiting since {utc_text(trouble.since_ms)}. {why}.")
    else:
        yield ok("Email", "none has waited for long")


def backups(config: Config, now: datetime) -> Iterator[Finding]:
    last = Duty.by_name().get(BACKUP)
    if last and to_ms(now) - last.started_ms < BACKUP_OLD_MS:
        yield ok("Backup", utc_text(last.started_ms))
    elif not config.demo:
        when = f"The last one was made on {utc_text(last.started_ms)}" if last else "None was made"
        yield warning("Backup", f"{when}. Run flask backup FILE every hour: see docs/operating.md.")


def clock(now: datetime) -> Iterator[Finding]:
    newest_ms = Audit.newest_ms()
    if newest_ms is not None and newest_ms > to_ms(now) + AHEAD_MS:
        yield problem(
            "Clock",
            f"This machine's clock says {utc_text(to_ms(now))}, but something was recorded on {utc_text(newest_ms)}. "
            "Set it, and keep it right with NTP.",
        )
    else:
        yield ok("Clock", utc_text(to_ms(now)))


def proxies(config: Config) -> Iterator[Finding]:
    # People behind the same address share its limits.
    addresses = {line.address for line in Audit.newest("login", LOGINS)} - {""}
    if config.public and addresses and addresses <= LOOPBACK:
        yield warning(
            "Proxy",
            f"The last logins all came from {', '.join(sorted(addresses))}. Unless people work on this machine, the "
            "proxy doesn't pass on their addresses, and limits of one person hold for all. Set TRUSTED_PROXIES to the "
            f"number of proxies (it is {config.trusted_proxies}), and have each add X-Forwarded-For.",
        )
