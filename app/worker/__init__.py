"""The worker: duties that run without a request, and their schedule."""

from app.worker.duties import Worker

__all__ = ["Worker"]


def init_app(app) -> None:
    from app.worker import cli

    app.cli.add_command(cli.worker_command)
