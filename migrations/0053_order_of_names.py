"""Customers in the order of names: a key that `app/sort_keys.py` makes, empty until the portal has filled it in.

The release before writes names without it, which a trigger notices.
"""

from peewee import PostgresqlDatabase

IS_STALE = "NEW.name <> OLD.name AND NEW.sort_key = OLD.sort_key"
ON_SQLITE = (
    "ALTER TABLE customer ADD COLUMN sort_key VARCHAR(255) NOT NULL DEFAULT ''",
    f"""CREATE TRIGGER customer_renamed AFTER UPDATE OF name ON customer WHEN {IS_STALE}
    BEGIN UPDATE customer SET sort_key = '' WHERE id = NEW.id; END""",
)
ON_SERVER = (
    """ALTER TABLE customer ADD COLUMN sort_key text COLLATE "C" NOT NULL DEFAULT ''""",
    """CREATE FUNCTION drop_sort_key() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN NEW.sort_key := ''; RETURN NEW; END $$""",
    f"""CREATE TRIGGER customer_renamed BEFORE UPDATE OF name ON customer FOR EACH ROW WHEN ({IS_STALE})
    EXECUTE FUNCTION drop_sort_key()""",
)
INDEXES = (
    "CREATE INDEX customer_by_sort_key ON customer (sort_key, id)",
    "CREATE INDEX customer_by_state_and_sort_key ON customer (access_state, sort_key, id)",
)


def up(migrator, db):
    for statement in (*(ON_SERVER if isinstance(db, PostgresqlDatabase) else ON_SQLITE), *INDEXES):
        db.execute_sql(statement)
