"""The cost of pages: `python -m bench.pages`.

`varied` is the main measure: /invoices as people use it, each request by another person with another filter, search,
sort or date. In addition /invoices, its fragment and an invoice page, repeated by one person. Each is compared with a
plain Flask view that returns the same bytes, on the same server (waitress, 4 threads), in alternating rounds of the
same run. Medians of the rounds.
"""

import http.client
import logging
import os
import re
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import count, repeat
from pathlib import Path
from urllib.parse import urlencode

from app.clock import system_clock, today
from app.config import Config
from app.database import is_postgres, migrate, open_database
from app.extensions import db
from app.sort_keys import sort_key_of

ROUNDS, SECONDS = 5, 1.5
SMALL = 1_000
UNPAID = 40
INDEXING_SECONDS = 3_600
PEOPLE = 8  # of `varied`, each the only person of a customer with SMALL invoices
PORTS = {"static": 18151, "small": 18152, "large": 18153}
PASSWORD = "Quiet-Harbor-42-pines"
PARTIAL = {"HX-Request": "true", "HX-Request-Type": "partial"}
TABLE = (
    "public_id, customer_id, kind, number, currency, issued_on, due_on, terms, po_number, memo, bill_to,"
    " total_minor, tax_minor, paid_elsewhere_minor, credited_minor, processing_minor, paid_online_minor,"
    " open_minor, is_paid"
)


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        fill(folder, SMALL, PEOPLE)
        servers = {"small": start("small", folder)}
        try:
            cookie = log_in(PORTS["small"])
            store_pages(folder, cookie)
            servers["static"] = start("static", folder)
            print_heading()
            report_varied(servers)
            report_ratios(servers, cookie)
        finally:
            for server in servers.values():
                server.terminate()
                server.wait()


# The databases


def fill(
    folder: Path,
    count: int,
    customers: int = 1,
    url: str = "",
    first: int = 0,
    unpaid: int = UNPAID,
    rounds: int = 4,
) -> str:
    """Create a migrated database, in `folder` (SQLite) or at `url`, and return its URL. It has `count` invoices for
    each customer, or `first` for the first one; the last `unpaid` of them are unpaid. Passwords are hashed with
    `rounds`."""
    url = url or f"sqlite:///{folder / 'portal.sqlite3'}"
    database = open_database(url)
    migrate(database)
    db.initialize(database)
    sizes = [first or count, *[count] * (customers - 1)]
    with database.connection_context():
        if not is_postgres(url):
            database.execute_sql("PRAGMA synchronous = OFF")
        with database.atomic():
            add_people(customers, rounds)
            rows = (invoice(n, size, owner, unpaid) for owner, size in enumerate(sizes, 1) for n in range(size))
            database.add_rows("invoice", TABLE.split(", "), rows)
            database.execute_sql(
                "INSERT INTO invoice_line (invoice_id, position, description, quantity, unit_price, amount_minor)"
                " SELECT id, 1, 'Bread flour, 25 kg', '40', '46.50', total_minor FROM invoice WHERE NOT is_paid"
            )
        database.index_texts(INDEXING_SECONDS)  # as the worker does
        database.execute_sql("ANALYZE" if is_postgres(url) else "PRAGMA wal_checkpoint(TRUNCATE)")
    database.close_all()
    return url


def add_people(customers: int, rounds: int) -> None:
    """The cast, with Alice as person 1; and one customer with one person for each further number."""
    from app.accounts.hashing import hash_password
    from app.models import Access, Company, Customer, Role
    from tests import people

    hashed = hash_password(PASSWORD, secret(), rounds)
    people.build(system_clock(), hashed)
    Company.update(time_zone="UTC").execute()
    assert [customer.id for customer in Customer.select().order_by(Customer.id)] == [1, 2]
    blank, numbers = ("email", "phone", "address", "locale"), range(2, customers + 1)
    named = ((n, f"Customer {n}") for n in numbers[1:])
    firms = ((public_id_of(n), f"C{n}", name, sort_key_of(name), *[""] * 4, 1, 0) for n, name in named)
    db.add_rows("customer", ["public_id", "number", "name", "sort_key", *blank, "version", "access_state"], firms)
    columns = ["email", "name", "password_hash", "must_change_password", "is_administrator", "created_ms"]
    db.add_rows("user_account", columns, ((email_of(n), f"Person {n}", hashed, False, False, 0) for n in numbers))
    role = Role.get(name=Role.DEFAULT).id
    db.execute_sql(
        "INSERT INTO access (user_id, customer_id, role_id, given) SELECT u.id, c.id, ?, TRUE FROM customer c"
        " JOIN user_account u ON u.email = 'person' || c.id || '@varied.example'",
        (role,),
    )
    assert Access.select().count() >= customers


def add_items(database, texts: int) -> None:
    """Add three lines to each invoice, with `texts` different descriptions."""
    with database.atomic():
        database.execute_sql("DELETE FROM invoice_line")
        for position in (1, 2, 3):
            database.execute_sql(
                "INSERT INTO invoice_line (invoice_id, customer_id, position, description, quantity, unit_price,"
                " amount_minor) SELECT id, customer_id, :position, CASE"
                " (id * 3 + :position) * 7919 % :texts % 3 WHEN 0 THEN 'Bread flour, 25 kg, '"
                " WHEN 1 THEN 'Steel shelf, galvanized, ' ELSE 'Consulting, hours, ' END"
                " || substr(CAST(1000000 + (id * 3 + :position) * 7919 % :texts AS TEXT), 2), '1', '', 1 FROM invoice",
                {"position": position, "texts": texts},
            )


def public_id_of(customer: int) -> str:
    """For customers outside of the cast."""
    return f"customer{customer:08}"


def email_of(person: int) -> str:
    return "alice@cedarlane.example" if person == 1 else f"person{person}@varied.example"


def invoice(n: int, count: int, customer: int = 1, unpaid: int = UNPAID) -> tuple:
    due = today(system_clock(), "UTC") + timedelta(20) - timedelta((count - 1 - n) * 4000 // count)
    total, paid = 1_000 + n * 7919 % 900_000, n < count - unpaid
    return (
        f"{n:07}" + f"{customer:x>9}",
        customer,
        "invoice",
        f"INV-{n:07}",
        "USD",
        (due - timedelta(30)).isoformat(),
        due.isoformat(),
        "Net 30",
        f"PO-{n * 31 % 1_000_000}",
        f"Delivery {n}",
        "",
        total,
        0,
        total if paid else 0,
        0,
        0,
        0,
        0 if paid else total,
        paid,
    )


# The servers


def config(folder: Path, port: int, url: str) -> Config:
    return Config(
        portal_url=f"http://127.0.0.1:{port}",
        database_url=url or f"sqlite:///{folder / 'portal.sqlite3'}",
        secret_key=secret(),
        environment="demo",
        merchant_id="demo_merchant",
        public_key="demo_public_key",
        private_key="demo_private_key",
        instance=folder,
        gateway_url="http://127.0.0.1:1",
        port=port,
        bcrypt_rounds=4,
    )


def secret() -> str:
    return "a key of the benchmark that is long enough"


def start(which: str, folder: Path, url: str = "") -> subprocess.Popen:
    """Start the portal on the database in `folder` or at `url`; or, for `static`, the pages stored in `folder`."""
    server = subprocess.Popen([sys.executable, "-m", "bench.pages", "serve", which, str(folder), url])
    for _ in range(1_200):
        try:
            get(PORTS[which], "/healthy-or-not")
            return server
        except OSError:
            time.sleep(0.05)
    server.kill()
    raise TimeoutError(which)


def serve(which: str, folder: Path, url: str) -> None:
    from waitress import serve

    from app import create_app

    logging.getLogger("waitress.queue").setLevel(logging.ERROR)
    app = static_app(folder) if which == "static" else create_app(config(folder, PORTS[which], url))
    serve(app, host="127.0.0.1", port=PORTS[which], threads=4)


def static_app(folder: Path):
    from flask import Flask, Response

    app = Flask(__name__)
    pages = {path.name: path.read_bytes() for path in folder.glob("page-*")}

    @app.get("/<name>")
    def page(name):
        return Response(pages.get(name, b""), mimetype="text/html")

    return app


# The client


def get(port: int, path: str, headers: dict | None = None) -> tuple[int, bytes, http.client.HTTPResponse]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    connection.request("GET", path, headers=headers or {})
    response = connection.getresponse()
    return response.status, response.read(), response


def log_in(port: int, person: int = 1) -> str:
    _status, page, response = get(port, "/login")
    token = re.search(rb'name="csrf_token"[^>]*value="([^"]+)"', page).group(1).decode()
    cookie = response.headers["Set-Cookie"].partition(";")[0]
    form = urlencode({"csrf_token": token, "email": email_of(person), "password": PASSWORD})
    connection = http.client.HTTPConnection("127.0.0.1", port)
    headers = {"Cookie": cookie, "Content-Type": "application/x-www-form-urlencoded"}
    connection.request("POST", "/login", form, headers)
    response = connection.getresponse()
    assert response.status == 303, response.read()
    cookie = response.headers["Set-Cookie"].partition(";")[0]
    _status, _page, response = get(port, "/invoices", {"Cookie": cookie})  # it adds the CSRF token
    return response.headers["Set-Cookie"].partition(";")[0]


PAGES = {
    "list": ("/invoices", {}),
    "fragment": ("/invoices?view=all", PARTIAL),
    "detail": (f"/invoices/{SMALL - 1:07}xxxxxxxx1", {}),
}


def store_pages(folder: Path, cookie: str, port: int = PORTS["small"]) -> None:
    for name, (path, headers) in PAGES.items():
        status, body, _response = get(port, path, {"Cookie": cookie, **headers})
        assert status == 200, (path, status)
        (folder / f"page-{name}").write_bytes(body)


@dataclass
class Load:
    """Requests for one page, at one concurrency, over several rounds."""

    rates: list = field(default_factory=list)
    times: list = field(default_factory=list)
    cpu: list = field(default_factory=list)

    def add(self, times: list[float], seconds: float, cpu: float) -> None:
        self.rates.append(len(times) / seconds)
        self.cpu.append(cpu / len(times) * 1000)
        self.times += times

    @property
    def rate(self) -> float:
        return statistics.median(self.rates)

    @property
    def cpu_ms(self) -> float:
        return statistics.median(self.cpu)

    def quantile(self, share: float) -> float:
        return sorted(self.times)[int(len(self.times) * share)] * 1000


def load(
    into: Load, server: subprocess.Popen, port: int, requests: Iterator[tuple[str, dict]], clients: int = 1
) -> None:
    """Request the next (path, headers) of `requests` from `clients` connections for SECONDS."""
    gathered, until = [], time.perf_counter() + SECONDS
    question = (gathered, until, port, requests)
    workers = [threading.Thread(target=ask, args=question) for _ in range(clients)]
    began, cpu = time.perf_counter(), cpu_seconds(server.pid)
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    times = [seconds for those in gathered for seconds in those]
    into.add(times, time.perf_counter() - began, cpu_seconds(server.pid) - cpu)


def ask(gathered: list, until: float, port: int, requests: Iterator[tuple[str, dict]]) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    times = []
    while time.perf_counter() < until:
        path, headers = next(requests)
        began = time.perf_counter()
        connection.request("GET", path, headers=headers)
        response = connection.getresponse()
        response.read()
        assert response.status == 200, (path, response.status)
        times.append(time.perf_counter() - began)
    gathered.append(times)


def cpu_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


# The reports


def report_ratios(servers: dict, cookie: str) -> None:
    for clients in (1, 4):
        for name, (path, headers) in PAGES.items():
            plain, ours = Load(), Load()
            for _ in range(ROUNDS):
                load(plain, servers["static"], PORTS["static"], repeat((f"/page-{name}", {})), clients)
                load(ours, servers["small"], PORTS["small"], repeat((path, {"Cookie": cookie, **headers})), clients)
            for label, one in ((f"{name}", ours), (" plain", plain)):
                print(
                    f"{label:10}{'c' + str(clients):>4}{one.rate:9.0f}{one.rate / plain.rate:8.2f}"
                    f"{one.quantile(0.5):9.2f}{one.quantile(0.99):9.2f}{one.cpu_ms:9.2f}"
                    f"{one.cpu_ms / plain.cpu_ms:8.2f}"
                )


def print_heading() -> None:
    print(f"waitress, 4 threads, {SMALL:,} invoices; ratios to plain Flask with the same bytes in the same run")
    print(f"{'page':10}{'at':>4}{'req/s':>9}{'ratio':>8}{'p50 ms':>9}{'p99 ms':>9}{'CPU ms':>9}{'CPU ×':>8}")  # noqa: RUF001


def report_varied(servers: dict) -> None:
    cookies = [log_in(PORTS["small"], person) for person in range(1, PEOPLE + 1)]
    asked = ((path, {"Cookie": cookies[n % PEOPLE]}) for n, path in enumerate(varied_paths()))
    plain, ours = Load(), Load()
    for _ in range(ROUNDS):
        load(plain, servers["static"], PORTS["static"], repeat(("/page-list", {})))
        load(ours, servers["small"], PORTS["small"], asked)
    print(
        f"varied      c1{ours.rate:9.0f}{ours.rate / plain.rate:8.2f}{ours.quantile(0.5):9.2f}"
        f"{ours.quantile(0.99):9.2f}{ours.cpu_ms:9.2f}{ours.cpu_ms / plain.cpu_ms:8.2f}   (target: ratio ≥ 0.25)"
    )


def varied_paths():
    sorts = ("due", "-due", "issued", "-issued", "number", "-number", "amount", "-amount")
    for n in count():
        day = (date(2026, 1, 1) - timedelta(n * 37 % 900)).isoformat()
        narrowed = (f"q=INV-{n * 13 % SMALL:07}", f"q=Delivery+{n * 29 % SMALL}", f"since={day}", f"until={day}", "")
        yield f"/invoices?view={('open', 'all', 'paid')[n % 3]}&sort={sorts[n // 3 % 8]}&{narrowed[n % 5]}"


if __name__ == "__main__":
    if sys.argv[1:2] == ["serve"]:
        serve(sys.argv[2], Path(sys.argv[3]), sys.argv[4])
    else:
        main()
