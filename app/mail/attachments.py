"""Attachments of emails. Packages register functions that make them when an email is sent."""

import logging
from collections.abc import Callable
from datetime import datetime
from typing import NamedTuple

from peewee import PeeweeException

from app.models import Company, OutboxMail

logger = logging.getLogger(__name__)


class Attachment(NamedTuple):
    name: str
    content: bytes
    media_type: str = "application/pdf"


Maker = Callable[[OutboxMail, Company, datetime], list[Attachment]]
_makers: dict[str, Maker] = {}


def attached_to(kind: str) -> Callable[[Maker], Maker]:
    def register(maker: Maker) -> Maker:
        _makers[kind] = maker
        return maker

    return register


def attachments_of(mail: OutboxMail, company: Company, now: datetime) -> list[Attachment]:
    """If a file can't be made, the email is sent without it, because its text says the same."""
    maker = _makers.get(mail.kind)
    try:
        return maker(mail, company, now) if maker else []
    except PeeweeException:
        raise
    except Exception:
        logger.exception("email %s goes out without its file", mail.id)
        return []
