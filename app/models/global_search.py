"""What an administrator's search finds: customers, payments and invoices, a handful of each."""

from app.models.base import db
from app.models.customer import Customer
from app.models.customer_list import Listing, page
from app.models.invoice_list import in_currencies
from app.models.payment import Attempt

MOST = 8
INVOICES = """SELECT i.number, i.public_id, i.kind, c.public_id AS customer_id, c.name, i.currency, i.open_minor
FROM invoice i JOIN customer c ON c.id = i.customer_id
WHERE i.number >= :text AND i.number < :text || char(1114111) ORDER BY i.number, i.id LIMIT :most"""
# Without an index: typed out, a PO number or an amount is read through, newest first.
BY_FACT = """SELECT i.number, i.public_id, i.kind, c.public_id AS customer_id, c.name, i.currency, i.open_minor
FROM (SELECT * FROM invoice WHERE {facts} ORDER BY id DESC LIMIT :most) i JOIN customer c ON c.id = i.customer_id"""
COLUMNS = ("number", "public_id", "kind", "customer_id", "name", "currency", "open_minor")


def customers(text: str):
    """Rows of the customer list whose name, number or email address, or a person's, has `text` in it."""
    return page(Listing(text=text)).rows[:MOST]


def invoices(text: str, groups: tuple[str, ...] = (), amounts: tuple[tuple[int, int], ...] = ()) -> list[dict]:
    """Invoices and credit memos of all customers whose number begins with `text`, as it is or in upper case, with or
    without a sign between its `groups` of letters and digits; or else of that PO number or of one of the `amounts`
    (decimals, minor units)."""
    spellings = (text, text.upper(), *(sign.join(groups).upper() for sign in ("-", "", " ", "/") if groups))
    found = {}
    for wanted in dict.fromkeys(spellings):
        rows = db.execute_sql(INVOICES, {"text": wanted, "most": MOST}).fetchall()
        found |= {row[1]: dict(zip(COLUMNS, row, strict=True)) for row in rows}
    return list(found.values())[:MOST] or of_fact(text, amounts)


def of_fact(text: str, amounts: tuple[tuple[int, int], ...]) -> list[dict]:
    facts = ["po_number = :text COLLATE NOCASE"]
    facts += [f"({in_currencies(places)} AND :amount{places} IN (total_minor, open_minor))" for places, _ in amounts]
    values = {f"amount{places}": minor for places, minor in amounts} | {"text": text, "most": MOST}
    rows = db.execute_sql(BY_FACT.format(facts=" OR ".join(facts)), values).fetchall()
    return [dict(zip(COLUMNS, row, strict=True)) for row in rows]


def payments(text: str) -> list[tuple[Attempt, str]]:
    """Payments whose reference begins with `text`, with or without its PAY-, with their customers; and of each the
    reference of the customer's next payment, '' if it is the latest."""
    wanted = "PAY-" + text.upper().removeprefix("PAY").lstrip("- ")
    if len(wanted) < len("PAY-XXX"):
        return []
    named = Attempt.reference.between(wanted, wanted + chr(0x10FFFF))
    found = Attempt.select(Attempt, Customer).join(Customer).where(named).order_by(Attempt.id.desc()).limit(MOST)
    return [(one, next_reference(one)) for one in found]


def next_reference(attempt: Attempt) -> str:
    later = (Attempt.customer == attempt.customer_id) & (Attempt.id > attempt.id)
    following = Attempt.select(Attempt.reference).where(later).order_by(Attempt.id).first()
    return following.reference if following else ""


