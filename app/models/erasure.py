"""Replacing a person's name and addresses with a pseudonym, wherever they are stored."""

import re
from datetime import datetime

from peewee import CharField, fn

from app.clock import to_ms
from app.models.access import Access
from app.models.base import BaseModel, db
from app.models.document_file import DocumentFile
from app.models.export_run import ExportLine, ExportRun
from app.models.import_run import ImportRun
from app.models.link import Link
from app.models.mail_stop import ReminderStop, StatementStop
from app.models.outbox import OutboxMail
from app.models.passkey import Passkey
from app.models.payment_attempt import Attempt
from app.models.payment_link import PaymentLink
from app.models.received_payment import ReceivedPayment
from app.models.recovery_code import RecoveryCode
from app.models.session import Session
from app.models.throttle import Throttle
from app.models.unmatched_charge import UnmatchedCharge
from app.models.user import User

ERASED = "Erased"  # the subject of an email
# Columns that contain a person's address: who did something, or who received it. They also hold administrators'
# addresses, after they stopped being administrators.
ADDRESSES = (
    Access.invited_by,
    Attempt.payer_email,
    DocumentFile.actor,
    ExportLine.confirmed_by,
    ExportRun.actor,
    ImportRun.actor,
    PaymentLink.actor,
    PaymentLink.recipient,
    ReceivedPayment.actor,
    UnmatchedCharge.decided_by,
)
# The audit trail's trigger allows exactly this change: migrations/0046_erasure.py.
IN_AUDIT = """UPDATE audit SET
    subject = CASE WHEN subject = 'user:' || :was THEN 'user:' || :pseudonym ELSE subject END,
    actor = CASE WHEN actor = :was THEN :pseudonym ELSE actor END,
    address = CASE WHEN actor = :was OR (actor = '' AND subject = 'user:' || :was) THEN '' ELSE address END,
    detail = CASE WHEN subject = 'user:' || :was AND event = 'renamed' THEN '{}'
        WHEN subject = 'user:' || :was THEN replace(detail, :was, :pseudonym)
        ELSE replace(detail, '"' || :was || '"', '"' || :pseudonym || '"') END
    WHERE subject = 'user:' || :was OR actor = :was OR replace(detail, '"' || :was || '"', '') <> detail"""


class Erasure(BaseModel):
    """While this table has a row for a person, the database allows pseudonymizing that person's lines of the audit
    trail. It refuses every other change of the audit trail."""

    was = CharField()
    pseudonym = CharField()

    class Meta:
        table_name = "erasure"

    @classmethod
    def pseudonymize_audit(cls, was: str, pseudonym: str) -> None:
        row = cls.create(was=was, pseudonym=pseudonym)
        db.execute_sql(IN_AUDIT, {"was": was, "pseudonym": pseudonym})
        row.delete_instance()


def undecided_payments(user: User) -> int:
    """Number of this person's payments that Braintree has not decided yet."""
    theirs = (Attempt.user == user) | (Attempt.payer_email == user.email)
    return Attempt.select().where(theirs, Attempt.state.in_((Attempt.CREATED, Attempt.SENT))).count()


def pseudonymize(user: User, pseudonym: str, now: datetime) -> None:
    """Call it inside the caller's transaction, after everything else that writes the person's address."""
    was = user.email
    erase_mail(user, pseudonym, now)
    for stops in (ReminderStop, StatementStop):
        stops.delete().where(stops.email == was).execute()
    for table in (Session, RecoveryCode, Passkey, Link, Access):
        table.delete().where(table.user == user).execute()
    Throttle.clear(Throttle.account(was))
    erase_imports(was, pseudonym)
    for column in ADDRESSES:
        column.model.update({column: pseudonym}).where(column == was).execute()
    nothing = {"name": "", "password_hash": None, "totp_secret": None, "totp_confirmed_ms": None, "last_login_ms": None}
    User.update(email=pseudonym, **nothing).where(User.id == user.id).execute()
    Erasure.pseudonymize_audit(was, pseudonym)


def erase_imports(was: str, pseudonym: str) -> None:
    """Erase who applied a file and from which address. The content of the file stays until it is forgotten."""
    applied, applied_by = f'"applied_by": "{was}"', f'"applied_by": "{pseudonym}"'
    result = fn.REPLACE(ImportRun.result, applied, applied_by)
    ImportRun.update(result=result).where(ImportRun.result.contains(applied)).execute()
    ImportRun.update(address="").where(ImportRun.actor == was).execute()


def erase_mail(user: User, pseudonym: str, now: datetime) -> None:
    """Erase the content of emails to this person, and the person's address in emails to others."""
    was = user.email
    theirs = (OutboxMail.user == user) | (OutboxMail.recipient == was)
    waiting = OutboxMail.state.in_(OutboxMail.WAITING)
    canceled = {"state": OutboxMail.CANCELED, "next_try_ms": OutboxMail.NEVER, "ended_ms": to_ms(now)}
    OutboxMail.update(canceled).where(theirs, waiting).execute()
    erased = {"recipient": pseudonym, "subject": ERASED, "text": "", "html": "", "error": ""}
    OutboxMail.update(erased).where(theirs).execute()
    address = re.compile(rf"(?<![\w.+-]){re.escape(was)}(?![\w-])", re.IGNORECASE)
    names = (OutboxMail.subject, OutboxMail.text, OutboxMail.html, OutboxMail.error)
    for mail in OutboxMail.select().where(OutboxMail.text.contains(was) | OutboxMail.error.contains(was)):
        texts = {field.name: address.sub(pseudonym, getattr(mail, field.name)) for field in names}
        OutboxMail.update(texts).where(OutboxMail.id == mail.id).execute()
