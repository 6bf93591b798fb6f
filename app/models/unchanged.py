"""Answers that stay true until somebody writes.

SQLite tells a connection whether any other has committed since (PRAGMA data_version), and it counts its own changes:
an answer read at the same state of both is the answer that would be read now. Each connection keeps its own answers
and forgets them all at any change of rows, whoever made it, in whichever process.
"""

from collections.abc import Callable
from functools import wraps

from app.models.base import db

MOST = 1024
STATE = "state"


def while_unchanged(ask: Callable) -> Callable:
    """`ask`, asked once for the same values as long as nothing was written. They have to be hashable, the answer
    immutable. In a transaction it is always asked: what was read there may be taken back."""

    @wraps(ask)
    def answer(*values):
        connection = db.connection()
        if connection.in_transaction:
            return ask(*values)
        kept = connection.answers
        state = (*db.execute_sql("PRAGMA data_version").fetchone(), connection.total_changes)
        if kept.get(STATE) != state or len(kept) > MOST:
            kept.clear()
            kept[STATE] = state
        if (ask, values) not in kept:
            kept[ask, values] = ask(*values)
        return kept[ask, values]

    return answer
