"""Sets a password from an emailed link. Only a POST uses up the link."""

import re

from flask import current_app, flash, make_response, render_template, request, session, url_for

from app.accounts import links, passwords
from app.accounts.emails import duration_text
from app.accounts.forms import EmailForm, NewPasswordForm
from app.accounts.password_policy import Policy
from app.accounts.views import bp
from app.clock import to_ms
from app.models import Audit, Link
from app.models.audit import Actor
from app.web import sessions
from app.web.formatting import company, now
from app.web.htmx import go_to
from app.web.security import public

STATUSES = {links.SENT: 200, links.LIMITED: 429, links.NO_ACCESS: 403}
PAGES = {Link.RESET: "accounts.reset", Link.SETUP: "accounts.welcome"}


@bp.route("/forgot", methods=["GET", "POST"])
@public
def forgot():
    form = EmailForm()
    if not form.validate_on_submit():
        status = 422 if form.is_submitted() else 200
        return make_response(render_template("accounts/forgot.html", form=form), status)
    outcome = links.send_password_link(form.email.data, visitor(), company())
    page = render_template(
        "accounts/sent.html",
        life=duration_text(links.RESET_LIFE),
        outcome=outcome,
        has_mail=current_app.config["PORTAL"].has_mail,
    )
    return make_response(page, STATUSES[outcome])


@bp.get("/reset/<token>")
@public
def open_reset(token):
    return keep_token(Link.RESET, token)


@bp.get("/welcome/<token>")
@public
def open_welcome(token):
    return keep_token(Link.SETUP, token)


@bp.route("/reset", methods=["GET", "POST"])
@public
def reset():
    return set_password(Link.RESET)


@bp.route("/welcome", methods=["GET", "POST"])
@public
def welcome():
    return set_password(Link.SETUP)


@bp.post("/welcome/links")
@public
def new_link():
    outcome = links.resend_setup_link(session.get(session_key(Link.SETUP), ""), visitor(), company())
    if outcome is None:
        return opened_elsewhere()
    page = render_template(
        "accounts/sent_again.html",
        outcome=outcome,
        life=duration_text(links.setup_life(company())),
        has_mail=current_app.config["PORTAL"].has_mail,
    )
    return make_response(page, STATUSES[outcome])


def keep_token(purpose: str, token: str):
    # The token moves from the URL into the signed session, to keep it out of the history and the Referer header.
    token = token if re.fullmatch("[A-Za-z0-9_-]{43}", token) else ""
    session[session_key(purpose)] = token
    link = Link.find(token, purpose)
    # Only GET is recorded: HEAD is never a person. Mail scanners send GET too, so opening does not use up the link.
    if request.method == "GET" and link and link.is_live(now()) and link.note_opened(now()):
        Audit.write(
            "link_opened",
            to_ms(now()),
            subject=f"user:{link.user.email}",
            address=request.remote_addr or "",
            purpose=purpose,
        )
    return go_to(url_for(PAGES[purpose]))


def session_key(purpose: str) -> str:
    return f"link:{purpose}"


def set_password(purpose: str):
    link = Link.find(session.get(session_key(purpose), ""), purpose)
    if session_key(purpose) not in session or (link is None and purpose == Link.SETUP):
        return opened_elsewhere()
    if link is None or not link.is_live(now()) or not link.user.may_log_in(company()):
        return refused(link, purpose)
    form = NewPasswordForm()
    policy = Policy.for_person(link.user, company())
    password_hash = form.validate_on_submit() and validate_new_password(form, policy, link.user)
    if not password_hash:
        return show(purpose, form, policy, link.user)
    if not passwords.set_by_link(link, password_hash, visitor(link.user.email)):
        return refused(Link.get_or_none(Link.id == link.id), purpose)
    if not sessions.log_in(link.user):
        return sessions.redirect_no_access()
    flash("Your password is set. You are logged in.")
    return go_to(sessions.page_after_login(link.user))


def validate_new_password(form: NewPasswordForm, policy: Policy, user) -> str | None:
    """The hash of an acceptable new password. Otherwise None, and the form has the errors."""
    try:
        return passwords.hash_new(
            form.password.data, policy, current_app.extensions["hasher"], old_hash=user.password_hash
        )
    except passwords.Unacceptable as problem:
        form.password.errors = [str(problem)]
        return None


def show(purpose, form, policy, user):
    page = render_template(
        "accounts/set_password.html",
        form=form,
        person=user,
        first=purpose == Link.SETUP,
        criteria=policy.criteria(form.password.data),
        policy=policy,
        here=url_for(PAGES[purpose]),
    )
    return make_response(page, 422 if form.is_submitted() else 200)


def refused(link: Link | None, purpose: str):
    """The page for a link that has ended, or that can't be used while Customer Access is off."""
    if link and link.is_live(now()) and link.user.has_access_or_invitation():
        return make_response(render_template("accounts/link_waits.html", expires_ms=link.expires_ms), 403)
    page = "accounts/welcome_over.html" if purpose == Link.SETUP else "accounts/reset_over.html"
    return make_response(render_template(page), 410)


def opened_elsewhere():
    # The link was opened in another browser.
    return make_response(render_template("accounts/link_elsewhere.html", form=EmailForm(formdata=None)), 410)


def visitor(email: str = "") -> Actor:
    """The actor for a person who isn't logged in. `email` is the address that a link was sent to."""
    return Actor(email, now(), current_app.config["PORTAL"].portal_url, request.remote_addr or "")
