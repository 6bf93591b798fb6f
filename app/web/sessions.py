"""Connects Flask's session cookie and Flask-Login with the sessions in the database."""

from hashlib import sha256

from flask import Blueprint, current_app, flash, g, request, session, url_for
from flask.sessions import SecureCookieSessionInterface
from flask_login import current_user, login_user

from app.clock import to_ms
from app.extensions import login_manager
from app.models import Access, Audit, Company, Link, Session, Throttle, User, one_transaction
from app.models.access import Viewer
from app.web import payment_answer
from app.web.formatting import company, now, page_url
from app.web.htmx import go_to, is_htmx, reload, wants_fragment
from app.web.security import any_login, is_local_path, may_open

NO_ACCESS = "You have no access right now"
ENDED = "You have been logged out. Log in again to continue."
LOGOUT_ENDPOINTS = ("accounts.ask_to_log_out", "accounts.logout")
PASSWORD_ENDPOINTS = ("accounts.password", *LOGOUT_ENDPOINTS)
PASSKEY_ENDPOINTS = ("accounts.begin_passkey", "accounts.add_passkey")
TWO_FACTOR_SETUP_ENDPOINTS = (
    "accounts.two_factor",
    "accounts.confirm_two_factor",
    *PASSKEY_ENDPOINTS,
    *PASSWORD_ENDPOINTS,
)
SECOND_FACTOR_ENDPOINTS = ("accounts.code", "accounts.begin_passkey_login", "accounts.passkey_login", *LOGOUT_ENDPOINTS)
LONGEST_HEADER = 500  # in characters; names are near the start or end of a shorter one
# (text in the User-Agent header, name). The first match counts: Chrome also says Safari, and others also say Chrome.
BROWSERS = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser", "Samsung Internet"),
    ("Firefox", "Firefox"),
    ("FxiOS", "Firefox"),
    ("Chrome", "Chrome"),
    ("CriOS", "Chrome"),
    ("Safari", "Safari"),
)
SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Mac OS", "Mac"),
    ("CrOS", "Chromebook"),
    ("Linux", "Linux"),
)

bp = Blueprint("home", __name__)


def init_app(app) -> None:
    app.session_interface = SessionCookie()
    app.register_blueprint(bp)


class SessionCookie(SecureCookieSessionInterface):
    def save_session(self, app, session, response) -> None:
        # Flask-Login reads the session after each request, so Flask would add `Vary: Cookie` to static files too.
        # security.set_headers sets Vary.
        if session.modified:
            super().save_session(app, session, response)


@login_manager.user_loader
def load_viewer(token: str) -> Viewer | None:
    config = current_app.config["PORTAL"]
    return Session.viewer(token, now(), config.session_idle, config.session_absolute)


def current_viewer() -> Viewer:
    """The viewer of this request, as an object that can be passed to code outside of requests."""
    return current_user._get_current_object()


@login_manager.unauthorized_handler
def ask_to_log_in():
    # After login the person returns to this page, unless it was the home page.
    is_leaving = request.endpoint == "accounts.logout"
    if "_user_id" in session and not is_leaving and ENDED not in dict(session.get("_flashes", ())).values():
        flash(ENDED)
    here = None if is_leaving else payment_answer.payment_page_url() or current_page()
    response = go_to(url_for("accounts.login", next=here if is_local_path(here) else None))
    if is_htmx():
        response.status_code = 401
    return response


def current_page() -> str | None:
    sent_from = (request.referrer or "").partition(request.host_url)
    if (is_htmx() or request.method != "GET") and sent_from[1] and not sent_from[0]:
        return "/" + sent_from[2].partition("#")[0]
    return request.full_path.rstrip("?") if request.method == "GET" and request.path != "/" else None


def log_in(user: User, access: Access | None = None, unless_changed: bool = False, second_factor: bool = False) -> bool:
    """Open a new session for `user` in this browser. Nothing of the previous session is kept, not even its CSRF token,
    except that the same person need not enter the second factor again.

    Returns False, without a session, if the person may no longer log in; with `unless_changed` also if the password was
    changed since `user` was read.
    """
    config, moment = current_app.config["PORTAL"], now()
    with_code = second_factor or (
        current_user.is_authenticated and current_user.second_factor and current_user.user_id == user.id
    )

    @one_transaction
    def open_session() -> str | None:
        if unless_changed and not user.has_same_password():
            return None
        if not User.get_by_id(user.id).may_log_in(Company.current()):
            return None
        Session.forget_old(moment, config.session_idle, config.session_absolute)
        Throttle.forget_old(moment)
        Link.forget_old(moment)
        if current_user.is_authenticated:
            Session.end(current_user.session_id)
        device, address = device_name(request.user_agent.string), request.remote_addr or ""
        token = Session.open(user, moment, access, with_code, device, address[:45])
        User.update(last_login_ms=to_ms(moment)).where(User.id == user.id).execute()
        Audit.write("login", to_ms(moment), **audit_facts(user.email))
        return token

    token = open_session()
    if token is None:
        return False
    session.clear()
    g.pop("csrf_token", None)
    login_user(Session.viewer(token, moment, config.session_idle, config.session_absolute))
    return True


def device_name(user_agent: str) -> str:
    """'Firefox on Windows'. The browser or the system alone if the other is unknown; '' if both are."""
    text = user_agent[:LONGEST_HEADER]
    found = [next((name for mark, name in marks if mark in text), "") for marks in (BROWSERS, SYSTEMS)]
    return " on ".join(filter(None, found))


def log_out() -> None:
    Session.end(current_user.session_id)
    Audit.write("logout", to_ms(now()), **audit_facts(current_user.email))
    session.clear()


def audit_facts(email: str) -> dict:
    return {"subject": f"user:{email}", "actor": email, "address": request.remote_addr or ""}


def allowed_target(target: str | None, user: User | Viewer) -> str:
    return target if is_local_path(target) and may_open(target, user) else ""


def front_page(user: User | Viewer) -> str:
    return url_for("guide.index") if user.is_administrator else page_url("invoices.index")


@bp.get("/")
@any_login
def index():
    return go_to(front_page(current_user))


def page_after_login(user: User) -> str:
    has_choice = Access.given_to(user).count() > 1 or Access.invitations_of(user.id).exists()
    return url_for("memberships.choose") if has_choice else front_page(user)


def redirect_no_access():
    """For a person whose access ended while they were setting a password or switching customers."""
    flash(f"{NO_ACCESS}.")
    return go_to(url_for("accounts.login"))


def page_state(person: Viewer) -> str:
    """A hash of what a page depends on: the login, the customer, whether this person may pay, whether online payment
    is on, and the currencies. Partial updates send it in the Page-Of header."""
    firm = company()
    state = (person.session_token, person.customer_id, person.can_pay, firm.online_payment_is_on, firm.currencies)
    return sha256(repr(state).encode()).hexdigest()[:16]


def require_same_page(person: Viewer):
    # The page may have been rendered for another login or other permissions.
    said = request.headers.get("Page-Of")
    if said and said != page_state(person) and person.customer_id and request.method == "GET" and wants_fragment():
        return reload()
    return None


def require_second_factor(person: Viewer):
    """An access check: people with a second factor must have used it. Administrators must set one up, except in the
    demo."""
    if person.has_second_factor and not person.second_factor:
        here = request.full_path.rstrip("?") if request.method == "GET" else None
        return None if request.endpoint in SECOND_FACTOR_ENDPOINTS else go_to(url_for("accounts.code", next=here))
    if person.is_administrator and not person.has_second_factor and not current_app.config["PORTAL"].demo:
        return None if request.endpoint in TWO_FACTOR_SETUP_ENDPOINTS else go_to(url_for("accounts.two_factor"))
    return None


def require_own_password(person: Viewer):
    if person.must_change_password and request.endpoint not in PASSWORD_ENDPOINTS:
        return go_to(url_for("accounts.password"))
    return None


def live_sessions(user_id: int) -> list[Session]:
    """This person's sessions that have not ended."""
    config = current_app.config["PORTAL"]
    return Session.live_of(user_id, now(), config.session_idle, config.session_absolute)
