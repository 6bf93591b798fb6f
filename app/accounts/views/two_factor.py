"""Two-factor authentication: a code from an authenticator app after the password (RFC 6238)."""

import re

import pyotp
import segno
from flask import abort, current_app, flash, make_response, render_template, request, session, url_for
from flask_login import current_user
from markupsafe import Markup
from wtforms import HiddenField, PasswordField, StringField

from app.accounts.authentication import Locked, Right, Wrong, try_password
from app.accounts.hashing import Hasher
from app.accounts.passkeys import Site
from app.accounts.two_factor import SEEDS, check_code, new_recovery_codes, record
from app.accounts.views import bp
from app.accounts.views.login import LOCKED as PASSWORD_LOCKED
from app.keys import Keys
from app.models import Passkey, RecoveryCode, User, one_transaction
from app.sealed import Unreadable, encrypt
from app.web import field_parsers, sessions
from app.web.actor import current_actor
from app.web.formatting import company, now
from app.web.forms import Form, filled, parsed_by, stripped
from app.web.htmx import go_to
from app.web.security import any_login

WRONG_CODE = "The code is incorrect. Enter the newest one"
# What an administrator reads, who may operate the portal, and what a customer does.
LOCKED = {
    True: "Too many attempts. Wait 30 minutes, or run flask reset-two-factor on the server",
    False: "Too many attempts. Wait 30 minutes, or contact us",
}
UNREADABLE = {
    True: "The portal's secret key has changed. Run flask reset-two-factor on the server",
    False: "Your code can't be checked. Contact us, so that you can set up two-factor authentication again",
}
WRONG_PASSWORD = "The password is incorrect"  # noqa: S105 (words)
PENDING = "pending_totp"


def code_field() -> StringField:
    """Without inputmode="numeric", because recovery codes have letters."""
    attributes = {"autocomplete": "one-time-code", "autocapitalize": "none", "spellcheck": "false"}
    label = "Code from your authenticator app"
    return StringField(label, validators=[filled("Enter the code")], render_kw=attributes)


class CodeForm(Form):
    code = code_field()
    next = HiddenField()


class ProofForm(Form):
    password = PasswordField(
        "Password",
        id="proof-password",
        validators=[filled("Enter your password")],
        render_kw={"autocomplete": "current-password"},
    )
    code = code_field()


PASSKEY_NAME = [filled("Enter a name, such as My phone"), parsed_by(field_parsers.one_line)]


class RenameForm(Form):
    name = StringField("New name", filters=[stripped], validators=PASSKEY_NAME)

    def __init__(self, passkey: Passkey, **settings):
        super().__init__(**settings)
        self.passkey = passkey
        self.name.id = f"name-of-{passkey.id}"


class PasskeyForm(Form):
    password = PasswordField(
        "Password",
        id="passkey-password",
        validators=[filled("Enter your password")],
        render_kw={"autocomplete": "current-password"},
    )
    name = StringField("Name of the passkey", id="passkey-name", filters=[stripped], validators=PASSKEY_NAME)


@bp.route("/login/code", methods=["GET", "POST"])
@any_login
def code():
    if not current_user.has_second_factor or current_user.second_factor:
        return go_to(sessions.front_page(current_user))
    form, user = CodeForm(next=request.args.get("next")), current_user_row()
    if not form.validate_on_submit():
        return show_code(form, user, 422 if form.is_submitted() else 200)
    if problem := code_problem(user, form.code.data):
        form.code.errors = [problem]
        return show_code(form, user, 429 if problem == LOCKED[user.is_administrator] else 422)
    sessions.log_in(user, second_factor=True)
    return go_to(sessions.allowed_target(form.next.data, user) or sessions.front_page(user))


def show_code(form: CodeForm, user: User, status: int):
    if not user.totp_confirmed_ms:
        form.code.label.text = "Recovery code"
    page = render_template("accounts/code.html", form=form, passkeys=Passkey.of(user.id), totp=user.totp_confirmed_ms)
    return make_response(page, status)


@bp.get("/account/two-factor")
@any_login
def two_factor():
    return show(current_user_row(), ProofForm())


@bp.post("/account/two-factor")
@any_login
def confirm_two_factor():
    user, form, secret = current_user_row(), ProofForm(), session.get(PENDING)
    if user.totp_confirmed_ms or not secret:
        abort(404)
    user.totp_secret = encrypt(secret, keys(), SEEDS)
    if form.validate_on_submit() and check_proof(user, form):
        codes = new_recovery_codes(hasher())
        if not turn_on(user, codes):
            abort(404)
        sessions.log_in(user, second_factor=True)
        return render_template("accounts/recovery_codes.html", nav="account", codes=list(codes))
    return make_response(show(user, form), 422)


@one_transaction
def turn_on(user: User, codes: dict[str, str]) -> bool:
    """Turn two-factor authentication on and end the person's other sessions. False if another session turned it on."""
    if not user.confirm_totp(now()):
        return False
    RecoveryCode.issue(user, codes)
    record(user, "two_factor_on", current_actor(), company())
    user.end_sessions(keep=current_user.session_id)
    return True


@bp.post("/account/two-factor/change")
@any_login
def change_two_factor():
    user, form = current_user_row(), ProofForm()
    wish = request.form.get("wish")
    if wish == "codes" and user.has_second_factor and not user.totp_confirmed_ms:
        return replace_codes_beside_passkeys(user)
    if not user.totp_confirmed_ms or wish not in ("codes", "device"):
        abort(404)
    if not (form.validate_on_submit() and check_proof(user, form)):
        return make_response(show(user, form), 422)
    if wish == "codes":
        return show_new_codes(user)
    turn_off(user)
    flash("Two-factor authentication is off.")
    return go_to(url_for("accounts.two_factor"))


def replace_codes_beside_passkeys(user: User):
    """For a person without an authenticator app. The password is enough, as for removing a passkey."""
    form = PasskeyForm()
    if form.password.validate(form) and check_password(user, form):
        return show_new_codes(user)
    return make_response(show(user, ProofForm(formdata=None), form), 422)


def show_new_codes(user: User):
    codes = new_recovery_codes(hasher())
    replace_codes(user, codes)
    return render_template("accounts/recovery_codes.html", nav="account", codes=list(codes))


@one_transaction
def turn_off(user: User) -> None:
    user.end_sessions(keep=current_user.session_id)
    user.drop_totp()
    record(user, "two_factor_off", current_actor(), company())


@one_transaction
def replace_codes(user: User, codes: dict[str, str]) -> None:
    user.end_sessions(keep=current_user.session_id)
    RecoveryCode.issue(user, codes)
    record(user, "recovery_codes", current_actor(), company())


def current_user_row() -> User:
    return User.get_by_id(current_user.user_id)


def keys() -> Keys:
    return current_app.config["PORTAL"].keys


def site() -> Site | None:
    config = current_app.config["PORTAL"]
    return Site.of(config.portal_url, config.origin)


def hasher() -> Hasher:
    return current_app.extensions["hasher"]


def check_proof(user: User, form: ProofForm) -> bool:
    """True if the password and the code are correct. Otherwise the form has the error."""
    if check_password(user, form) and (problem := code_problem(user, form.code.data)):
        form.code.errors = [problem]
    return not form.errors


def check_password(user: User, form) -> bool:
    """True if the password is correct. Otherwise the form has the error."""
    address = request.remote_addr or ""
    outcome = try_password(user.email, form.password.data, hasher=hasher(), address=address, now=now())
    if not isinstance(outcome, Right):
        form.password.errors = [PASSWORD_LOCKED if isinstance(outcome, Locked) else WRONG_PASSWORD]
    return not form.errors


def code_problem(user: User, typed: str) -> str | None:
    """The error of a wrong code. None if the code was correct; it is used up then."""
    try:
        outcome = check_code(user, typed, current_actor(), company(), hasher=hasher(), keys=keys())
    except Unreadable:
        current_app.logger.error("The two-factor seed of %s was encrypted with another secret key", user.email)
        return UNREADABLE[user.is_administrator]
    return {Right: None, Wrong: WRONG_CODE, Locked: LOCKED[user.is_administrator]}[type(outcome)]


def show(
    user: User,
    form: ProofForm,
    passkey_form: PasskeyForm | None = None,
    rename_form: RenameForm | None = None,
):
    setup = None if user.totp_confirmed_ms else AppSetup(user)
    if setup:
        form.code.render_kw = {**form.code.render_kw, "inputmode": "numeric"}
    passkey_form = passkey_form or PasskeyForm(formdata=None)
    rename_forms = [RenameForm(one, formdata=None, name=one.name) for one in Passkey.of(user.id)]
    if rename_form:
        rename_forms = [rename_form if one.passkey == rename_form.passkey else one for one in rename_forms]
    return render_template(
        "accounts/two_factor.html",
        nav="account",
        form=form,
        setup=setup,
        left=RecoveryCode.left(user.id),
        passkeys=[(one.passkey, one) for one in rename_forms],
        passkey_form=passkey_form,
        problems=[problem for each in (form, passkey_form, *rename_forms) for problem in each.problems],
        can_add=site() is not None,
        has_second_factor=user.has_second_factor,
    )


class AppSetup:
    """What an authenticator app needs: the secret to type, and a QR code with it.

    Until it is confirmed, the secret is kept in the browser's session only.
    """

    def __init__(self, user: User):
        secret = session.setdefault(PENDING, pyotp.random_base32())
        issuer = company().name or "Customer Center"
        uri = pyotp.TOTP(secret).provisioning_uri(name=user.email, issuer_name=issuer)
        self.secret = " ".join(re.findall(".{1,4}", secret))
        picture = segno.make(uri, micro=False).svg_inline(border=3, light="#fff", dark="#000", omitsize=True)
        self.picture = Markup(picture)  # noqa: S704 (an SVG of squares, made here)
