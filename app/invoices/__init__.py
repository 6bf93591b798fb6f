"""/invoices: the list of invoices and credit memos, and the page of each document."""


def init_app(app) -> None:
    from app.invoices.views import bp

    app.register_blueprint(bp)
