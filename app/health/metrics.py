"""/metrics for Prometheus, if METRICS_TOKEN is set.

Each process counts its requests. The supervisor sets PROMETHEUS_MULTIPROC_DIR to a folder where processes share their
counts, so that any of them can answer for all. All other metrics are read from the database.
"""

import hmac
import os
import time
from collections.abc import Mapping

from flask import current_app, g, request
from peewee import PeeweeException
from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from app.health import queries
from app.health.status import Status, status
from app.web.formatting import now
from app.web.security import public, without_database

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
BUCKETS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
OWN = CollectorRegistry()
REQUESTS = Counter("portal_requests", "Answered requests", ("method", "route", "status"), registry=OWN)
SECONDS = Histogram("portal_request_seconds", "Time to answer", ("route",), buckets=BUCKETS, registry=OWN)
METHODS = ("GET", "HEAD", "POST")


def init_app(app) -> None:
    app.before_request_funcs.setdefault(None, []).insert(0, begin)
    app.after_request(count)
    app.add_url_rule("/metrics", "metrics", metrics)


def begin() -> None:
    g.began = time.perf_counter()


def count(response):
    # Paths without a route share the name "none", so that visitors can't create any number of time series.
    route = request.endpoint or "none"
    method = request.method if request.method in METHODS else "other"
    REQUESTS.labels(method, route, response.status_code).inc()
    if "began" in g:
        SECONDS.labels(route).observe(time.perf_counter() - g.began)
    return response


@public
@without_database
def metrics():
    given = request.headers.get("Authorization", "")
    token = current_app.config["PORTAL"].metrics_token
    if not hmac.compare_digest(given.encode(), f"Bearer {token}".encode()):
        return current_app.response_class("", 401, {"WWW-Authenticate": "Bearer"})
    body = requests_of_all() + rows()
    return current_app.response_class(body, content_type=CONTENT_TYPE)


def requests_of_all() -> bytes:
    if not os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        return generate_latest(OWN)
    registry = CollectorRegistry()
    MultiProcessCollector(registry)
    return generate_latest(registry)


def rows() -> bytes:
    """Metrics from the database. Empty while it is unavailable, so that request counts are still served."""
    database, registry = current_app.extensions["database"], CollectorRegistry()
    try:
        with database.connection_context():
            registry.register(Rows(status(current_app.config["PORTAL"], database, now())))
            return generate_latest(registry)
    except PeeweeException:
        current_app.logger.exception("no metrics of the database")
        return b""


class Rows(Collector):
    def __init__(self, its: Status):
        self.its = its

    def collect(self):
        its = self.its
        yield gauge("portal_info", "Always 1", ("version", "database"), {(its.version, its.facts.engine): 1})
        yield gauge("portal_database_bytes", "Size of the database", (), {(): its.facts.size})
        yield gauge("portal_disk_free_bytes", "Free space where the portal keeps its files", (), {(): its.free_bytes})
        yield gauge("portal_workers", "Workers that were heard of in the last ten minutes", (), {(): len(its.workers)})
        yield gauge("portal_payments", "Payments by outcome", ("outcome",), each(queries.payments()))
        yield gauge("portal_emails", "Emails by state", ("state",), each(its.mails))
        yield gauge("portal_import_runs", "Uploaded files by state", ("state",), each(queries.import_runs()))
        run = {(line.row.name,): line.row for line in its.duties if line.row}
        for name, text, value in DUTY:
            yield gauge(f"portal_duty_{name}", text, ("duty",), {key: value(row) for key, row in run.items()})


DUTY = (
    ("last_run_timestamp_seconds", "When it ran last", lambda row: row.started_ms / 1000),
    ("duration_seconds", "How long its last run took", lambda row: row.duration_ms / 1000),
    ("failures", "How often in a row it has failed", lambda row: row.failures),
)


def gauge(name: str, text: str, labels: tuple[str, ...], values: Mapping[tuple, float]) -> GaugeMetricFamily:
    family = GaugeMetricFamily(name, text, labels=labels)
    for key, value in values.items():
        family.add_metric([str(part) for part in key], value)
    return family


def each(counts: dict[str, int]) -> dict[tuple, int]:
    return {(name,): count for name, count in counts.items()}
