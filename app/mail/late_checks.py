"""Whether an email that waited is still right. Packages register what finds out about those of a kind."""

from collections.abc import Callable

from app.models import OutboxMail

# Why it must not be sent; '' if it may.
Check = Callable[[OutboxMail], str]
_checks: dict[str, Check] = {}


def checked_before_sending(*kinds: str) -> Callable[[Check], Check]:
    def register(check: Check) -> Check:
        _checks.update(dict.fromkeys(kinds, check))
        return check

    return register


def reason_against(mail: OutboxMail) -> str:
    check = _checks.get(mail.kind)
    return check(mail) if check else ""
