"""Money movements to export: ledger entries, and refunds made at Braintree."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from peewee import fn

from app.clock import from_ms, today
from app.models import Allocation, Attempt, Audit, Company, Customer, ExportLine, Invoice, LedgerEntry
from app.models.base import tuples
from app.money import CURRENCIES

BATCH = 500
PAYMENT, REVERSAL, REFUND = "Payment", "Reversal", "Refund"
KINDS = {
    LedgerEntry.CHARGE: PAYMENT,
    LedgerEntry.REBOOKED: PAYMENT,
    LedgerEntry.UNAPPLIED: PAYMENT,
    LedgerEntry.VOID: REVERSAL,
    LedgerEntry.SETTLEMENT_DECLINED: REVERSAL,
    LedgerEntry.UNAPPLIED_RETURNED: REFUND,
}
REFUNDED = "payment.refunded"


@dataclass(frozen=True)
class Part:
    """The part of an entry that belongs to an invoice, in minor units. Negative for money that went back."""

    invoice: Invoice
    amount_minor: int


@dataclass(frozen=True)
class Entry:
    """One movement of money. `amount_minor` is negative for money that went back. It is the sum of `parts` and the
    unapplied amount. `external_id` is unique among all entries and the same in every file."""

    source: LedgerEntry | Audit
    kind: str
    external_id: str
    attempt: Attempt
    customer: Customer
    day: date
    currency: str
    amount_minor: int
    transaction_id: str
    parts: tuple[Part, ...] = ()

    @property
    def unapplied_minor(self) -> int:
        return self.amount_minor - sum(part.amount_minor for part in self.parts)

    @property
    def line(self) -> dict:
        """The columns of its ExportLine, except the run."""
        is_refund = isinstance(self.source, Audit)
        return {
            "ledger_entry": None if is_refund else self.source.id,
            "refund": self.source.id if is_refund else None,
            "amount_minor": self.amount_minor,
            "currency": self.currency,
        }


def not_exported(company: Company, currency: str = "") -> Iterator[Entry]:
    """Oldest first, refunds last. With `currency`, only entries in that currency."""
    waiting, last = waiting_rows(ledger_rows()), 0
    if currency:
        waiting = waiting.where(LedgerEntry.currency == currency)
    while rows := list(waiting.where(LedgerEntry.id > last).order_by(LedgerEntry.id).limit(BATCH)):
        yield from of_ledger(rows, company)
        last = rows[-1].id
    yield from (entry for entry in refunds_not_exported(company) if currency in ("", entry.currency))


def totals_not_exported(company: Company) -> dict[str, tuple[int, int]]:
    """{currency: (number of entries, minor units)}, sorted by currency."""
    query = LedgerEntry.select(LedgerEntry.currency, fn.COUNT(LedgerEntry.id), fn.SUM(LedgerEntry.amount_minor))
    grouped = waiting_rows(query.join(Attempt)).group_by(LedgerEntry.currency)
    found = {currency: (count, minor) for currency, count, minor in tuples(grouped)}
    for entry in refunds_not_exported(company):
        count, minor = found.get(entry.currency, (0, 0))
        found[entry.currency] = count + 1, minor + entry.amount_minor
    return dict(sorted(found.items()))


def waiting_rows(query):
    exported = ExportLine.select(ExportLine.ledger_entry).where(ExportLine.ledger_entry.is_null(False))
    return query.where(LedgerEntry.id.not_in(exported))


def refunds_not_exported(company: Company) -> Iterator[Entry]:
    exported = ExportLine.select(ExportLine.refund).where(ExportLine.refund.is_null(False))
    lines = Audit.select().where(Audit.event == REFUNDED, Audit.id.not_in(exported)).order_by(Audit.id)
    return of_refunds(lines, company)


def of_lines(lines: list[ExportLine], company: Company) -> list[Entry]:
    """The entries of these lines, in the same order."""
    ids = [line.ledger_entry_id for line in lines if line.ledger_entry_id]
    refunds = Audit.select().where(Audit.id.in_([line.refund_id for line in lines if line.refund_id]))
    rows = list(ledger_rows().where(LedgerEntry.id.in_(ids)))
    entries = [*of_ledger(rows, company), *of_refunds(refunds, company)]
    found = {(type(entry.source), entry.source.id): entry for entry in entries}
    keys = [(LedgerEntry, line.ledger_entry_id) if line.ledger_entry_id else (Audit, line.refund_id) for line in lines]
    return [found[key] for key in keys if key in found]


def ledger_rows():
    return LedgerEntry.select(LedgerEntry, Attempt, Customer).join(Attempt).join(Customer)


def of_ledger(rows: list[LedgerEntry], company: Company) -> Iterator[Entry]:
    booked = [(row, row.attempt) for row in rows if row.attempt]
    allocations = allocations_of([attempt for _, attempt in booked])
    named = first_received([row.attempt_id for row in rows])
    for row, attempt in booked:
        is_applied = row.kind not in (LedgerEntry.UNAPPLIED, LedgerEntry.UNAPPLIED_RETURNED)
        # A charge that was booked after a restore keeps the day on which the customer paid.
        moment_ms = attempt.decided_ms or row.at_ms if row.kind == LedgerEntry.CHARGE else row.at_ms
        yield Entry(
            row,
            KINDS[row.kind],
            attempt.reference if named[attempt.id] == row.id else f"{attempt.reference}-{row.id}",
            attempt,
            attempt.customer,
            today(from_ms(moment_ms), company.time_zone),
            row.currency,
            row.amount_minor,
            row.gateway_ref,
            split(row.amount_minor, allocations.get(attempt.id, ())) if is_applied else (),
        )


def of_refunds(lines, company: Company) -> Iterator[Entry]:
    # A refund of unapplied money is in the ledger.
    received = LedgerEntry.select(LedgerEntry.gateway_ref).where(LedgerEntry.kind == LedgerEntry.UNAPPLIED)
    unapplied = set(received.scalars())
    for line in lines:
        facts = line.facts
        attempt = Attempt.by_audit_subject(line.subject)
        amount_minor, currency = facts.get("amount_minor"), facts.get("currency")
        is_known = isinstance(amount_minor, int) and amount_minor > 0 and currency in CURRENCIES
        if attempt is None or not is_known or facts.get("refunds") in unapplied:
            continue
        allocations = allocations_of([attempt]).get(attempt.id, [])
        # For a partial refund of several invoices, Braintree doesn't say which invoice it is for.
        is_clear = amount_minor == attempt.amount_minor or len(allocations) == 1
        yield Entry(
            line,
            REFUND,
            f"{attempt.reference}-R{line.id}",
            attempt,
            attempt.customer,
            today(from_ms(line.at_ms), company.time_zone),
            currency,
            -amount_minor,
            facts.get("transaction") or "",
            split(-amount_minor, allocations) if is_clear else (),
        )


def allocations_of(attempts: list[Attempt]) -> dict[int, list[Allocation]]:
    found: dict[int, list[Allocation]] = {}
    for line in Allocation.of(attempts):
        found.setdefault(line.attempt_id, []).append(line)
    return found


def first_received(attempt_ids: list[int]) -> dict[int, int]:
    """{attempt: its first ledger entry}. The first entry's external ID is the payment's reference."""
    rows = LedgerEntry.select(LedgerEntry.id, LedgerEntry.attempt).where(LedgerEntry.attempt.in_(attempt_ids))
    found: dict[int, int] = {}
    for row in rows.order_by(LedgerEntry.id):
        found.setdefault(row.attempt_id, row.id)
    return found


def split(amount_minor: int, allocations) -> tuple[Part, ...]:
    """A part for each allocation, with the sign of `amount_minor`. Their sum is at most `amount_minor`."""
    left, sign, parts = abs(amount_minor), 1 if amount_minor > 0 else -1, []
    for line in allocations:
        taken = min(left, line.amount_minor)
        if taken:
            parts.append(Part(line.invoice, sign * taken))
        left -= taken
    return tuple(parts)
