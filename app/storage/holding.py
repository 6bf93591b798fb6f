"""Precautions for a restored copy, which doesn't know what happened since the backup."""

from datetime import datetime

from app.clock import to_ms
from app.models import Attempt, Audit, Deployment, FirstRun, Link, Session, one_transaction


@one_transaction
def hold_payments(now: datetime, since_ms: int) -> None:
    """Pause online payment until it is compared with the gateway from `since_ms` on, and log everyone out."""
    Deployment.hold(now, since_ms)
    Attempt.forget_nonces()
    end_logins(now)


def end_logins(now: datetime) -> None:
    # End all sessions and links: those that ended after the backup, by a new password or revoked access, would
    # otherwise work again in the restored copy.
    sessions, links = Session.end_all(), Link.end_all_of_everyone(now)
    FirstRun.end_token()
    Audit.write("restore_ended_logins", to_ms(now), subject="database", sessions=sessions, links=links)
