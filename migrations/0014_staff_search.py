"""What the staff's search looks up: numbers and PO numbers however they are written, amounts, transactions."""

KEY = "upper(replace(replace(replace(replace(replace({0}, '-', ''), ' ', ''), '/', ''), '.', ''), '#', ''))"
SERIAL = "ltrim(substr(number, length(rtrim(number, '0123456789')) + 1), '0')"


def up(migrator, db):
    db.execute_sql(f"CREATE INDEX invoice_by_key ON invoice ({KEY.format('number')})")
    db.execute_sql(f"CREATE INDEX invoice_by_serial ON invoice ({SERIAL})")
    db.execute_sql(f"CREATE INDEX invoice_by_po_number ON invoice ({KEY.format('po_number')}) WHERE po_number <> ''")
    db.execute_sql("CREATE INDEX invoice_by_total ON invoice (total_minor, currency)")
    db.execute_sql(
        "CREATE INDEX invoice_by_rest ON invoice (open_minor, currency)"
        " WHERE open_minor > 0 AND open_minor <> total_minor"
    )
    db.execute_sql("CREATE INDEX attempt_by_amount ON attempt (amount_minor, currency)")
    db.execute_sql("CREATE INDEX attempt_by_named_id ON attempt (named_id) WHERE named_id <> ''")
    db.execute_sql("CREATE INDEX ledger_by_gateway_ref ON ledger (gateway_ref)")
