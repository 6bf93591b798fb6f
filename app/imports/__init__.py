"""Importing customers, invoices, payments and PDFs from files."""


def init_app(app) -> None:
    from app.imports import cli, demo
    from app.imports.views import bp, columns, corrections, run, upload  # noqa: F401 (add routes)

    app.cli.add_command(cli.imports)
    app.cli.add_command(demo.demo)
    app.register_blueprint(bp)
