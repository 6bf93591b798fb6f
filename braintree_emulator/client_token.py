"""The token that lets a browser make nonces: signed, and good for a day."""

import base64
import hashlib
import hmac
import json
import secrets
from collections.abc import Sequence

TOKEN_LIFE_MS = 24 * 3600 * 1000


class Authorizations:
    """authorizationFingerprints. `now_ms()` is the present; `secret` is what they are signed with."""

    def __init__(self, now_ms, secret: str):
        self.now_ms = now_ms
        self.secret = secret.encode()

    def issue(self, merchant_id: str, merchant_account_id: str | None) -> str:
        claims = {
            "exp": (self.now_ms() + TOKEN_LIFE_MS) // 1000,
            "jti": secrets.token_hex(10),
            "sub": merchant_id,
            "merchant_account_id": merchant_account_id,
            "iss": "demo gateway",
        }
        body = base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")
        return f"{body}.{self._signature(body)}"

    def read(self, fingerprint: str) -> dict | None:
        """The claims of an authorizationFingerprint: sub, merchant_account_id, exp.

        None when it is not genuine, or too old.
        """
        body, _, signature = (fingerprint or "").partition(".")
        try:
            genuine = hmac.compare_digest(self._signature(body).encode(), signature.encode())
        except UnicodeEncodeError:
            return None
        if not genuine:
            return None
        claims = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
        return claims if claims["exp"] * 1000 > self.now_ms() else None

    def _signature(self, body: str) -> str:
        return hmac.new(self.secret, body.encode(), hashlib.sha256).hexdigest()


def client_token(
    authorizations: Authorizations,
    merchant_id: str,
    browser_url: str,
    merchant_account_id: str | None = None,
    announce: bool = True,
    three_d_secure: bool = True,
    challenges: Sequence[str] = (),
) -> dict:
    """The decoded client token, version 2.

    URLs start with `browser_url`, which is relative ('/demo-gateway') or absolute
    ('https://api.sandbox.braintreegateway.com').
    """
    base = f"{browser_url}/merchants/{merchant_id}/client_api"
    fingerprint = authorizations.issue(merchant_id, merchant_account_id)
    token = {
        "version": 2,
        "authorizationFingerprint": fingerprint,
        "configUrl": f"{base}/v1/configuration",
        "merchantAccountId": merchant_account_id,
        "graphQL": {
            "url": f"{browser_url}/graphql",
            "date": "2018-05-08",
            "features": ["tokenize_credit_cards"],
        },
        "clientApiUrl": base,
        "assetsUrl": browser_url,
        "environment": "sandbox",
        "merchantId": merchant_id,
        "challenges": list(challenges),
        "threeDSecureEnabled": three_d_secure,
        "paypalEnabled": False,
    }
    if announce:
        token["demo"] = True
    return token
