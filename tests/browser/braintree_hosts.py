"""Braintree's own hosts, and the portal over HTTPS, answered inside this process.

The browser believes that it is on https://portal.example and talks to braintreegateway.com: the
genuine client.js accepts nothing else. No request leaves the machine.
"""

from urllib.parse import urlsplit

from werkzeug.test import Client

PORTAL = "https://portal.example"
GATEWAY_HOSTS = (".braintreegateway.com", ".braintree-api.com", ".cardinalcommerce.com", "bank.example")
SILENT = {
    "https://c.paypal.com/da/r/fb.js": ("text/javascript", ""),
    "https://www.paypal.com/xoplatform/logger/api/logger": ("application/json", "{}"),
}
NOT_PASSED_ON = {"host", "content-length", "cookie", "accept-encoding"}


class Hosts:
    """Answers every request of a browser context. `asked` are the hosts it wanted."""

    def __init__(self, portal_wsgi, gateway_wsgi):
        self.portal = Client(portal_wsgi)
        self.gateway = Client(gateway_wsgi, use_cookies=False)
        self.asked = set()

    def answer(self, route):
        url = urlsplit(route.request.url)
        self.asked.add(url.hostname)
        if f"{url.scheme}://{url.netloc}" == PORTAL:
            return self.forward(route, self.portal)
        if url.hostname.endswith(GATEWAY_HOSTS):
            return self.forward(route, self.gateway)
        if (where := f"{url.scheme}://{url.netloc}{url.path}") in SILENT:
            kind, body = SILENT[where]
            allow = {"Access-Control-Allow-Origin": "*", "Access-Control-Allow-Headers": "*"}
            return route.fulfill(status=200, content_type=kind, body=body, headers=allow)
        return route.abort()

    def forward(self, route, client):
        request, url = route.request, urlsplit(route.request.url)
        headers = {k: v for k, v in request.all_headers().items() if k not in NOT_PASSED_ON and k[0] != ":"}
        response = client.open(
            url.path,
            base_url=f"{url.scheme}://{url.netloc}",
            query_string=url.query,
            method=request.method,
            headers=headers,
            data=request.post_data_buffer or b"",
        )
        answer = {k: v for k, v in response.headers.items() if k.lower() not in ("set-cookie", "content-length")}
        route.fulfill(status=response.status_code, headers=answer, body=response.get_data())
