"""Opting out of reminders and monthly statements, and back in: from an email, on the account page, or on a
customer's record."""

from flask import Blueprint, abort, current_app, flash, make_response, render_template, request, url_for
from flask_login import current_user

from app.mail import unsubscribe
from app.models import Customer, ReminderStop, StatementStop
from app.models.audit import Actor
from app.web.actor import current_actor
from app.web.formatting import now
from app.web.htmx import go_to
from app.web.security import hides_referrer, public, staff_only

bp = Blueprint("mail_stops", __name__)
STOPS = {"reminders": ReminderStop, "statements": StatementStop}
NOUNS = {"reminders": "reminders", "statements": "monthly statements"}
WHAT = "<any(reminders, statements):what>"


@bp.record_once
def add_to_templates(state) -> None:
    state.app.jinja_env.globals["mail_stops"] = lambda what, customer_id: STOPS[what].emails(customer_id)


@bp.get(f"/{WHAT}/<token>")
@public
@hides_referrer
def show(what, token):
    # Mail scanners open links, so only pressing the button stops emails.
    customer, email = customer_and_email(what, token)
    return page(what, email, email in STOPS[what].emails(customer.id))


@bp.post(f"/{WHAT}/<token>")
@public
@hides_referrer
def update(what, token):
    # Mail programs send List-Unsubscribe=One-Click without a cookie, and without opening the page first.
    customer, email = customer_and_email(what, token)
    wish = request.form.get("wish", "")
    if wish not in ("start", "stop") and request.form.get("List-Unsubscribe") != "One-Click":
        abort(400)
    actor = Actor(email, now(), "", request.remote_addr or "")
    is_start = wish == "start"
    (STOPS[what].resume if is_start else STOPS[what].stop)(customer, email, actor)
    return page(what, email, not is_start)


def customer_and_email(what: str, token: str) -> tuple[Customer, str]:
    found = unsubscribe.read(current_app.config["PORTAL"], what, token) or abort(404)
    return Customer.by_public_id(found[0]) or abort(404), found[1]


def page(what: str, email: str, is_stopped: bool):
    html = render_template("notices/mail_stops.html", what=what, noun=NOUNS[what], email=email, is_stopped=is_stopped)
    return make_response(html)


@bp.post(f"/account/{WHAT}")
def update_own(what):
    customer = Customer.get_by_id(current_user.customer_id)
    is_start = request.form.get("wish") == "start"
    change = STOPS[what].resume if is_start else STOPS[what].stop
    change(customer, current_user.email, current_actor())
    flash(f"You get {NOUNS[what]} again." if is_start else f"You get no more {NOUNS[what]}.")
    return go_to(url_for("accounts.account"))


@bp.post(f"/customers/<public_id>/{WHAT}")
@staff_only
def resume(public_id, what):
    customer = Customer.by_public_id(public_id) or abort(404)
    email = request.form.get("resume", "")
    if STOPS[what].resume(customer, email, current_actor()):
        flash(f"{email} gets {NOUNS[what]} again.")
    return go_to(url_for("customers.record", public_id=public_id))
