"""Papers: invoices, receipts and statements as PDF files."""


def init_app(app) -> None:
    from app.documents import files  # noqa: F401 (receipts go out with their emails)
    from app.documents.views import bp, downloads, statements  # noqa: F401 (add routes)

    app.register_blueprint(bp)
