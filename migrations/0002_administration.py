"""The administrator's side: preferences, custom roles, second factors, the first run, viewing as a customer."""

from peewee import *


def up(migrator, db):
    class Base(Model):
        class Meta:
            database = db
            legacy_table_names = False

    class Role(Base):
        pass

    class Customer(Base):
        pass

    class User(Base):
        class Meta:
            table_name = "user_account"

    class CompanyLogo(Base):
        media_type = CharField()
        content = BlobField()

    class RecoveryCode(Base):
        user = ForeignKeyField(User, on_delete="CASCADE")
        code_hash = CharField(unique=True)
        used_ms = BigIntegerField(null=True)

    class FirstRun(Base):
        token_hash = CharField()
        created_ms = BigIntegerField()
        closed_ms = BigIntegerField(null=True)

    db.create_tables([CompanyLogo, RecoveryCode, FirstRun], safe=False)
    role, viewing = (
        ForeignKeyField(Role, field=Role.id, null=True, on_delete="SET NULL"),
        ForeignKeyField(Customer, field=Customer.id, null=True, on_delete="CASCADE"),
    )
    migrator.migrate(
        migrator.add_column("company", "password_policy", CharField(default="strong")),
        migrator.add_column("company", "welcome_message", TextField(default="")),
        migrator.add_column("company", "default_role_id", role),
        migrator.add_column("company", "minimum_payment", CharField(default="")),
        migrator.add_column("company", "currencies", CharField(default="")),
        migrator.add_column("company", "logo_hash", CharField(default="")),
        migrator.add_column("company", "view_only", BooleanField(default=False)),
        migrator.add_column("role", "can_manage", BooleanField(default=False)),
        migrator.add_column("role", "is_custom", BooleanField(default=False)),
        migrator.add_column("customer", "version", IntegerField(default=1)),
        migrator.add_column("customer", "access_state", IntegerField(default=0)),
        migrator.add_column("user_account", "totp_secret", CharField(null=True)),
        migrator.add_column("user_account", "totp_confirmed_ms", BigIntegerField(null=True)),
        migrator.add_column("user_account", "totp_last_step", BigIntegerField(null=True)),
        migrator.add_column("session", "viewing_id", viewing),
        migrator.add_column("session", "second_factor", BooleanField(default=False)),
    )
    migrator.migrate(migrator.add_index("audit", ("event",)))
    db.execute_sql("CREATE INDEX invoice_number ON invoice (number)")
    keep_access_state(db)


# 0: nobody has access. 1: somebody has, and nobody of them has logged in. 2: somebody has logged in.
ACCESS_STATE = """coalesce((SELECT max(CASE WHEN u.last_login_ms IS NULL THEN 1 ELSE 2 END) FROM access a
    JOIN user_account u ON u.id = a.user_id WHERE a.customer_id = customer.id AND a.given), 0)"""


def keep_access_state(db):
    """The list of customers walks along customer.access_state; triggers keep it true, whoever changes what."""
    db.execute_sql("CREATE INDEX customer_by_name ON customer (name COLLATE NOCASE, id)")
    db.execute_sql("CREATE INDEX customer_by_state ON customer (access_state, name COLLATE NOCASE, id)")
    db.execute_sql("CREATE INDEX customer_search ON customer ((name || ' ' || number || ' ' || email))")
    update = f"UPDATE customer SET access_state = {ACCESS_STATE} WHERE id"
    for event, changed in (("INSERT", "NEW"), ("UPDATE", "NEW"), ("DELETE", "OLD")):
        db.execute_sql(
            f"CREATE TRIGGER access_state_{event.lower()} AFTER {event} ON access"
            f" BEGIN {update} = {changed}.customer_id; END"
        )
    db.execute_sql(
        "CREATE TRIGGER access_state_login AFTER UPDATE OF last_login_ms ON user_account"
        " WHEN (OLD.last_login_ms IS NULL) <> (NEW.last_login_ms IS NULL)"
        f" BEGIN {update} IN (SELECT customer_id FROM access WHERE user_id = NEW.id); END"
    )
    db.execute_sql(f"UPDATE customer SET access_state = {ACCESS_STATE}")
