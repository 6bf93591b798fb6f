"""The setup guide, with the steps of the documented procedure."""


def init_app(app) -> None:
    from app.guide.views import bp

    app.register_blueprint(bp)
