"""Monitoring for the operator: probes, metrics, System Status, `flask doctor`."""


def init_app(app) -> None:
    from app.health.cli import doctor_command
    from app.health.views import bp, probes, status  # noqa: F401 (add routes)

    app.register_blueprint(bp)
    app.cli.add_command(doctor_command)
    if app.config["PORTAL"].metrics_token:
        from app.health import metrics

        metrics.init_app(app)
