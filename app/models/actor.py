"""Who makes a change."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class By:
    """Who does it, when and from where. `portal_url` is what links in mails begin with."""

    actor: str
    now: datetime
    portal_url: str
    address: str = ""
