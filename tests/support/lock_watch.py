"""Checks in every transaction of every test on PostgreSQL that invoices are locked before their sums are changed.

Triggers in the tests' databases check that the transaction has locked the invoice of each changed row. The locks are
read from the portal's statements, which peewee logs before it runs them. SERIALIZABLE hides a missing lock, because the
database refuses what would go wrong without it. Statements by tests themselves aren't checked.
"""

import os
import re
import sys
import threading
from contextlib import AbstractContextManager, suppress
from weakref import WeakSet

import psycopg
from peewee import PeeweeException

from app.config import ROOT
from app.database import is_postgres
from app.extensions import db
from tests.support.statements import listening

WATCHED, OFF = ",", "off"  # the setting watch.locks; of a transaction, with the ids of the invoices that it has locked
APP = f"{ROOT}{os.sep}app{os.sep}"
TESTS = f"{ROOT}{os.sep}tests{os.sep}"
BETWEEN_TRANSACTIONS = (f"{APP}database{os.sep}", f"{TESTS}support{os.sep}statements.py", __file__)
BETWEEN_STATEMENTS = (*BETWEEN_TRANSACTIONS, f"{APP}models{os.sep}")
WRITE = re.compile(r"\s*(INSERT|UPDATE|DELETE)\b", re.IGNORECASE)
READ = re.compile(r"\s*(SELECT|WITH)\b", re.IGNORECASE)
IN_ORDER = re.compile(
    r'SELECT "t1"."id" FROM "invoice" AS "t1" WHERE (\("t1"."id" IN \([^)]*\)\)|\(0 = 1\))'
    r' ORDER BY "t1"."id" FOR UPDATE'
)
ROWS_IN_ORDER = re.compile(r"SELECT id FROM invoice WHERE (.+) ORDER BY id FOR UPDATE", re.DOTALL)
SUM = re.compile(r"\b(open|processing|paid_online|credited|paid_elsewhere)_minor\b")

TRIGGERS = """
CREATE FUNCTION watch_lock(invoice_id bigint, what text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE locks text := current_setting('watch.locks', true);
BEGIN
    IF coalesce(locks, 'off') IN ('', 'off') OR strpos(locks, ',' || invoice_id || ',') > 0 THEN RETURN; END IF;
    -- A version of the row that this transaction wrote is its own until it ends.
    PERFORM 1 FROM invoice i WHERE i.id = invoice_id
        AND i.xmin::text::bigint >= pg_current_xact_id()::text::bigint % 4294967296;
    IF FOUND THEN RETURN; END IF;
    RAISE WARNING 'not locked: invoice %, %', invoice_id, what;
    RAISE EXCEPTION 'not locked: invoice %, %', invoice_id, what;
END $$;

CREATE FUNCTION watch_part() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP <> 'INSERT' THEN PERFORM watch_lock(OLD.invoice_id, TG_OP || ' ' || TG_TABLE_NAME); END IF;
    IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
    PERFORM watch_lock(NEW.invoice_id, TG_OP || ' ' || TG_TABLE_NAME);
    RETURN NEW;
END $$;
CREATE TRIGGER a_watch BEFORE INSERT OR UPDATE OR DELETE ON allocation FOR EACH ROW EXECUTE FUNCTION watch_part();
CREATE TRIGGER a_watch BEFORE INSERT OR DELETE OR UPDATE OF amount_minor, invoice_id ON payment_elsewhere
    FOR EACH ROW EXECUTE FUNCTION watch_part();
CREATE TRIGGER a_watch BEFORE INSERT OR UPDATE OR DELETE ON early_import FOR EACH ROW EXECUTE FUNCTION watch_part();

CREATE FUNCTION watch_attempt() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM watch_lock(l.invoice_id, 'UPDATE attempt') FROM allocation l WHERE l.attempt_id = NEW.id;
    RETURN NEW;
END $$;
CREATE TRIGGER a_watch BEFORE UPDATE ON attempt FOR EACH ROW
    WHEN ((OLD.state, OLD.settlement, OLD.amount_minor) IS DISTINCT FROM (NEW.state, NEW.settlement, NEW.amount_minor))
    EXECUTE FUNCTION watch_attempt();

CREATE FUNCTION watch_ledger() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM watch_lock(l.invoice_id, 'INSERT ledger') FROM allocation l WHERE l.attempt_id = NEW.attempt_id;
    RETURN NEW;
END $$;
CREATE TRIGGER a_watch BEFORE INSERT ON ledger FOR EACH ROW WHEN (NEW.kind NOT IN ('unapplied', 'unapplied_returned'))
    EXECUTE FUNCTION watch_ledger();

CREATE FUNCTION watch_invoice() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM watch_lock(OLD.id, TG_OP || ' invoice');
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END $$;
CREATE TRIGGER a_watch BEFORE UPDATE ON invoice FOR EACH ROW
    WHEN ((OLD.total_minor, OLD.paid_elsewhere_minor, OLD.credited_minor, OLD.processing_minor, OLD.paid_online_minor,
        OLD.open_minor, OLD.is_paid, OLD.is_void, OLD.paid_in_books_minor, OLD.credited_in_books_minor,
        OLD.paid_beyond_minor, OLD.credited_beyond_minor, OLD.currency, OLD.customer_id)
    IS DISTINCT FROM
       (NEW.total_minor, NEW.paid_elsewhere_minor, NEW.credited_minor, NEW.processing_minor, NEW.paid_online_minor,
        NEW.open_minor, NEW.is_paid, NEW.is_void, NEW.paid_in_books_minor, NEW.credited_in_books_minor,
        NEW.paid_beyond_minor, NEW.credited_beyond_minor, NEW.currency, NEW.customer_id))
    EXECUTE FUNCTION watch_invoice();
CREATE TRIGGER a_watch_delete BEFORE DELETE ON invoice FOR EACH ROW EXECUTE FUNCTION watch_invoice();
"""


class Current(threading.local):
    """This thread's transaction, and the sums that it read without having locked any invoice."""

    transaction: object = None
    is_watched = False
    has_locked = False
    read = ""


class Watch:
    """`found` are the violations."""

    def __init__(self):
        self.found: list[str] = []
        self.process, self.is_off = os.getpid(), False
        self.heard_by: WeakSet[psycopg.Connection] = WeakSet()
        self.current = Current()

    def listening(self) -> AbstractContextManager[None]:
        return listening(self.see)

    def see(self, sql: str, parameters) -> None:
        if self.is_off or not db.obj or not is_postgres(str(db.database)) or executing() is not db.obj:
            return
        with suppress(PeeweeException, psycopg.Error):  # the statement itself will say so
            if db.in_transaction():
                self.see_in_transaction(sql, parameters, db.connection())
            elif WRITE.match(sql):
                self.set_mode(db.connection(), "SESSION", is_of_portal(BETWEEN_STATEMENTS))

    def set_mode(self, connection, scope: str, is_watched: bool) -> None:
        if connection not in self.heard_by:
            self.heard_by.add(connection)
            connection.add_notice_handler(lambda notice: self.record_notice(notice.message_primary))
        connection.execute(f"SET {scope} watch.locks = '{WATCHED if is_watched else OFF}'")

    def see_in_transaction(self, sql, parameters, connection) -> None:
        current = self.current
        if current.transaction is not db.top_transaction():
            current.transaction, current.has_locked, current.read = db.top_transaction(), False, ""
            current.is_watched = is_of_portal(BETWEEN_TRANSACTIONS)
            self.set_mode(connection, "LOCAL", current.is_watched)
        if not current.is_watched:
            return
        if (locked := self.locked_by(sql, parameters, connection)) is not None:
            if current.read and locked and not current.has_locked:
                self.record_notice(f"not locked: read before the lock: {current.read}")
            current.has_locked |= bool(locked)
            ids = "".join(f"{one}," for one in locked)
            connection.execute("SELECT set_config('watch.locks', current_setting('watch.locks') || %s, TRUE)", (ids,))
        elif "invoice" in sql and READ.match(sql) and SUM.search(sql):
            current.read = current.read or sql

    @staticmethod
    def locked_by(sql, parameters, connection) -> list[int] | None:
        """Ids of the invoices that the statement locks in order; None if it locks none."""
        if IN_ORDER.fullmatch(sql):
            return parameters
        if rows := ROWS_IN_ORDER.fullmatch(sql):
            return [row[0] for row in connection.execute(f"SELECT id FROM invoice WHERE {rows[1]}", parameters)]
        return None

    def record_notice(self, message: str | None) -> None:
        if message and message.startswith("not locked"):
            self.found.append(message)
            if os.getpid() != self.process:  # its parent sees how it ended
                sys.stderr.write(f"{message}\n")
                os._exit(3)

    def check(self) -> None:
        found, self.found = self.found, []
        assert not found, "\n".join(found)


def is_of_portal(between: tuple[str, ...]) -> bool:
    """True if the portal's code runs this statement, and not a test itself. `between` are files that both use."""
    frame = sys._getframe()
    while frame := frame.f_back:
        name = frame.f_code.co_filename
        if name.startswith((APP, TESTS)) and not name.startswith(between):
            return name.startswith(APP)
    return False


def executing():
    """The database that is about to run a statement; a test may use several."""
    frame = sys._getframe()
    while frame := frame.f_back:
        if frame.f_code.co_name == "execute_sql":
            return frame.f_locals["self"]
    return None


WATCH = Watch()


def watch(url: str) -> None:
    """Watch this database, which must not be in use yet, and its copies, for writes by this process and its
    children."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(TRIGGERS)
