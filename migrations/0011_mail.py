"""What became of each mail: its state, what it is about, and an unguessable Message-ID that bounces name."""

import hashlib

from peewee import *

NEVER = 2**53 - 1


def up(migrator, db):
    class Base(Model):
        class Meta:
            database = db
            legacy_table_names = False

    class Customer(Base):
        pass

    class User(Base):
        class Meta:
            table_name = "user_account"

    def reference(model):
        return ForeignKeyField(model, field=model.id, null=True, on_delete="SET NULL")

    migrator.migrate(
        migrator.add_column("outbox", "message_id", CharField(default="")),
        migrator.add_column("outbox", "kind", CharField(default="")),
        migrator.add_column("outbox", "state", CharField(default="queued")),
        migrator.add_column("outbox", "ended_ms", BigIntegerField(null=True)),
        migrator.add_column("outbox", "waits", IntegerField(default=0)),
        migrator.add_column("outbox", "customer_id", reference(Customer)),
        migrator.add_column("outbox", "user_id", reference(User)),
        migrator.add_column("outbox", "repeats", BigIntegerField(null=True)),
        migrator.add_index("outbox", ("message_id",)),
        migrator.add_index("outbox", ("repeats",), True),
        migrator.add_index("outbox", ("state", "id")),
        migrator.add_index("outbox", ("recipient", "id")),
    )
    describe(db)
    keep_message_ids(db)


def describe(db):
    """State, kind, person and customer of the mail that is there."""
    db.execute_sql(
        "UPDATE outbox SET state = CASE WHEN sent_ms IS NOT NULL THEN 'sent'"
        f" WHEN next_try_ms = {NEVER} THEN 'gave_up' WHEN tries > 0 OR error <> '' THEN 'retrying' ELSE 'queued' END,"
        " kind = substr(key, 1, instr(key, ':') - 1),"
        " user_id = (SELECT u.id FROM user_account u WHERE u.email = recipient)"
    )
    db.execute_sql("UPDATE outbox SET ended_ms = created_ms WHERE state = 'gave_up'")
    db.execute_sql(f"UPDATE outbox SET next_try_ms = {NEVER} WHERE state = 'sent'")
    db.execute_sql(
        "UPDATE outbox SET kind = CASE WHEN kind = 'notification' THEN 'invitation' WHEN kind = 'link' THEN"
        " CASE (SELECT l.purpose FROM link l WHERE 'link:' || l.token_hash = key) WHEN 'reset' THEN 'reset_link'"
        " ELSE 'invitation' END ELSE 'second_factor' END"
        " WHERE kind IN ('notification', 'link', 'two_factor_on', 'two_factor_off', 'recovery_codes',"
        " 'recovery_code_used')"
    )
    db.execute_sql(
        "UPDATE outbox SET customer_id = (SELECT a.customer_id FROM attempt a WHERE a.reference ="
        " substr(outbox.key, length(outbox.kind) + 2)) WHERE kind IN ('receipt', 'taken_back')"
    )
    db.execute_sql(
        "UPDATE outbox SET customer_id = (SELECT min(a.customer_id) FROM access a WHERE a.user_id = outbox.user_id"
        " AND a.given) WHERE kind IN ('invitation', 'reset_link')"
    )


def keep_message_ids(db):
    """What may be tried again keeps the Message-ID that it had: made from its key, until now."""
    waiting = db.execute_sql("SELECT id, key FROM outbox WHERE state IN ('queued', 'retrying')").fetchall()
    for row_id, key in waiting:
        message_id = hashlib.sha256(key.encode()).hexdigest()[:32]
        db.execute_sql("UPDATE outbox SET message_id = ? WHERE id = ?", (message_id, row_id))
