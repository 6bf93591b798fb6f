"""Email: requests write it into the outbox, the worker sends it, Sent Email lists it, and /outbox shows it in the
demo."""


def init_app(app) -> None:
    from app.clock import to_ms
    from app.mail import queries
    from app.mail.views import outbox, sent_email
    from app.models import BounceMailbox

    app.register_blueprint(outbox.bp)
    app.register_blueprint(sent_email.bp)
    app.jinja_env.globals["mail_trouble"] = lambda: queries.trouble(to_ms(app.extensions["clock"]()))
    app.jinja_env.globals["bounce_trouble"] = lambda: (
        BounceMailbox.trouble() if app.config["PORTAL"].bounce_mailbox else None
    )
