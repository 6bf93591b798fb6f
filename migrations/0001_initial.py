"""The first schema. A frozen copy of the models, independent of the application."""

from peewee import *


def up(migrator, db):
    class Base(Model):
        class Meta:
            database = db
            legacy_table_names = False

    class Company(Base):
        name = CharField(default="")
        address = TextField(default="")
        email = CharField(default="")
        phone = CharField(default="")
        time_zone = CharField(default="UTC")
        locale = CharField(default="en_US")
        statement_descriptor = CharField(default="")
        credit_card_payments = BooleanField(default=False)
        customer_access = BooleanField(default=False)
        customers_can_pay_online = BooleanField(default=False)
        password_min_length = IntegerField(default=10)
        invitation_hours = IntegerField(default=24)

    class Role(Base):
        name = CharField(unique=True)
        can_pay = BooleanField(default=True)

    class Customer(Base):
        public_id = CharField(unique=True)
        number = CharField(unique=True)
        name = CharField(index=True)
        email = CharField(default="")
        phone = CharField(default="")
        address = TextField(default="")
        locale = CharField(default="")

    class User(Base):
        email = CharField(unique=True)
        name = CharField(default="")
        password_hash = CharField(null=True)
        must_change_password = BooleanField(default=False)
        is_administrator = BooleanField(default=False)
        created_ms = BigIntegerField()
        last_login_ms = BigIntegerField(null=True)

        class Meta:
            table_name = "user_account"

    class Access(Base):
        user = ForeignKeyField(User, on_delete="CASCADE")
        customer = ForeignKeyField(Customer, on_delete="CASCADE")
        role = ForeignKeyField(Role, on_delete="RESTRICT")
        given = BooleanField(default=True)

        class Meta:
            indexes = ((("user", "customer"), True),)

    class Session(Base):
        token_hash = CharField(unique=True)
        user = ForeignKeyField(User, on_delete="CASCADE")
        access = ForeignKeyField(Access, null=True, on_delete="CASCADE")
        created_ms = BigIntegerField()
        seen_ms = BigIntegerField()

    class Link(Base):
        token_hash = CharField(unique=True)
        user = ForeignKeyField(User, on_delete="CASCADE")
        purpose = CharField()
        created_ms = BigIntegerField()
        expires_ms = BigIntegerField()
        opened_ms = BigIntegerField(null=True)
        used_ms = BigIntegerField(null=True)

    class Throttle(Base):
        key = CharField(unique=True)
        tries = IntegerField(default=0)
        window_ms = BigIntegerField()
        locked_until_ms = BigIntegerField(default=0)

    class Invoice(Base):
        public_id = CharField(unique=True)
        customer = ForeignKeyField(Customer, index=False, on_delete="RESTRICT")
        kind = CharField(default="invoice")
        number = CharField()
        currency = CharField(max_length=3)
        issued_on = DateField()
        due_on = DateField()
        terms = CharField(default="")
        po_number = CharField(default="")
        memo = TextField(default="")
        bill_to = TextField(default="")
        total_minor = BigIntegerField()
        tax_minor = BigIntegerField(default=0)
        paid_elsewhere_minor = BigIntegerField(default=0)
        credited_minor = BigIntegerField(default=0)
        processing_minor = BigIntegerField(default=0)
        paid_online_minor = BigIntegerField(default=0)
        open_minor = BigIntegerField()
        is_paid = BooleanField(default=False)

        class Meta:
            indexes = ((("customer", "kind", "number"), True),)

    class InvoiceLine(Base):
        invoice = ForeignKeyField(Invoice, on_delete="CASCADE")
        position = IntegerField()
        description = TextField(default="")
        quantity = CharField(default="")
        unit_price = CharField(default="")
        amount_minor = BigIntegerField()

    class Attempt(Base):
        reference = CharField(unique=True)
        token = CharField(unique=True)
        order_id = CharField(unique=True)
        customer = ForeignKeyField(Customer, index=False, on_delete="RESTRICT")
        user = ForeignKeyField(User, on_delete="RESTRICT")
        amount_minor = BigIntegerField()
        currency = CharField(max_length=3)
        merchant_account = CharField(default="")
        nonce = CharField(null=True)
        device_data = TextField(null=True)
        state = CharField(default="created")
        settlement = CharField(default="")
        transaction_id = CharField(unique=True, null=True)
        card_type = CharField(default="")
        last_four = CharField(default="")
        reason = CharField(default="")
        processor_code = CharField(default="")
        processor_text = CharField(default="")
        created_ms = BigIntegerField()
        sent_ms = BigIntegerField(null=True)
        touched_ms = BigIntegerField()
        decided_ms = BigIntegerField(null=True)
        settled_ms = BigIntegerField(null=True)
        poll_ms = BigIntegerField(null=True)

        class Meta:
            indexes = ((("customer", "id"), False), (("state", "touched_ms"), False))

    class Allocation(Base):
        attempt = ForeignKeyField(Attempt, index=False, on_delete="RESTRICT")
        invoice = ForeignKeyField(Invoice, on_delete="RESTRICT")
        amount_minor = BigIntegerField()

        class Meta:
            indexes = ((("attempt", "invoice"), True),)

    class Ledger(Base):
        kind = CharField()
        gateway_ref = CharField()
        attempt = ForeignKeyField(Attempt, null=True, on_delete="RESTRICT")
        amount_minor = BigIntegerField()
        currency = CharField(max_length=3)
        at_ms = BigIntegerField()

        class Meta:
            indexes = ((("kind", "gateway_ref"), True),)

    class Webhook(Base):
        sha256 = CharField(unique=True)
        kind = CharField(default="")
        transaction_id = CharField(default="")
        payload = TextField()
        received_ms = BigIntegerField()
        handled_ms = BigIntegerField(null=True)

    class Outbox(Base):
        key = CharField(unique=True)
        recipient = CharField()
        subject = CharField()
        text = TextField()
        html = TextField()
        created_ms = BigIntegerField()
        next_try_ms = BigIntegerField(index=True)
        tries = IntegerField(default=0)
        sent_ms = BigIntegerField(null=True)
        error = TextField(default="")

    class Audit(Base):
        at_ms = BigIntegerField(index=True)
        actor = CharField(default="")
        address = CharField(default="")
        event = CharField()
        subject = CharField(default="", index=True)
        detail = TextField(default="{}")

    db.create_tables(
        [
            Company,
            Role,
            Customer,
            User,
            Access,
            Session,
            Link,
            Throttle,
            Invoice,
            InvoiceLine,
            Attempt,
            Allocation,
            Ledger,
            Webhook,
            Outbox,
            Audit,
        ],
        safe=False,
    )
    # The invoice list: an index in the order of each sort, with the dates it can be narrowed by.
    for sort, columns in (
        ("due", "due_on, number, issued_on"),
        ("issued", "issued_on, number, due_on"),
        ("number", "number, due_on, issued_on"),
        ("amount", "currency, total_minor, number, due_on, issued_on"),
    ):
        db.execute_sql(f"CREATE INDEX invoice_by_{sort} ON invoice (customer_id, kind, is_paid, {columns})")
    # Searching reads this index alone; it holds whatever a search can be narrowed or sorted by.
    db.execute_sql(
        "CREATE INDEX invoice_search ON invoice (customer_id, kind, is_paid,"
        " total_minor, open_minor, (number || ' ' || po_number || ' ' || memo), currency, due_on, issued_on, number)"
    )
    # Balances per currency, and credit that is left.
    db.execute_sql(
        "CREATE INDEX invoice_balance ON invoice (customer_id, currency, due_on, open_minor, processing_minor,"
        " kind, is_paid) WHERE kind = 'invoice' AND NOT is_paid"
    )
    db.execute_sql(
        "CREATE INDEX invoice_credit ON invoice (customer_id, currency, open_minor, kind)"
        " WHERE kind = 'credit_memo' AND open_minor > 0"
    )
    db.execute_sql("CREATE INDEX attempt_unsettled ON attempt (poll_ms) WHERE poll_ms IS NOT NULL")
    Company.insert(id=1).execute()
    Role.insert_many(
        [{"name": "Customer Center", "can_pay": True}, {"name": "Customer Center (view only)", "can_pay": False}]
    ).execute()
