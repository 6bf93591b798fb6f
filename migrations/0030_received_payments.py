"""Payments that an administrator records, and an index for the list of all payments received."""


def up(migrator, db):
    db.execute_sql("""
        CREATE TABLE received_payment (
            id INTEGER NOT NULL PRIMARY KEY,
            public_id VARCHAR(255) NOT NULL,
            customer_id INTEGER NOT NULL REFERENCES customer (id) ON DELETE RESTRICT,
            received_on DATE NOT NULL,
            method VARCHAR(255) NOT NULL,
            reference VARCHAR(255) NOT NULL,
            currency VARCHAR(3) NOT NULL,
            amount_minor INTEGER NOT NULL,
            actor VARCHAR(255) NOT NULL,
            recorded_ms INTEGER NOT NULL,
            version INTEGER NOT NULL,
            CHECK (amount_minor > 0),
            CHECK (method IN ('check', 'transfer', 'cash', 'other'))
        )""")
    db.execute_sql("CREATE UNIQUE INDEX received_payment_public_id ON received_payment (public_id)")
    db.execute_sql("CREATE INDEX received_payment_customer_id ON received_payment (customer_id)")
    db.execute_sql("CREATE INDEX received_payment_received_on_id ON received_payment (received_on, id)")
    db.execute_sql(
        "ALTER TABLE payment_elsewhere ADD COLUMN received_payment_id INTEGER"
        " REFERENCES received_payment (id) ON DELETE RESTRICT"
    )
    db.execute_sql("CREATE INDEX payment_elsewhere_received_payment_id ON payment_elsewhere (received_payment_id)")
    db.execute_sql(
        "CREATE INDEX payment_elsewhere_by_day ON payment_elsewhere (listed_on, id) WHERE received_payment_id IS NULL"
    )
    db.execute_sql("CREATE INDEX attempt_by_decision ON attempt (decided_ms, id) WHERE state = 'approved'")
