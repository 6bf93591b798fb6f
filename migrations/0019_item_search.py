"""Items know their customer, so that the texts of a customer's items are read from one index."""


def up(migrator, db):
    # Not through the migrator: it would rebuild the whole table, which may have millions of rows.
    db.execute_sql(
        "ALTER TABLE invoice_line ADD COLUMN customer_id INTEGER REFERENCES customer (id) ON DELETE RESTRICT"
    )
    db.execute_sql("UPDATE invoice_line SET customer_id = (SELECT customer_id FROM invoice i WHERE i.id = invoice_id)")
    db.execute_sql("CREATE INDEX invoice_line_search ON invoice_line (customer_id, description, invoice_id)")
    db.execute_sql(
        "CREATE TRIGGER invoice_line_customer AFTER INSERT ON invoice_line WHEN NEW.customer_id IS NULL"
        " BEGIN UPDATE invoice_line SET customer_id ="
        " (SELECT customer_id FROM invoice WHERE id = NEW.invoice_id) WHERE id = NEW.id; END"
    )
