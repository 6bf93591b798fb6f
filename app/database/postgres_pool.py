"""A pool of PostgreSQL connections. A connection whose server has gone away is not reused."""

import select
import time

import psycopg
from peewee import OperationalError
from peewee import __exception_wrapper__ as peewee_errors  # type: ignore[attr-defined]
from playhouse.pool import PoolConnection, PooledDatabase, PooledPostgresqlDatabase
from psycopg.pq import TransactionStatus


class Pool(PooledPostgresqlDatabase):  # type: ignore[misc]
    """No lock is held while connecting, so a host that doesn't answer blocks nothing else."""

    def connect(self, reuse_if_open=False):
        if not self.is_closed():
            if reuse_if_open:
                return False
            raise OperationalError("Connection already opened.")
        self._state.reset()
        with peewee_errors:
            self._state.set_connection(self._connect())
            if self.server_version is None:
                self._set_server_version(self._state.conn)
        return True

    def _connect(self):
        connection = self._idle_connection() or self._new_connection()
        now = time.time()
        with self._pool_lock:
            self._in_use[self.conn_key(connection)] = PoolConnection(now, connection, now)
        return connection

    def _new_connection(self):
        return super(PooledDatabase, self)._connect()

    def _idle_connection(self):
        while True:
            with self._pool_lock:
                if not self._connections:
                    return None
                _since, _counter, connection = self._connections.pop()
            if is_alive(connection):
                return connection
            self._close_raw(connection)

    def _can_reuse(self, conn):
        return is_alive(conn)


def is_alive(connection: psycopg.Connection) -> bool:
    """True if the connection is idle and the server has sent nothing more, such as that it is shutting down. Checked
    without a round trip to the server."""
    if connection.closed or connection.pgconn.transaction_status != TransactionStatus.IDLE:
        return False
    news = select.poll()
    news.register(connection.fileno(), select.POLLIN)
    return not news.poll(0)
