"""What an administrator enters by hand: invoices and credit memos."""


def init_app(app) -> None:
    from app.transactions.views import documents

    app.register_blueprint(documents.bp)
