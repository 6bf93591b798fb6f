"""Setup > Company > System Status."""

from flask import current_app, render_template

from app.health.findings import OK, PROBLEM
from app.health.live import checks
from app.health.status import status
from app.health.views import bp
from app.web.formatting import now
from app.web.menu import SENT_EMAIL, SYSTEM_STATUS
from app.web.security import staff_only


@bp.get(SYSTEM_STATUS.url)
@staff_only
def system_status():
    config = current_app.config["PORTAL"]
    database, moment = current_app.extensions["database"], now()
    return render_template(
        "health/status.html",
        nav="setup",
        here=SYSTEM_STATUS,
        sent_email=SENT_EMAIL.url,
        portal=config,
        its=status(config, database, moment),
        findings=[one for one in checks(config, database, moment) if one.level != OK],
        is_problem=lambda finding: finding.level == PROBLEM,
    )
