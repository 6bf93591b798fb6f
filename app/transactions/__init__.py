"""What an administrator enters by hand: invoices, credit memos and payments received."""


def init_app(app) -> None:
    from app.transactions.views import documents, payments

    app.register_blueprint(documents.bp)
    app.register_blueprint(payments.bp)
