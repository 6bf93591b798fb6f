"""View as customer: an administrator sees the customer's pages, read-only."""

from flask import Blueprint, abort, flash, request, session, url_for
from flask_login import current_user

from app.clock import to_ms
from app.models import Audit, Customer, Session, one_transaction
from app.models.session import VIEWED
from app.web.formatting import now
from app.web.htmx import go_to
from app.web.security import staff_only

bp = Blueprint("viewing", __name__)
STOPPED = "view_as_stopped"
STARTED_FROM = "viewing_begun"


@bp.post("/customers/<public_id>/view-as")
@staff_only
def start(public_id):
    customer = Customer.by_public_id(public_id) or abort(404)
    view_as(customer, VIEWED, customer.number)
    session[STARTED_FROM] = "guide" if request.form.get("begun") == "guide" else "record"
    return go_to(url_for("invoices.index", view="open"))


@bp.post("/viewing/stop")
@staff_only
def stop():
    """Redirects to the guide or the record, where the administrator started. If no customer is viewed, to the list."""
    customer = current_user.viewing_as and Customer.get_or_none(Customer.id == current_user.customer_id)
    if not customer:
        return go_to(url_for("customers.index"))
    view_as(None, STOPPED, customer.number)
    flash(f"You are no longer viewing as {customer.name}.")
    if session.pop(STARTED_FROM, "") == "guide":
        return go_to(url_for("guide.index", step="check"))
    return go_to(url_for("customers.access", public_id=customer.public_id))


@one_transaction
def view_as(customer: Customer | None, event: str, number: str) -> None:
    Session.view_as(current_user.session_id, customer)
    Audit.write(
        event, to_ms(now()), subject=f"customer:{number}", actor=current_user.email, address=request.remote_addr or ""
    )
