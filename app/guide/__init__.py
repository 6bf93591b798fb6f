"""The setup guide: the documented procedure, step by step."""


def init_app(app) -> None:
    from app.guide.views import bp

    app.register_blueprint(bp)
