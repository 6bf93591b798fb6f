"""Exports payments made here as files that accounting systems can import."""


def init_app(app) -> None:
    from app.bookkeeping import cli
    from app.bookkeeping.views import bp

    app.register_blueprint(bp)
    cli.init_app(app)
