"""Finds out which customer a page is about, for people who have access to several customers.

The URL of a document or a payment identifies its customer. Other pages have `?customer=`. Without it, people with
several customers choose one first.
"""

from dataclasses import dataclass
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit

from flask import abort, current_app, request, url_for
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import HTTPException

from app.models import Access, Attempt, Customer, Invoice
from app.models.access import Viewer
from app.web import sessions
from app.web.htmx import go_to, wants_fragment
from app.web.security import access_rule, is_local_path

MAX_INVOICES = 500


@dataclass(frozen=True)
class Page:
    """A page of the portal: its endpoint, the values in its path, and its query."""

    endpoint: str
    values: dict
    args: MultiDict

    @classmethod
    def at(cls, target: str | None) -> "Page | None":
        """The customer page at this local path. None if it is another kind of page or doesn't exist."""
        if not is_local_path(target):
            return None
        parts = urlsplit(target)
        try:
            endpoint, values = current_app.url_map.bind("portal").match(unquote(parts.path), "GET")
        except HTTPException:
            return None
        if access_rule(endpoint) != "customer":
            return None
        # No `max_num_fields`, which would raise: is_local_path limits the length of the URL.
        return cls(endpoint, values, MultiDict(parse_qsl(parts.query)))

    @property
    def owner_ids(self) -> set[int] | None:
        """The ids of the customers that the URL identifies. None if it identifies none."""
        if "customer" in self.args:
            customer = Customer.by_public_id(self.args["customer"])
            return {customer.id} if customer else set()
        if self.endpoint in ("payments.show", "documents.receipt"):
            return Attempt.owners(self.values["reference"])
        if self.endpoint in ("invoices.show", "documents.invoice"):
            return Invoice.owners([self.values["public_id"]])
        if "invoice" in self.args:
            return Invoice.owners(self.args.getlist("invoice")[:MAX_INVOICES])
        return None


def named_access(target: str | None, user_id: int) -> Access | None:
    """This person's access to the customer of the page at `target`. None unless there is exactly one."""
    page = Page.at(target)
    owner_ids = page.owner_ids if page else None
    found = [one for one in Access.given_to(user_id) if one.customer_id in (owner_ids or ())]
    return found[0] if len(found) == 1 else None


def page_for(target: str | None, customer: Customer) -> str:
    """`target`, with ?customer= added if it identifies no customer. '' if it is not a customer page."""
    page = Page.at(target)
    if page is None:
        return ""
    if page.owner_ids is not None:
        return target
    parts = urlsplit(target)
    named = urlencode({"customer": customer.public_id})
    return parts._replace(query=f"{parts.query}&{named}" if parts.query else named).geturl()


def require_customer(person: Viewer):
    """An access check: a customer page must belong to the open customer. If it doesn't, or no customer is open, returns
    a redirect to the page where the person chooses one."""
    if access_rule(request.endpoint) != "customer":
        return None
    if person.customer_id is not None and not person.has_others:
        if request.args.get("customer", person.customer_public_id) != person.customer_public_id:
            abort(404)
        return None
    if request.method not in ("GET", "HEAD") or is_part_of_own_page(person):
        return None if person.customer_id is not None else ask_for_customer()
    owner_ids = Page(request.endpoint, request.view_args or {}, request.args).owner_ids
    if owner_ids is None:
        return ask_for_customer()
    if person.customer_id in owner_ids:
        return None
    if not any(one.customer_id in owner_ids for one in Access.given_to(person.user_id)):
        abort(404)
    return ask_for_customer()


def is_part_of_own_page(person: Viewer) -> bool:
    return wants_fragment() and request.headers.get("Page-Of") == sessions.page_state(person)


def ask_for_customer():
    here = sessions.current_page()
    return go_to(url_for("memberships.choose", next=here if is_local_path(here) else None))
