"""kill -9 of the worker at any statement of reading, applying and undoing an upload: it ends as if nothing happened,
and until then every document is whole."""

import json
import random
import shutil
import time

import pytest

from app.accounts.hashing import Hasher
from app.imports import runs
from app.imports.context import ImportContext
from app.models import Customer, ImportRun, Invoice, InvoiceLine, PaymentElsewhere
from app.models.audit import Actor, Audit
from tests.sampling import SEED, times
from tests.support.processes import closed, kill_at_statement, run

KILLS = times(few=12, many=100)
HEADER = "Customer number,Number,Date,Due date,Currency,Total,Amount paid,Amount due,Description,Line amount\n"
FIRST = "".join(f"77,K-{n},2026-11-03,2026-12-03,USD,50.00,0.00,50.00,Bread,50.00\n" for n in range(6))
SECOND = "".join(f"77,K-{n},2026-11-03,2026-12-03,USD,60.00,20.00,40.00,Rolls,60.00\n" for n in range(3, 9))
TABLES = (Customer, Invoice, InvoiceLine, PaymentElsewhere)
STATEMENTS = 420  # of the longest step
ROWS_OF_A_PART = 2
RANDOM = {"public_id", "id", "invoice", "version", "recorded_ms"}


@pytest.fixture
def template(make_portal):
    """A portal with one file imported, and a newer one uploaded."""
    portal = make_portal("template")
    upload(portal, FIRST)
    work(portal)
    press(portal, ImportRun.APPLYING)
    work(portal)
    upload(portal, SECOND)
    portal.close()
    return portal


def upload(portal, text: str) -> None:
    ImportRun.add("invoices", "may.csv", (HEADER + text).encode(), "", Actor("ruth@x.example", portal.clock(), ""))


def press(portal, state: str) -> None:
    last = ImportRun.recent(1)[0]
    assert last.move(last.state, state), last.state


def work(portal) -> None:
    secret_key = portal.config.secret_key
    context = ImportContext(portal.clock, "", portal.config.keys, Hasher(secret_key, rounds=4), ROWS_OF_A_PART)
    # On PostgreSQL a killed worker has its lock until the server notices.
    while runs.work_once(context) or ImportRun.has_work():
        time.sleep(0.01)


def books(portal) -> list:
    """Everything that an import writes, without what is drawn at random."""
    rows = [
        {name: value for name, value in row.items() if name not in RANDOM}
        for table in TABLES
        for row in table.select().order_by(table.id).dicts()
    ]
    return json.loads(json.dumps(rows, default=str, sort_keys=True))


def assert_documents_are_whole() -> None:
    """As the first file has it, or as the second one has it."""
    for invoice in Invoice.select():
        lines = [(line.description, line.amount_minor) for line in invoice.lines]
        paid = sum(part.amount_minor for part in PaymentElsewhere.of_invoice(invoice.id))
        assert (invoice.total_minor, invoice.open_minor, paid, lines) in (
            (5000, 5000, 0, [("Bread", 5000)]),
            (6000, 4000, 2000, [("Rolls", 6000)]),
        )


STEPS = (None, ImportRun.APPLYING, ImportRun.UNDOING)


def one_life(portal, draw) -> tuple[list, int]:
    """Read, apply and undo the file with a worker that is killed in each; the books after each, and how many died."""
    after, deaths = [], 0
    for state in STEPS:
        if state:
            press(portal, state)
        moment = draw.randint(1, STATEMENTS)

        def child(moment=moment):
            portal.open()
            kill_at_statement(portal, moment)
            work(portal)

        with closed(portal):
            status, said = run(child)
        assert status in (0, -9), said
        assert_documents_are_whole()
        deaths += status == -9
        work(portal)
        after.append((ImportRun.recent(1)[0].state, books(portal)))
    return after, deaths


def test_killed_worker_leaves_what_an_unkilled_one_does(template):
    draw, deaths, lives = random.Random(SEED), 0, 0
    portal = template.copied_to("undisturbed")
    before, wanted = None, []
    portal.open()
    before = books(portal)
    for state in STEPS:
        if state:
            press(portal, state)
        work(portal)
        wanted.append((ImportRun.recent(1)[0].state, books(portal)))
    assert [state for state, _ in wanted] == [ImportRun.PLANNED, ImportRun.APPLIED, ImportRun.UNDONE]
    assert wanted[0][1] == wanted[2][1] == before != wanted[1][1]
    portal.close()
    while deaths < KILLS:
        portal = template.copied_to(f"life{lives}")
        portal.open()
        found, died = one_life(portal, draw)
        deaths, lives = deaths + died, lives + 1
        assert found == wanted
        assert Audit.select().where(Audit.event == "import").count() == 2
        portal.close()
        shutil.rmtree(portal.config.instance)
