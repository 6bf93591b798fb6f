"""Tax numbers, which receipts need, and PDF files of documents that the company made itself."""


def up(migrator, db):
    db.execute_sql("ALTER TABLE company ADD COLUMN tax_number VARCHAR(255) NOT NULL DEFAULT ''")
    db.execute_sql("ALTER TABLE customer ADD COLUMN tax_number VARCHAR(255) NOT NULL DEFAULT ''")
    db.execute_sql("""
        CREATE TABLE document_file (
            id INTEGER NOT NULL PRIMARY KEY,
            invoice_id INTEGER NOT NULL REFERENCES invoice (id) ON DELETE CASCADE,
            sha256 VARCHAR(64) NOT NULL,
            name VARCHAR(255) NOT NULL,
            size INTEGER NOT NULL,
            content BLOB NOT NULL,
            added_ms INTEGER NOT NULL,
            actor VARCHAR(255) NOT NULL
        )""")
    db.execute_sql("CREATE UNIQUE INDEX document_file_invoice_id ON document_file (invoice_id)")
