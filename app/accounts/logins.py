"""Ends sessions, for the person or for an administrator."""

from app.models import Audit, Session, User, one_transaction
from app.models.audit import Actor

ENDED = "That browser is logged out."
ENDED_BEFORE = "That browser was logged out already."


@one_transaction
def end(user: User, session_id: str, actor: Actor) -> bool:
    """Log `user` out in one browser. False if they were not logged in there."""
    session = Session.of(user.id, session_id)
    if session is None:
        return False
    Session.end(session.id)
    # Without the session's network address: erasing personal data clears only the line's own address column.
    Audit.write_by(actor, "session_ended", f"user:{user.email}", device=session.device or "another browser")
    return True


@one_transaction
def end_all(user: User, actor: Actor, keep: int | None = None) -> int:
    """Log `user` out everywhere, except in the session with the id `keep`. Returns the number of sessions."""
    ended = user.end_sessions(keep=keep)
    if ended:
        event = "sessions_ended" if keep else "logged_out_everywhere"
        Audit.write_by(actor, event, f"user:{user.email}", ended=ended)
    return ended
