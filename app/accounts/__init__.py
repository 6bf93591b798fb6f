"""Logging in and out, passwords and the links that set them, two-factor authentication, the account page."""

import os


def init_app(app) -> None:
    from app.accounts import cli
    from app.accounts.hashing import Busy, Hasher
    from app.accounts.views import account, bp, first_run, login, passkeys, password_links, two_factor  # noqa: F401 (add routes)
    from app.models import Deployment, db
    from app.web import customer_choice, security, sessions

    config = app.config["PORTAL"]
    threads = max(1, (os.cpu_count() or 1) // config.web_processes)
    with db.connection_context():
        pepper = Deployment.pepper_for(config.keys)
    app.extensions["hasher"] = Hasher(pepper, config.bcrypt_rounds, threads=threads)
    app.register_blueprint(bp)
    app.register_error_handler(Busy, login.too_busy)
    security.register_access_checks(
        app,
        sessions.require_second_factor,
        sessions.require_own_password,
        sessions.require_same_page,
        customer_choice.require_customer,
        visitor=first_run.redirect_to_first_run,
    )
    app.jinja_env.globals["page_state"] = sessions.page_state
    cli.init_app(app)
