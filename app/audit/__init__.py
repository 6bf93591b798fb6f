"""Setup > Users/Roles > View Audit Trail."""


def init_app(app) -> None:
    from app.audit.views import bp

    app.register_blueprint(bp)
