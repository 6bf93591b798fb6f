"""Checks the invariants I1 to I12 of the payment protocol from outside.

Our books are read with plain SQL; the gateway's books are its own list of transactions. Nothing from app.payments or
app.models is used, so that an error there can't hide itself.
"""

import json
from collections import Counter, defaultdict

from tests.support.databases import tables_of

# What the gateway would settle. What is authorizing, only authorized, or pending, is no money yet.
LIVE = {"submitted_for_settlement", "settling", "settlement_confirmed", "settled"}
PATHS = {
    "created": ["created"],
    "sent": ["created", "sent"],
    "approved": ["created", "sent", "approved"],
    "declined": ["created", "sent", "declined"],
}

TABLES = (
    "attempt",
    "allocation",
    "ledger",
    "invoice",
    "outbox",
    "audit",
    "unmatched_charge",
    "payment_elsewhere",
)


class Books:
    """Our database as lists of rows, each a dict."""

    def __init__(self, url):
        tables, self.problems = tables_of(url, TABLES)
        vars(self).update(tables)
        self.attempts = {attempt["id"]: attempt for attempt in self.attempt}

    def reserves(self, attempt) -> bool:
        """True if the attempt's allocations reduce the open amounts."""
        if attempt["state"] == "approved":
            return attempt["settlement"] in ("submitted", "settled")
        return attempt["state"] in ("created", "sent")

    def is_adopted(self, attempt) -> bool:
        return attempt["token"] == f"adopted-{attempt['transaction_id']}"

    def excess(self, attempt) -> int:
        """The part of an adopted charge that pays no invoice, according to its alert."""
        subject = f"attempt:{attempt['reference']}"
        lines = [a for a in self.audit if (a["event"], a["subject"]) == ("payment.excess", subject)]
        return sum(json.loads(line["detail"])["amount_minor"] for line in lines)

    def alerted(self, event: str) -> set[str]:
        """Gateway transactions that such alerts named."""
        lines = [line for line in self.audit if line["event"] == event]
        alerted = {json.loads(line["detail"]).get("transaction") for line in lines}
        if event == "payment.unmatched":
            alerted |= self.alerted("payment.foreign")
        return alerted | {line["subject"].removeprefix("transaction:") for line in lines}


def check(url, transactions, *, recovered=True) -> Books:
    """Raise AssertionError with the name of the invariant if our books and the gateway's disagree.

    `transactions` are dicts with id, type, status, amount_minor, currency and order_id. `recovered` is False while
    something is undecided; then invariants that hold only after recovery are not checked.
    """
    books = Books(url)
    theirs = {t["id"]: t for t in transactions if t["type"] == "sale"}
    live = {id: t for id, t in theirs.items() if t["status"] in LIVE}
    charges_agree(books, theirs, live)
    ledger_agrees(books)
    allocations_agree(books)
    secrets_are_gone(books)
    receipts_agree(books)
    database_is_whole(books)
    changes_are_audited(books)
    unmatched_charges_agree(books, theirs)
    if recovered:
        everything_is_decided(books, live)
        sums_agree(books, live)
    return books


def charges_agree(books, theirs, live):
    by_order = {attempt["order_id"]: attempt for attempt in books.attempt}
    unapplied = {line["gateway_ref"] for line in books.ledger if line["kind"] == "unapplied"}
    for attempt in books.attempt:
        if attempt["state"] != "approved":
            continue
        charge = theirs.get(attempt["transaction_id"])
        assert charge, f"I1: {attempt['reference']} is approved, and the gateway has no such charge"
        agreed = (attempt["amount_minor"], attempt["currency"], attempt["order_id"])
        charged = (charge["amount_minor"], charge["currency"], charge["order_id"])
        assert agreed == charged, f"I2: agreed {agreed}, charged {charged}"
    for id, charge in live.items():
        attempt = by_order.get(charge["order_id"])
        if attempt is None or id in unapplied:
            continue
        known = attempt["state"] == "sent" or attempt["transaction_id"] == id
        alerted = id in books.alerted("payment.double") or id in books.alerted("payment.mismatch")
        assert known or alerted or attempt["state"] == "approved", f"I1: {attempt['state']}, but {id} was charged"


def ledger_agrees(books):
    net = defaultdict(int)
    for line in books.ledger:
        if line["kind"] not in ("unapplied", "unapplied_returned"):
            net[line["attempt_id"]] += line["amount_minor"]
    for attempt in books.attempt:
        charged = attempt["state"] == "approved" and attempt["settlement"] in ("submitted", "settled")
        expected = attempt["amount_minor"] if charged else 0
        assert net[attempt["id"]] == expected, f"I3: {attempt['reference']}: ledger {net[attempt['id']]}"


def allocations_agree(books):
    split, processing, settled = Counter(), Counter(), Counter()
    invoices = {invoice["id"]: invoice for invoice in books.invoice}
    for part in books.allocation:
        attempt, invoice = books.attempts[part["attempt_id"]], invoices[part["invoice_id"]]
        assert part["amount_minor"] > 0, "I5: an allocation of nothing"
        assert attempt["customer_id"] == invoice["customer_id"], "I12: another customer's invoice was paid"
        assert attempt["currency"] == invoice["currency"], "I2: paid in another currency than the invoice's"
        split[attempt["id"]] += part["amount_minor"]
        if books.reserves(attempt):
            (settled if attempt["settlement"] == "settled" else processing)[invoice["id"]] += part["amount_minor"]
    for attempt in books.attempt:
        paid = attempt["amount_minor"] - books.excess(attempt)
        assert split[attempt["id"]] == paid, f"I5: {attempt['reference']} is split otherwise"
    elsewhere = Counter()
    for row in books.payment_elsewhere:
        assert row["amount_minor"] > 0, "I4: a payment elsewhere of nothing"
        elsewhere[row["invoice_id"]] += row["amount_minor"]
    for id, paid in elsewhere.items():
        assert paid == invoices[id]["paid_elsewhere_minor"], f"I4: payments elsewhere of {invoices[id]['number']}"
    for id, invoice in invoices.items():
        held = processing[id] + settled[id]
        assert 0 <= held <= invoice["total_minor"], f"I4: {held} held of {invoice['total_minor']}"
        left = invoice["total_minor"] - invoice["credited_minor"] - invoice["paid_elsewhere_minor"] - held
        if invoice["kind"] == "invoice":
            expected = (processing[id], settled[id], max(0, left), int(left <= 0 and not processing[id]))
            names = ("processing_minor", "paid_online_minor", "open_minor", "is_paid")
            assert tuple(invoice[name] for name in names) == expected, f"I4: columns of {invoice['number']}"


def secrets_are_gone(books):
    for attempt in books.attempt:
        if attempt["state"] not in ("created", "sent"):
            kept = attempt["nonce"] or attempt["device_data"]
            assert not kept, f"I7: {attempt['reference']} is {attempt['state']} and keeps its nonce"


def receipts_agree(books):
    """An adopted payment got its receipt before the restore. Whether the restored database knows it depends on the
    backup."""
    receipts = Counter(mail["key"] for mail in books.outbox if mail["key"].startswith("receipt:"))
    paid = [a["reference"] for a in books.attempt if a["state"] == "approved" and not books.is_adopted(a)]
    approved = Counter(f"receipt:{reference}" for reference in paid)
    assert receipts == approved, f"I9: receipts {receipts} for charges {approved}"


def database_is_whole(books):
    assert not books.problems, f"I10: {books.problems}"


def changes_are_audited(books):
    events = defaultdict(list)
    is_restored = any(line["event"] == "restored" for line in books.audit)
    for line in books.audit:
        subject, event = line["subject"], line["event"].removeprefix("payment.")
        if event in ("created", "sent", "approved", "declined", "abandoned", "settled", "failed", "voided", "adopted"):
            events[subject].append(event)
    for attempt in books.attempt:
        path = PATHS.get(attempt["state"])
        if path is None:
            path = ["created", "sent", "abandoned"] if attempt["sent_ms"] else ["created", "abandoned"]
        if books.is_adopted(attempt):
            path = ["adopted"]
        endings = {"settled": [["settled"]]}
        endings |= {name: [[name], ["settled", name]] for name in ("voided", "failed")}
        paths = [path]
        if is_restored and attempt["state"] == "approved":
            paths.append(["created", "approved"])  # the backup is from before it was sent
        allowed = [begun + ending for begun in paths for ending in endings.get(attempt["settlement"], [[]])]
        seen = events[f"attempt:{attempt['reference']}"]
        assert seen in allowed, f"I11: {attempt['state']} {attempt['settlement']}, but the audit log has {seen}"


def unmatched_charges_agree(books, theirs):
    """A charge that waits or was set aside is not booked and has an alert; a booked one is booked exactly once."""
    for row in books.unmatched_charge:
        id, charge = row["transaction_id"], theirs.get(row["transaction_id"])
        assert charge, f"I12: {id} waits, and the gateway has no such charge"
        kept = (row["amount_minor"], row["currency"], row["order_id"])
        assert kept == (charge["amount_minor"], charge["currency"], charge["order_id"]), f"I12: {id} is kept as {kept}"
        assert id in books.alerted("payment.unmatched"), f"I12: no alert about {id}"
        attempts = [a["id"] for a in books.attempt if a["transaction_id"] == id]
        lines = [line["attempt_id"] for line in books.ledger if line["gateway_ref"] == id and line["amount_minor"] > 0]
        if row["state"] == "booked":
            assert [row["attempt_id"]] == lines, f"I12: {id} is booked, but the ledger has {lines}"
        elif row["state"] != "over":
            assert not attempts and not lines, f"I12: {id} is {row['state']}, and in the books"


def everything_is_decided(books, live):
    undecided = [a["reference"] for a in books.attempt if a["state"] in ("created", "sent")]
    assert not undecided, f"I6: undecided after recovery: {undecided}"
    approved = {
        a["transaction_id"]
        for a in books.attempt
        if a["state"] == "approved" and a["settlement"] in ("submitted", "settled")
    }
    unapplied = {line["gateway_ref"] for line in books.ledger if line["kind"] == "unapplied"}
    returned = {line["gateway_ref"] for line in books.ledger if line["kind"] == "unapplied_returned"}
    # A second charge that had settled before anyone could void it is in the books for a person to refund.
    orders = Counter(charge["order_id"] for id, charge in live.items() if id not in unapplied)
    twice = [order for order, times in orders.items() if times > 1]
    assert not twice, f"I8: more than one live charge for {twice}"
    known = approved | (unapplied - returned) | books.alerted("payment.unmatched")
    assert set(live) <= known, f"I1: charged, and not in the books: {set(live) - known}"
    assert approved <= set(live), f"I1: in the books, and not charged: {approved - set(live)}"


def sums_agree(books, live):
    ours, net = Counter(), Counter()
    unmatched = books.alerted("payment.unmatched") - {line["gateway_ref"] for line in books.ledger}
    for line in books.ledger:
        ours[line["currency"]] += line["amount_minor"]
    for id, charge in live.items():
        if id not in unmatched:
            net[charge["currency"]] += charge["amount_minor"]
    ours, net = +ours, +net
    assert ours == net, f"I3: the ledger has {dict(ours)}, the gateway {dict(net)}"
