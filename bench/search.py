"""The cost of searches: `python -m bench search [INVOICES [DATABASE]]`, by default among 100,000 invoices of one
customer, on SQLite and on a PostgreSQL server."""

import functools
import statistics
import time
from dataclasses import replace
from datetime import date
from pathlib import Path
from types import SimpleNamespace

from app.database import is_postgres, open_database, text_index
from app.database.sqlite import INDEXED_AT_ONCE
from app.extensions import db
from app.invoices.filters import number_groups
from app.invoices.queries.invoice_list import ListQuery, page
from app.invoices.queries.invoice_totals import totals
from app.notation import amounts_typed
from app.search import queries
from app.search.meaning import meaning
from bench import databases, pages
from bench.pages import add_items

TURNS = 15
PAYMENTS = 20_000
OF_CUSTOMERS = (
    "INV-0099",
    "Delivery 51",
    "nowhere",
    "PO-77",
    "1,186.50",
    "99999",
    "inv004711",
    "INV",
    "steel shelf",
    "004712",
)
OF_STAFF = {
    "number": "INV-0004711",
    "its end": "4711",
    "as people write it": "invoice #4711",
    "PO number": "PO 77",
    "amount": "$1,186.50",
    "an amount of many": "5.00",
    "payment": "PAY-R0004711",
    "transaction": "t0004711",
    "order": "o0004711",
    "customer": "cedar",
    "nothing": "nowhere",
}


def main(invoices: int = 100_000, *kinds: str) -> None:
    for kind in kinds or databases.KINDS:
        print(f"{kind}: ", end="")
        fill = functools.partial(fill_list, invoices)
        with databases.filled(kind, f"list-{invoices}", fill) as (_folder, url):
            report(open_database(url), invoices, is_postgres(url))


def fill_list(invoices: int, folder: Path, url: str) -> None:
    pages.fill(folder, invoices, url=url)


def report(database, invoices: int, is_server: bool) -> None:
    db.initialize(database)
    with database.connection_context():
        with database.atomic():
            database.add_rows("attempt", COLUMNS.split(", "), [attempt(n) for n in range(PAYMENTS)])
        report_staff(invoices)
        for texts in (1_000, 3 * invoices):
            add_items(database, texts)
            if is_server:
                database.execute_sql("VACUUM ANALYZE")  # as autovacuum does
            else:
                report_index(database)
            report_customers(invoices, texts)
    database.close_all()


def report_index(database) -> None:
    longest, began = 0.0, time.perf_counter()
    while True:
        start = time.perf_counter()
        if not text_index.index_some(database, INDEXED_AT_ONCE):
            break
        longest = max(longest, time.perf_counter() - start)
    seconds = time.perf_counter() - began
    print(f"\nthe texts of all documents indexed in {seconds:.1f} s, of which others waited {longest:.3f} s at most")


COLUMNS = (
    "reference, token, order_id, transaction_id, customer_id, user_id, amount_minor, currency, merchant_account, state,"
    " settlement, card_type, last_four, reason, processor_code, processor_text, created_ms, touched_ms"
)


def attempt(n: int) -> tuple:
    names, amount = (f"PAY-R{n:07}", f"k{n}", f"o{n:07}", f"t{n:07}"), 500 if n % 2 else 100 + n
    return *names, 1, 1, amount, "USD", "", "approved", "settled", "Visa", "1111", "", "", "", n, n


def report_staff(invoices: int) -> None:
    print(f"the staff's search among {invoices:,} invoices and {PAYMENTS:,} payments, in ms (target: ≤ 20)")
    for kind, text in OF_STAFF.items():
        milliseconds, found = timed(lambda text=text: staff(text))
        print(f"{kind:20}{text:18}{milliseconds:8.2f}   {found} found")


def staff(text: str) -> int:
    payments, documents = queries.payments_and_documents(meaning(text, "en_US"))
    return len(payments) + len(documents) + len(queries.customers(text))


def report_customers(invoices: int, texts: int) -> None:
    print(
        f"\na customer's search among {invoices:,} invoices with {3 * invoices:,} items in {texts:,} texts,\n"
        "in ms (target: ≤ 20): all of them, those to pay, and counting what is in each tab beside the latter"
    )
    viewer, day = SimpleNamespace(customer_id=1), date(2026, 11, 30)
    for text in OF_CUSTOMERS:
        query = ListQuery(tab="all", text=text, groups=number_groups(text), amounts=amounts_typed(text, "en_US"))
        to_pay = replace(query, tab="open")
        every, _found = timed(lambda query=query: page(viewer, query))
        few, unpaid = timed(lambda to_pay=to_pay: page(viewer, to_pay))
        counting, counted = timed(lambda to_pay=to_pay, unpaid=unpaid: totals(viewer, day, to_pay, unpaid))
        print(f"{text:18}{every:8.2f}{few:8.2f}{counting:8.2f}   {counted.found.all} found")


def timed(run) -> tuple[float, object]:
    """(median of several turns in milliseconds, the last result)"""
    times, answer = [], None
    for _ in range(TURNS):
        began = time.perf_counter()
        answer = run()
        times.append(time.perf_counter() - began)
    return statistics.median(times) * 1000, answer
