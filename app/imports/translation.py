"""The words of other systems in ours: statuses, types, and amounts that only several rows tell."""

import re
from collections.abc import Iterator
from decimal import Decimal
from itertools import groupby

from app.imports.documents import DRAFTS, STANDING, VOIDS
from app.imports.problems import FileProblem, Problems
from app.imports.values import plain

Rows = Iterator[tuple[int, tuple[str, ...]]]
OPEN, PAID, DRAFT, VOIDED = "Open", "Paid", "Draft", "Voided"
STATUSES = {
    **dict.fromkeys(
        (
            "open",
            "unpaid",
            "sent",
            "viewed",
            "overdue",
            "pastdue",
            "unsent",
            "uncollectible",
            "awaitingpayment",
            "authorised",
            "authorized",
            "approved",
            "issued",
            "outstanding",
            "due",
            "return",
            "creditnoteissued",
            "overdueanddiscounted",
            "unpaidanddiscounted",
            "disputed",
            "emailed",
            "notpaid",
            "delivered",
            "printed",
            "unapplied",
        ),
        OPEN,
    ),
    **dict.fromkeys(("paid", "paidinfull", "fullypaid", "fullyapplied", "autopaid", "settled"), PAID),
    **dict.fromkeys(("draft", "pendingapproval", "pending", "saved", "unapproved"), DRAFT),
    **dict.fromkeys(("void", "voided", "cancelled", "canceled", "deleted"), VOIDED),
}
# Customers can see and pay these here; the company may not want that.
KNOWN_STATUSES = STANDING | DRAFTS | VOIDS
REMARKABLE = {"unsent", "uncollectible"}
CREDIT = "Credit Memo"
IS_RETURN = {"1": CREDIT, "yes": CREDIT, "true": CREDIT, "0": "Invoice", "no": "Invoice", "false": "Invoice"}
IS_NEGATIVE = re.compile(r"\s*[(\u2212-]|\W?-")
MOST_LINES = 10_000


def status_of(text: str) -> tuple[str, str]:
    """(our word, the other system's without signs): the text as it is when it is unknown. "Invoice : Open" is Open."""
    word = re.sub(r"[\W_]", "", text.rpartition(":")[2].casefold())
    return STATUSES.get(word, text), word


def in_our_words(table, rows: Rows, _problems: Problems) -> Rows:
    """Rows of any file, with the statuses of other systems as ours where the reader of documents doesn't know them."""
    if not table.has("status"):
        return rows
    place = [column.field for column in table.columns].index("status")
    return (
        (
            row,
            cells
            if cells[place].casefold() in KNOWN_STATUSES
            else (*cells[:place], status_of(cells[place])[0], *cells[place + 1 :]),
        )
        for row, cells in rows
    )


def documents(table, rows: Rows, problems: Problems) -> Rows:
    """Rows of invoices and credit memos with our words; what is negative is a credit memo."""
    at = {column.field: place for place, column in enumerate(table.columns)}
    kind, status, total, paid, due = (at[name] for name in ("type", "status", "total", "paid", "due"))
    for row, cells in rows:
        changed = list(cells)
        changed[status], word = status_of(cells[status])
        if word in REMARKABLE and cells[at["number"]]:
            table.remarks[cells[status]] += 1
        changed[kind] = IS_RETURN.get(cells[kind].casefold(), cells[kind])
        if word == "return" or (not changed[kind] and IS_NEGATIVE.match(cells[total])):
            changed[kind] = CREDIT
        if IS_NEGATIVE.match(cells[total]):
            for place in (paid, due):  # NetSuite writes what is left of a negative total as a positive amount
                if re.search("[1-9]", cells[place]) and not IS_NEGATIVE.match(cells[place]):
                    changed[place] = f"-{cells[place]}"
        yield row, tuple(changed)


def freshbooks_documents(table, rows: Rows, problems: Problems) -> Rows:
    """FreshBooks has no totals: they are the sum of the lines, and what goes beyond their subtotals is tax."""
    at = {column.field: place for place, column in enumerate(table.columns)}
    number, name, total, tax, line = (at[f] for f in ("number", "customer_name", "total", "tax", "line_amount"))
    for _key, group in groupby(rows, lambda pair: (pair[1][number], pair[1][name])):
        together = list(limited(group))
        sums = [sum_of([cells[place] for _row, cells in together]) for place in (total, line)]
        for row, cells in together:
            changed = list(cells)
            if None not in sums:
                changed[total], changed[tax] = str(sums[0]), str(sums[0] - sums[1])
            yield from documents(table, iter([(row, tuple(changed))]), problems)


def limited(group: Rows) -> Rows:
    for count, pair in enumerate(group):
        if count >= MOST_LINES:
            raise FileProblem(f"Row {pair[0]:,}: the invoice has more than {MOST_LINES:,} lines.")
        yield pair


def sum_of(texts: list[str]) -> Decimal | None:
    """Their sum; None when one of them is no plain amount, which the reader of documents reports."""
    found = Decimal(0)
    for text in texts:
        digits = plain(text.lstrip("-"), None) if text else "0"
        if digits is None or len(digits) > 30:
            return None
        found += Decimal(digits) * (-1 if text.startswith("-") else 1)
    return found
