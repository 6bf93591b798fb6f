"""Paying invoices by card, and what became of every payment."""

import app.payments.views.history  # noqa: F401 (its routes are on the blueprint of pay.py)
from app.payments import cli, messages
from app.payments.views import pay, webhooks
from app.web.security import csrf


def init_app(app) -> None:
    app.register_blueprint(pay.bp)
    app.register_blueprint(webhooks.bp)
    app.jinja_env.globals["blocked"] = messages.blocked
    cli.init_app(app)
    csrf.exempt(webhooks.bp)  # the gateway has no session: its signature is checked instead
