"""Checks stored sums against the rows that they are sums of. Reads only, in any database."""

INVOICES = """
SELECT i.id FROM invoice i
LEFT JOIN (
    SELECT l.invoice_id,
        SUM(CASE WHEN a.state IN ('created', 'sent') OR (a.state = 'approved' AND a.settlement = 'submitted')
            THEN l.amount_minor ELSE 0 END) AS processing,
        SUM(CASE WHEN a.state = 'approved' AND a.settlement = 'settled' THEN l.amount_minor ELSE 0 END) AS paid
    FROM allocation l JOIN attempt a ON a.id = l.attempt_id GROUP BY l.invoice_id
) p ON p.invoice_id = i.id
LEFT JOIN (
    SELECT invoice_id, SUM(amount_minor) AS paid FROM payment_elsewhere GROUP BY invoice_id
) e ON e.invoice_id = i.id
WHERE i.processing_minor <> COALESCE(p.processing, 0)
    OR i.paid_online_minor <> COALESCE(p.paid, 0)
    OR i.paid_elsewhere_minor <> COALESCE(e.paid, i.paid_elsewhere_minor)
    OR (i.kind = 'invoice' AND i.open_minor <> CASE WHEN i.is_void THEN 0 ELSE max(0,
        i.total_minor - i.credited_minor - i.paid_elsewhere_minor - i.processing_minor - i.paid_online_minor) END)
ORDER BY i.id"""
ATTEMPTS = """
SELECT a.id FROM attempt a
LEFT JOIN (
    SELECT attempt_id, SUM(amount_minor) AS net FROM ledger
    WHERE kind NOT IN ('unapplied', 'unapplied_returned') GROUP BY attempt_id
) l ON l.attempt_id = a.id
WHERE COALESCE(l.net, 0) <> CASE
    WHEN a.state = 'approved' AND a.settlement IN ('submitted', 'settled') THEN a.amount_minor ELSE 0 END
ORDER BY a.id"""


def wrong_sums(database) -> list[str]:
    """Rows with a wrong sum, like `invoice 17`: invoices whose amounts don't follow from their total and payments,
    and payments whose amount differs from the ledger."""
    return [
        f"{table} {row_id}"
        for table, query in (("invoice", INVOICES), ("attempt", ATTEMPTS))
        for (row_id,) in database.execute_sql(query)
    ]
