"""Updating emails at the time of sending. They may have waited for days, and what they say, like an amount due, may
have changed. Packages register functions that rewrite emails of their kind."""

from collections.abc import Callable
from datetime import datetime

from app.config import Config
from app.mail.compose import Mail
from app.models import Company, OutboxMail

# The email as of now. It raises NotSent.
Reviser = Callable[[OutboxMail, Company, Config, datetime], Mail]
_revisers: dict[str, Reviser] = {}


class NotSent(Exception):
    """The email is no longer right. The text says why."""


def revised_at_sending(*kinds: str) -> Callable[[Reviser], Reviser]:
    def register(reviser: Reviser) -> Reviser:
        _revisers.update(dict.fromkeys(kinds, reviser))
        return reviser

    return register


def revised(mail: OutboxMail, company: Company, config: Config, now: datetime) -> Mail | None:
    """None for a kind that is sent as it was queued. Raises NotSent."""
    reviser = _revisers.get(mail.kind)
    return reviser(mail, company, config, now) if reviser else None
