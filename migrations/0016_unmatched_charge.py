"""Charges at the gateway that no payment here knows, and that wait for a person; how far a restore was compared."""


def up(migrator, db):
    db.execute_sql("""
        CREATE TABLE unmatched_charge (
            id INTEGER NOT NULL PRIMARY KEY,
            transaction_id VARCHAR(255) NOT NULL,
            order_id VARCHAR(255) NOT NULL,
            amount_minor INTEGER NOT NULL,
            currency VARCHAR(3) NOT NULL,
            card_type VARCHAR(255) NOT NULL,
            last_four VARCHAR(255) NOT NULL,
            status VARCHAR(255) NOT NULL,
            made_ms INTEGER,
            looked_ms INTEGER NOT NULL,
            state VARCHAR(255) NOT NULL,
            attempt_id INTEGER REFERENCES attempt (id) ON DELETE RESTRICT,
            decided_ms INTEGER,
            decided_by VARCHAR(255) NOT NULL,
            reason VARCHAR(255) NOT NULL,
            CHECK (amount_minor > 0),
            CHECK (state IN ('waiting', 'booked', 'set_aside', 'over')),
            CHECK ((state = 'booked') = (attempt_id IS NOT NULL))
        )""")
    db.execute_sql("CREATE UNIQUE INDEX unmatched_charge_transaction_id ON unmatched_charge (transaction_id)")
    db.execute_sql("CREATE INDEX unmatched_charge_attempt_id ON unmatched_charge (attempt_id)")
    db.execute_sql("CREATE INDEX unmatched_charge_state_id ON unmatched_charge (state, id)")
    db.execute_sql("ALTER TABLE deployment ADD COLUMN compared_ms INTEGER")
