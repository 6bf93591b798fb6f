"""Sending a mail again: what leads to a password gets a new link, receipts and invitations are written as they are now,
and anything else goes out as it was."""

from datetime import datetime

from app.accounts import emails, links
from app.clock import to_ms
from app.mail.compose import Mail
from app.models import Access, Attempt, Audit, Company, Link, OutboxMail, db
from app.payments import receipts

ABOUT_PAYMENTS = ("receipt", "taken_back")
LINKS = ("invitation", "reset_link")
BY_COLLEAGUE = "colleague_invitation"
NO_ACCESS = "{email} has no access any more. Give it on the customer's record first."
IS_QUEUED = "This email is queued already."
NOT_INVITED = "{email} is no longer invited."
NOT_KEPT = "The text of this email is not kept, so it can't be sent again."


class CannotRepeat(Exception):
    """It can't be sent again, in words; nothing was written."""


def is_possible(mail: OutboxMail) -> bool:
    return mail.state != OutboxMail.QUEUED and (mail.kind in (*ABOUT_PAYMENTS, *LINKS, BY_COLLEAGUE) or bool(mail.html))


def repeat(mail: OutboxMail, now: datetime, *, actor: str, address: str, portal_url: str) -> OutboxMail:
    """The mail that is sent now: a new one, or the same if it was waiting. Raises CannotRepeat."""
    with db.atomic():
        if mail.state == OutboxMail.QUEUED:
            raise CannotRepeat(IS_QUEUED)
        if mail.state == OutboxMail.RETRYING:
            mail.retry_now(now)
        elif mail.kind in LINKS:
            send_link(mail, now, actor=actor, address=address, portal_url=portal_url)
        else:
            OutboxMail.queue(f"{mail.kind}:{base_of(mail)}:again:{mail.id}", mail.recipient,
                             written(mail, portal_url), now, kind=mail.kind, customer=mail.customer, user=mail.user,
                             repeats=mail.id)
        Audit.write("mail_repeated", to_ms(now), subject=f"user:{mail.recipient}", actor=actor, address=address,
                    mail=mail.id, kind=mail.kind)
        return OutboxMail.get_or_none(OutboxMail.repeats == mail.id) or mail


def send_link(mail: OutboxMail, now: datetime, *, actor: str, address: str, portal_url: str) -> None:
    """A new link: the old one may have been used, and may be too old."""
    user, common = mail.user, {"portal_url": portal_url, "actor": actor, "address": address, "repeats": mail.id}
    if user is None or user.email != mail.recipient or not user.may_log_in(Company.current()):
        raise CannotRepeat(NO_ACCESS.format(email=mail.recipient))
    if mail.kind == "reset_link" and user.password_hash:
        links.send(user, Link.RESET, now, links.RESET_LIFE, **common)
        return
    customers = [access.customer for access in Access.given_to(user)]
    if not customers:
        raise CannotRepeat(NO_ACCESS.format(email=mail.recipient))
    about = [customer for customer in customers if customer == mail.customer] or customers[:1]
    links.notify(user, about, now, **common)


def written(mail: OutboxMail, portal_url: str) -> Mail:
    """The mail as it is sent now. Raises CannotRepeat."""
    if mail.kind == BY_COLLEAGUE:
        access = Access.get_or_none(Access.id == int(base_of(mail).partition(":")[0]))
        if access is None or not access.is_invitation or access.user.email != mail.recipient:
            raise CannotRepeat(NOT_INVITED.format(email=mail.recipient))
        return emails.colleague_invitation(access, portal_url=portal_url)
    attempt = Attempt.referenced(f"attempt:{base_of(mail)}") if mail.kind in ABOUT_PAYMENTS else None
    if attempt:
        return receipts.written(mail.kind, attempt, portal_url=portal_url)
    if not mail.html:
        raise CannotRepeat(NOT_KEPT)
    return Mail(mail.subject, mail.text, mail.html)


def base_of(mail: OutboxMail) -> str:
    """What its key names: for 'receipt:PAY-1:again:7' it is PAY-1."""
    return mail.key.partition(":")[2].partition(":again:")[0]
