"""How far an import is: a bar on a terminal, a line now and then elsewhere. Always on standard error."""

import sys
from collections.abc import Callable
from contextlib import contextmanager

import click

from app.imports.source import Source

Watch = Callable[[int, Source], None]
EVERY_BAR, EVERY_LINE = 2_000, 20_000


def silent(_row: int, _source: Source) -> None:
    pass


def quiet(_text: str) -> None:
    pass


def aloud(text: str) -> None:
    """Say something below the bar."""
    click.echo(f"\n{text}" if sys.stderr.isatty() else text, err=True)


@contextmanager
def shown_progress(name: str, size: int):
    """A Watch to call with every row."""
    if not sys.stderr.isatty():
        yield line
        return
    with click.progressbar(length=max(size, 1), label=name, file=sys.stderr) as bar:

        def watch(row: int, source: Source) -> None:
            if row % EVERY_BAR == 0:
                bar.update(source.position() - bar.pos)

        yield watch
        bar.update(bar.length - bar.pos)


def line(row: int, source: Source) -> None:
    if row % EVERY_LINE == 0:
        click.echo(f"{source.name}: {row:,} rows read", err=True)
