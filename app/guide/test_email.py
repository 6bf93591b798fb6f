"""A test email to the administrator, to see whether mail arrives."""

from flask import current_app, request
from flask_login import current_user

from app.clock import to_ms
from app.mail.compose import compose
from app.models import Audit, OutboxMail, db
from app.web.formatting import company, locale, now


def send() -> None:
    """Queue a test email, unless one is already waiting. One transaction."""
    at, login_url = to_ms(now()), f"{current_app.config['PORTAL'].portal_url}/login"
    mail = compose(
        "test",
        company(),
        locale(),
        person=current_user.name or current_user.email,
        at_ms=at,
        login_url=login_url,
    )
    with db.atomic():
        if (earlier := latest()) and earlier.waits_to_be_sent:
            return
        OutboxMail.queue(f"{prefix()}:{at}", current_user.email, mail, now())
        Audit.write(
            "test_mail",
            at,
            subject=f"user:{current_user.email}",
            actor=current_user.email,
            address=request.remote_addr or "",
        )


def latest() -> OutboxMail | None:
    """The last test email to the current user."""
    return OutboxMail.latest(prefix())


def prefix() -> str:
    return f"test:{current_user.user_id}"
