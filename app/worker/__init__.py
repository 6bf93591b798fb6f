"""What happens without a request: duties, their schedule, and the process that is their clock."""

from app.worker.duties import Worker

__all__ = ["Worker"]


def init_app(app) -> None:
    from app.worker import cli

    app.cli.add_command(cli.worker_command)
