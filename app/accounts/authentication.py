"""One attempt to log in. It is counted, then the password is hashed and compared. Known and unknown addresses take the
same time."""

from dataclasses import dataclass
from datetime import datetime

from app.accounts import emails
from app.accounts.hashing import Busy, Hasher
from app.clock import to_ms
from app.models import Audit, Company, Throttle, User, one_transaction
from app.web.ip import network

TRIES = 5
TRIES_PER_ADDRESS = 50


@dataclass(frozen=True)
class Right:
    user: User


@dataclass(frozen=True)
class NoAccess:
    """The password was right, but the person no longer has access."""


@dataclass(frozen=True)
class Wrong:
    """No login has this address and password."""


@dataclass(frozen=True)
class Locked:
    """Too many wrong attempts, on this account or from this address. The password was not checked."""


def try_password(
    email: str, password: str, *, hasher: Hasher, address: str, now: datetime
) -> Right | NoAccess | Wrong | Locked:
    """Raises Busy; then the attempt doesn't count."""
    from_network = network(address)
    account, source = Throttle.account(email), f"address:{from_network}"
    limits = {account: TRIES, source: TRIES_PER_ADDRESS}
    if Throttle.is_spent(limits, now):  # a locked account must not occupy a hash slot
        return Locked()
    with hasher.slot(from_network) as slot:
        if not Throttle.take_try(limits, now):
            return Locked()
        user = User.by_email(email)
        try:
            right = slot.verify(password, user.password_hash if user else None)
        except Busy:
            Throttle.give_back(account)
            Throttle.give_back(source)
            raise
    company = Company.current()  # read again, because waiting for the hash may have taken long
    if not right:
        return _wrong(account, user, address, now, company)
    Throttle.clear(account)
    Throttle.give_back(source)
    return Right(user) if user.may_log_in(company) else NoAccess()


@one_transaction
def _wrong(account: str, user: User | None, address: str, now: datetime, company: Company) -> Wrong | Locked:
    subject = f"user:{user.email}" if user else ""
    locked = Throttle.lock_if_spent(account, TRIES, now)
    Audit.write("login_failed", to_ms(now), subject=subject, address=address)
    if locked:
        Audit.write("login_locked", to_ms(now), subject=subject, address=address)
        emails.locked_out(user, address, now, company)
    return Locked() if locked else Wrong()
