"""The blueprint of this package, and the menu path by which somebody came."""

from flask import Blueprint, abort, current_app, request, url_for
from flask_login import current_user

from app import menu
from app.customers.giving import By
from app.formats import now
from app.models import Customer

bp = Blueprint("customers", __name__, url_prefix="/customers")


def via() -> str | None:
    """"lists" for whoever came by Lists > Relationships > Customers; it goes along to Edit and back."""
    return "lists" if request.args.get("via") == "lists" else None


def place(*below: str) -> dict:
    """What every page here needs to say where it is: `below` are the names under the list in the breadcrumb."""
    page = menu.RELATIONSHIPS if via() else menu.CUSTOMERS
    return {
        "nav": page.path[0].lower(), "here": page, "via": via(), "path": (*page.path, *below),
        "path_links": {page.label: page.url} if below else {}, "at": at,
    }


def at(endpoint: str, **values) -> str:
    """The URL of one of these pages, by the same menu path."""
    return url_for(f"customers.{endpoint}", via=via(), **values)


def the_customer(public_id: str) -> Customer:
    return Customer.get_or_none(Customer.public_id == public_id) or abort(404)


def by() -> By:
    """The administrator who is asking, at this moment."""
    return By(actor=current_user.email, now=now(), portal_url=current_app.config["PORTAL"].portal_url,
              address=request.remote_addr or "")
