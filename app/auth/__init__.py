"""Who is asking: logging in and out, passwords and the links that set them, one's own account."""

from app import security
from app.auth.hashing import Busy, Hasher


def init_app(app) -> None:
    from app.auth import (  # noqa: F401
        account,
        administrators,
        choice,
        cli,
        customers,
        first_administrator,
        links,
        login,
        people,
        second_factor,
        sessions,
    )
    from app.auth.blueprint import bp

    config = app.config["PORTAL"]
    app.extensions["hasher"] = Hasher(config.secret_key, config.bcrypt_rounds)
    app.register_blueprint(bp)
    app.register_error_handler(Busy, login.too_busy)
    security.demand(app, second_factor.require)
    security.demand(app, sessions.require_own_password)
    security.demand(app, sessions.require_same_page)
    security.demand(app, choice.require)
    app.jinja_env.globals["page_of"] = sessions.page_of
    app.context_processor(account.chosen_theme)
    administrators.init_app(app)
    cli.init_app(app)
