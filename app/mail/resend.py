"""Sending an email again. Packages register functions that write emails of their kind again; others are sent
unchanged."""

from collections.abc import Callable

from app.mail.compose import Mail
from app.mail.revision import NotSent
from app.models import Audit, OutboxMail, one_transaction
from app.models.audit import Actor

IS_QUEUED = "This email is queued already."
NOT_KEPT = "The text of this email is not kept, so it can't be sent again."
# By kind of email, a function that writes it with current data. It returns the Mail to queue, or None if it queued one
# with `repeats=mail.id` itself. It raises CannotResend or NotSent.
Writer = Callable[[OutboxMail, Actor], Mail | None]
_writers: dict[str, Writer] = {}


class CannotResend(Exception):
    """The email can't be sent again; the message says why. Nothing was written."""


def register(*kinds: str) -> Callable[[Writer], Writer]:
    def keep(writer: Writer) -> Writer:
        _writers.update(dict.fromkeys(kinds, writer))
        return writer

    return keep


def is_possible(mail: OutboxMail) -> bool:
    has_content = mail.kind in _writers or bool(mail.html)
    return mail.state != OutboxMail.QUEUED and has_content and mail.has_address


@one_transaction
def resend(mail: OutboxMail, actor: Actor) -> OutboxMail:
    """The email that is sent now: a new one, or the same one if it was waiting for another try. One transaction. Raises
    CannotResend, also for an email that was not tried yet."""
    if mail.state == OutboxMail.QUEUED:
        raise CannotResend(IS_QUEUED)
    if not mail.has_address:
        raise CannotResend(NOT_KEPT)
    if mail.state == OutboxMail.RETRYING:
        mail.retry_now(actor.now)
    elif content := written_again(mail, actor):
        OutboxMail.queue(
            key_of_copy(mail),
            mail.recipient,
            content,
            actor.now,
            kind=mail.kind,
            customer=mail.customer,
            user=mail.user,
            repeats=mail.id,
        )
    Audit.write_by(actor, "mail_repeated", f"user:{mail.recipient}", mail=mail.id, kind=mail.kind)
    return OutboxMail.get_or_none(OutboxMail.repeats == mail.id) or mail


def written_again(mail: OutboxMail, actor: Actor) -> Mail | None:
    try:
        return _writers.get(mail.kind, unchanged_mail)(mail, actor)
    except NotSent as reason:
        raise CannotResend(str(reason)) from None


def unchanged_mail(mail: OutboxMail, _by: Actor) -> Mail:
    if not mail.html:
        raise CannotResend(NOT_KEPT)
    return Mail(mail.subject, mail.text, mail.html)


def key_of_copy(mail: OutboxMail) -> str:
    return f"{mail.kind}:{subject_of(mail)}:again:{mail.id}"


def subject_of(mail: OutboxMail) -> str:
    """The subject in its key: 'PAY-1' of 'receipt:PAY-1:again:7'."""
    return mail.key.partition(":")[2].partition(":again:")[0]
