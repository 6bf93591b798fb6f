"""Adds, renames and removes passkeys, which needs the password except for renaming, and logs in with one."""

from flask import abort, flash, make_response, render_template, request, url_for
from flask_login import current_user

from app.accounts import passkeys
from app.accounts.authentication import Locked, Right
from app.accounts.passkeys import Site
from app.accounts.two_factor import new_recovery_codes, record
from app.accounts.views import bp
from app.accounts.views.two_factor import (
    LOCKED,
    PasskeyForm,
    ProofForm,
    RenameForm,
    check_password,
    current_user_row,
    hasher,
    show,
    site,
)
from app.models import Passkey, RecoveryCode, User, one_transaction
from app.web import sessions
from app.web.actor import current_actor
from app.web.formatting import company, now
from app.web.htmx import go_to
from app.web.security import any_login

NOT_ADDED = "The passkey was not added. Try again."
NOT_ACCEPTED = "The passkey was not accepted. Try again, or enter a code."
REMOVED = "The passkey {name} is removed."
RENAMED = "The passkey is called {name} now."


@bp.post("/account/passkeys")
@any_login
def begin_passkey():
    """The page on which the browser creates a passkey."""
    user, form = current_user_row(), PasskeyForm()
    place = site() or abort(404)
    if not (form.validate_on_submit() and check_password(user, form)):
        return make_response(show(user, ProofForm(formdata=None), form), 422)
    options = passkeys.begin_adding(user, current_user.session_id, form.name.data, place, company(), now())
    return render_template("accounts/passkey.html", nav="account", options=options, name=form.name.data)


@bp.post("/account/passkeys/add")
@any_login
def add_passkey():
    user, place = current_user_row(), site() or abort(404)
    codes = {} if user.has_second_factor else new_recovery_codes(hasher())
    passkey = add(user, place, codes)
    if passkey:
        sessions.log_in(user, second_factor=True)
    if passkey and codes:
        return render_template("accounts/recovery_codes.html", nav="account", codes=list(codes))
    flash(f"The passkey {passkey.name} is added." if passkey else NOT_ADDED)
    return go_to(url_for("accounts.two_factor"))


@one_transaction
def add(user: User, place: Site, codes: dict[str, str]) -> Passkey | None:
    """Save the passkey and end the person's other sessions. None if the browser's response is not valid."""
    session_id, credential = current_user.session_id, request.form.get("credential", "")
    passkey = passkeys.add(user, session_id, credential, place, current_actor(), company())
    if passkey:
        if codes:
            RecoveryCode.issue(user, codes)
        user.end_sessions(keep=session_id)
    return passkey


@bp.post("/account/passkeys/remove")
@any_login
def remove_passkey():
    user, form = current_user_row(), PasskeyForm()
    passkey = Passkey.by_id(user.id, request.form.get("passkey", "")) or abort(404)
    form.name.data = passkey.name
    if not (form.validate() and check_password(user, form)):
        return make_response(show(user, ProofForm(formdata=None), form), 422)
    remove(user, passkey)
    flash(REMOVED.format(name=passkey.name))
    return go_to(url_for("accounts.two_factor"))


@one_transaction
def remove(user: User, passkey: Passkey) -> None:
    user.end_sessions(keep=current_user.session_id)
    user.drop_passkey(passkey)
    record(user, "passkey_removed", current_actor(), company(), name=passkey.name)


@bp.post("/account/passkeys/rename")
@any_login
def rename_passkey():
    user = current_user_row()
    passkey = Passkey.by_id(user.id, request.form.get("passkey", "")) or abort(404)
    form = RenameForm(passkey)
    if not form.validate():
        return make_response(show(user, ProofForm(formdata=None), rename_form=form), 422)
    passkey.rename(form.name.data, current_actor())
    flash(RENAMED.format(name=form.name.data))
    return go_to(url_for("accounts.two_factor"))


@bp.post("/login/passkey")
@any_login
def begin_passkey_login():
    """The page on which the browser uses a passkey."""
    user = pending_user() or abort(404)
    return show_login(user)


@bp.post("/login/passkey/answer")
@any_login
def passkey_login():
    user, place = pending_user() or abort(404), site() or abort(404)
    credential, target = request.form.get("credential", ""), request.form.get("next")
    outcome = passkeys.check(user, current_user.session_id, credential, place, current_actor(), company())
    if not isinstance(outcome, Right):
        if isinstance(outcome, Locked):
            return make_response(show_login(user, LOCKED[user.is_administrator]), 429)
        return make_response(show_login(user, NOT_ACCEPTED), 422)
    sessions.log_in(user, second_factor=True)
    return go_to(sessions.allowed_target(target, user) or sessions.front_page(user))


def pending_user() -> User | None:
    """The person of this session if they still have to enter their second factor and can use a passkey."""
    if not current_user.has_second_factor or current_user.second_factor or site() is None:
        return None
    user = current_user_row()
    return user if user.passkeys.exists() else None


def show_login(user: User, problem: str = ""):
    options = passkeys.begin_login(user, current_user.session_id, site() or abort(404), now())
    return render_template(
        "accounts/passkey_login.html", options=options, problem=problem, next=request.form.get("next", "")
    )
