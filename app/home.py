"""The front door: `/` sends everybody to where they work."""

from flask import Blueprint
from flask_login import current_user

from app.htmx import go_to
from app.security import public

bp = Blueprint("home", __name__)


@bp.get("/")
@public
def index():
    if current_user.is_authenticated and current_user.is_administrator:
        return go_to("/setup")
    return go_to("/invoices")


def init_app(app) -> None:
    app.register_blueprint(bp)
