"""Logging. Every line has its time and, during a request, the request's id. Every refused request is logged.

Secrets are not logged: no query strings, no bodies, and no tokens in the paths of emailed links.
"""

import json
import logging
import re
import time
from urllib.parse import quote

from flask import g, has_request_context, request

logger = logging.getLogger(__name__)
FORMAT = "%(asctime)s %(levelname)s %(name)s %(request)s %(message)s"
REFUSED = {400, 401, 403, 404, 405, 413, 429, 503}
LONGEST_SEGMENT, LONGEST_PATH = 24, 200  # a public id has 16 characters, the token of a link has 43


class Formatter(logging.Formatter):
    """Writes times in UTC, and adds `request`: the X-Request-ID of the response, or "-"."""

    converter = time.gmtime
    default_time_format, default_msec_format = "%Y-%m-%dT%H:%M:%S", "%s.%03dZ"

    def format(self, record):
        record.request = request.id if has_request_context() else "-"
        return super().format(record)


class JsonFormatter(Formatter):
    """Writes one JSON object per line. A traceback is in its `exception`."""

    def format(self, record):
        record.request = request.id if has_request_context() else "-"
        facts = {
            "time": self.formatTime(record, self.datefmt),
            "level": record.levelname,
            "logger": record.name,
            "request": record.request,
            "message": record.getMessage(),
        }
        if record.exc_info:
            facts["exception"] = self.formatException(record.exc_info)
        return json.dumps(facts)


def init_app(app) -> None:
    handler = logging.StreamHandler()
    handler.setFormatter(JsonFormatter() if app.config["PORTAL"].logs_json else Formatter(FORMAT))
    logging.basicConfig(level=logging.INFO, handlers=[handler])
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)


def log_refusal(status: int) -> None:
    if request.endpoint == "static":
        return
    why = f": {g.refused}" if "refused" in g else ""
    logger.warning(
        "refused %s %s %s for %s from %s, request %s%s",
        status,
        request.method,
        loggable_path(),
        user_label(),
        request.remote_addr or "-",
        request.id,
        why,
    )


def loggable_path() -> str:
    # Escapes characters that are not printable, and redacts segments that may be tokens.
    segments = request.path[:LONGEST_PATH].split("/")
    return "/".join("(redacted)" if len(part) > LONGEST_SEGMENT else quote(part, errors="replace") for part in segments)


def user_label() -> str:
    # Only if the user is loaded already: a refused request makes no further query.
    user = g.get("_login_user")
    email = user.email if user is not None and user.is_authenticated else "-"
    return re.sub(r"[^!-~]", "?", email)
