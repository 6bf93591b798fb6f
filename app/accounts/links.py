"""Mailing one-time links."""

from datetime import datetime, timedelta

from app.accounts import emails
from app.clock import to_ms
from app.mail import resend
from app.mail.compose import Mail
from app.models import Access, Audit, Company, Customer, Link, OutboxMail, Throttle, User, db
from app.models.audit import Actor
from app.models.base import digest
from app.web.ip import network

KINDS = {Link.SETUP: "invitation", Link.RESET: "reset_link"}
SENT, LIMITED, NO_ACCESS = "sent", "limited", "no_access"
RESET_LIFE = timedelta(minutes=60)
NO_LONGER_GIVEN = "{email} has no access any more. Give it on the customer's record first."
NOT_INVITED = "{email} is no longer invited."
MAILS = 5
MAILS_PER_ADDRESS = 20


def setup_life(company: Company) -> timedelta:
    return timedelta(hours=company.invitation_hours)


def send(
    user: User,
    purpose: str,
    now: datetime,
    life: timedelta,
    *,
    portal_url: str,
    actor: str = "",
    address: str = "",
    repeats: int | None = None,
) -> None:
    """Mail `user` a new link; `repeats` is the id of the mail that it takes the place of."""
    with db.atomic():
        token = Link.issue(user, purpose, now, life)
        mail = emails.link(user, purpose, token, portal_url=portal_url, life=life)
        OutboxMail.queue(
            f"{Link.MAIL_KEY}{digest(token)}",
            user.email,
            mail,
            now,
            kind=KINDS[purpose],
            customer=first_customer(user),
            user=user,
            repeats=repeats,
        )
        Audit.write(
            "link_sent",
            to_ms(now),
            subject=f"user:{user.email}",
            actor=actor,
            address=address,
            purpose=purpose,
        )


def notify(
    user: User,
    customers: list[Customer],
    now: datetime,
    *,
    portal_url: str,
    actor: str,
    address: str = "",
    repeats: int | None = None,
) -> None:
    """Send the New Access Notification Email about these customers: with a link to set up a password, unless they
    have one."""
    company = Company.current()
    life = setup_life(company)
    with db.atomic():
        token = None if user.password_hash else Link.issue(user, Link.SETUP, now, life)
        mail = emails.notification(
            user, customers, token, portal_url=portal_url, life=life, administrator=emails.mailable(actor)
        )
        key = f"{Link.MAIL_KEY}{digest(token)}" if token else f"notification:{user.id}:{customers[0].id}:{to_ms(now)}"
        OutboxMail.queue(
            key, user.email, mail, now, kind=KINDS[Link.SETUP], customer=customers[0], user=user, repeats=repeats
        )
        numbers = ", ".join(customer.number for customer in customers)
        audit_facts = {"subject": f"user:{user.email}", "actor": actor, "address": address, "customer": numbers}
        if token:
            Audit.write("link_sent", to_ms(now), purpose=Link.SETUP, **audit_facts)
        else:
            Audit.write("notification_sent", to_ms(now), **audit_facts)


def ask(access: Access, now: datetime, *, portal_url: str) -> None:
    """Mail the invited person the page where they accept or decline; an administrator, that they can't accept."""
    mail = emails.colleague_invitation(access, portal_url=portal_url)
    OutboxMail.queue(
        f"colleague_invitation:{access.id}:{to_ms(now)}",
        access.user.email,
        mail,
        now,
        customer=access.customer,
        user=access.user,
    )


def send_if_known(email: str, now: datetime, *, address: str, portal_url: str) -> str:
    """For a person who says they are `email`. For an unknown one all the work is done for a decoy, and undone: so
    the time it takes tells nothing. SENT or LIMITED, which says nothing about the address either."""
    company = Company.current()
    with db.atomic():
        if not may_mail(email, address, now):
            return LIMITED
        user = User.by_email(email) or User(id=0)
        known = user.may_log_in(company)
        with db.atomic() as work:
            decoy = User.decoy(now)
            purpose = Link.SETUP if known and not user.password_hash else Link.RESET
            send(user if known else decoy, purpose, now, RESET_LIFE, portal_url=portal_url, address=address)
            decoy.delete_instance()
            if not known:
                work.rollback()
    return SENT


def send_again(token: str, now: datetime, *, address: str, portal_url: str) -> str | None:
    """A new link in the place of an old set-up link: once its person has a password, to reset it. SENT, LIMITED or
    NO_ACCESS; None when there was no such link."""
    company, link = Company.current(), Link.find(token, Link.SETUP)
    if link is None:
        return None
    with db.atomic():
        if not link.user.may_log_in(company):
            return NO_ACCESS
        if not may_mail(link.user.email, address, now):
            return LIMITED
        purpose, life = Link.SETUP, setup_life(company)
        if link.user.password_hash:
            purpose, life = Link.RESET, RESET_LIFE
        send(link.user, purpose, now, life, portal_url=portal_url, address=address)
    return SENT


def first_customer(user: User) -> Customer | None:
    return next((access.customer for access in Access.given_to(user).limit(1)), None)


def may_mail(email: str, address: str, now: datetime, **also: int) -> bool:
    """No mailbox is filled by others: 5 mails to one, 20 from one network, in 30 minutes, and `also`, more limits by
    key. Counts one."""
    limits = {f"mail:{digest(email)}": MAILS, f"mail-from:{network(address)}": MAILS_PER_ADDRESS}
    return Throttle.take_try(limits | also, now)


@resend.writes_again("invitation", "reset_link")
def send_new_link(mail: OutboxMail, actor: Actor) -> None:
    """In the place of an email whose link may have been used, or may have expired."""
    user = mail.user
    common = {"portal_url": actor.portal_url, "actor": actor.email, "address": actor.address, "repeats": mail.id}
    if user is None or user.email != mail.recipient or not user.may_log_in(Company.current()):
        raise resend.CannotResend(NO_LONGER_GIVEN.format(email=mail.recipient))
    if mail.kind == "reset_link" and user.password_hash:
        send(user, Link.RESET, actor.now, RESET_LIFE, **common)
        return
    customers = [access.customer for access in Access.given_to(user)]
    if not customers:
        raise resend.CannotResend(NO_LONGER_GIVEN.format(email=mail.recipient))
    about = [customer for customer in customers if customer == mail.customer] or customers[:1]
    notify(user, about, actor.now, **common)


@resend.writes_again("colleague_invitation")
def write_invitation_again(mail: OutboxMail, actor: Actor) -> Mail:
    access = Access.get_or_none(Access.id == int(resend.subject_of(mail).partition(":")[0]))
    if access is None or not access.is_invitation or access.user.email != mail.recipient:
        raise resend.CannotResend(NOT_INVITED.format(email=mail.recipient))
    return emails.colleague_invitation(access, portal_url=actor.portal_url)
