"""The way back: payments made here, in files that the books can take in."""


def init_app(app) -> None:
    from app.bookkeeping import cli
    from app.bookkeeping.views import bp

    app.register_blueprint(bp)
    cli.init_app(app)
