"""The setup guide, and the pages of the Setup menu whose switches it walks through."""


def init_app(app) -> None:
    from app.setup import information, pages, preferences, roles, wizard  # noqa: F401 (they add their routes)
    from app.setup.blueprint import bp

    app.register_blueprint(bp)
