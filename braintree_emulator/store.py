"""The emulator's state: JSON documents in one SQLite file.

A document has a kind ('nonce', 'transaction', …), an id and, for some, a tag to look it up by
(a transaction's order id). Threads share one connection behind a lock; processes share the file.
"""

import json
import os
import secrets
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ALPHABET = "bcdfghjkmnpqrstvwxyz23456789"  # no vowels: ids spell no words
SCHEMA = """
CREATE TABLE IF NOT EXISTS document (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    kind TEXT NOT NULL,
    id TEXT NOT NULL,
    tag TEXT,
    body TEXT NOT NULL,
    UNIQUE (kind, id)
);
CREATE INDEX IF NOT EXISTS document_by_tag ON document (kind, tag);
"""


def random_id(length: int = 8) -> str:
    return "".join(secrets.choice(ALPHABET) for _ in range(length))


def make_file(path: Path) -> None:
    """Make an empty file, if there is none. Root makes it for the owner of its folder, whose server will write it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        path.touch(mode=0o600)
        if os.geteuid() == 0:
            owner = path.parent.stat()
            os.chown(path, owner.st_uid, owner.st_gid, follow_symlinks=False)


class Store:
    """Documents at `path`, or in memory for ':memory:'. Safe for threads, and for processes on a file."""

    def __init__(self, path: str | Path = ":memory:"):
        self.path = str(path)
        self.lock = threading.RLock()
        self.depth = 0
        self.pid = 0
        self.connection = self._open()

    def _open(self) -> sqlite3.Connection:
        if self.path != ":memory:":
            make_file(Path(self.path))
        connection = sqlite3.connect(self.path, timeout=30, isolation_level=None, check_same_thread=False)
        if self.path != ":memory:":
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = NORMAL")
        connection.executescript(SCHEMA)
        self.pid = os.getpid()
        return connection

    def _run(self, sql: str, values: tuple = ()) -> list[tuple]:
        with self.lock:
            if self.pid != os.getpid() and self.path != ":memory:":  # forked: SQLite handles must not be shared
                self.connection = self._open()
            return self.connection.execute(sql, values).fetchall()

    @contextmanager
    def writing(self) -> Iterator[None]:
        """A transaction with the write lock. It may be nested; the outermost one commits."""
        with self.lock:
            if self.depth == 0:
                self._run("BEGIN IMMEDIATE")
            self.depth += 1
            try:
                yield
            except BaseException:
                if self.depth == 1:
                    self._run("ROLLBACK")
                raise
            else:
                if self.depth == 1:
                    self._run("COMMIT")
            finally:
                self.depth -= 1

    def get(self, kind: str, id: str) -> dict | None:
        rows = self._run("SELECT body FROM document WHERE kind = ? AND id = ?", (kind, id))
        return json.loads(rows[0][0]) if rows else None

    def put(self, kind: str, id: str, body: dict, tag: str | None = None) -> None:
        """Insert or replace. A replaced document keeps its place in `all`; its tag is replaced."""
        self._run(
            "INSERT INTO document (kind, id, tag, body) VALUES (?, ?, ?, ?) "
            "ON CONFLICT (kind, id) DO UPDATE SET tag = excluded.tag, body = excluded.body",
            (kind, id, tag, json.dumps(body)),
        )

    def delete(self, kind: str, id: str) -> None:
        self._run("DELETE FROM document WHERE kind = ? AND id = ?", (kind, id))

    def clear(self, kind: str) -> None:
        self._run("DELETE FROM document WHERE kind = ?", (kind,))

    def all(self, kind: str, tag: str | None = None) -> list[dict]:
        """Every document of that kind (and tag), oldest first."""
        if tag is None:
            rows = self._run("SELECT body FROM document WHERE kind = ? ORDER BY seq", (kind,))
        else:
            rows = self._run("SELECT body FROM document WHERE kind = ? AND tag = ? ORDER BY seq", (kind, tag))
        return [json.loads(body) for (body,) in rows]

    def any(self, kind: str) -> bool:
        return bool(self._run("SELECT 1 FROM document WHERE kind = ? LIMIT 1", (kind,)))

    def secret(self, name: str) -> bytes:
        """32 random bytes, made on first use and the same for every process on the store."""
        with self.writing():
            kept = self.get("secret", name)
            if kept is None:
                kept = {"hex": secrets.token_hex(32)}
                self.put("secret", name, kept)
        return bytes.fromhex(kept["hex"])

    def close(self) -> None:
        with self.lock:
            self.connection.close()
