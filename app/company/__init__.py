"""The Setup menu: the company's data, features, preferences and roles."""


def init_app(app) -> None:
    from app.company import cli
    from app.company.views import bp, information, roles, settings  # noqa: F401 (add routes)

    app.register_blueprint(bp)
    cli.init_app(app)
