"""What a customer owes, per currency, summed live from one covering index."""

from datetime import date, timedelta
from typing import NamedTuple

from app.models.base import db


class Balance(NamedTuple):
    """What is owed in one currency, in minor units; credit memos are kept apart in `credit_minor`.

    `late_30`, `late_60` and `late_more` add up to `overdue_minor`. `next_due` is ISO text or None.
    """

    currency: str
    invoices: int = 0
    open_minor: int = 0
    processing_minor: int = 0
    overdue: int = 0
    overdue_minor: int = 0
    late_30: int = 0
    late_60: int = 0
    late_more: int = 0
    next_due: str | None = None
    next_minor: int = 0
    credit_minor: int = 0


SUMMARY = """
SELECT b.*, (SELECT sum(open_minor) FROM invoice INDEXED BY invoice_balance
             WHERE customer_id = :customer AND NOT is_paid AND kind = 'invoice' AND currency = b.currency
               AND due_on = b.next_due), 0
FROM (SELECT currency, count(*) FILTER (WHERE open_minor > 0), sum(open_minor), sum(processing_minor),
        count(*) FILTER (WHERE open_minor > 0 AND due_on < :today),
        sum(CASE WHEN due_on < :today THEN open_minor ELSE 0 END),
        sum(CASE WHEN due_on < :today AND due_on >= :days_30 THEN open_minor ELSE 0 END),
        sum(CASE WHEN due_on < :days_30 AND due_on >= :days_60 THEN open_minor ELSE 0 END),
        sum(CASE WHEN due_on < :days_60 THEN open_minor ELSE 0 END),
        min(CASE WHEN due_on >= :today AND open_minor > 0 THEN due_on END) AS next_due
      FROM invoice INDEXED BY invoice_balance WHERE customer_id = :customer AND NOT is_paid AND kind = 'invoice'
      GROUP BY currency) b
UNION ALL
SELECT currency, 0, 0, 0, 0, 0, 0, 0, 0, NULL, 0, sum(open_minor)
FROM invoice INDEXED BY invoice_credit
WHERE customer_id = :customer AND kind = 'credit_memo' AND open_minor > 0 GROUP BY currency
"""


def balances(viewer, today: date) -> tuple[Balance, ...]:
    """What the viewer's customer owes and has in credit; the currency with most invoices comes first."""
    values = {"customer": viewer.customer_id, "today": today.isoformat(),
              "days_30": (today - timedelta(30)).isoformat(), "days_60": (today - timedelta(60)).isoformat()}
    by_currency = {}
    for row in db.execute_sql(SUMMARY, values).fetchall():
        balance = Balance(*row[:10], row[10] or 0, row[11])
        owed = by_currency.get(balance.currency)
        by_currency[balance.currency] = owed._replace(credit_minor=balance.credit_minor) if owed else balance
    return tuple(sorted(by_currency.values(), key=lambda b: (-b.invoices, b.currency)))
