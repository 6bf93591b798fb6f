"""Queries of the audit trail, newest first: pages, and all matching lines for an export."""

from collections.abc import Iterator
from dataclasses import dataclass

from app.models.audit import Audit
from app.models.base import all_by_id, page_by_id

PAGE_SIZE = 50
KINDS = {
    "settings": (
        *("setting", "role_added", "role_set", "role_deleted", "test_mail", "gateway_tested", "import"),
        "import_undone",
    ),
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
        "document_file_added",
        "document_file_removed",
        "bulk_access",
        "mail_failed",
        "mail_repeated",
        "login_unlocked",
        "person_erased",
        "personal_data_exported",
    ),
    "passwords": (
        "password_changed",
        "two_factor_on",
        "two_factor_off",
        "passkey_added",
        "passkey_renamed",
        "passkey_removed",
        "recovery_codes",
        "recovery_code_used",
    ),
    "logins": (
        "login",
        "logout",
        "login_failed",
        "login_locked",
        "code_failed",
        "code_locked",
        "session_ended",
        "sessions_ended",
        "logged_out_everywhere",
    ),
    "payments": (
        "restored",
        "restore_finished",
        "payments_exported",
        "export_confirmed",
        "received_recorded",
        "received_changed",
        "received_removed",
    ),  # and all lines about a payment
    "documents": (
        "invoice_entered",
        "invoice_changed",
        "invoice_voided",
        "credit_memo_entered",
        "credit_memo_changed",
        "credit_memo_voided",
    ),
    "viewing": ("view_as", "view_as_stopped"),
}


@dataclass(frozen=True, slots=True)
class Criteria:
    """A filter and a position. `text` is part of an actor or subject. `kind` is a key of KINDS or ''. `since_ms` is
    inclusive, `until_ms` exclusive. `before` and `after` are ids of the line next to the page."""

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


def page(criteria: Criteria) -> Page:
    return Page(*page_by_id(matching(criteria), Audit.id, PAGE_SIZE, criteria.before, criteria.after))


def all_lines(criteria: Criteria) -> Iterator[Audit]:
    """All lines that match, newest first."""
    return all_by_id(matching(criteria), Audit.id)


def matching(criteria: Criteria):
    query = Audit.select()
    if criteria.text:
        query = query.where(Audit.subject.contains(criteria.text) | Audit.actor.contains(criteria.text))
    if criteria.kind == "payments":
        is_about_one = Audit.subject.startswith("attempt:") | Audit.event.startswith("payment.")
        query = query.where(is_about_one | Audit.event.in_(KINDS["payments"]))
    elif criteria.kind:
        query = query.where(Audit.event.in_(KINDS[criteria.kind]))
    if criteria.since_ms is not None:
        query = query.where(Audit.at_ms >= criteria.since_ms)
    if criteria.until_ms is not None:
        query = query.where(Audit.at_ms < criteria.until_ms)
    return query
