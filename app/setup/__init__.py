"""What is switched on, for administrators."""

from flask import Blueprint, current_app, render_template

from app.cli import LABELS
from app.formats import company
from app.security import staff_only

bp = Blueprint("setup", __name__)
PATHS = {
    "credit-card-payments": "Setup > Company > Enable Features > Transactions > Payment Processing",
    "customer-access": "Setup > Company > Enable Features > Web Presence > Access",
    "customers-can-pay-online":
        "Setup > Accounting > Preferences > Accounting Preference > Items/Transactions > Payment Processing",
}


@bp.get("/setup")
@staff_only
def index():
    config = current_app.config["PORTAL"]
    switches = [
        {"name": name, "label": label, "path": PATHS[name], "on": getattr(company(), name.replace("-", "_"))}
        for name, label in LABELS.items()
    ]
    return render_template(
        "setup/index.html", nav="setup", switches=switches, configured=config.gateway_configured,
        environment=config.environment, login_url=f"{config.portal_url}/login",
    )


def init_app(app) -> None:
    app.register_blueprint(bp)
