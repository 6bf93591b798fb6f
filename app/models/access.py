"""Users' access to customers, invitations to it, and the viewer of a request."""

import re
from dataclasses import dataclass, replace
from typing import ClassVar

from peewee import SQL, BigIntegerField, BooleanField, CharField, ForeignKeyField, fn

from app.clock import to_ms
from app.models.audit import Actor, Audit
from app.models.base import BaseModel, one_transaction, tuples
from app.models.company import Company
from app.models.customer import Customer, Role
from app.models.user import User


class Access(BaseModel):
    """Whether `user` may act for `customer`, in `role`: only while `given` is true. `declined_ms` is when the user
    declined the last invitation.

    An invitation is an access that is not `given` and has an `invited_ms`. Its user may log in to accept or decline it,
    and sees nothing of the customer. `invited_by` is the email address of the manager who sent it. `invited_name` is
    the name that the manager typed; it is kept apart from the user's own name, which the manager must not learn.
    """

    user = ForeignKeyField(User, backref="accesses", on_delete="CASCADE")
    customer = ForeignKeyField(Customer, backref="accesses", on_delete="CASCADE")
    customer_id: int
    role = ForeignKeyField(Role, on_delete="RESTRICT")
    given = BooleanField(default=True)
    invited_ms = BigIntegerField(null=True)
    invited_by = CharField(default="", constraints=[SQL("DEFAULT ''")])
    invited_name = CharField(default="", constraints=[SQL("DEFAULT ''")])
    declined_ms = BigIntegerField(null=True)

    class Meta:
        table_name = "access"
        indexes = ((("user", "customer"), True),)

    @classmethod
    def refreshed(cls, viewer: "Viewer") -> "Viewer":
        """The same viewer with the permissions that the database has now."""
        access = cls.select(cls, Role).join(Role).where(cls.id == viewer.access_id, cls.given).first()
        if access is None:
            return replace(viewer, customer_id=None, can_pay=False)
        return replace(viewer, can_pay=access.role.can_pay)

    def viewer(self) -> "Viewer":
        """A viewer as if the user were logged in with this access, with its current permissions."""
        user = self.user
        return Access.refreshed(
            Viewer(
                session_id=0,
                session_token="",
                user_id=user.id,
                email=user.email,
                name=user.name,
                is_administrator=False,
                must_change_password=user.must_change_password,
                customer_id=self.customer_id,
                access_id=self.id,
            )
        )

    @classmethod
    def given_to(cls, user: User | int):
        """Granted accesses of `user` (a User or its id) with customer and role, ordered by customer name."""
        return (
            cls.select(cls, Customer, Role)
            .join(Customer)
            .switch(cls)
            .join(Role)
            .where((cls.user == user) & cls.given)
            .order_by(Customer.sort_key, cls.id)
        )

    @classmethod
    def invitations_of(cls, user_id: int):
        return (
            cls.select(cls, Customer, Role)
            .join(Customer)
            .switch(cls)
            .join(Role)
            .where(cls.user == user_id, ~cls.given, cls.invited_ms.is_null(False))
            .order_by(Customer.sort_key, cls.id)
        )

    @property
    def is_invitation(self) -> bool:
        return not self.given and self.invited_ms is not None

    @classmethod
    def answered_by(cls, user_id: int):
        return (
            cls.select(cls, Customer)
            .join(Customer)
            .where(cls.user == user_id, cls.invited_ms.is_null(), cls.invited_by != "")
        )

    @property
    def is_offered(self) -> bool:
        return self.given or self.is_invitation

    @classmethod
    def is_given(cls, user_id: int, customer_id: int) -> bool:
        return cls.select().where(cls.user == user_id, cls.customer == customer_id, cls.given).exists()

    @classmethod
    def emails_for(cls, customer_id: int) -> list[str]:
        """Email addresses of the people with access."""
        query = cls.select(User.email).join(User).where(cls.customer == customer_id, cls.given).order_by(User.email)
        return list(query.scalars())

    @classmethod
    def can_pay(cls, customer_id: int, email: str) -> bool:
        """True if the person with this address has access in a role that may pay."""
        query = cls.select().join(User).switch(cls).join(Role)
        return query.where(cls.customer == customer_id, cls.given, User.email == email, Role.can_pay).exists()

    @classmethod
    def holders(cls) -> dict[int, int]:
        query = cls.select(cls.role, fn.COUNT(cls.user.distinct())).where(cls.given).group_by(cls.role)
        return dict(tuples(query))

    @classmethod
    @one_transaction
    def delete_role(cls, role: Role, replacement: Role, actor: Actor) -> bool:
        """Delete a role and write an audit line. Revoked accesses and invitations with the role get `replacement`.
        Returns False if a person with access has the role, or if it no longer exists. One transaction."""
        if cls.select().where(cls.given, cls.role == role).exists():
            return False
        cls.update(role=replacement).where(cls.role == role).execute()
        if not Role.delete().where(Role.id == role.id).execute():
            return False
        Audit.write_by(actor, "role_deleted", f"role:{role.name}")
        return True

    @classmethod
    @one_transaction
    def grant(cls, user: User, customer: Customer, role: Role, actor: Actor) -> "Access":
        """Grant `user` access to `customer` in `role`, or change the role, and write an audit line. One transaction."""
        access = cls.get_or_none(user=user, customer=customer) or cls(user=user, customer=customer, given=False)
        before = access.role.name if access.given else None
        access.role, access.given = role, True
        access.invited_ms = access.declined_ms = None
        access.save()
        if before is None:
            access._audit("access_given", actor, role=role.name)
        elif before != role.name:
            access._audit("role_changed", actor, was=before, to=role.name)
        return access

    @classmethod
    @one_transaction
    def invite(cls, user: User, customer: Customer, role: Role, actor: Actor, *, name: str = "") -> "Access":
        """Invite `user` to `customer` in `role`, and write an audit line. One transaction."""
        access = cls.get_or_none(user=user, customer=customer) or cls(user=user, customer=customer)
        access.role, access.given = role, False
        access.invited_ms, access.invited_by, access.invited_name = to_ms(actor.now), actor.email, name
        access.declined_ms = None
        access.save()
        access._audit("access_invited", actor, role=role.name)
        return access

    # Each ends an invitation in one transaction. If it has already ended, it returns False and changes nothing.

    def accept(self, actor: Actor) -> bool:
        return self._end_invitation("invitation_accepted", actor, given=True)

    def decline(self, actor: Actor) -> bool:
        return self._end_invitation("invitation_declined", actor, declined_ms=to_ms(actor.now))

    def withdraw(self, actor: Actor) -> bool:
        return self._end_invitation("invitation_withdrawn", actor)

    @one_transaction
    def revoke(self, actor: Actor) -> None:
        """Revoke the access, or withdraw the invitation, and end the sessions that use it. One transaction."""
        if not self.withdraw(actor):
            self._end("access_taken", actor)

    def leave(self, actor: Actor) -> None:
        """Let the user, who is the actor, give up their own access. One transaction."""
        self._end("access_left", actor)

    @one_transaction
    def _end(self, event: str, actor: Actor) -> None:
        sessions = self.user.sessions.model
        self.given, self.invited_ms = False, None
        self.save(only=[Access.given, Access.invited_ms])
        sessions.delete().where(sessions.access == self).execute()
        self._audit(event, actor)

    @one_transaction
    def _end_invitation(
        self,
        event: str,
        actor: Actor,
        facts: dict | None = None,
        *,
        given: bool = False,
        declined_ms: int | None = None,
    ) -> bool:
        pending = (Access.id == self.id) & ~Access.given & Access.invited_ms.is_null(False)
        values = {"given": given, "invited_ms": None, "declined_ms": declined_ms}
        has_ended = bool(Access.update(values).where(pending).execute())
        if has_ended:
            self._audit(event, actor, **({"role": self.role.name} if given else {}))
        return has_ended

    def _audit(self, event: str, actor: Actor, **facts) -> None:
        Audit.write(
            event,
            to_ms(actor.now),
            subject=f"user:{self.user.email}",
            actor=actor.email,
            address=actor.address,
            customer=self.customer.number,
            **facts,
        )

    def remaining_people(self) -> tuple[bool, bool]:
        """(True if other people still have access to this customer, True if one of them may manage access)"""
        others = list(
            Access.select(Access, Role)
            .join(Role)
            .where(Access.customer == self.customer_id, Access.given, Access.id != self.id)
        )
        return bool(others), any(access.role.can_manage for access in others)


@dataclass(frozen=True, slots=True)
class Viewer:
    """The logged-in user and the customer they act for, loaded once per request together with the company.

    `customer_id` is None for an administrator who doesn't view as a customer, and for a user who still has to choose
    one of their customers. `has_others`: the user has access to other customers too. For the holder of a Payment Link,
    `invoice_id` is the one invoice they may see, and `payment_link_id` the link whose payments they may see. Queries
    start from a viewer: Invoice.visible_to(viewer).
    """

    session_id: int
    session_token: str
    user_id: int
    email: str
    name: str
    is_administrator: bool
    must_change_password: bool
    customer_id: int | None = None
    customer_name: str = ""
    customer_number: str = ""
    locale: str = ""
    can_pay: bool = False
    access_id: int | None = None
    can_manage: bool = False
    viewing_as: bool = False
    has_second_factor: bool = False
    second_factor: bool = False
    has_others: bool = False
    customer_public_id: str = ""
    company: Company | None = None
    invoice_id: int | None = None
    payment_link_id: int | None = None

    is_authenticated: ClassVar[bool] = True
    is_active: ClassVar[bool] = True
    is_anonymous: ClassVar[bool] = False

    def get_id(self) -> str:
        return self.session_token

    def refreshed(self) -> "Viewer":
        """The same viewer with the permissions that the database has now."""
        return Access.refreshed(self)

    def as_payer(self) -> dict:
        """The columns of a payment attempt that identify the payer."""
        return {"customer": self.customer_id, "user": self.user_id}

    @property
    def initials(self) -> str:
        letters = [found[0] for word in (self.name or self.email).split() if (found := re.findall(r"[^\W_]", word))]
        return "".join(letters[:1] + letters[1:][-1:]).upper()
