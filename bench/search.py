"""What searching costs: `python -m bench.search [INVOICES]`, by default 100,000, all of them one customer's."""

import statistics
import sys
import tempfile
import time
from pathlib import Path
from types import SimpleNamespace

from app.database import open_database
from app.extensions import db
from app.invoices.filters import number_groups
from app.models import global_search
from app.models.invoice_list import Listing, page
from app.notation import amounts_typed
from app.search.meaning import meaning
from bench.pages import fill

TURNS = 15
PAYMENTS = 20_000
OF_CUSTOMERS = ("INV-0099", "Delivery 51", "nowhere", "PO-77", "1,186.50", "99999", "inv004711", "INV")
OF_STAFF = {"number": "INV-0004711", "its end": "4711", "as people write it": "invoice #4711", "PO number": "PO 77",
            "amount": "$1,186.50", "an amount of many": "5.00", "payment": "PAY-R0004711", "transaction": "t0004711",
            "order": "o0004711", "customer": "cedar", "nothing": "nowhere"}


def main(invoices: int) -> None:
    with tempfile.TemporaryDirectory() as name:
        fill(Path(name), invoices)
        database = open_database(f"sqlite:///{Path(name) / 'portal.sqlite3'}")
        db.initialize(database)
        with database.connection_context():
            with database.atomic():
                database.connection().executemany(ATTEMPT, [attempt(n) for n in range(PAYMENTS)])
            report_staff(invoices)
            report_customers(invoices)
        database.close_all()


ATTEMPT = """INSERT INTO attempt (reference, token, order_id, transaction_id, customer_id, user_id, amount_minor,
currency, merchant_account, state, settlement, card_type, last_four, reason, processor_code, processor_text,
created_ms, touched_ms)
VALUES (?, ?, ?, ?, 1, 1, ?, 'USD', '', 'approved', 'settled', 'Visa', '1111', '', '', '', ?, ?)"""


def attempt(n: int) -> tuple:
    return f"PAY-R{n:07}", f"k{n}", f"o{n:07}", f"t{n:07}", 500 if n % 2 else 100 + n, n, n


def report_staff(invoices: int) -> None:
    print(f"the staff's search among {invoices:,} invoices and {PAYMENTS:,} payments, in ms (target: ≤ 20)")
    for kind, text in OF_STAFF.items():
        milliseconds, found = timed(lambda text=text: staff(text))
        print(f"{kind:20}{text:18}{milliseconds:8.2f}   {found} found")


def staff(text: str) -> int:
    payments, documents = global_search.payments_and_documents(meaning(text, "en_US"))
    return len(payments) + len(documents) + len(global_search.customers(text))


def report_customers(invoices: int) -> None:
    print(f"\na customer's search among {invoices:,} invoices of theirs, in ms (target: ≤ 20)")
    for text in OF_CUSTOMERS:
        listing = Listing(tab="all", text=text, groups=number_groups(text), amounts=amounts_typed(text, "en_US"))
        milliseconds, found = timed(lambda listing=listing: page(SimpleNamespace(customer_id=1), listing))
        print(f"{text:18}{milliseconds:8.2f}   {len(found.rows)}{'+' if found.later else ''} found")


def timed(run) -> tuple[float, object]:
    """The median of some turns in milliseconds, and what the last one gave."""
    times, answer = [], None
    for _ in range(TURNS):
        began = time.perf_counter()
        answer = run()
        times.append(time.perf_counter() - began)
    return statistics.median(times) * 1000, answer


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000)
