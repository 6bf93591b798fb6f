"""The administrator's search for customers, payments and invoices, with a few results of each.

Every condition uses an index of migration 0014, so this module repeats the expressions of those indexes.
"""

from typing import NamedTuple

from app.customers import queries
from app.invoices.queries.text_search import in_currencies
from app.models.base import db
from app.search.meaning import Meaning

MAX_RESULTS = 8
LAST = chr(0x10FFFF)
KEY = "upper(replace(replace(replace(replace(replace({0}, '-', ''), ' ', ''), '/', ''), '.', ''), '#', ''))"
SERIAL = "ltrim(substr(number, length(rtrim(number, '0123456789')) + 1), '0')"
FOUND = """SELECT {columns} FROM (SELECT min(place) AS place, id FROM ({arms}) AS arms GROUP BY id) AS found
{joins} ORDER BY place, {order} LIMIT :most"""
INVOICE = (
    "i.kind, i.number, i.public_id, c.public_id, c.name, i.currency, i.open_minor, CAST(NULL AS BIGINT), ''",
    "JOIN invoice i ON i.id = found.id JOIN customer c ON c.id = i.customer_id",
    "i.number, i.id",
)
NEXT = """coalesce((SELECT n.reference FROM attempt n WHERE n.customer_id = a.customer_id AND n.id > a.id
ORDER BY n.id LIMIT 1), '')"""
PAYMENT = (
    f"'payment', a.reference, a.reference, c.public_id, c.name, a.currency, a.amount_minor, a.created_ms, {NEXT}",
    "JOIN attempt a ON a.id = found.id JOIN customer c ON c.id = a.customer_id",
    "a.id DESC",
)


class Found(NamedTuple):
    """A document or a payment. `minor` is the open amount of a document or the amount of a payment. Only payments have
    `created_ms` and `following`, the reference of the customer's next payment or ''."""

    kind: str
    label: str
    public_id: str
    customer_id: str
    customer: str
    currency: str
    minor: int
    created_ms: int | None
    following: str


def customers(text: str):
    return queries.search(text, MAX_RESULTS)


def payments_and_documents(meaning: Meaning) -> tuple[list[Found], list[Found]]:
    """(payments, documents) from one statement: payments latest first, documents in order of relevance."""
    sql, values = statement(meaning)
    rows = [Found._make(row) for row in db.execute_sql(sql, values).fetchall()] if sql else []
    return [one for one in rows if one.kind == "payment"], [one for one in rows if one.kind != "payment"]


def statement(meaning: Meaning) -> tuple[str, dict]:
    values = Values(most=MAX_RESULTS)
    kinds = ((PAYMENT, payment_arms(meaning, values)), (INVOICE, document_arms(meaning, values)))
    return " UNION ALL ".join(
        f"SELECT * FROM ({FOUND.format(columns=columns, arms=arms_sql(arms), joins=joins, order=order)}) AS of_one_kind"
        for (columns, joins, order), arms in kinds
        if arms
    ), values


class Values(dict):
    """The parameters of a statement. `name` adds a value and returns its placeholder."""

    def name(self, value) -> str:
        name = f"v{len(self)}"
        self[name] = value
        return f":{name}"


def arms_sql(arms: list[tuple[str, str]]) -> str:
    return " UNION ALL ".join(
        f"SELECT * FROM (SELECT {place} AS place, {source} WHERE {condition} LIMIT :most) AS arm"
        for place, (source, condition) in enumerate(arms)
    )


def document_arms(meaning: Meaning, values: Values) -> list[tuple[str, str]]:
    arms = [("id FROM invoice", begins(KEY.format("number"), key, values)) for key in meaning.number_keys]
    for serial, groups in meaning.serials:
        within = f" AND number {db.like} {values.name('%' + '%'.join(groups) + '%')}" if groups else ""
        arms.append(("id FROM invoice", f"{SERIAL} = {values.name(serial)}{within}"))
    arms += [
        ("id FROM invoice", f"po_number <> '' AND {begins(KEY.format('po_number'), key, values)}")
        for key in meaning.po_keys
    ]
    for decimals, minor in meaning.amounts:
        amount = values.name(minor)
        arms.append(
            (
                "id FROM invoice",
                f"total_minor = {amount} AND {in_currencies(decimals)}"
                " ORDER BY total_minor DESC, currency DESC, id DESC",
            )
        )
        arms.append(
            (
                "id FROM invoice",
                f"open_minor = {amount} AND {in_currencies(decimals)} AND open_minor > 0"
                " AND open_minor <> total_minor ORDER BY open_minor DESC, currency DESC, id DESC",
            )
        )
    return arms


def payment_arms(meaning: Meaning, values: Values) -> list[tuple[str, str]]:
    arms = [("id FROM attempt", begins("reference", text, values)) for text in meaning.references]
    for text in meaning.ids:
        arms += [("id FROM attempt", begins(column, text, values)) for column in ("transaction_id", "order_id")]
        arms.append(("id FROM attempt", f"named_id <> '' AND named_id = {values.name(text)}"))
        arms.append(("attempt_id FROM ledger", f"attempt_id IS NOT NULL AND gateway_ref = {values.name(text)}"))
    for decimals, minor in meaning.amounts:
        arms.append(
            (
                "id FROM attempt",
                f"amount_minor = {values.name(minor)} AND {in_currencies(decimals)}"
                " ORDER BY amount_minor DESC, currency DESC, id DESC",
            )
        )
    return arms


def begins(column: str, text: str, values: Values) -> str:
    return f"{column} >= {values.name(text)} AND {column} < {values.name(text + LAST)} ORDER BY {column}"
