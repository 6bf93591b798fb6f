"""Mail: written into the outbox by requests, sent by the worker, shown at /outbox in the demo."""


def init_app(app) -> None:
    from app.mail.views import bp

    app.register_blueprint(bp)
