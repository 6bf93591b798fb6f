"""Bringing customers and invoices in from files."""

from app.imports import commands, demo


def init_app(app) -> None:
    app.cli.add_command(commands.imports)
    app.cli.add_command(demo.demo)
