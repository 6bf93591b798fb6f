"""Reading the audit trail: pages of it, narrowed, newest first, and all of it for an export."""

from collections.abc import Iterator
from dataclasses import dataclass

from app.models.audit import Audit

PAGE_SIZE = 50
BATCH = 1_000
KINDS = {
    "settings": ("setting", "role_added", "role_set", "role_deleted", "test_mail", "gateway_tested", "import"),
    "access": (
        "administrator_made",
        "administrator_removed",
        "access_given",
        "access_taken",
        "role_changed",
        "access_invited",
        "invitation_accepted",
        "invitation_declined",
        "invitation_withdrawn",
        "access_left",
        "renamed",
        "link_sent",
        "notification_sent",
        "link_opened",
        "link_used",
        "customer_added",
        "customer_saved",
        "bulk_access",
        "mail_failed",
        "mail_repeated",
        "login_unlocked",
    ),
    "passwords": ("password_changed", "two_factor_on", "two_factor_off", "recovery_codes", "recovery_code_used"),
    "logins": ("login", "logout", "login_failed", "login_locked", "code_failed", "code_locked", "sessions_ended"),
    "payments": ("restored", "restore_finished"),  # and all that is about a payment
    "viewing": ("view_as", "view_as_stopped"),
}


@dataclass(frozen=True, slots=True)
class Narrowed:
    """What is asked for. `text` is part of a person or subject, `kind` a key of KINDS or empty, `since_ms` (from)
    and `until_ms` (before) moments or None. `before` and `after` are ids of the line next to the page."""

    text: str = ""
    kind: str = ""
    since_ms: int | None = None
    until_ms: int | None = None
    before: int | None = None
    after: int | None = None


@dataclass(frozen=True, slots=True)
class Page:
    lines: list[Audit]
    newer: bool
    older: bool


def page(narrowed: Narrowed) -> Page:
    query = matching(narrowed)
    if narrowed.after is not None:
        found = list(query.where(Audit.id > narrowed.after).order_by(Audit.id).limit(PAGE_SIZE + 1))
        more, found = len(found) > PAGE_SIZE, found[:PAGE_SIZE][::-1]
        return Page(found, newer=more, older=True)
    if narrowed.before is not None:
        query = query.where(Audit.id < narrowed.before)
    found = list(query.order_by(Audit.id.desc()).limit(PAGE_SIZE + 1))
    return Page(found[:PAGE_SIZE], newer=narrowed.before is not None, older=len(found) > PAGE_SIZE)


def every(narrowed: Narrowed) -> Iterator[Audit]:
    """All lines that match, newest first, read in batches: a trail of any length takes no more memory."""
    last = None
    while True:
        query = matching(narrowed) if last is None else matching(narrowed).where(Audit.id < last)
        batch = list(query.order_by(Audit.id.desc()).limit(BATCH))
        yield from batch
        if len(batch) < BATCH:
            return
        last = batch[-1].id


def matching(narrowed: Narrowed):
    query = Audit.select()
    if narrowed.text:
        query = query.where(Audit.subject.contains(narrowed.text) | Audit.actor.contains(narrowed.text))
    if narrowed.kind == "payments":
        is_about_one = Audit.subject.startswith("attempt:") | Audit.event.startswith("payment.")
        query = query.where(is_about_one | Audit.event.in_(KINDS["payments"]))
    elif narrowed.kind:
        query = query.where(Audit.event.in_(KINDS[narrowed.kind]))
    if narrowed.since_ms is not None:
        query = query.where(Audit.at_ms >= narrowed.since_ms)
    if narrowed.until_ms is not None:
        query = query.where(Audit.at_ms < narrowed.until_ms)
    return query
