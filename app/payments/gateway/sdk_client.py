"""Clients of Braintree's SDK for each environment. A local gateway is called without a proxy."""

from urllib.parse import urlsplit

import braintree
import requests


def sdk_client(**options) -> braintree.BraintreeGateway:
    """`timeout` is (seconds to connect, seconds to read)."""
    return braintree.BraintreeGateway(braintree.Configuration(**options))


def sdk_environment(environment: str, gateway_url: str | None):
    if gateway_url is None:
        return braintree.Environment.Production if environment == "production" else braintree.Environment.Sandbox
    parts = urlsplit(gateway_url)
    return braintree.Environment(
        "local", parts.hostname, str(parts.port or 80), "", False, None, parts.hostname, str(parts.port or 80)
    )


class DirectSession(requests.Session):
    """A session that never uses a proxy. The SDK would use one even for 127.0.0.1, and it ignores NO_PROXY."""

    def send(self, request, **kwargs):
        return super().send(request, proxies={}, **kwargs)


class DirectHttp(braintree.util.http.Http):  # type: ignore[misc]
    def _get_session(self):
        if not hasattr(self._thread_local, "session"):
            self._thread_local.session = DirectSession()
        return self._thread_local.session
