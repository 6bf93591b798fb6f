"""SQLite's trigram index of documents: which of a customer's documents may contain a text.

Triggers of migration 0047 add changed documents to `text_index_pending`. Until `index_some` has indexed them, the index
has their old texts, and a search reads them from the documents themselves. PostgreSQL has trigram indexes of its own.
"""

import re

PREFIX = "text_index"  # of the index's tables; no other row of the portal depends on them
SCOPE_FIRST, SCOPE_SIGNS = 0xE000, 6400  # the code points for private use
TRIGRAM = 3
SEPARATORS = " -/.#_:"  # in numbers
KEY = "replace(" * len(SEPARATORS) + "{0}" + "".join(f", '{sign}', '')" for sign in SEPARATORS)
SCOPE = ", ".join(f"{SCOPE_FIRST} + i.customer_id / {SCOPE_SIGNS**place} % {SCOPE_SIGNS}" for place in range(TRIGRAM))
KEYS = f"char({SCOPE}) || char(10) || {KEY.format('i.number')} || char(10) || {KEY.format('i.po_number')}"
LINES = """(SELECT group_concat(l.description || char(10) || replace(l.description, ',', ''), char(10))
    FROM invoice_line l WHERE l.invoice_id = i.id)"""
BODY = f"i.number || ' ' || i.po_number || ' ' || i.memo || char(10) || coalesce({LINES}, '')"
WANTED = "(SELECT value FROM json_each(:ids))"


def can_be_searched(text: str) -> bool:
    return len(text) >= TRIGRAM


def expression(customer_id: int, *texts: str) -> str:
    """The MATCH expression for the customer's documents that may contain one of the texts. All texts must pass
    `can_be_searched`."""
    scope = "".join(chr(SCOPE_FIRST + customer_id // SCOPE_SIGNS**place % SCOPE_SIGNS) for place in range(TRIGRAM))
    either = " OR ".join(f"({' AND '.join(map(quoted, trigrams(text)))})" for text in texts)
    return f"{quoted(scope)} AND ({either})"


def trigrams(text: str) -> list[str]:
    return list(dict.fromkeys(text[at : at + TRIGRAM] for at in range(len(text) - TRIGRAM + 1)))


def quoted(term: str) -> str:
    return '"' + term.replace('"', '""') + '"'


def key_of(text: str) -> str:
    """A number in the form of KEY."""
    return re.sub(f"[{re.escape(SEPARATORS)}]", "", text)


def mark_all_pending(database) -> None:
    """Call it after documents were added without the triggers."""
    database.execute_sql(
        "INSERT OR IGNORE INTO text_index_pending (customer_id, invoice_id) SELECT customer_id, id FROM invoice"
    )


def index_some(database, most: int) -> int:
    """Index at most `most` changed documents in a transaction of its own. Returns how many there were."""
    run = database.execute_sql
    if not run("SELECT 1 FROM text_index_pending LIMIT 1").fetchone():
        return 0
    with database.atomic():
        pending = run("SELECT customer_id, invoice_id FROM text_index_pending LIMIT ?", (most,)).fetchall()
        ids = {"ids": f"[{','.join(str(invoice_id) for _customer, invoice_id in pending)}]"}
        run(
            "INSERT INTO text_index (text_index, rowid, keys, body)"
            f" SELECT 'delete', id, keys, body FROM text_index_document WHERE id IN {WANTED}",
            ids,
        )
        run(f"DELETE FROM text_index_document WHERE id IN {WANTED}", ids)
        run(
            f"INSERT INTO text_index_document (id, keys, body) SELECT i.id, {KEYS}, {BODY} FROM invoice i"
            f" WHERE i.id IN {WANTED}",
            ids,
        )
        run(
            "INSERT INTO text_index (rowid, keys, body)"
            f" SELECT id, keys, body FROM text_index_document WHERE id IN {WANTED}",
            ids,
        )
        marks = ", ".join(["(?, ?)"] * len(pending))
        run(
            f"DELETE FROM text_index_pending WHERE (customer_id, invoice_id) IN (VALUES {marks})",
            [value for row in pending for value in row],
        )
    return len(pending)
