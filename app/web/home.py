"""The front door: `/` sends everybody to where they work."""

from flask import Blueprint
from flask_login import current_user

from app.web.htmx import go_to
from app.web.security import any_login
from app.web.sessions import front_page

bp = Blueprint("home", __name__)


@bp.get("/")
@any_login
def index():
    return go_to(front_page(current_user))


def init_app(app) -> None:
    app.register_blueprint(bp)
