"""What PostgreSQL looks up for a search: items without their commas, numbers without the signs between their parts, and
amounts.

`text_search` has the same expressions.
"""

from peewee import PostgresqlDatabase

SIGNS = " -/.#_:"


def without_signs(column: str) -> str:
    for sign in SIGNS:
        column = f"replace({column}, '{sign}', '')"
    return column


def up(migrator, db):
    if isinstance(db, PostgresqlDatabase):
        keys = f"{without_signs('number')} || ' ' || {without_signs('po_number')}"
        for name, table, text in (
            ("invoice_line_bare_search", "invoice_line", "replace(description, ',', '')"),
            ("invoice_key_search", "invoice", keys),
        ):
            db.execute_sql(f"CREATE INDEX {name} ON {table} USING gin (customer_id, ({text}) gin_trgm_ops)")
        db.execute_sql("CREATE INDEX invoice_amount ON invoice (customer_id, total_minor)")
        db.execute_sql("CREATE INDEX invoice_open_amount ON invoice (customer_id, open_minor) WHERE NOT is_paid")
