"""Errors among the staged documents, except those about amounts paid here (see portal_payments)."""

from collections.abc import Iterator

from app.extensions import db
from app.imports.portal_payments import PAID_IN_PORTAL, UNDER_WAY
from app.imports.staged_invoices import BOOKS, IDS, KEY, SAME_KEY
from app.imports.staging import execute, names

NUMBERED = "length(d.customer_number) || ' ' || d.customer_number || d.number"  # no two pairs are written the same


def id_conflicts() -> Iterator[tuple[int, str, str, str]]:
    """(row, field, id, what is wrong) of documents whose ids contradict the file or the portal. Call it after
    resolve, for a file with ids."""
    for name in IDS:
        twice = execute(f"""
            SELECT MAX(d.row), d.{name} FROM staged_document d WHERE d.{name} <> ''
            GROUP BY d.kind, d.{name} HAVING COUNT(DISTINCT {NUMBERED}) > 1""")
        yield from ((row, name, text, "is the id of two documents in the file") for row, text in twice)
        moved = execute(f"""
            SELECT MIN(d.row), d.{name} FROM staged_document d JOIN known_id k ON k.{name} = d.{name}
            WHERE d.{name} <> '' AND k.kind = d.kind AND k.customer_id <> d.customer_id GROUP BY d.{name}""")
        yield from ((row, name, text, "is the id of another customer's document here") for row, text in moved)
    taken = execute(f"""
        SELECT d.row, CASE WHEN d.internal_id <> '' THEN d.internal_id ELSE d.external_id END FROM staged_document d
        JOIN invoice i ON {SAME_KEY} WHERE d.invoice_id <> i.id ORDER BY d.row""")
    yield from ((row, "number", text, "has the number of another document here") for row, text in taken)
    shared = execute("""
        SELECT MAX(d.row), MAX(CASE WHEN d.internal_id <> '' THEN d.internal_id ELSE d.external_id END)
        FROM staged_document d WHERE d.invoice_id IS NOT NULL
        GROUP BY d.invoice_id HAVING COUNT(DISTINCT d.number) > 1""")
    yield from ((row, "number", text, "is a document that comes again with another number") for row, text in shared)


def contradictions() -> Iterator[tuple[int, str, int, str]]:
    """(row, number, first row, column) of documents that occur again with other values."""
    shared = f"SELECT {names(KEY)}, MIN(seq) AS seq FROM staged_document GROUP BY {names(KEY)} HAVING COUNT(*) > 1"
    pairs = execute(f"""
        SELECT d.row, d.number, f.row, {names(BOOKS, "d.")}, {names(BOOKS, "f.")}
        FROM ({shared}) g
        JOIN staged_document f ON f.seq = g.seq
        JOIN staged_document d ON d.customer_id = g.customer_id AND d.kind = g.kind
            AND d.number = g.number AND d.seq > g.seq
        WHERE ({names(BOOKS, "d.")}) <> ({names(BOOKS, "f.")}) ORDER BY d.seq""")
    for row, number, first, *values in pairs:
        here, there = values[: len(BOOKS)], values[len(BOOKS) :]
        yield row, number, first, next(b for b, x, y in zip(BOOKS, here, there, strict=True) if x != y)


def other_currencies():
    """(row, number, currency here) of invoices whose currency would change after customers paid toward them."""
    return _with_known("i.currency", f"{PAID_IN_PORTAL} > 0 AND i.currency <> d.currency")


def paid_but_void():
    """(row, number, minor units under way) of void documents that customers have paid toward here."""
    return execute(
        f"SELECT d.row, d.number, {UNDER_WAY} FROM staged_void d JOIN invoice i ON {SAME_KEY}"
        f" WHERE {PAID_IN_PORTAL} > 0 ORDER BY d.row"
    )


def _with_known(what: str, where: str):
    return execute(
        f"SELECT d.row, d.number, {what} FROM staged_document d"
        f" JOIN invoice i ON i.id = d.invoice_id WHERE {where} ORDER BY d.seq"
    )


def lines_off():
    """(row, number, currency, total, tax, sum of lines, number of lines) of documents whose lines don't add up to
    the total, with or without tax. Rounding may lose one minor unit per line. Call it after fold_repeats."""
    return _lines_off("d.tax_minor", f"{db.ordered_join} staged_line l ON l.seq = d.seq", "TRUE", "d.seq")


def known_lines_off(*, with_tax: bool):
    """The same for documents whose total or tax would change while their lines here stay. `with_tax`: the file has a
    column for tax."""
    tax = "d.tax_minor" if with_tax else "i.tax_minor"
    lines = "JOIN invoice i ON i.id = d.invoice_id JOIN invoice_line l ON l.invoice_id = i.id"
    return _lines_off(tax, lines, f"(d.total_minor, {tax}) <> (i.total_minor, i.tax_minor)", "d.seq, i.id")


def _lines_off(tax: str, lines: str, where: str, group: str):
    off = "max({} - d.total_minor, d.total_minor - ({})) > COUNT(*)"
    total = "SUM(l.amount_minor)"
    net, gross = (off.format(came, came) for came in (total, f"{total} + {tax}"))
    return execute(f"""
        SELECT d.row, d.number, d.currency, d.total_minor, {tax}, {total}, COUNT(*)
        FROM staged_document d {lines} WHERE {where} GROUP BY {group}
        HAVING COUNT(*) FILTER (WHERE l.amount_minor <> 0) > 0 AND {net} AND {gross} ORDER BY d.seq""")
