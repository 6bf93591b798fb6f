"""Compares the list with 1,000 and with a million invoices of one customer: `python -m bench deep [INVOICES
[DATABASE]]`.

Requests the same page of both in turn, on SQLite and on a PostgreSQL server. Prints medians.
"""

import contextlib
import functools
import http.client
import statistics
import time
from urllib.parse import quote

from bench import pages
from bench.databases import KINDS, filled
from bench.pages import PORTS, SMALL, invoice, log_in
from bench.search import fill_list

TURNS = 300
MIDDLE, END = 0.5, 0.999
# The address of a page by how far down in the list it is, and how it is sorted.
PAGES = {
    "first page": ("view=all", 0, "issued"),
    "middle": ("view=all&sort=due", MIDDLE, "due"),
    "end": ("view=all&sort=due", END, "due"),
    "open": ("view=open", 0, "due"),
    "paid, middle": ("view=paid&sort=due", MIDDLE, "due"),
    "newest first": ("view=all&sort=-due", MIDDLE, "due"),
    "by date, middle": ("view=all&sort=issued", MIDDLE, "issued"),
    "by number, middle": ("view=all&sort=number", MIDDLE, "number"),
    "by amount, middle": ("view=all&sort=amount", MIDDLE, "amount"),
    "since a day": ("view=all&since=2020-05-01", 0, "due"),
    "between two days": ("view=paid&since=2021-01-01&until=2021-03-31", 0, "due"),
    "between, by amount": ("view=all&since=2021-01-01&until=2021-03-31&sort=amount", 0, "amount"),
}


def main(large: int = 1_000_000, *kinds: str) -> None:
    for kind in kinds or KINDS:
        print(f"{kind}: p50 in ms with {SMALL:,} and with {large:,} invoices (target: ratio ≤ 1.2)")
        with contextlib.ExitStack() as stack:
            cookies = {}
            for which, count in (("small", SMALL), ("large", large)):
                fill = functools.partial(fill_list, count)
                folder, url = stack.enter_context(filled(kind, f"list-{count}", fill))
                server = pages.start(which, folder, url)
                stack.callback(server.wait)
                stack.callback(server.terminate)
                cookies[which] = log_in(PORTS[which])
            for name, page in PAGES.items():
                report(name, cookies, {"small": path_of(SMALL, *page), "large": path_of(large, *page)})


def report(name: str, cookies: dict[str, str], paths: dict[str, str]) -> None:
    times: dict[str, list[float]] = {which: [] for which in paths}
    connections = {which: http.client.HTTPConnection("127.0.0.1", PORTS[which]) for which in paths}
    for _ in range(TURNS):
        for which, connection in connections.items():
            began = time.perf_counter()
            connection.request("GET", paths[which], headers={"Cookie": cookies[which]})
            response = connection.getresponse()
            response.read()
            assert response.status == 200, paths[which]
            times[which].append(time.perf_counter() - began)
    small, big = (statistics.median(times[which]) * 1000 for which in ("small", "large"))
    print(f"{name:20}{small:8.2f}{big:8.2f}   ratio {big / small:.2f}", flush=True)


def path_of(count: int, query: str, depth: float, sort: str) -> str:
    """URL of the page that begins after this fraction of the list."""
    row = invoice(int(count * depth), count)
    keys = {"due": [row[6]], "issued": [row[5]], "number": [], "amount": [row[4], row[11]]}[sort]
    cursor = quote("~".join(map(str, [*keys, row[3], "invoice"])))
    return f"/invoices?{query}{f'&after={cursor}' if depth else ''}"
