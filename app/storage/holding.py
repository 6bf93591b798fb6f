"""What a restored copy of the database must not do before it knows what happened since it was made."""

from datetime import datetime

from app.clock import to_ms
from app.models import Attempt, Audit, Deployment, FirstRun, Link, Session, one_transaction


@one_transaction
def hold_payments(now: datetime, since_ms: int) -> None:
    """Hold online payment until the gateway's books tell what happened after `since_ms`, and log everyone out."""
    Deployment.hold(now, since_ms)
    Attempt.forget_nonces()
    end_logins(now)


def end_logins(now: datetime) -> None:
    # Sessions and links that were ended after the backup was made, by a new password or a revoked access, would work
    # again in a restored copy: all of them end.
    sessions, links = Session.end_all(), Link.end_all_of_everyone(now)
    FirstRun.end_token()
    Audit.write("restore_ended_logins", to_ms(now), subject="database", sessions=sessions, links=links)
