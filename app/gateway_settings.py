"""The settings for Braintree: keys, merchant accounts, and the URL of a local gateway that replaces Braintree."""

import json
import re
from urllib.parse import urlsplit

from app.environment import LOOPBACK, Environment, without_password

DEMO_KEYS = {
    "BRAINTREE_MERCHANT_ID": "demo_merchant",
    "BRAINTREE_PUBLIC_KEY": "demo_public_key",
    "BRAINTREE_PRIVATE_KEY": "demo_private_key",
}


class GatewaySettings(Environment):
    """`environment` is Braintree's environment, `port` is the portal's port."""

    environment: str
    is_demo: bool
    is_production: bool
    port: int

    def braintree_key(self, name: str) -> str:
        value = self.get(name)
        if self.is_demo:
            return value or DEMO_KEYS[name]
        if value is None:
            self.report(f"{name} is missing: copy it from the Braintree Control Panel ({self.environment}), API Keys.")
        elif value == DEMO_KEYS[name]:
            self.report(
                f"{name} is the demo gateway's: the demo gateway is refused when BRAINTREE_ENVIRONMENT is "
                f"{self.environment}."
            )
        return value or ""

    def gateway_url(self) -> str | None:
        url = self.url("BRAINTREE_GATEWAY_URL", "http", "https")
        if url is None:
            beside = self.port + 1 if self.port < 65535 else self.port - 1
            return f"http://127.0.0.1:{beside}" if self.is_demo else None
        parts = urlsplit(url)
        if self.is_production:
            self.report("BRAINTREE_GATEWAY_URL is for local gateways: it is refused in production.")
        elif parts.hostname not in LOOPBACK:
            address = without_password(url)
            self.report(f"BRAINTREE_GATEWAY_URL is {address}: a local gateway is on 127.0.0.1 or localhost.")
        elif parts.scheme != "http":
            self.report("BRAINTREE_GATEWAY_URL must start with http://: a local gateway has no TLS.")
        elif parts.path:
            self.report("BRAINTREE_GATEWAY_URL has a path: leave out everything after the port.")
        return url

    def merchant_accounts(self) -> dict[str, str]:
        """Reads `USD=main,EUR=main_eur` or a JSON object."""
        text = self.get("BRAINTREE_MERCHANT_ACCOUNTS") or "{}"
        try:
            pairs = (
                json.loads(text)
                if text.startswith("{")
                else dict(re.split("[=:]", part.strip(), maxsplit=1) for part in text.split(",") if part.strip())
            )
            accounts = {str(k).strip().upper(): str(v).strip() for k, v in pairs.items()}
        except (ValueError, AttributeError):
            accounts = {"": ""}
        if not all(re.fullmatch("[A-Z]{3}", k) and v for k, v in accounts.items()):
            self.report(f"BRAINTREE_MERCHANT_ACCOUNTS is {text!r}: write it as USD=main_account,EUR=other_account.")
        return accounts
