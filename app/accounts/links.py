"""Sends one-time links by email."""

from datetime import datetime, timedelta

from app.accounts import emails
from app.clock import to_ms
from app.mail import resend
from app.mail.compose import Mail
from app.models import Access, Audit, Company, Customer, Link, OutboxMail, Throttle, User, db, one_transaction
from app.models.audit import Actor
from app.models.base import digest
from app.web.ip import network

KINDS = {Link.SETUP: "invitation", Link.RESET: "reset_link"}
SENT, LIMITED, NO_ACCESS = "sent", "limited", "no_access"
RESET_LIFE = timedelta(minutes=60)
NO_LONGER_HAS_ACCESS = "{email} no longer has access. Give it on the customer's record first."
NO_LONGER_INVITED = "{email} is no longer invited."
MAILS = 5
MAILS_PER_ADDRESS = 20


def setup_life(company: Company) -> timedelta:
    return timedelta(hours=company.invitation_hours)


@one_transaction
def send(user: User, purpose: str, life: timedelta, actor: Actor, company: Company, repeats: int | None = None) -> None:
    """Email `user` a new link. `repeats` is the id of the email that this one replaces."""
    token = Link.issue(user, purpose, actor.now, life)
    OutboxMail.queue(
        f"{Link.MAIL_KEY}{digest(token)}",
        user.email,
        emails.link(user, purpose, token, company, portal_url=actor.portal_url, life=life),
        actor.now,
        kind=KINDS[purpose],
        customer=first_customer(user),
        user=user,
        repeats=repeats,
    )
    record(user, "link_sent", actor, purpose=purpose)


@one_transaction
def notify(user: User, customers: list[Customer], actor: Actor, company: Company, repeats: int | None = None) -> None:
    """Send the New Access Notification Email about these customers. If the person has no password, it has a link to set
    one up."""
    life = setup_life(company)
    token = None if user.password_hash else Link.issue(user, Link.SETUP, actor.now, life)
    mail = emails.notification(
        user,
        customers,
        token,
        company,
        portal_url=actor.portal_url,
        life=life,
        administrator=emails.email_of_actor(actor.email),
    )
    unlinked = f"notification:{user.id}:{customers[0].id}:{to_ms(actor.now)}"
    OutboxMail.queue(
        f"{Link.MAIL_KEY}{digest(token)}" if token else unlinked,
        user.email,
        mail,
        actor.now,
        kind=KINDS[Link.SETUP],
        customer=customers[0],
        user=user,
        repeats=repeats,
    )
    numbers = ", ".join(customer.number for customer in customers)
    if token:
        record(user, "link_sent", actor, customer=numbers, purpose=Link.SETUP)
    else:
        record(user, "notification_sent", actor, customer=numbers)


def send_colleague_invitation(access: Access, actor: Actor, company: Company) -> None:
    OutboxMail.queue(
        f"colleague_invitation:{access.id}:{to_ms(actor.now)}",
        access.user.email,
        emails.colleague_invitation(access, company, portal_url=actor.portal_url),
        actor.now,
        customer=access.customer,
        user=access.user,
    )


@one_transaction
def send_password_link(email: str, actor: Actor, company: Company) -> str:
    """Send a link to set or reset the password if a login has this address. Returns SENT or LIMITED, neither of which
    reveals whether one has."""
    if not take_mail_try(email, actor.address, actor.now):
        return LIMITED
    user = User.by_email(email) or User(id=0)
    known = user.may_log_in(company)
    with db.atomic() as work:
        # For an unknown address the same work is done for a decoy and rolled back, so that the time reveals nothing.
        decoy = User.decoy(actor.now)
        purpose = Link.SETUP if known and not user.password_hash else Link.RESET
        send(user if known else decoy, purpose, RESET_LIFE, actor, company)
        decoy.delete_instance()
        if not known:
            work.rollback()
    return SENT


@one_transaction
def resend_setup_link(token: str, actor: Actor, company: Company) -> str | None:
    """Send a new link to the person of an old setup link; if they have a password, a reset link. Returns SENT, LIMITED
    or NO_ACCESS, or None if there is no such link."""
    link = Link.find(token, Link.SETUP)
    if link is None:
        return None
    if not link.user.may_log_in(company):
        return NO_ACCESS
    if not take_mail_try(link.user.email, actor.address, actor.now):
        return LIMITED
    if link.user.password_hash:
        send(link.user, Link.RESET, RESET_LIFE, actor, company)
    else:
        send(link.user, Link.SETUP, setup_life(company), actor, company)
    return SENT


def record(user: User, event: str, actor: Actor, **facts: str) -> None:
    Audit.write(
        event, to_ms(actor.now), subject=f"user:{user.email}", actor=actor.email, address=actor.address, **facts
    )


def first_customer(user: User) -> Customer | None:
    return next((access.customer for access in Access.given_to(user).limit(1)), None)


def take_mail_try(email: str, address: str, now: datetime, **also: int) -> bool:
    """Count an email against the limits of 30 minutes: 5 to one mailbox, 20 from one network, and `also`, by key. False
    if one of them is reached."""
    limits = {f"mail:{digest(email)}": MAILS, f"mail-from:{network(address)}": MAILS_PER_ADDRESS}
    return Throttle.take_try(limits | also, now)


@resend.register("invitation", "reset_link")
def send_new_link(mail: OutboxMail, actor: Actor) -> None:
    # With a new link, because the old one may be used or expired.
    user, company = mail.user, Company.current()
    if user is None or user.email != mail.recipient or not user.may_log_in(company):
        raise resend.CannotResend(NO_LONGER_HAS_ACCESS.format(email=mail.recipient))
    if mail.kind == "reset_link" and user.password_hash:
        send(user, Link.RESET, RESET_LIFE, actor, company, repeats=mail.id)
        return
    customers = [access.customer for access in Access.given_to(user)]
    if not customers:
        raise resend.CannotResend(NO_LONGER_HAS_ACCESS.format(email=mail.recipient))
    about = [customer for customer in customers if customer == mail.customer] or customers[:1]
    notify(user, about, actor, company, repeats=mail.id)


@resend.register("colleague_invitation")
def write_invitation_again(mail: OutboxMail, actor: Actor) -> Mail:
    access = Access.get_or_none(Access.id == int(resend.subject_of(mail).partition(":")[0]))
    if access is None or not access.is_invitation or access.user.email != mail.recipient:
        raise resend.CannotResend(NO_LONGER_INVITED.format(email=mail.recipient))
    return emails.colleague_invitation(access, Company.current(), portal_url=actor.portal_url)
