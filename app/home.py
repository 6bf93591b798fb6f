"""The front door: `/` sends everybody to where they work."""

from flask import Blueprint
from flask_login import current_user

from app.auth.sessions import front_page
from app.htmx import go_to
from app.security import any_login

bp = Blueprint("home", __name__)


@bp.get("/")
@any_login
def index():
    return go_to(front_page(current_user))


def init_app(app) -> None:
    app.register_blueprint(bp)
