"""Paying invoices by card, and what became of every payment."""

from app.extensions import csrf
from app.payments import cli, messages
from app.payments.views import webhooks
from app.payments.views.history import bp  # of views/pay.py, too


def init_app(app) -> None:
    app.register_blueprint(bp)
    app.register_blueprint(webhooks.bp)
    app.jinja_env.globals["blocked"] = messages.blocked
    cli.init_app(app)
    csrf.exempt(webhooks.bp)  # the gateway has no session: its signature is checked instead
