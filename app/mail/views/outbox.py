"""/outbox: every mail as its recipient sees it, only in the demo.

Outside the demo the page doesn't exist, because mail is private.
"""

import base64
import hashlib
import re

from flask import Blueprint, abort, current_app, make_response, render_template

from app.mail.compose import LOGO
from app.models import OutboxMail
from app.web.formatting import company
from app.web.security import content_security_policy, public

bp = Blueprint("mail", __name__, url_prefix="/outbox")
SHOWN = 100


@bp.before_request
def demo_only():
    if not current_app.config["PORTAL"].demo:
        abort(404)


@bp.get("")
@public
def index():
    mails = list(OutboxMail.newest_first().limit(SHOWN))
    return render_template("mail/index.html", mails=mails, shown=SHOWN)


@bp.get("/<number>")
@public
def show(number):
    mail = OutboxMail.by_id(number) or abort(404)
    page = render_template("mail/show.html", mail=mail, links=links_in(mail.text))
    response = make_response(page)
    response.headers["Content-Security-Policy"] = content_security_policy(frame_src=["'self'"])
    return response


@bp.get("/<number>/html")
@public
def html(number):
    """The HTML part, for the frame on its page. Only its own style and the logo are loaded, and no scripts."""
    mail = OutboxMail.by_id(number) or abort(404)
    return set_frame_policy(make_response(mail.html))


def set_frame_policy(response):
    markup = with_logo(response.get_data(as_text=True))
    response.set_data(markup)
    response.headers["Content-Security-Policy"] = (
        f"default-src 'none'; style-src {style_hash(markup)}; img-src 'self'; base-uri 'none'; "
        "form-action 'none'; frame-ancestors 'self'; "
        "sandbox allow-popups allow-popups-to-escape-sandbox"
    )
    response.headers["X-Frame-Options"] = "SAMEORIGIN"
    return response


def with_logo(markup: str) -> str:
    """The HTML part with the URL of the logo that is attached to the mail."""
    return markup.replace(f"cid:{LOGO}", f"/logo/{company().logo_hash}")


def style_hash(markup: str) -> str:
    """The first <style> of `markup` as a CSP source; any other style is refused."""
    style = re.search(r"<style>(.*?)</style>", markup, re.S)
    if style is None:
        return "'none'"
    return f"'sha256-{base64.b64encode(hashlib.sha256(style[1].encode()).digest()).decode()}'"


def links_in(text: str) -> list[str]:
    return list(dict.fromkeys(re.findall(r"https?://[^\s<>\"]+", text)))
