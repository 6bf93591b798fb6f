"""Who makes a change."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Actor:
    """An email address, or "console"; the moment; the network `address`. `portal_url` begins links in mails."""

    email: str
    now: datetime
    portal_url: str
    address: str = ""
