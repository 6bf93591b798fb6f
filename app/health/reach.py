"""Checks that contact other machines: Braintree, the mail server, and the portal at its public URL."""

import http.client
import ssl
import urllib.error
import urllib.request
from collections.abc import Iterator
from urllib.parse import urlsplit

from app.config import Config
from app.health.findings import Finding, ok, problem, warning
from app.mail.transport import ServerUnreachable, SmtpServer
from app.payments import connection_test
from app.payments.cashier import Cashier

TIMEOUT_SECONDS = 10
OTHER_HOST = b"This portal has another address."


def checks(config: Config, cashier: Cashier) -> Iterator[Finding]:
    yield from gateway(cashier)
    yield from mail_server(config)
    yield from portal_url(config)


def gateway(cashier: Cashier) -> Iterator[Finding]:
    for check in connection_test.ask(cashier):
        text = f"{check.what}{': ' + check.detail if check.detail else ''}"
        yield ok("Braintree", text) if check.ok else problem("Braintree", text)


def mail_server(config: Config) -> Iterator[Finding]:
    if not config.smtp_url:
        return
    try:
        with SmtpServer(config) as server:
            yield ok("Mail server", f"{server.host}:{server.port} {'takes the login' if server.user else 'answers'}")
    except ServerUnreachable as error:
        yield problem("Mail server", f"{error}. Check SMTP_URL.")


def portal_url(config: Config) -> Iterator[Finding]:
    """Checks that the portal answers at PORTAL_URL, and that a proxy passes on the Host header."""
    url = f"{config.portal_url}/login"
    try:
        with urllib.request.urlopen(url, timeout=TIMEOUT_SECONDS) as answer:  # noqa: S310 http or https, by Config
            is_ours = answer.headers.get("X-Request-ID") and answer.url.startswith(config.portal_url)
        if is_ours:
            yield ok("Portal URL", f"{config.portal_url} answers")
        else:
            yield warning("Portal URL", f"{config.portal_url} answers, but it isn't this portal. Check DNS and proxy.")
    except urllib.error.HTTPError as error:
        yield problem("Portal URL", refused(config, error))
    except (OSError, http.client.HTTPException) as error:
        yield problem("Portal URL", f"{config.portal_url} can't be reached from here: {reason(error)}.")


def refused(config: Config, error: urllib.error.HTTPError) -> str:
    if error.code == 400 and OTHER_HOST in error.read(1000):
        host = urlsplit(config.portal_url).netloc
        return f"The proxy passes on another Host than {host}. With nginx: proxy_set_header Host $http_host;"
    if error.code in (502, 504):
        return f"The proxy at {config.portal_url} doesn't reach the portal (status {error.code}). Is it running?"
    return f"{config.portal_url} answers with status {error.code}. The log of the portal or its proxy says why."


def reason(error: Exception) -> str:
    cause = getattr(error, "reason", error)
    if isinstance(cause, ssl.SSLCertVerificationError):
        return f"its certificate is not accepted ({cause.verify_message})"
    return str(cause) or type(cause).__name__
