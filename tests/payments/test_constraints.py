"""What the database itself refuses, whatever the code does."""

import pytest
from peewee import IntegrityError

from app.models import Allocation, Attempt, Audit, Invoice, LedgerEntry


@pytest.fixture
def paid(portal):
    portal.pay(portal.invoice())
    return portal


@pytest.mark.parametrize(
    "query",
    [
        LedgerEntry.update(amount_minor=1),
        LedgerEntry.delete(),
        LedgerEntry.update(currency="EUR"),
        Audit.update(detail="{}"),
        Audit.delete(),
        Audit.delete().where(Audit.id == 1),
    ],
)
def test_the_ledger_and_the_audit_log_are_only_added_to(paid, query):
    with pytest.raises(IntegrityError, match="append-only"):
        query.execute()


@pytest.mark.parametrize(
    "query",
    [
        Attempt.update(amount_minor=0),
        Attempt.update(amount_minor=-1),
        Attempt.update(state="paid"),
        Attempt.update(settlement="pending"),
        Attempt.update(settlement=""),
        Attempt.update(state="declined"),
        Allocation.update(amount_minor=0),
        Allocation.update(amount_minor=-5),
        Invoice.update(paid_online_minor=10_001),
        Invoice.update(processing_minor=-1),
        Invoice.update(open_minor=-1),
        Invoice.update(total_minor=9_999),
        Invoice.update(total_minor=-1),
        Invoice.update(credited_minor=-1),
        Invoice.update(paid_elsewhere_minor=-1),
        Invoice.update(kind="quote"),
        Invoice.update(paid_online_minor=1),
    ],
)
def test_sums_and_states_that_cant_be_are_refused(paid, query):
    with pytest.raises(IntegrityError, match=r"(?i)check constraint"):
        query.execute()


@pytest.mark.parametrize(
    ("kind", "ref", "amount"),
    [
        ("gift", "x", 1),
        ("charge", "x", -1),
        ("charge", "x", 0),
        ("void", "x", 1),
        ("void", "x", 0),
        ("charge", "", 1),
        ("unapplied_returned", "x", 5),
        ("settlement_declined", "x", 5),
    ],
)
def test_ledger_lines_that_cant_be_are_refused(paid, kind, ref, amount):
    with pytest.raises(IntegrityError, match=r"(?i)check constraint"):
        LedgerEntry.record(kind, ref, Attempt.get(), amount, 0)
