"""Paying invoices by card, and what became of every payment."""

from app.extensions import csrf
from app.payments import receipt_mail, views, webhooks  # noqa: F401 (receipt_mail adds its route)


def init_app(app) -> None:
    app.register_blueprint(views.bp)
    app.register_blueprint(webhooks.bp)
    csrf.exempt(webhooks.bp)  # the gateway has no session: its signature is checked instead
