"""`flask worker`."""

import signal
import threading
import time

import click
from flask import current_app
from flask.cli import with_appcontext

from app.config import ConfigError
from app.storage.locks import join
from app.worker.duties import Worker


@click.command("worker")
@click.option("--once", is_flag=True, help="Run every duty once and stop.")
@with_appcontext
def worker_command(once):
    """Send mail, confirm payments, poll settlements; until SIGTERM."""
    app = current_app._get_current_object()
    worker = Worker(app)
    if once:
        worker.run_due(time.monotonic())
        if worker.imports:
            worker.imports.join()
        worker.schedule.end()
        return
    join_portal(app.config["PORTAL"])
    stop = threading.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: stop.set())
    while not stop.is_set():
        worker.run_due(time.monotonic())
        stop.wait(0.5)
    worker.schedule.end()


def join_portal(config) -> None:
    try:
        join(config)
    except ConfigError as error:
        raise click.ClickException("\n".join(error.problems)) from None
