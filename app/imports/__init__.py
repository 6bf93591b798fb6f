"""Bringing customers and invoices in from files."""

from app.imports import cli, demo


def init_app(app) -> None:
    app.cli.add_command(cli.imports)
    app.cli.add_command(demo.demo)
