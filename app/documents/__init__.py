"""PDF files of invoices, credit memos, receipts and statements."""


def init_app(app) -> None:
    from app.documents import files  # noqa: F401 (receipts go out with their emails)
    from app.documents.views import bp, downloads, statements  # noqa: F401 (add routes)

    app.register_blueprint(bp)
