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
        migrator.add_column("role", "can_manage", BooleanField(default=False)),
        migrator.add_column("role", "is_custom", BooleanField(default=False)),
        migrator.add_column("customer", "version", IntegerField(default=1)),
        migrator.add_column("user_account", "totp_secret", CharField(null=True)),
        migrator.add_column("user_account", "totp_confirmed_ms", BigIntegerField(null=True)),
        migrator.add_column("user_account", "totp_last_step", BigIntegerField(null=True)),
        migrator.add_column("session", "viewing_id", viewing),
        migrator.add_column("session", "second_factor", BooleanField(default=False)),
    )
