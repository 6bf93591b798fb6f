"""/invoices: the list of what is owed and was paid, and each document as paper."""


def init_app(app) -> None:
    from app.invoices.views import bp

    app.register_blueprint(bp)
