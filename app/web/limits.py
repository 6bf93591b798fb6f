"""Maximum lengths of everything that a browser sends, and the request class that enforces them.

A body that is too long is refused before it is read. A value that is too long is cut before other code sees it, to
one character more than is allowed, so that its field can still report an error.
"""

import secrets
from collections.abc import Callable
from functools import cached_property
from io import BytesIO

from flask import Request, abort, current_app, request
from werkzeug.datastructures import ImmutableMultiDict
from werkzeug.formparser import FormDataParser

from app.web import ip

LONGEST_BODY = 128 * 1024  # in bytes, for a view without `@takes`
LARGEST_UPLOAD = 20 * 1024 * 1024  # in bytes, of a file
LONGEST_PASSWORD = 1000  # when logging in; a new password is shorter: app/accounts/password_policy.py
LONGEST_NAME = 200
LONGEST_TEXT = 1000
LONGEST_REASON = 200
MAX_VALUES = 1200  # per field name, such as the selected invoices
UNKNOWN = 100
PROBES = ("/healthz", "/readyz", "/metrics")

LONGEST = {
    # People and customers
    "email": LONGEST_TEXT, "name": LONGEST_NAME, "company": LONGEST_NAME, "number": LONGEST_NAME, "phone": LONGEST_NAME,
    "address": LONGEST_TEXT, "locale": 40, "tax_number": LONGEST_NAME, "role": 20, "customer": 40, "person": 20,
    # Logging in
    "password": LONGEST_PASSWORD, "current_password": LONGEST_PASSWORD, "confirm_password": LONGEST_PASSWORD,
    "code": 40, "credential": 20_000, "passkey": 20, "session": 20, "next": 2000, "csrf_token": 400, "theme": 10,
    "wish": 10, "answer": 20,
    # Lists and searches
    "q": LONGEST_TEXT, "since": LONGEST_TEXT, "until": LONGEST_TEXT, "after": LONGEST_TEXT, "before": LONGEST_TEXT,
    "recorded": 40, "month": 20,
    "view": 20, "dated": 20, "sort": 20, "access": 20, "kind": 20, "via": 20, "v": 40,
    # Mail
    "state": 20, "back": 2000, "link": 10, "subject": 200, "opening": LONGEST_TEXT, "closing": LONGEST_TEXT,
    # Paying
    "invoice": 60, "all": 10, "pay": 10, "amount": 100, "token": 60, "shown": 80, "payment_method_nonce": 255,
    "device_data": 20_000, "bt_challenge": 100, "bt_signature": LONGEST_TEXT, "bt_payload": 60_000,
    # Setup
    "give": 10, "notify": 10, "manual": 10, "shared": 40, "confirm": 10, "then": 10, "version": 160,
    "show": 40, "step": 60, "subtab": 60, "given": 40, "begun": 20, "logo": UNKNOWN, "pdf": UNKNOWN,
    "remove": 10, "view_only": 10,
    "time_zone": 60, "statement_descriptor": LONGEST_NAME, "welcome_message": LONGEST_TEXT,
    "password_policy": 20, "password_min_length": 20, "invitation_hours": 20, "payment_link_days": 20,
    "invoice_mail": 10, "reminders_before": 60, "reminders_after": 60, "links_in_mail": 10, "reminders_off": 10,
    "statement_day": 20, "statements_off": 10,
    "resume": LONGEST_TEXT, "List-Unsubscribe": 20,
    "default_role": 20,
    "can_pay": 10, "can_manage": 10, "credit_card_payments": 10, "customer_access": 10,
    "customers_can_pay_online": 10, "asks_postal_code": 10, "minimum_payment": 100, "currencies": LONGEST_TEXT,
    "currency": 10, "known": 10, "details": LONGEST_TEXT, "bank_details": UNKNOWN,
    # Importing
    "sheet": LONGEST_NAME, "which": 10,
    "file": UNKNOWN, "page": 10, "date_format": 20, "decimal": 10, "made_here": 20, "lines": 10,
    "field": 40, "take_back": 200, "place": 20, "cell": 5000, "leave_out": 20,
    # Exporting payments
    "format": 20,
    # Entering documents by hand
    "issued_on": 40, "due_on": 40, "terms": LONGEST_NAME, "po_number": LONGEST_NAME, "memo": LONGEST_TEXT,
    "bill_to": LONGEST_TEXT, "tax": 40, "description": LONGEST_TEXT, "quantity": 40, "unit_price": 40,
    "line_amount": 40, "do": 20,
    # Payments received
    "received_on": 40, "method": 20, "reference": 100, "part": 100, "cursor": 60, "is_confirmed_different": 10,
    # Deciding about a payment
    "outcome": 20, "transaction_id": 60, "reason": LONGEST_REASON, "account": LONGEST_NAME,
}  # fmt: skip


def takes(kilobytes: int):
    def mark(view):
        view.longest_body = kilobytes * 1024
        return view

    return mark


def longest_body(view: Callable) -> int:
    """In bytes."""
    return getattr(view, "longest_body", LONGEST_BODY)


def refuse_unnamed_parts() -> None:
    # Browsers name every part of a multipart form.
    is_multipart = request.endpoint is not None and request.mimetype == "multipart/form-data"
    if is_multipart and (request.form.has_unnamed_parts or request.files.has_unnamed_parts):
        abort(400)


def longest(name: str) -> int:
    """In characters."""
    return LONGEST.get(name, UNKNOWN)


def truncated_values(body: bytes) -> bytes:
    # A character takes at most 12 bytes of a urlencoded body.
    pairs = (pair.partition(b"=") for pair in body.split(b"&"))
    return b"&".join(name + sign + value[: 12 * (longest(name.decode("latin-1")) + 1)] for name, sign, value in pairs)


class BoundedFields(ImmutableMultiDict):
    """The fields of a query string or a form. A value is cut to one character more than LONGEST allows, and a name has
    at most one value more than MAX_VALUES. Parts of a multipart form without a name are dropped; then
    `has_unnamed_parts` is True."""

    has_unnamed_parts = False

    def __init__(self, mapping=None):
        kept: dict[str, list] = {}
        for name, value in ImmutableMultiDict(mapping).items(multi=True):
            if name is None:
                self.has_unnamed_parts = True
                continue
            values = kept.setdefault(name, [])
            if len(values) <= MAX_VALUES:
                values.append(value[: longest(name) + 1] if isinstance(value, str) else value)
        super().__init__(kept)


class BoundedParser(FormDataParser):
    def parse(self, stream, mimetype, content_length, options=None):
        # Cut before decoding: decoding 100 KB of escapes would block all other requests.
        if mimetype == "application/x-www-form-urlencoded":
            body = truncated_values(stream.read())
            stream, content_length = BytesIO(body), len(body)
        return super().parse(stream, mimetype, content_length, options)


class BoundedRequest(Request):
    """A request whose query string and form are limited before any view, form or hook sees them."""

    parameter_storage_class = BoundedFields
    form_data_parser_class = BoundedParser
    _trusted_hosts: list[str] | None = None

    def __init__(self, environ, **options):
        super().__init__(environ, **options)
        if ":" in (self.remote_addr or ""):
            self.remote_addr = ip.plain(self.remote_addr)

    @property
    def trusted_hosts(self) -> list[str] | None:
        # Health checks use the machine's own address, not PORTAL_URL.
        return None if self.path in PROBES else self._trusted_hosts

    @trusted_hosts.setter
    def trusted_hosts(self, hosts: list[str] | None) -> None:
        self._trusted_hosts = hosts

    @cached_property
    def id(self) -> str:
        # It is in the log, in X-Request-ID and on the page of an unexpected error. Other error pages don't show it: the
        # pages for a missing object and for another customer's object must be identical.
        return secrets.token_hex(4).upper()

    @property
    def max_content_length(self) -> int | None:
        # Flask refuses a longer body before it reads it.
        view = current_app.view_functions.get(self.endpoint)
        return getattr(view, "longest_body", super().max_content_length)
