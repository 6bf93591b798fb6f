"""The first run: until there is an administrator, every page redirects to the page that creates one."""

import re

from flask import abort, current_app, flash, make_response, render_template, request, session, url_for

from app.accounts import passwords
from app.accounts.forms import FirstAdministratorForm
from app.accounts.password_policy import Policy
from app.accounts.views import bp
from app.clock import to_ms
from app.models import Audit, Company, FirstRun, User, one_transaction
from app.models.audit import Actor
from app.web import sessions
from app.web.formatting import company, now
from app.web.htmx import go_to
from app.web.security import needs_database, public

SESSION_KEY = "first-administrator"
OPEN_TO_ALL = (
    "company.logo",
    "webhooks.challenge",
    "webhooks.braintree",
    "accounts.first_administrator",
    "accounts.make_first_administrator",
    "accounts.open_first_administrator",
)
EMAIL_OF_CUSTOMER = "{} is a customer's login. Use another address"


def is_over() -> bool:
    if not current_app.extensions.get("first_run_is_over"):
        current_app.extensions["first_run_is_over"] = not FirstRun.is_open()
    return current_app.extensions["first_run_is_over"]


def redirect_to_first_run():
    is_open = request.endpoint in (None, *OPEN_TO_ALL) or not needs_database(request.endpoint)
    if is_open or is_over():
        return None
    return go_to(url_for("accounts.first_administrator"))


@bp.get("/first-administrator/<token>")
@public
def open_first_administrator(token):
    # The token moves from the URL into the signed session, to keep it out of the history and the Referer header.
    if is_over():
        abort(404)
    session[SESSION_KEY] = token if re.fullmatch("[A-Za-z0-9_-]{43}", token) else ""
    return go_to(url_for("accounts.first_administrator"))


@bp.get("/first-administrator")
@public
def first_administrator():
    if is_over():
        abort(404)
    if not FirstRun.accepts(session.get(SESSION_KEY, ""), now()):
        return render_template("accounts/first_run.html", old=bool(session.get(SESSION_KEY)))
    return show(the_form(), 200)


@bp.post("/first-administrator")
@public
def make_first_administrator():
    if is_over():
        abort(404)
    token, form = session.get(SESSION_KEY, ""), the_form()
    if not FirstRun.accepts(token, now()):
        return make_response(render_template("accounts/first_run.html", old=True), 410)
    user = person(form)
    password_hash = form.validate_on_submit() and validate_new_password(form, user)
    if not password_hash:
        return show(form, 422)
    if not create_administrator(user, password_hash, token, form):
        abort(404)
    sessions.log_in(user)
    flash("You are now an administrator, and you are logged in.")
    return go_to(sessions.front_page(user))


def the_form() -> FirstAdministratorForm:
    form = FirstAdministratorForm()
    if company().name:
        del form.company
    return form


def person(form) -> User:
    return User(email=form.email.data or "", name=form.name.data or "", is_administrator=True, created_ms=to_ms(now()))


def validate_new_password(form, user: User) -> str | None:
    """The hash of an acceptable password. Otherwise None, and the form has the errors."""
    if User.by_email(user.email):
        form.email.errors = [EMAIL_OF_CUSTOMER.format(user.email)]
        return None
    try:
        policy = Policy.for_person(user, company())
        return passwords.hash_new(form.password.data, policy, current_app.extensions["hasher"])
    except passwords.Unacceptable as problem:
        form.password.errors = [str(problem)]
        return None


@one_transaction
def create_administrator(user: User, password_hash: str, token: str, form) -> bool:
    """Use up `token` and make `user` the administrator. False if another request used it first."""
    actor = Actor(user.email, now(), current_app.config["PORTAL"].portal_url, request.remote_addr or "")
    if not FirstRun.use(token, now()):
        return False
    user.save()
    Audit.write("administrator_made", to_ms(now()), **sessions.audit_facts(user.email))
    passwords.set_by_administrator(user, password_hash, actor, must_change=False)
    if "company" in form:
        Company.locked().change({"name": form.company.data}, actor)
    return True


def show(form, status: int):
    policy = Policy.for_person(person(form), company())
    page = render_template(
        "accounts/first_administrator.html", form=form, policy=policy, criteria=policy.criteria(form.password.data)
    )
    return make_response(page, status)
