"""Converts other systems' statuses, types, signs and missing totals to ours."""

import re
from decimal import Decimal
from itertools import groupby

from app.imports.amounts import plain
from app.imports.invoice_columns import CREDIT_MEMO, DRAFT_STATUSES, VALID_STATUSES, VOID_STATUSES
from app.imports.mapping import key
from app.imports.report import FileProblem, Problems
from app.imports.table import Rows, Table

OPEN, PAID, DRAFT, VOIDED = "Open", "Paid", "Draft", "Voided"
# fmt: off
OPEN_STATUSES = (
    "open", "unpaid", "sent", "viewed", "overdue", "pastdue", "unsent", "uncollectible", "awaitingpayment",
    "authorised", "authorized", "approved", "issued", "outstanding", "due", "return", "creditnoteissued",
    "overdueanddiscounted", "unpaidanddiscounted", "disputed", "emailed", "notpaid", "delivered", "printed",
    "unapplied", "posted", "blocked",
)
# fmt: on
STATUSES = {
    **dict.fromkeys(OPEN_STATUSES, OPEN),
    **dict.fromkeys(
        ("paid", "paidinfull", "fullypaid", "fullyapplied", "autopaid", "settled", "inpayment", "reversed"), PAID
    ),
    **dict.fromkeys(("draft", "pendingapproval", "pending", "saved", "unapproved"), DRAFT),
    **dict.fromkeys(("void", "voided", "cancelled", "canceled", "cancel", "deleted"), VOIDED),
}
KNOWN_STATUSES = VALID_STATUSES | DRAFT_STATUSES | VOID_STATUSES
# Customers can see and pay these documents here, which the company may not want.
REMARKABLE = {"unsent", "uncollectible"}
IS_RETURN = {**dict.fromkeys(("1", "yes", "true"), CREDIT_MEMO), "0": "Invoice", "no": "Invoice", "false": "Invoice"}
IS_NEGATIVE = re.compile(r"\s*[(\u2212-]|\W?-|.*\d[-\u2212]$")
MAX_LINES = 10_000


def status_of(text: str) -> tuple[str, str]:
    """“Invoice : Open” becomes Open; an unknown text stays unchanged."""
    word = re.sub(r"[\W_]", "", text.rpartition(":")[2].casefold())
    return STATUSES.get(word, text), word


def with_our_statuses(table: Table, rows: Rows, _problems: Problems) -> Rows:
    if not table.has("status"):
        return rows
    return (
        (row, cells if cells.status.casefold() in KNOWN_STATUSES else cells._replace(status=status_of(cells.status)[0]))
        for row, cells in rows
    )


def translate_documents(table: Table, rows: Rows, _problems: Problems) -> Rows:
    # What is negative is a credit memo.
    for row, cells in rows:
        status, word = status_of(cells.status)
        if word in REMARKABLE and cells.number:
            table.remarks[cells.status] += 1
        kind, is_negative = IS_RETURN.get(cells.type.casefold(), cells.type), IS_NEGATIVE.match(cells.total)
        if word == "return" or (not kind and is_negative):
            kind = CREDIT_MEMO
        cells = cells._replace(type=kind, status=status)
        if is_negative:  # NetSuite writes what is left of a negative total as a positive amount
            cells = cells._replace(paid=negative(cells.paid), due=negative(cells.due))
        yield row, cells


def negative(text: str) -> str:
    return f"-{text}" if re.search("[1-9]", text) and not IS_NEGATIVE.match(text) else text


def translate_freshbooks(table: Table, rows: Rows, problems: Problems) -> Rows:
    """FreshBooks exports no totals. The total is the sum of the lines; the difference to their subtotals is tax."""
    for _key, group in groupby(rows, lambda pair: (pair[1].number, pair[1].customer_name)):
        lines = list(limited(group))
        total, subtotal = sum_of([cells.total for _, cells in lines]), sum_of([cells.line_amount for _, cells in lines])
        if total is not None and subtotal is not None:
            tax = str(total - subtotal)
            lines = [(row, cells._replace(total=str(total), tax=tax)) for row, cells in lines]
        yield from translate_documents(table, iter(lines), problems)


ODOO_TYPES = {
    "customer invoice": "Invoice",
    "customer credit note": CREDIT_MEMO,
    "out_invoice": "Invoice",
    "out_refund": CREDIT_MEMO,
}


def translate_odoo(table: Table, rows: Rows, problems: Problems) -> Rows:
    """Odoo has two statuses, "Draft: Not Paid", and amounts both in the company's and in the document's currency."""
    if table.has("currency") and key(table.title("total")) == "totalsigned":
        raise FileProblem(
            f"“{table.title('total')}” is in your company's currency, and “{table.title('currency')}” is that of the "
            "document. Export “Total in Currency Signed” and “Amount Due” too; or, if all documents are in one "
            f'currency, leave it out: --map "{table.title("currency")}="'
        )

    def translated() -> Rows:
        for row, cells in rows:
            statuses = [status_of(text)[0] for text in cells.status.split(": ")]
            status = next((each for each in statuses if each in (DRAFT, VOIDED)), statuses[-1])
            yield row, cells._replace(status=status, type=ODOO_TYPES.get(cells.type.casefold(), cells.type))

    return translate_documents(table, translated(), problems)


SAGE_TYPES = {"si": "Invoice", "sc": CREDIT_MEMO}
SAGE_OTHERS = {"sr": "receipt", "sa": "payment on account", "sd": "discount", "sp": "refund"}


def translate_sage(table: Table, rows: Rows, _problems: Problems) -> Rows:
    """Sage exports one row per nominal account and no total: the total is the sum of net and tax."""
    for _key, group in groupby(rows, lambda pair: (pair[1].type, pair[1].customer, pair[1].number)):
        lines = list(limited(group))
        kind = lines[0][1].type
        tax, net = (sum_of([getattr(cells, name) for _, cells in lines]) for name in ("tax", "line_amount"))
        kind = SAGE_TYPES.get(kind.casefold()) or SAGE_OTHERS.get(kind.casefold(), kind)
        for row, cells in lines:
            if tax is not None and net is not None:
                cells = cells._replace(total=str(net + tax), tax=str(tax))
            yield row, cells._replace(type=kind)


def limited(group: Rows) -> Rows:
    for count, pair in enumerate(group):
        if count >= MAX_LINES:
            raise FileProblem(f"Row {pair[0]:,}: the invoice has more than {MAX_LINES:,} lines.")
        yield pair


def sum_of(texts: list[str]) -> Decimal | None:
    # The document reader reports texts that are no plain amount.
    found = Decimal(0)
    for text in texts:
        digits = plain(text.lstrip("-"), None) if text else "0"
        if digits is None or len(digits) > 30:
            return None
        found += Decimal(digits) * (-1 if text.startswith("-") else 1)
    return found
