"""What the pay page may load, and from which hosts: the one page whose policy is wider than the rest.

The card script, its helpers and our own are all served by the portal (static/vendor/README.md), so
`script-src` grows only for the two scripts that can't be: Cardinal's for 3-D Secure and PayPal's
device data. Frames and forms may go to any HTTPS host, because a bank's own page is shown in a frame
and every bank has another host; scripts may not.
"""

from urllib.parse import urlsplit

from app.config import Config
from app.web.security import content_security_policy

SONGBIRD = {
    "sandbox": [
        "https://songbirdstag.cardinalcommerce.com",
        "https://cas.static.client.cardinaltrusted.com",
    ],
    "production": [
        "https://songbird.cardinalcommerce.com",
        "https://static.client.cardinaltrusted.com",
    ],
}
API = {
    "sandbox": [
        "https://api.sandbox.braintreegateway.com",
        "https://payments.sandbox.braintree-api.com",
        "https://client-analytics.sandbox.braintreegateway.com",
    ],
    "production": [
        "https://api.braintreegateway.com",
        "https://payments.braintree-api.com",
        "https://client-analytics.braintreegateway.com",
    ],
}
DEVICE_DATA = ["https://c.paypal.com"]
TELEMETRY = ["https://www.paypal.com"]
AUTHENTICATION = ["https://*.cardinalcommerce.com", "https://*.cardinaltrusted.com"]


def pay_page_policy(config: Config) -> str:
    """The Content-Security-Policy of the page with the card fields."""
    if config.demo:
        gateways = local_gateways(config.gateway_url)
        return content_security_policy(connect_src=gateways, frame_src=["'self'", *gateways])
    environment = config.environment
    return content_security_policy(
        script_src=SONGBIRD[environment] + DEVICE_DATA,
        connect_src=API[environment] + TELEMETRY + DEVICE_DATA + AUTHENTICATION,
        img_src=["https://assets.braintreegateway.com", *DEVICE_DATA, "https://b.stats.paypal.com"],
        frame_src=["https:"],
        form_action=["https:"],
    )


def local_gateways(gateway_url: str | None) -> list[str]:
    """A gateway on this machine under both its names: a client token may use either."""
    if not gateway_url:
        return []
    port = urlsplit(gateway_url).port or 80
    return [f"http://127.0.0.1:{port}", f"http://localhost:{port}"]
