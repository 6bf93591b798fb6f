"""On PostgreSQL the change log has triggers on every table that an import writes."""

from peewee import PostgresqlDatabase


def up(migrator, db):
    if isinstance(db, PostgresqlDatabase):
        for table in ("access", "received_payment"):
            db.execute_sql(
                f"CREATE TRIGGER log_change AFTER INSERT OR UPDATE OR DELETE ON {table} FOR EACH ROW"
                " WHEN (current_setting('portal.log_changes', TRUE) = 'on') EXECUTE FUNCTION log_change()"
            )
