"""Pages of all mail, newest first, at any depth in the same time."""

import re
from typing import NamedTuple

from peewee import SQL, fn

from app.models.customer import Customer
from app.models.outbox import OutboxMail

PAGE_SIZE = 50
COLUMNS = (
    "id",
    "key",
    "recipient",
    "subject",
    "created_ms",
    "next_try_ms",
    "sent_ms",
    "ended_ms",
    "error",
    "kind",
    "state",
    "customer",
    "user",
)


class Page(NamedTuple):
    """`mails` without their texts, with their customers; `counts` is {state: how many}, of all mail."""

    mails: list[OutboxMail]
    counts: dict[str, int]
    newer: bool
    older: bool


def page(text: str, state: str, before: int | None, after: int | None) -> Page:
    """`text` is part of an address, `state` a state or empty; `before` and `after` are ids of the mail next to the
    page."""
    query = matching(text, state)
    if after is not None:
        found = list(query.where(OutboxMail.id > after).order_by(OutboxMail.id).limit(PAGE_SIZE + 1))
        more, found = len(found) > PAGE_SIZE, found[:PAGE_SIZE][::-1]
        return Page(found, counts(), newer=more, older=True)
    if before is not None:
        query = query.where(OutboxMail.id < before)
    found = list(query.order_by(OutboxMail.id.desc()).limit(PAGE_SIZE + 1))
    return Page(found[:PAGE_SIZE], counts(), newer=before is not None, older=len(found) > PAGE_SIZE)


def matching(text: str, state: str):
    columns = [getattr(OutboxMail, name) for name in COLUMNS]
    query = OutboxMail.select(*columns, Customer).left_outer_join(Customer)
    if state:
        query = query.where(OutboxMail.state == state)
    if text:
        # From the index of addresses alone: the rows themselves are wide.
        pattern = "%" + re.sub(r"([\\%_])", r"\\\1", text) + "%"
        ids = "outbox.id IN (SELECT id FROM outbox INDEXED BY outbox_recipient_id WHERE recipient LIKE ? ESCAPE '\\')"
        query = query.where(SQL(ids.replace("outbox.id", '"t1"."id"', 1), (pattern,)))
    return query


def counts() -> dict[str, int]:
    query = OutboxMail.select(OutboxMail.state, fn.COUNT(OutboxMail.id)).group_by(OutboxMail.state)
    return dict(query.tuples())


def repeated_by(mail: OutboxMail) -> OutboxMail | None:
    """The mail that was sent in its place."""
    return OutboxMail.get_or_none(OutboxMail.repeats == mail.id)
