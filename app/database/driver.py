"""Loads psycopg only when it is needed. It takes 25 MiB of each process and a fifth of its start time, and peewee
loads it whenever it is installed. So on SQLite peewee is loaded without it: this module must be imported first."""

import sys


def load_peewee() -> None:
    """Has no effect if peewee is already loaded."""
    if "peewee" in sys.modules or "psycopg" in sys.modules:
        return
    sys.modules["psycopg"] = None  # type: ignore[assignment]  # an import of it fails now, as if it weren't installed
    try:
        import playhouse.migrations  # noqa: F401
    finally:
        del sys.modules["psycopg"]


def load_psycopg() -> None:
    """Does what peewee does if it finds psycopg."""
    import peewee
    import psycopg
    from psycopg.pq import TransactionStatus
    from psycopg.types.json import Json, Jsonb

    adapter = peewee.Psycopg3Adapter
    vars(peewee).update(psycopg=psycopg, TransactionStatus=TransactionStatus, Json_pg3=Json, Jsonb_pg3=Jsonb)
    adapter.txn_idle = TransactionStatus.IDLE
    adapter.txn_inerror = TransactionStatus.INERROR
    adapter.txn_unknown = TransactionStatus.UNKNOWN


load_peewee()
