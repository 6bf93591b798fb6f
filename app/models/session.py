"""Server-side sessions, and the one statement per request that loads the viewer with the company."""

from datetime import datetime
from functools import lru_cache
from typing import Any

from peewee import JOIN, SQL, BigIntegerField, BooleanField, CharField, ForeignKeyField, OperationalError, fn

from app.clock import AHEAD_MS, is_due, to_ms
from app.models.access import Access, Viewer
from app.models.base import BaseModel, db, digest, new_token, parse_id
from app.models.company import Company
from app.models.customer import Customer, Role
from app.models.user import User

SEEN_EVERY_MS = 60_000
VIEWED = "view_as"  # the audit event of an administrator who views as a customer
TOKEN, CREATED_AFTER, SEEN_AFTER, LATEST = "token", -1, -2, -3


class Session(BaseModel):
    """A session. Only the SHA-256 of its token is stored; deleting the row logs the person out.

    `access` is null for administrators, and for a person with access to several customers, or to none, until one is
    chosen. `viewing` is the customer that an administrator views as. `second_factor`: a second factor was checked at
    login. `device` is the browser and system to display, `address` the network address of the login.
    """

    token_hash = CharField(unique=True)
    user = ForeignKeyField(User, backref="sessions", on_delete="CASCADE")
    access = ForeignKeyField(Access, null=True, on_delete="CASCADE")
    created_ms = BigIntegerField()
    seen_ms = BigIntegerField()
    viewing = ForeignKeyField(Customer, null=True, on_delete="CASCADE")
    second_factor = BooleanField(default=False)
    device = CharField(max_length=60, default="", constraints=[SQL("DEFAULT ''")])
    address = CharField(max_length=45, default="", constraints=[SQL("DEFAULT ''")])

    class Meta:
        table_name = "session"

    @classmethod
    def open(
        cls,
        user: User,
        now: datetime,
        access: Access | None = None,
        second_factor: bool = False,
        device: str = "",
        address: str = "",
    ) -> str:
        """Log `user` in and return the token for the cookie. If `access` is missing or revoked, the session gets the
        user's only access, or none if there are several."""
        if not user.is_administrator:
            granted = list(Access.given_to(user))
            chosen = next((candidate for candidate in granted if access and candidate.id == access.id), None)
            access = chosen or (granted[0] if len(granted) == 1 else None)
        token, at = new_token(), to_ms(now)
        cls.create(
            token_hash=digest(token),
            user=user,
            access=access,
            created_ms=at,
            seen_ms=at,
            second_factor=second_factor,
            device=device,
            address=address,
        )
        return token

    @classmethod
    def viewer(cls, token: str, now: datetime, idle: int, absolute: int) -> Viewer | None:
        """The viewer with `token`; None if the session is over or the access that it depends on is revoked.

        `idle` and `absolute` are the limits in seconds since the last request and since the login.
        """
        at = to_ms(now)
        sql, order = _viewer_statement(type(db.obj).__name__)
        values = {
            TOKEN: digest(token),
            CREATED_AFTER: at - absolute * 1000,
            SEEN_AFTER: at - idle * 1000,
            LATEST: at + AHEAD_MS,
        }
        row = db.execute_sql(sql, [values.get(name, name) for name in order]).fetchone()
        if row is None:
            return None
        if is_due(row[11], at, SEEN_EVERY_MS):
            cls.note_seen(row[0], at)
        return Viewer(
            session_id=row[0],
            session_token=token,
            user_id=row[1],
            email=row[2],
            name=row[3],
            is_administrator=bool(row[4]),
            must_change_password=bool(row[5]),
            customer_id=row[6],
            customer_name=row[7] or "",
            customer_number=row[8] or "",
            locale=row[9] or "",
            can_pay=bool(row[10]),
            access_id=row[12],
            can_manage=bool(row[13]),
            viewing_as=row[14] is not None,
            has_second_factor=bool(row[15]),
            second_factor=bool(row[16]),
            has_others=bool(row[17]),
            customer_public_id=row[18] or "",
            company=Company.from_row(row[19:]),
        )

    @classmethod
    def note_seen(cls, session_id: int, at_ms: int) -> None:
        # A page must not wait while an import writes: the next request records it.
        try:
            with db.lock_timeout(0):
                cls.update(seen_ms=at_ms).where(cls.id == session_id).execute()
        except OperationalError as error:
            if not db.is_busy(error):
                raise

    @classmethod
    def is_live(cls, created_after: int, seen_after: int, latest: int):
        """The condition for a session that is not over; arguments are milliseconds. A time after `latest` was
        written while the clock was ahead. Such a session would exceed both limits, so it counts as over."""
        return (
            (cls.created_ms > created_after)
            & (cls.created_ms <= latest)
            & (cls.seen_ms > seen_after)
            & (cls.seen_ms <= latest)
        )

    @classmethod
    def live_at(cls, now: datetime, idle: int, absolute: int):
        at = to_ms(now)
        return cls.is_live(at - absolute * 1000, at - idle * 1000, at + AHEAD_MS)

    @property
    def place(self) -> str:
        """'Firefox on Windows, from 192.0.2.7', leaving out what is unknown."""
        return f"{self.device or 'another browser'}{self.address and f', from {self.address}'}"

    @classmethod
    def live_of(cls, user_id: int, now: datetime, idle: int, absolute: int) -> list["Session"]:
        """Live sessions of a user, last used first."""
        live = cls.select().where(cls.user == user_id, cls.live_at(now, idle, absolute))
        return list(live.order_by(cls.seen_ms.desc(), cls.id.desc()))

    @classmethod
    def of(cls, user_id: int, session_id: str) -> "Session | None":
        return cls.get_or_none((cls.user == user_id) & (cls.id == parse_id(session_id)))

    @classmethod
    def view_as(cls, session_id: int, customer: Customer | None) -> None:
        cls.update(viewing=customer).where(cls.id == session_id).execute()

    @classmethod
    def end(cls, session_id: int) -> None:
        cls.delete().where(cls.id == session_id).execute()

    @classmethod
    def end_all(cls) -> int:
        return cls.delete().execute()

    @classmethod
    def forget_old(cls, now: datetime, idle: int, absolute: int) -> None:
        cls.delete().where(~cls.live_at(now, idle, absolute)).execute()


@lru_cache(4)
def _viewer_statement(_database_kind: str) -> tuple[str, list]:
    """The SQL and the order of its values, built once per kind of database, because building costs more than running
    it.

    Each request replaces TOKEN, CREATED_AFTER, SEEN_AFTER and LATEST with its own values.
    """
    other, offer = Access.alias(), Access.alias()
    others = other.select(other.id).where(other.user == User.id, other.given, other.id != fn.COALESCE(Access.id, 0))
    offers = offer.select(offer.id).where(offer.user == User.id, offer.given | offer.invited_ms.is_null(False))
    backref: Any = User.passkeys
    passkey = backref.rel_model  # its module imports this one
    passkeys = passkey.select(passkey.id).where(passkey.user == User.id)
    chooses = Session.access.is_null() & fn.EXISTS(offers)
    lives = (Session.access.is_null() & User.is_administrator) | ((Access.given | chooses) & Company.customer_access)
    query = (
        Session.select(
            Session.id,
            User.id,
            User.email,
            User.name,
            User.is_administrator,
            User.must_change_password,
            Customer.id,
            Customer.name,
            Customer.number,
            Customer.locale,
            Role.can_pay,
            Session.seen_ms,
            Access.id,
            Role.can_manage,
            Session.viewing,
            User.totp_confirmed_ms.is_null(False) | fn.EXISTS(passkeys),
            Session.second_factor,
            fn.EXISTS(others),
            Customer.public_id,
            *Company._meta.sorted_fields,
        )
        .join(User)
        .join_from(Session, Company, on=(Company.id == 1))
        .join_from(Session, Access, JOIN.LEFT_OUTER)
        .join_from(
            Session, Customer, JOIN.LEFT_OUTER, on=(Customer.id == fn.COALESCE(Access.customer, Session.viewing))
        )
        .join_from(Access, Role, JOIN.LEFT_OUTER)
        .where((Session.token_hash == TOKEN) & Session.is_live(CREATED_AFTER, SEEN_AFTER, LATEST) & lives)
    )
    return query.sql()
