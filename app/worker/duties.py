"""The worker's duties. Their queues are rows of the database."""

import logging
import threading
import time

from app.clock import is_due, to_ms, today
from app.imports import runs
from app.imports.context import ImportContext
from app.mail.alerts import queue_alerts, queue_failures
from app.mail.bounces import read_bounces
from app.mail.delivery import deliver_due
from app.mail.mailbox import MailboxUnreachable
from app.mail.transport import Transport
from app.models import Attempt, Audit, BounceMailbox, Company, Customer, ImportRun, Session, WorkerProcess
from app.models.import_row import forget_old_imports
from app.notices import invoice_mail, statement_mail
from app.payments import reconciliation, settlement
from app.payments.after_restore import compare_restored
from app.payments.cashier import Cashier
from app.payments.gateway.protocol import GatewayUnreachable
from app.storage.markers import marker_of
from app.worker.schedule import Schedule, Task
from app.worker.secret_keys import encrypt_again

logger = logging.getLogger(__name__)
DAY_MS = 24 * 3_600_000
INDEXING_SECONDS = 0.5  # in each second
AUDIT_LATE_MS = 2 * DAY_MS
# (interval in seconds, method, label)
DUTIES = (
    (1, "deliver_mail", "Send email"),
    (1, "import_files", "Read and import uploaded files"),
    (1, "index_texts", "Index texts for the search"),
    (5, "handle_webhooks", "Process notifications from Braintree"),
    (10, "poll_settlements", "Check for settlements"),
    (15, "reconcile", "Look up undecided payments"),
    (20, "compare_restored", "Compare payments after a restore"),
    (20, "mark_database", "Note the state of the database, to detect a restore"),
    (30, "alert", "Alert administrators"),
    (120, "read_bounces", "Read bounced email"),
    (300, "email_invoices", "Email invoices and statements"),
    (600, "audit_daily", "Compare payments with Braintree daily"),
    (3600, "tidy", "Delete expired data"),
    (3600, "encrypt_again", "Encrypt again with a new secret key"),
)
SHARED = {"deliver_mail", "poll_settlements", "reconcile"}  # several workers share these, by claiming rows
LABELS = {name: label for _seconds, name, label in DUTIES}


class Worker:
    """Runs the portal's duties. Any number of workers may run, and each may be killed at any moment."""

    def __init__(self, app):
        self.database = app.extensions["database"]
        self.gateway = app.extensions["gateway"]
        self.clock = app.extensions["clock"]
        self.config = app.config["PORTAL"]
        self.import_context = ImportContext.of(app)
        self.marker = marker_of(self.config)
        self.bounces: threading.Thread | None = None
        self.imports: threading.Thread | None = None
        self.clock_jump_guard = invoice_mail.ClockJumpGuard(self.clock().date())
        self.transport = Transport.from_config(self.config)
        tasks = [Task(name, label, seconds, getattr(self, name), name in SHARED) for seconds, name, label in DUTIES]
        self.schedule = Schedule(tasks, self.database, self.clock, self.config.shared)

    def run_due(self, ticks: float) -> None:
        """Run every duty that is due at `ticks`, in seconds of a monotonic clock."""
        self.schedule.run_due(ticks)

    def cashier(self) -> Cashier:
        return Cashier(self.gateway, self.clock, self.config, Company.current())

    def deliver_mail(self):
        deliver_due(self.transport, Company.current(), self.clock())

    def handle_webhooks(self):
        settlement.handle_webhooks(self.cashier())

    def poll_settlements(self):
        settlement.poll_settlements(self.cashier())

    def reconcile(self):
        reconciliation.reconcile(self.cashier())

    def compare_restored(self):
        try:
            compare_restored(self.cashier())
        except GatewayUnreachable as error:
            logger.warning("online payment stays paused: the gateway's books can't be compared now: %s", error)

    def audit_daily(self):
        """Compare the gateway's transactions with the ledger once a day. After two days without a comparison,
        administrators get an alert."""
        now_ms = to_ms(self.clock())
        last_ms = Audit.last_ms("payment.audited", now_ms)
        if not is_due(last_ms, now_ms, DAY_MS):
            return
        try:
            alerts = settlement.audit_gateway(self.cashier())
        except GatewayUnreachable as error:
            logger.warning("the gateway's books can't be compared now: %s", error)
            since = last_ms or Attempt.first_decided_ms()
            if since is not None and now_ms - since >= AUDIT_LATE_MS:
                Audit.write_once("payment.not_audited", now_ms, "gateway", since_ms=since)
            return
        Audit.write("payment.audited", now_ms, alerts=alerts)

    def mark_database(self):
        self.marker.write(self.database, self.clock())

    def alert(self):
        company, now = Company.current(), self.clock()
        queue_alerts(company, now, self.config.portal_url)
        queue_failures(company, now, self.config.portal_url)

    def email_invoices(self):
        company, now = Company.current(), self.clock()
        if self.clock_jump_guard.may_send(today(now, company.time_zone), time.monotonic()):
            invoice_mail.queue_due(company, self.config, now)
            statement_mail.queue_due(company, self.config, now)

    def read_bounces(self):
        # In its own thread, because a slow mail server must not delay payments.
        if self.config.bounce_mailbox and not (self.bounces and self.bounces.is_alive()):
            self.bounces = threading.Thread(target=self.read_mailbox, name="bounces", daemon=True)
            self.bounces.start()

    def read_mailbox(self):
        try:
            with self.database.connection_context(), self.database.try_lock("mailbox") as has_lock:
                if has_lock:
                    BounceMailbox.note(self.read_mailbox_once(), self.clock())
        except Exception:
            logger.exception("bounces could not be read")

    def read_mailbox_once(self) -> str:
        try:
            read_bounces(self.config.bounce_mailbox, self.clock())
        except MailboxUnreachable as error:
            logger.warning("bounces can't be read: %s", error)
            return str(error)
        except Exception:
            logger.exception("bounces could not be read")
            return "an error in the portal: see the worker's log"
        return ""

    def import_files(self):
        # In its own thread, because a large file must not delay payments. If this process ends before the import does,
        # the next process continues it.
        if ImportRun.has_work() and not (self.imports and self.imports.is_alive()):
            self.imports = threading.Thread(target=self.import_waiting, name="imports", daemon=True)
            self.imports.start()

    def import_waiting(self):
        try:
            with self.database.connection_context():
                while runs.work_once(self.import_context):
                    pass
        except Exception:
            logger.exception("a file could not be imported")

    def index_texts(self):
        Customer.fill_sort_keys()  # for rows of the previous version, which may still be running
        # Not during an import, which would notice that the database changed and read its file again.
        if not (self.imports and self.imports.is_alive()):
            self.database.index_texts(INDEXING_SECONDS)

    def tidy(self):
        forget_old_imports(self.clock())
        WorkerProcess.forget_old(self.clock())
        Session.forget_old(self.clock(), self.config.session_idle, self.config.session_absolute)

    def encrypt_again(self):
        encrypt_again(self.config.keys, self.clock())
