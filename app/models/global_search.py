"""What an administrator's search finds: customers and invoices, a handful of each, from indexes."""

from app.models.base import db
from app.models.customer_list import Listing, page

MOST = 8
INVOICES = """SELECT i.number, i.public_id, i.kind, c.public_id AS customer_id, c.name, i.currency, i.open_minor
FROM invoice i JOIN customer c ON c.id = i.customer_id
WHERE i.number >= :text AND i.number < :text || char(1114111) ORDER BY i.number, i.id LIMIT :most"""
COLUMNS = ("number", "public_id", "kind", "customer_id", "name", "currency", "open_minor")


def customers(text: str):
    """Rows of the customer list whose name, number or email address, or a person's, has `text` in it."""
    return page(Listing(text=text)).rows[:MOST]


def invoices(text: str) -> list[dict]:
    """Invoices and credit memos of all customers whose number begins with `text`, as it is or in upper case."""
    found = []
    for wanted in dict.fromkeys((text, text.upper())):
        rows = db.execute_sql(INVOICES, {"text": wanted, "most": MOST}).fetchall()
        found += [dict(zip(COLUMNS, row, strict=True)) for row in rows]
    return found[:MOST]


