"""After a restore the books have lost what was paid since the backup: online payment is held until the gateway's
books were compared, from the time of the backup on, and every charge that was found is booked again."""

from datetime import timedelta

from app.billing import books
from app.billing.gateway import Gateway
from app.clock import Clock, from_ms, to_ms
from app.models import Audit, Company, Deployment

WINDOW = timedelta(days=1)
OVERLAP = timedelta(hours=1)
# The gateway's search doesn't show a charge at once: the last comparison is this long after the restore.
INDEX_GRACE_MS = 120_000


def compare_restored(gateway: Gateway, clock: Clock, portal_url: str) -> bool:
    """Compare what is left to compare, a day at a time, and open online payment again; whether it is open now. Each
    day is noted, so that a process that is killed goes on where it was. Raises GatewayUnreachable."""
    while (restored_ms := Company.current().payments_held_ms) is not None:
        deployment, now = Deployment.current(), clock()
        start = min(from_ms(deployment.compare_from_ms), now - OVERLAP)
        end = min(start + WINDOW, now)
        is_last = end == now
        books.compare_between(gateway, clock, portal_url, start - OVERLAP, end + (WINDOW if is_last else OVERLAP))
        if not is_last:
            Deployment.compared_until(deployment.compare_from_ms, to_ms(end))
        elif to_ms(now) < restored_ms + INDEX_GRACE_MS:
            return False
        else:
            release(clock, actor="gateway")
    return True


def release(clock: Clock, *, actor: str) -> bool:
    """Open online payment again, and say what was found."""
    since_ms = Company.current().payments_held_ms or 0
    adopted = Audit.since("payment.adopted", since_ms).count()
    unmatched = Audit.since("payment.unmatched", since_ms).count()
    return Deployment.release(clock(), actor, adopted=adopted, unmatched=unmatched)
