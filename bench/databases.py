"""The databases for measurements: a SQLite file, and a PostgreSQL server that syncs its writes."""

import contextlib
import hashlib
import inspect
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from app.database import migrate, open_database
from bench import pages
from tests.support.clusters import Cluster

KINDS = ("sqlite", "postgresql")
KEPT = Path(tempfile.gettempdir(), "portal-bench")
# As PostgreSQL is by default, and with connections for two web processes of 65 each and a worker: docs/postgresql.md
SETTINGS = "-c fsync=on -c full_page_writes=on -c autovacuum=on -c max_connections=200"
SOURCES = (pages.fill, pages.add_people, pages.invoice, pages.add_items)


@contextlib.contextmanager
def filled(kind: str, name: str, fill: Callable[[Path, str], object]) -> Iterator[tuple[Path, str]]:
    """(instance folder, URL) of a database that `fill(folder, URL)` has filled. It is a copy of the one stored in
    KEPT, migrated if necessary."""
    kept = KEPT / f"{kind}-{name}-{version()}"
    with tempfile.TemporaryDirectory(prefix="bench-") as room:
        folder = Path(room)
        folder.chmod(0o755)  # PostgreSQL's user works in it
        if kind == "sqlite":
            url = f"sqlite:///{folder / 'portal.sqlite3'}"
            if kept.exists():
                copy(kept, folder)
            else:
                fill(folder, url)
                keep(folder, kept)
            migrate(open_database(url))
            yield folder, url
            return
        server = Cluster(folder / "server")
        url = f"postgresql://portal@{server.address}/portal"
        try:
            if kept.exists():
                copy(kept, server.folder)
                server.start(SETTINGS)
            else:
                server.make().start(SETTINGS)
                server.sql("CREATE DATABASE portal")
                fill(folder, url)
                server.stop("fast")
                keep(server.folder, kept)
                server.start(SETTINGS)
            migrate(open_database(url))
            yield folder, url
        finally:
            server.remove()


def version() -> str:
    return hashlib.sha256("".join(map(inspect.getsource, SOURCES)).encode()).hexdigest()[:12]


def keep(folder: Path, kept: Path) -> None:
    making = kept.with_suffix(".new")
    making.mkdir(parents=True, exist_ok=True)
    copy(folder, making)
    making.rename(kept)


def copy(source: Path, target: Path) -> None:
    """Keeps the owner of each file."""
    subprocess.run(["cp", "-a", "--reflink=auto", f"{source}/.", str(target)], check=True)
