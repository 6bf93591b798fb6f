"""Payment Links: they open one invoice, to view and to pay, without a login."""

import re
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from peewee import SQL, BigIntegerField, CharField, ForeignKeyField, fn

from app.clock import AHEAD_MS, to_ms
from app.models.access import Viewer
from app.models.audit import Actor, Audit
from app.models.base import BaseModel, digest, new_token, one_transaction, parse_id, tuples
from app.models.customer import Customer
from app.models.invoice import Invoice
from app.models.outbox import OutboxMail
from app.models.user import User

TOKEN = re.compile("[A-Za-z0-9_-]{43}")
MAX_VIEWS = 200
SAME_VIEW_MS = 60_000


class PaymentLink(BaseModel):
    """Only the hash of the token is stored. `recipient` is the address that the link was made for, `mail_key` the
    key of the email that contains it; both are '' for a link that was copied. `actor` made the link. Opening a link
    doesn't use it up, because mail scanners open links too."""

    MAIL_KEY = "payment_link:"
    REVOKED = "Its link was revoked before the email could be sent."

    invoice = ForeignKeyField(Invoice, on_delete="CASCADE")
    invoice_id: int
    token_hash = CharField(unique=True)
    recipient = CharField(default="")
    mail_key = CharField(default="", index=True, constraints=[SQL("DEFAULT ''")])
    actor = CharField()
    created_ms = BigIntegerField()
    expires_ms = BigIntegerField()
    revoked_ms = BigIntegerField(null=True)

    class Meta:
        table_name = "payment_link"

    @classmethod
    @one_transaction
    def issue(cls, invoice: Invoice, actor: Actor, life: timedelta, recipient: str = "", mail_key: str = "") -> str:
        """The token of a new link. If there is a `recipient`, the email has the key `mail_key`, or by default
        MAIL_KEY and the hash of the token. One transaction."""
        token = new_token()
        cls.create(
            invoice=invoice,
            token_hash=digest(token),
            recipient=recipient,
            mail_key=mail_key or (f"{cls.MAIL_KEY}{digest(token)}" if recipient else ""),
            actor=actor.email,
            created_ms=to_ms(actor.now),
            expires_ms=to_ms(actor.now + life),
        )
        Audit.write_by(
            actor,
            "payment_link_made",
            f"invoice:{invoice.number}",
            customer=invoice.customer.number,
            recipient=recipient,
        )
        return token

    @classmethod
    def find(cls, token: str) -> "PaymentLink | None":
        """The link with its invoice and customer, whether or not it still works."""
        return cls._first(cls.token_hash == digest(token)) if TOKEN.fullmatch(token) else None

    @classmethod
    def in_mail(cls, mail_key: str) -> "PaymentLink | None":
        return cls._first(cls.mail_key == mail_key) if mail_key else None

    @classmethod
    def _first(cls, condition) -> "PaymentLink | None":
        return cls.select(cls, Invoice, Customer).join(Invoice).join(Customer).where(condition).first()

    @classmethod
    def of_invoice(cls, invoice_id: int) -> list["PaymentLink"]:
        return list(cls.select().where(cls.invoice == invoice_id).order_by(cls.id.desc()))

    @classmethod
    def by_id(cls, invoice: Invoice, number: str) -> "PaymentLink | None":
        return cls.get_or_none(cls.invoice == invoice, cls.id == parse_id(number))

    def is_live(self, now: datetime) -> bool:
        """Neither revoked nor expired. A link made while the clock was ahead is dead: its expiry can't be trusted."""
        return self.revoked_ms is None and self.expires_ms > to_ms(now) >= self.created_ms - AHEAD_MS

    @one_transaction
    def revoke(self, actor: Actor) -> bool:
        """Cancels its email if that is still waiting. Returns False if the link was already revoked. One
        transaction."""
        live = (PaymentLink.id == self.id) & PaymentLink.revoked_ms.is_null()
        if not PaymentLink.update(revoked_ms=to_ms(actor.now)).where(live).execute():
            return False
        OutboxMail.cancel([self.mail_key], actor.now, self.REVOKED)
        about = {"customer": self.invoice.customer.number, "recipient": self.recipient}
        Audit.write_by(actor, "payment_link_revoked", f"invoice:{self.invoice.number}", **about)
        return True


class PaymentLinkView(BaseModel):
    """A view of a link's page. The last MAX_VIEWS of each link are kept."""

    link = ForeignKeyField(PaymentLink, on_delete="CASCADE")
    at_ms = BigIntegerField()
    address = CharField()

    class Meta:
        table_name = "payment_link_view"

    @classmethod
    @one_transaction
    def note(cls, link: PaymentLink, address: str, now: datetime) -> None:
        """Reloading within a minute counts as the same view. One transaction."""
        at_ms = to_ms(now)
        recent = (cls.at_ms > at_ms - SAME_VIEW_MS) & (cls.at_ms <= at_ms)
        if cls.select().where(cls.link == link, cls.address == address, recent).exists():
            return
        cls.create(link=link, at_ms=at_ms, address=address)
        kept = cls.select(cls.id).where(cls.link == link).order_by(cls.id.desc()).limit(MAX_VIEWS)
        cls.delete().where(cls.link == link, cls.id.not_in(kept)).execute()

    @classmethod
    def counts(cls, links: list[PaymentLink]) -> dict[int, int]:
        query = cls.select(cls.link, fn.COUNT(cls.id)).where(cls.link.in_(links)).group_by(cls.link)
        return dict(tuples(query))

    @classmethod
    def newest(cls, links: list[PaymentLink], count: int) -> list["PaymentLinkView"]:
        return list(cls.select().where(cls.link.in_(links)).order_by(cls.id.desc()).limit(count))


@dataclass(frozen=True, slots=True)
class LinkHolder(Viewer):
    """A person who opened a Payment Link. They may view and pay its invoice, and nothing else. The receipt goes to
    `payer_email`. It is not their `email`, because a typed address proves nothing."""

    payer_email: str = ""

    @classmethod
    def of(cls, link: PaymentLink, *, user_id: int = 0, payer_email: str = "") -> "LinkHolder":
        return cls(
            session_id=0,
            session_token="",
            user_id=user_id,
            email=User.PAYMENT_LINK,
            name="",
            is_administrator=False,
            must_change_password=False,
            customer_id=link.invoice.customer_id,
            can_pay=True,
            invoice_id=link.invoice_id,
            payment_link_id=link.id,
            payer_email=payer_email,
        )

    def refreshed(self) -> Viewer:
        works = (PaymentLink.id == self.payment_link_id) & PaymentLink.revoked_ms.is_null()
        if PaymentLink.select().where(works).exists():
            return self
        return replace(self, customer_id=None, can_pay=False)

    def as_payer(self) -> dict:
        return {
            "customer": self.customer_id,
            "user": self.user_id,
            "payment_link": self.payment_link_id,
            "payer_email": self.payer_email,
        }
