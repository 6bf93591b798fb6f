"""Tables, named queries and state verbs. No Flask here: user, now and gateway are handed in."""

from app.models.access import Access
from app.models.audit import Audit
from app.models.base import db, locked, one_transaction, public_id
from app.models.column_mapping import ColumnMapping
from app.models.company import Company, CompanyLogo
from app.models.customer import Customer, Role
from app.models.deployment import Deployment
from app.models.document_file import DocumentFile
from app.models.duty import Duty, WorkerProcess
from app.models.email_template import EmailTemplate
from app.models.erasure import Erasure
from app.models.export_run import ExportLine, ExportRun
from app.models.first_run import FirstRun
from app.models.import_memory import EarlyImport, NumberSpelling
from app.models.import_row import ImportChange, ImportRow
from app.models.import_run import ImportProgress, ImportRun
from app.models.invoice import Invoice, InvoiceLine
from app.models.invoice_notice import InvoiceNotice
from app.models.ledger import Allocation, LedgerEntry
from app.models.link import Link
from app.models.mail_stop import ReminderStop, StatementStop
from app.models.outbox import BounceMailbox, OutboxMail
from app.models.passkey import Passkey, PasskeyChallenge
from app.models.payment_attempt import Attempt
from app.models.payment_elsewhere import PaymentElsewhere
from app.models.payment_link import LinkHolder, PaymentLink, PaymentLinkView
from app.models.received_payment import ReceivedPayment
from app.models.recovery_code import RecoveryCode
from app.models.session import Session
from app.models.statement_notice import StatementNotice
from app.models.throttle import Throttle
from app.models.unmatched_charge import UnmatchedCharge
from app.models.user import User
from app.models.voided_token import VoidedToken
from app.models.webhook import Webhook

# fmt: off
MODELS = (
    Company, Role, Customer, User, Access, Session, Link, Throttle, Invoice, InvoiceLine, Attempt, Allocation,
    LedgerEntry, Webhook, OutboxMail, Audit, CompanyLogo, RecoveryCode, FirstRun, PaymentElsewhere, NumberSpelling,
    Deployment, BounceMailbox, VoidedToken, UnmatchedCharge, EarlyImport, ImportRun, ImportRow, ImportChange,
    ImportProgress, ColumnMapping, DocumentFile,
    ExportRun, ExportLine, ReceivedPayment,
    PaymentLink, PaymentLinkView, InvoiceNotice, ReminderStop, EmailTemplate,
    StatementNotice, StatementStop, Duty, WorkerProcess, Erasure, Passkey, PasskeyChallenge,
)

__all__ = [
    "MODELS", "Access", "Allocation", "Attempt", "Audit", "BounceMailbox", "ColumnMapping", "Company", "CompanyLogo",
    "Customer", "Deployment", "DocumentFile", "Duty", "EarlyImport", "EmailTemplate", "Erasure", "ExportLine",
    "ExportRun", "FirstRun", "ImportChange", "ImportProgress", "ImportRow", "ImportRun", "Invoice", "InvoiceLine",
    "InvoiceNotice",
    "LedgerEntry", "Link", "LinkHolder", "NumberSpelling", "OutboxMail", "Passkey",
    "PasskeyChallenge", "PaymentElsewhere", "PaymentLink",
    "PaymentLinkView",
    "ReceivedPayment", "RecoveryCode", "ReminderStop", "Role", "Session", "StatementNotice", "StatementStop",
    "Throttle", "UnmatchedCharge", "User", "VoidedToken", "Webhook", "WorkerProcess", "db", "locked",
    "one_transaction", "public_id",
]
# fmt: on
