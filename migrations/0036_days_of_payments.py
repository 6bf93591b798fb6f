"""The day on which a payment from the books counts, where the books gave none or one in the future.

See LISTED_ON in imports/invoice_upsert.py. Until now the first was the day of the import. Which payments came with
their invoice is not known of old ones: the first of each invoice is taken to be one.
"""

from datetime import UTC, date, datetime


def up(migrator, db):
    db.execute_sql("""
        UPDATE payment_elsewhere SET listed_on = CASE
            WHEN i.issued_on >= listed_on THEN i.issued_on
            WHEN i.due_on >= listed_on THEN listed_on
            WHEN i.due_on < i.issued_on THEN i.issued_on
            ELSE i.due_on END
        FROM invoice i WHERE i.id = payment_elsewhere.invoice_id AND received_payment_id IS NULL
            AND paid_on IS NULL AND recorded_ms IS NOT NULL
            AND payment_elsewhere.id = (SELECT MIN(p.id) FROM payment_elsewhere p WHERE p.invoice_id = i.id)""")
    ahead = db.execute_sql(
        "SELECT p.id, i.issued_on, p.recorded_ms FROM payment_elsewhere p JOIN invoice i ON i.id = p.invoice_id"
        " WHERE p.paid_on > ? AND p.received_payment_id IS NULL AND p.recorded_ms IS NOT NULL",
        (datetime.now(UTC).date().isoformat(),),
    )
    for row, issued, recorded_ms in ahead.fetchall():
        known = datetime.fromtimestamp(recorded_ms / 1000, UTC).date()
        day = max(date.fromisoformat(str(issued)), known)
        db.execute_sql("UPDATE payment_elsewhere SET listed_on = ? WHERE id = ?", (day.isoformat(), row))
