"""The actor of this request."""

from flask import current_app, request
from flask_login import current_user

from app.models.audit import Actor
from app.web.formatting import now


def current_actor() -> Actor:
    """The logged-in person, as the actor of a change that is made now."""
    return Actor(current_user.email, now(), current_app.config["PORTAL"].portal_url, request.remote_addr or "")
