"""/healthz and /readyz, for supervisors, load balancers and monitoring. They are public, so they reveal no details."""

from flask import current_app, request

from app.health.readiness import readiness
from app.health.views import bp
from app.web.formatting import now
from app.web.security import public, without_database


@bp.get("/healthz")
@public
@without_database
def healthz():
    """200 if this process answers."""
    return text("ok\n")


@bp.get("/readyz")
@public
@without_database
def readyz():
    """200 if this process can serve requests, otherwise 503. With ?all=1, the worker must work, too."""
    ready = readiness(current_app.extensions["database"], now())
    lines = (f"{name} {'ok' if is_ok else 'failing'}\n" for name, is_ok in vars(ready).items())
    is_ready = ready.is_complete if request.args.get("all") == "1" else ready.can_serve
    return text("".join(lines), 200 if is_ready else 503)


def text(body: str, status: int = 200):
    return current_app.response_class(body, status, mimetype="text/plain")
