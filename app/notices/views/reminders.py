"""Stopping reminders and getting them again: from an email, on the account page, on a customer's record."""

from flask import Blueprint, abort, current_app, flash, make_response, render_template, request, url_for
from flask_login import current_user

from app.mail import unsubscribe
from app.models import Customer, ReminderStop
from app.models.audit import Actor
from app.web.actor import current_actor
from app.web.formatting import now
from app.web.htmx import go_to
from app.web.security import hides_referrer, public, staff_only

bp = Blueprint("reminders", __name__)


@bp.record_once
def add_to_templates(state) -> None:
    state.app.jinja_env.globals["stopped_reminders"] = lambda customer_id: ReminderStop.emails(customer_id)


@bp.get("/reminders/<token>")
@public
@hides_referrer
def show(token):
    # Mail scanners open links: only a press stops anything.
    customer, email = reader_of(token)
    return page(customer, email, email in ReminderStop.emails(customer.id))


@bp.post("/reminders/<token>")
@public
@hides_referrer
def change(token):
    # Mail programs send List-Unsubscribe=One-Click, without a cookie and without a page of ours before.
    customer, email = reader_of(token)
    wish = request.form.get("wish", "")
    if wish not in ("start", "stop") and request.form.get("List-Unsubscribe") != "One-Click":
        abort(400)
    actor = Actor(email, now(), "", request.remote_addr or "")
    is_start = wish == "start"
    (ReminderStop.resume if is_start else ReminderStop.stop)(customer, email, actor)
    return page(customer, email, not is_start)


def reader_of(token: str) -> tuple[Customer, str]:
    found = unsubscribe.read(current_app.config["PORTAL"], token) or abort(404)
    return Customer.with_id(found[0]) or abort(404), found[1]


def page(customer: Customer, email: str, is_stopped: bool):
    return make_response(render_template("notices/reminders.html", email=email, is_stopped=is_stopped))


@bp.post("/account/reminders")
def save_own():
    customer = Customer.get_by_id(current_user.customer_id)
    is_start = request.form.get("wish") == "start"
    change = ReminderStop.resume if is_start else ReminderStop.stop
    change(customer, current_user.email, current_actor())
    flash("You get reminders again." if is_start else "You get no more reminders.")
    return go_to(url_for("accounts.account"))


@bp.post("/customers/<public_id>/reminders")
@staff_only
def resume(public_id):
    customer = Customer.with_id(public_id) or abort(404)
    email = request.form.get("resume", "")
    if ReminderStop.resume(customer, email, current_actor()):
        flash(f"{email} gets reminders again.")
    return go_to(url_for("customers.record", public_id=public_id))
