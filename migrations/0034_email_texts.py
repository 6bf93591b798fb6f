"""Texts of emails that administrators changed."""


def up(migrator, db):
    db.execute_sql(
        """
        CREATE TABLE email_template (
            id INTEGER NOT NULL PRIMARY KEY,
            kind VARCHAR(255) NOT NULL,
            subject VARCHAR(255) NOT NULL,
            opening TEXT NOT NULL,
            closing TEXT NOT NULL
        )
        """
    )
    db.execute_sql("CREATE UNIQUE INDEX email_template_kind ON email_template (kind)")
