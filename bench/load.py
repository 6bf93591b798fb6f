"""The whole portal under load: `python -m bench load [--database postgresql] [--web 2] [--minutes 10] …`.

Runs the supervisor with its web servers, worker and demo gateway, on SQLite or on a PostgreSQL server. People read, log
in and pay, and clerks record payments, while attackers flood the login with wrong passwords and hold slow connections.
In between, readers request a page of the same size from a plain Flask view on the same kind of server. At the end the
books are compared with the gateway's. Tables as in bench/load.md. Exits with 1 after any error.
"""

import argparse
import contextlib
import multiprocessing
import os
import re
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from app.database import is_postgres, open_database, text_index
from app.database.sqlite import INDEXED_AT_ONCE
from app.extensions import db
from app.models import Attempt
from app.models.sums import wrong_sums
from bench import pages
from bench.browser import Notes
from bench.crowd import Crowd, Portal, attackers, clerk, payer, reader
from bench.databases import KINDS, filled
from bench.flood import PORT, environment
from bench.servers import unshared_mib
from braintree_emulator import Emulator
from tests.support.invariants import check

START_SECONDS, EVERY_SECONDS, DECIDED_SECONDS = 180, 10, 30
TEXTS = 3_000


@dataclass
class Processes:
    """Megabytes of each process of the portal, and other sizes that grow, sampled while it runs."""

    moments: list[float] = field(default_factory=list)
    cpu: dict[str, float] = field(default_factory=dict)
    mib: dict[str, list[float]] = field(default_factory=dict)
    log_mib: list[float] = field(default_factory=list)
    connections: list[int] = field(default_factory=list)


def main(arguments: list[str]) -> int:
    given = parsed(arguments)
    first = max(given.invoices // 20, pages.SMALL)
    each = max(1, (given.invoices - first) // (given.customers - 1))
    portal = Portal(given.customers, first, each, max(4, each // 2))
    name = f"{given.customers}-{first}-{each}"
    with filled(given.database, name, lambda folder, url: fill(portal, folder, url)) as (folder, url):
        print(f"{given.database}, {given.web} web processes, {portal}, {given.minutes} minutes", flush=True)
        with running(folder, url, given.web) as supervisor:
            pages.store_pages(folder, pages.log_in(PORT), PORT)
            plain = pages.start("static", folder)
            try:
                notes, answered, processes = under_load(portal, given, url, supervisor.pid)
            finally:
                plain.terminate()
                plain.wait()
            report(notes, answered, processes)
            wait_until_decided(url)
        wrong = sum(notes.wrong.values()) + report_log(folder) + report_money(folder, url)
    print("No errors." if not wrong else f"{wrong} errors.")
    return 1 if wrong else 0


def parsed(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench load")
    parser.add_argument("--database", choices=KINDS, default="sqlite")
    for name, default in (("web", 1), ("customers", 10_000), ("invoices", 200_000)):
        parser.add_argument(f"--{name}", type=int, default=default)
    parser.add_argument("--minutes", type=float, default=10)
    for name, default in (("readers", 20), ("payers", 6), ("clerks", 2), ("flooders", 8), ("slow", 200)):
        parser.add_argument(f"--{name}", type=int, default=default)
    return parser.parse_args(arguments)


# The portal


def fill(portal: Portal, folder: Path, url: str) -> None:
    pages.fill(folder, portal.each, portal.customers, url, first=portal.first, unpaid=portal.unpaid, rounds=12)
    database = open_database(url)
    with database.connection_context():
        pages.add_items(database, TEXTS)
        if is_postgres(url):
            database.execute_sql("VACUUM ANALYZE")
        else:
            while text_index.index_some(database, INDEXED_AT_ONCE):
                pass
            database.execute_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    database.close_all()


@contextlib.contextmanager
def running(folder: Path, url: str, web_processes: int):
    settings = environment(folder) | {"DATABASE_URL": url, "WEB_PROCESSES": str(web_processes), "DEMO": "no"}
    del settings["BRAINTREE_GATEWAY_URL"]  # the supervisor starts one
    with (folder / "log").open("w") as log:
        supervisor = subprocess.Popen(
            [sys.executable, "-m", "app.supervisor"], env=os.environ | settings, stdout=log, stderr=log
        )
        try:
            until = time.monotonic() + START_SECONDS
            while "is ready" not in (folder / "log").read_text():
                if time.monotonic() > until or supervisor.poll() is not None:
                    raise TimeoutError((folder / "log").read_text())
                time.sleep(0.1)
            yield supervisor
        finally:
            supervisor.terminate()
            supervisor.wait()


def under_load(portal: Portal, given, url: str, pid: int) -> tuple[Notes, dict, Processes]:
    until, stop = time.time() + 60 * given.minutes, multiprocessing.Event()
    noted, answers = multiprocessing.Queue(), multiprocessing.Queue()
    crowds = ([(reader, 0.2)] * given.readers, [(payer, 0.5)] * given.payers + [(clerk, 0.5)] * given.clerks)
    people = [
        multiprocessing.Process(target=crowd, args=(portal, until, 1000 * place, crowds[place], noted))
        for place in range(len(crowds))
    ]
    others = multiprocessing.Process(target=attackers, args=(stop, given.flooders, given.slow, answers))
    processes = Processes()
    sampler = threading.Thread(target=sample, args=(processes, stop, until, url, pid))
    for one in (*people, others, sampler):
        one.start()
    notes = Notes()
    for _ in people:
        notes.merge(noted.get())
    stop.set()
    answered = answers.get()
    for one in (*people, others, sampler):
        one.join()
    return notes, answered, processes


def crowd(portal: Portal, until: float, first_address: int, people: list, noted) -> None:
    noted.put(Crowd(portal, until, first_address).run(people))


# What it costs


def sample(into: Processes, stop, until: float, url: str, pid: int) -> None:
    every = min(EVERY_SECONDS, (until - time.time()) / 15)
    database = open_database(url) if is_postgres(url) else None
    began, before = time.time(), by_kind(pid, pages.cpu_seconds)
    while not stop.wait(every):
        into.moments.append(time.time() - began)
        for kind, mib in by_kind(pid, unshared_mib).items():
            into.mib.setdefault(kind, []).append(mib)
        if database:
            with database.connection_context():
                into.connections.append(database.count_others())
        else:
            log = Path(f"{url.removeprefix('sqlite:///')}-wal")
            into.log_mib.append(log.stat().st_size / 2**20 if log.exists() else 0)
    for kind, seconds in by_kind(pid, pages.cpu_seconds).items():
        into.cpu[kind] = (seconds - before.get(kind, 0)) / (time.time() - began)
    if database:
        database.close_all()


def by_kind(pid: int, measure: Callable[[int], float]) -> dict[str, float]:
    """Sums of a measurement over the supervisor's children, by kind of process."""
    found: dict[str, float] = {}
    for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
        with contextlib.suppress(OSError):
            command = Path(f"/proc/{child}/cmdline").read_text()
            kind = "web" if "app.server" in command else "worker" if "worker\0" in command else "gateway"
            found[kind] = found.get(kind, 0) + measure(int(child))
    return found


def report(notes: Notes, answered: dict, processes: Processes) -> None:
    plain = quantile(notes.seconds["plain Flask"], 0.95)
    print(f"\n{'':18}{'count':>8}{'errors':>8}{'p50 ms':>9}{'p95 ms':>9}{'p99 ms':>9}{'p95 × plain':>13}")  # noqa: RUF001
    for kind, seconds in sorted(notes.seconds.items()):
        p50, p95, p99 = (quantile(seconds, share) for share in (0.5, 0.95, 0.99))
        cells = f"{kind:18}{len(seconds):8}{notes.wrong[kind]:8}{p50 * 1000:9.1f}{p95 * 1000:9.1f}{p99 * 1000:9.1f}"
        print(f"{cells}{p95 / plain:13.1f}")
    print(*notes.described, sep="\n")
    count = sum(map(len, notes.seconds.values())) - len(notes.seconds["plain Flask"])
    print(f"{count} answers of the portal, {count / processes.moments[-1]:.0f} a second")
    print(f"Attackers were answered {answered}")
    for kind, mib in processes.mib.items():
        print(f"{kind:8}{growth(processes.moments, mib)}; {processes.cpu[kind]:.2f} of a core")
    if processes.log_mib:
        print(f"SQLite's log: at most {max(processes.log_mib):.0f} MiB, at last {processes.log_mib[-1]:.0f}")
    if processes.connections:
        print(f"Connections to PostgreSQL: at most {max(processes.connections)}")


def quantile(seconds: list[float], share: float) -> float:
    return sorted(seconds)[int(len(seconds) * share)]


def growth(moments: list[float], mib: list[float]) -> str:
    third = len(mib) // 3
    middle, last = (statistics.median(part) for part in (mib[third : 2 * third], mib[-third:]))
    slope = statistics.linear_regression(moments[-2 * third :], mib[-2 * third :]).slope * 60
    return (
        f"PSS {mib[0]:6.1f} MiB at first, {middle:6.1f} in the middle third, {last:6.1f} in the last: ratio "
        f"{last / middle:.3f}; from the middle on {slope:+.2f} MiB a minute"
    )


# What is right


def wait_until_decided(url: str) -> None:
    database, until = open_database(url), time.monotonic() + DECIDED_SECONDS
    db.initialize(database)
    with database.connection_context():
        while (
            time.monotonic() < until
            and Attempt.select().where(Attempt.state.in_((Attempt.CREATED, Attempt.SENT))).exists()
        ):
            time.sleep(0.5)
    database.close_all()


def report_log(folder: Path) -> int:
    lines = [line for line in (folder / "log").read_text().splitlines() if re.search("Traceback|ERROR|CRITICAL", line)]
    lines = [line for line in lines if " declined with " not in line]  # of amounts that Braintree's sandbox declines
    print(f"\nThe portal logged {len(lines)} errors", *lines[:5], sep="\n")
    return len(lines)


def report_money(folder: Path, url: str) -> int:
    """Checks every invariant of the payment protocol: our books and the gateway's."""
    database, began = open_database(url), time.monotonic()
    with database.connection_context():
        wrong = wrong_sums(database)
    database.close_all()
    charges = Emulator(folder / "demo-gateway.sqlite3").transactions()
    try:
        books = check(url, charges)
    except AssertionError as broken:
        print(f"MONEY: {broken}")
        return 1
    approved = sum(attempt["state"] == "approved" for attempt in books.attempt)
    seconds = time.monotonic() - began
    print(
        f"{len(books.attempt)} payments, {approved} approved, {len(charges)} transactions at the gateway: each "
        f"charged exactly once, and all invariants hold. Wrong sums: {wrong or 'none'}. Checked in {seconds:.0f} s"
    )
    return len(wrong)
