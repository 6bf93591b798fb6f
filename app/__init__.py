"""The customer center: a company's customers log in, see their invoices and pay them."""

import os
import sys
from importlib import import_module

from flask import Flask, request
from werkzeug.middleware.proxy_fix import ProxyFix

from app.clock import Clock, system_clock
from app.config import ROOT, Config, ConfigError, TryLater
from app.database import open_database
from app.extensions import db, login_manager
from app.models import Audit
from app.payments.gateway.protocol import Gateway
from app.storage.errors import report_disk_errors
from app.storage.instance import check_place, check_settings, check_start, may_make_portal, note_start
from app.storage.locks import join
from app.storage.startup import bring_up
from app.web import errors, logs, security, static_files, templating
from app.web.limits import LONGEST_BODY, BoundedRequest, refuse_unnamed_parts


def create_app(
    config: Config | None = None,
    gateway: Gateway | None = None,
    clock: Clock = system_clock,
    demo_gateway=None,
) -> Flask:
    """The application factory. Tests pass `gateway`, `clock` and `demo_gateway`."""
    config = config or Config.from_env()
    app = Flask(
        __name__, template_folder=ROOT / "templates", static_folder=ROOT / "static", instance_path=str(config.instance)
    )
    app.request_class = BoundedRequest
    app.config.update(flask_settings(config))
    app.extensions["clock"] = clock
    app.extensions["gateway"] = gateway or build_gateway(config)
    app.extensions["demo_gateway"] = demo_gateway
    if config.trusted_proxies:
        hops = config.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)
    bind_database(app, config)
    refuse_demo_data(config)
    security.csrf.init_app(app)
    login_manager.init_app(app)
    app.before_request(refuse_unnamed_parts)
    app.before_request(security.guard)
    logs.init_app(app)
    app.after_request(security.set_headers)
    static_files.init_app(app)
    templating.init_app(app)
    errors.init_app(app)
    register(app, config)
    return app


def ready_app(*, starting: bool = False) -> Flask:
    """The portal, configured by the environment, with a checked and migrated database. Exits with status 2 and a
    message for each wrong setting or for the database, and with EX_TEMPFAIL if the database can't be reached. Unless
    `starting`, the instance must exist already."""
    os.umask(0o077)  # only the owner may read files in the instance folder
    try:
        (check_start if starting else check_place)(os.environ)  # before a secret key is generated
        config = Config.from_env()
        report_disk_errors(config.data_path)
        (join if starting else check_settings)(config)
        bring_up(config, system_clock(), may_make=starting and may_make_portal(config))
        if starting:
            note_start(config, os.environ)
        return create_app(config)
    except ConfigError as error:
        print("\n".join(error.problems), file=sys.stderr)
        sys.exit(os.EX_TEMPFAIL if isinstance(error, TryLater) else 2)


def flask_settings(config: Config) -> dict:
    host, session_keys = security.portal_host(config.portal_url), config.keys.for_signing("sessions")
    return {
        "PORTAL": config,
        "SECRET_KEY": session_keys[-1],
        "SECRET_KEY_FALLBACKS": session_keys[:-1],
        "WTF_CSRF_SECRET_KEY": config.keys.for_signing("forms"),
        "TESTING": config.testing,
        "TRUSTED_HOSTS": [host, "127.0.0.1", "localhost"] if not config.secure else [host],
        "SESSION_COOKIE_NAME": "__Host-portal" if config.secure else "portal",
        "SESSION_COOKIE_SECURE": config.secure,
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "WTF_CSRF_TIME_LIMIT": None,
        "WTF_CSRF_SSL_STRICT": False,  # web/security.py has this check
        "MAX_CONTENT_LENGTH": LONGEST_BODY,
        "MAX_FORM_PARTS": 1200,
    }


def build_gateway(config: Config) -> Gateway:
    from app.payments.gateway.braintree_gateway import BraintreeGateway

    return BraintreeGateway.from_config(config)


def bind_database(app: Flask, config: Config) -> None:
    database = open_database(config.database_url)
    db.initialize(database)
    app.extensions["database"] = database

    @app.before_request
    def connect():
        if security.needs_database(request.endpoint):
            database.connect(reuse_if_open=True)

    @app.teardown_request
    def close(_error):
        if not database.is_closed():
            database.close()


def refuse_demo_data(config: Config) -> None:
    """Raises ConfigError in production if the database has the demo company, whose passwords are public."""
    if config.environment != "production":
        return
    if holds_demo_data():
        raise ConfigError(
            [f"{config.database_name} contains the demo company: set INSTANCE_PATH or DATABASE_URL to a new place."]
        )


def holds_demo_data() -> bool:
    with db.connection_context():
        return Audit.table_exists() and Audit.last("demo_loaded") is not None


PARTS = (
    "web.sessions",
    "accounts",
    "audit",
    "customers",
    "invoices",
    "documents",
    "payments",
    "imports",
    "mail",
    "search",
    "notices",
    "company",
    "transactions",
    "guide",
    "payments.views.unmatched",
    "bookkeeping",
    "storage.cli",
    "worker",
    "health",
)


def register(app: Flask, config: Config) -> None:
    for name in PARTS:
        import_module(f"app.{name}").init_app(app)
    if config.demo:
        from app import demo

        demo.init_app(app)
