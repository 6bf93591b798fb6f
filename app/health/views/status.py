"""Setup > Company > System Status."""

from flask import current_app, render_template

from app.health.status import status
from app.health.views import bp
from app.web.formatting import now
from app.web.menu import SENT_EMAIL, SYSTEM_STATUS
from app.web.security import staff_only


@bp.get(SYSTEM_STATUS.url)
@staff_only
def system_status():
    config = current_app.config["PORTAL"]
    return render_template(
        "health/status.html",
        nav="setup",
        here=SYSTEM_STATUS,
        sent_email=SENT_EMAIL.url,
        portal=config,
        its=status(config, current_app.extensions["database"], now()),
    )
