"""The administrator's search."""


def init_app(app) -> None:
    from app.search.views import bp

    app.register_blueprint(bp)
