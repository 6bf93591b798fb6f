"""What an administrator answered to an import's questions, so that the next file is read in the same way."""


def up(migrator, db):
    db.execute_sql("ALTER TABLE company ADD COLUMN payments_made_here VARCHAR(255) NOT NULL DEFAULT ''")
    db.execute_sql("ALTER TABLE invoice ADD COLUMN kept_closed INTEGER NOT NULL DEFAULT 0")
