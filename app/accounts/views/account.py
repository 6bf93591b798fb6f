"""The account page: the person's password, sessions and theme."""

from flask import current_app, flash, make_response, render_template, request, url_for
from flask_login import current_user

from app.accounts import logins, passwords
from app.accounts.authentication import Locked, NoAccess, Right, Wrong, try_password
from app.accounts.forms import ChangePasswordForm
from app.accounts.password_policy import TOO_SIMILAR, Policy, within_one_edit
from app.accounts.views import bp
from app.accounts.views.login import LOCKED
from app.models import Access, User
from app.web import sessions
from app.web.actor import current_actor
from app.web.formatting import company, now, theme_cookie
from app.web.htmx import go_to
from app.web.security import any_login

THEMES = ("system", "light", "dark")
CHANGED = "Your password was changed in another session. Enter the current one"
YEAR = 365 * 24 * 3600


@bp.get("/account")
@any_login
def account():
    return render_template(
        "accounts/account.html",
        nav="account",
        logins=sessions.live_sessions(current_user.user_id),
        accesses=list(Access.given_to(current_user.user_id)),
        themes=THEMES,
        invitations=list(Access.invitations_of(current_user.user_id)),
    )


@bp.route("/account/password", methods=["GET", "POST"])
@any_login
def password():
    user = User.get_by_id(current_user.user_id)
    form, policy = ChangePasswordForm(), Policy.for_person(user, company())
    password_hash = form.validate_on_submit() and validate_new_password(form, policy, user)
    if not password_hash or not changed(form, user, password_hash):
        page = render_template(
            "accounts/password.html",
            nav="account",
            form=form,
            policy=policy,
            criteria=policy.criteria(form.password.data),
        )
        return make_response(page, 422 if form.is_submitted() else 200)
    forced, access = current_user.must_change_password, Access.get_or_none(Access.id == current_user.access_id)
    may_stay = sessions.log_in(user, access)
    flash("Your password is changed. You are logged out everywhere else.")  # after log_in, which clears the session
    if not may_stay:
        return sessions.redirect_no_access()
    return go_to(sessions.page_after_login(user) if forced else url_for("accounts.account"))


def changed(form, user: User, password_hash: str) -> bool:
    done = passwords.set_by_owner(user, password_hash, current_actor(), company())
    if not done:
        form.current_password.errors = [CHANGED]
    return done


def validate_new_password(form, policy: Policy, user: User) -> str | None:
    """The hash of an acceptable new password. Otherwise None, and the form has the errors."""
    # Entering the current password counts as an attempt to log in, so that a stolen session can't guess it.
    current, new = form.current_password.data, form.password.data
    hasher = current_app.extensions["hasher"]
    address = request.remote_addr or ""
    match try_password(user.email, current, hasher=hasher, address=address, now=now()):
        case Locked():
            form.current_password.errors = [LOCKED]
        case Wrong():
            form.current_password.errors = ["The current password is incorrect"]
        case NoAccess():
            form.current_password.errors = [sessions.NO_ACCESS]
        case Right():
            problem = policy.problem(new) or (TOO_SIMILAR if within_one_edit(current, new) else None)
            if problem is None:
                with hasher.slot() as slot:
                    return slot.hash(new)
            form.password.errors = [problem]
    return None


@bp.post("/account/theme")
@any_login
def theme():
    # A cookie, so that the server renders the page in the right colors from the start.
    chosen = request.form.get("theme")
    flash("Saved.")
    response = go_to(url_for("accounts.account"))
    secure = current_app.config["PORTAL"].secure
    if chosen in ("light", "dark"):
        response.set_cookie(theme_cookie(), chosen, max_age=YEAR, secure=secure, httponly=True, samesite="Lax")
    else:
        response.delete_cookie(theme_cookie(), secure=secure, httponly=True, samesite="Lax")
    if secure:
        response.delete_cookie("theme")  # of earlier releases; any subdomain could set it
    return response


@bp.post("/account/sessions")
@any_login
def end_sessions():
    """Log out everywhere else or, with `session` in the form, only in that session."""
    user, chosen = User.get_by_id(current_user.user_id), request.form.get("session")
    if chosen:
        flash(logins.ENDED if logins.end(user, chosen, current_actor()) else logins.ENDED_BEFORE)
    else:
        logins.end_all(user, current_actor(), keep=current_user.session_id)
        flash("You are logged out everywhere else.")
    return go_to(url_for("accounts.account"))
