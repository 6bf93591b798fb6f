"""Logging in and out."""

from flask import current_app, make_response, render_template, request, url_for
from flask_login import current_user
from werkzeug.exceptions import ServiceUnavailable

from app.accounts.authentication import Locked, NoAccess, Right, Wrong, try_password
from app.accounts.forms import LoginForm
from app.accounts.hashing import RETRY_AFTER, Busy
from app.accounts.views import bp
from app.config import DEMO_PASSWORD
from app.models import User
from app.web import customer_choice, sessions
from app.web.errors import http_error
from app.web.formatting import now
from app.web.htmx import go_to
from app.web.security import any_login, public

WRONG = "The email address or password is incorrect."
LOCKED = "Too many attempts. Wait 30 minutes, or reset your password."


@bp.route("/login", methods=["GET", "POST"])
@public
def login():
    form = LoginForm(next=request.args.get("next"))
    if current_user.is_authenticated:
        return go_to(sessions.allowed_target(form.next.data, current_user) or sessions.front_page(current_user))
    if not form.validate_on_submit():
        return show(form, 422 if form.is_submitted() else 200)
    match attempt(form):
        case Right(user) if sessions.log_in(
            user, customer_choice.named_access(form.next.data, user.id), unless_changed=True
        ):
            return go_to(wanted(form, user))
        case NoAccess():
            return make_response(render_template("accounts/no_access.html"), 403)
        case Wrong() | Right():
            form.email.errors = [WRONG]
            return show(form, 422)
        case Locked():
            form.email.errors = [LOCKED]
            return show(form, 429)


@bp.get("/logout")
@any_login
def ask_to_log_out():
    # A page with a button, because a GET must not log out.
    return render_template("accounts/logout.html")


@bp.post("/logout")
@any_login
def logout():
    sessions.log_out()
    response = go_to(url_for("accounts.login"))
    # Not "cookies", which would also clear those of the site's other hosts.
    response.headers["Clear-Site-Data"] = '"cache", "storage"'
    return response


def attempt(form: LoginForm):
    typed = form.password.data
    if typed == DEMO_PASSWORD and not current_app.config["PORTAL"].demo:
        typed = ""  # the demo's password is public
    return try_password(
        form.email.data,
        typed,
        hasher=current_app.extensions["hasher"],
        address=request.remote_addr or "",
        now=now(),
    )


def wanted(form: LoginForm, user: User) -> str:
    return sessions.allowed_target(form.next.data, user) or sessions.page_after_login(user)


def show(form: LoginForm, status: int):
    return make_response(render_template("accounts/login.html", form=form), status)


def too_busy(_error: Busy):
    return http_error(ServiceUnavailable(retry_after=RETRY_AFTER))
