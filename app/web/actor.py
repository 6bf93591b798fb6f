"""Who is asking, for whatever is written down."""

from flask import current_app, request
from flask_login import current_user

from app.models.actor import By
from app.web.formatting import now


def by() -> By:
    """The administrator of this request, now, from their address."""
    return By(current_user.email, now(), current_app.config["PORTAL"].portal_url, request.remote_addr or "")
