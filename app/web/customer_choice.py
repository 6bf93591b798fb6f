"""Which customer a page is about, for people who have access to several of them: named by its address, or asked.

The address of a document or a payment names its customer; of other pages, `?customer=` does. People with one
customer are never asked.
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

MOST_NAMED = 500


@dataclass(frozen=True)
class Page:
    """A page of the portal, by its endpoint, the values of its path and its query."""

    endpoint: str
    values: dict
    args: MultiDict

    @classmethod
    def at(cls, target: str | None) -> "Page | None":
        """The customers' page at this local path; None for every other page."""
        if not is_local_path(target):
            return None
        parts = urlsplit(target)
        try:
            endpoint, values = current_app.url_map.bind("portal").match(unquote(parts.path), "GET")
        except HTTPException:
            return None
        if access_rule(endpoint) != "customer":
            return None
        # No limit of their number here, which would raise: is_local_path has bounded the whole address.
        return cls(endpoint, values, MultiDict(parse_qsl(parts.query)))

    @property
    def owners(self) -> set[int] | None:
        """The ids of the customers that the address names; None when it names none."""
        if "customer" in self.args:
            customer = Customer.by_public_id(self.args["customer"])
            return {customer.id} if customer else set()
        if self.endpoint in ("payments.show", "documents.receipt"):
            return Attempt.owners(self.values["reference"])
        if self.endpoint in ("invoices.show", "documents.invoice"):
            return Invoice.owners([self.values["public_id"]])
        if "invoice" in self.args:
            return Invoice.owners(self.args.getlist("invoice")[:MOST_NAMED])
        return None


def named_access(target: str | None, user_id: int) -> Access | None:
    """This person's access to the one customer that the page at `target` names."""
    page = Page.at(target)
    owners = page.owners if page else None
    found = [one for one in Access.given_to(user_id) if one.customer_id in (owners or ())]
    return found[0] if len(found) == 1 else None


def page_for(target: str | None, customer: Customer) -> str:
    """`target`, naming `customer` if it names none yet; '' for a page that isn't the customers'."""
    page = Page.at(target)
    if page is None:
        return ""
    if page.owners is not None:
        return target
    parts = urlsplit(target)
    named = urlencode({"customer": customer.public_id})
    return parts._replace(query=f"{parts.query}&{named}" if parts.query else named).geturl()


def require(person: Viewer):
    """A page of the customers is about the one that is open, and its address names that one or leads to a choice."""
    if access_rule(request.endpoint) != "customer":
        return None
    if person.customer_id is not None and not person.has_others:
        if request.args.get("customer", person.customer_public_id) != person.customer_public_id:
            abort(404)
        return None
    if request.method not in ("GET", "HEAD") or is_part_of_own_page(person):
        return None if person.customer_id is not None else ask()
    owners = Page(request.endpoint, request.view_args or {}, request.args).owners
    if owners is None:
        return ask()
    if person.customer_id in owners:
        return None
    if not any(one.customer_id in owners for one in Access.given_to(person.user_id)):
        abort(404)
    return ask()


def is_part_of_own_page(person: Viewer) -> bool:
    return wants_fragment() and request.headers.get("Page-Of") == sessions.page_of(person)


def ask():
    here = sessions.page_they_are_on()
    return go_to(url_for("memberships.choose", next=here if is_local_path(here) else None))
