"""Payment method nonces, and the client tokens that let a browser make them.

Stored of a card: BIN, last four digits, expiration, cardholder name, postal code, and an HMAC fingerprint that tells
whether two cards are the same. The number and the CVV are never stored, only the CVV response code.
"""

import base64
import hashlib
import hmac
import json
import re
import secrets
from collections.abc import Callable
from datetime import datetime
from typing import Any

from braintree_emulator import cards
from braintree_emulator.store import Store, random_id

CLIENT_TOKEN_LIFE_MS = 24 * 3600 * 1000
NONCE_LIFE_MS = 3 * 3600 * 1000
LOCK_LIFE_MS = 60 * 1000  # after that the gateway itself has given up on the sale
FRESH, LOCKED, CONSUMED = "fresh", "locked", "consumed"


class Nonces:
    """Single-use nonces in `store`, three hours long."""

    def __init__(self, store: Store, clock: Callable[[], datetime], private_key: str):
        self.store = store
        self.clock = clock
        self.authorizations = Authorizations(self.now_ms, private_key)

    def now_ms(self) -> int:
        return int(self.clock().timestamp() * 1000)

    def tokenize(
        self,
        number: str,
        month: str = "",
        year: str = "",
        cvv: str = "",
        *,
        cardholder_name: str = "",
        postal_code: str = "",
        street_address: str = "",
        expiration_date: str = "",
    ) -> dict:
        """Make a nonce for a card. Returns its record (see `find`). Raises cards.CardRefused.

        `month` is 1 to 12 and `year` has two or four digits, both as text; or pass `expiration_date` as "MM/YYYY" or
        "MM/YY". Spaces and dashes in `number` are ignored. `cvv` may be empty.
        """
        number = re.sub("[ -]", "", number or "")
        if expiration_date and not (month or year):
            month, _, year = expiration_date.replace(" ", "").partition("/")
        cards.validate(number, month, year, cvv)
        brand = cards.brand_of(number)
        return self.issue(
            {
                "bin": number[:6],
                "last4": number[-4:],
                "brand": brand.name,
                "brand_code": brand.code,
                "month": month.zfill(2),
                "year": year if len(year) == 4 else f"20{year}",
                "cardholder_name": (cardholder_name or "")[:175],
                "fingerprint": self.fingerprint(number),
                "behavior": cards.behavior_of(number),
                "three_d_secure_scenario": cards.scenario_of(number),
                "cvv_result": cards.cvv_result(cvv),
                "postal_code": (postal_code or "")[:20],
                "avs_postal": cards.avs_result(postal_code),
                "avs_street": cards.avs_result(street_address),
            }
        )

    def issue(self, card: dict, **extra: Any) -> dict:
        """Store a fresh nonce for a card's record; returns the nonce's record."""
        parts = "_".join(random_id(6) for _ in range(4))
        record = {
            "nonce": f"tokencc_bh_{parts}_{random_id(3)}",
            "type": "CreditCard",
            "state": FRESH,
            "created_ms": self.now_ms(),
            "locked_ms": 0,
            **{key: card[key] for key in ("bin", "last4", "brand")},
            "card": card,
            "three_d_secure_info": None,
            "payment_method_token": None,
            "customer_id": None,
            **extra,
        }
        with self.store.writing():
            self.store.put("nonce", record["nonce"], record)
        return record

    def find(self, nonce: str) -> dict | None:
        """The record of a nonce, or None when it is unknown or older than three hours.

        Keys: nonce, type ('CreditCard'), state ('fresh', 'locked' while a sale with it is in flight, 'consumed'),
        created_ms, bin, last4, brand ('Visa', …), three_d_secure_info (None or as in cards.three_d_secure_info),
        payment_method_token and customer_id (of a vaulted card), and card: bin, last4, brand, brand_code ('VISA'),
        month, year, cardholder_name, fingerprint, three_d_secure_scenario (a key of cards.THREE_D_SECURE), cvv_result,
        postal_code, avs_postal, avs_street.
        """
        record = self.store.get("nonce", nonce)
        if record is None or record["created_ms"] <= self.now_ms() - NONCE_LIFE_MS:
            return None
        if record["state"] == LOCKED and record["locked_ms"] <= self.now_ms() - LOCK_LIFE_MS:
            record["state"] = FRESH
        return record

    def with_three_d_secure(self, nonce: str, info: dict) -> dict | None:
        """A new nonce for the same card that carries `info`; the old one is consumed, as the lookup does.

        None when the old nonce is unknown, locked or consumed. `info` comes from cards.three_d_secure_info.
        """
        with self.store.writing():
            old = self.find(nonce)
            if old is None or old["state"] != FRESH:
                return None
            self.store.put("nonce", nonce, {**old, "state": CONSUMED})
            return self.issue(
                old["card"],
                three_d_secure_info=info,
                customer_id=old["customer_id"],
                payment_method_token=old["payment_method_token"],
            )

    def set_three_d_secure(self, nonce: str, info: dict) -> dict | None:
        """Replace the authentication of a fresh nonce, after a challenge; returns its new record."""
        with self.store.writing():
            record = self.find(nonce)
            if record is None or record["state"] != FRESH:
                return None
            record["three_d_secure_info"] = info
            self.store.put("nonce", nonce, record)
            return record

    def mark(self, nonce: str, state: str, at_ms: int = 0) -> None:
        """Lock (as of `at_ms`) or consume a nonce, inside `store.writing()`. Test nonces are not stored, and are left
        alone."""
        record = self.store.get("nonce", nonce)
        if record is not None:
            self.store.put("nonce", nonce, {**record, "state": state, "locked_ms": at_ms})

    def is_locked_since(self, nonce: str, at_ms: int) -> bool:
        """Whether the lock taken at `at_ms` still holds. A test nonce has none to lose."""
        record = self.store.get("nonce", nonce)
        return record is None or (record["state"], record["locked_ms"]) == (LOCKED, at_ms)

    def fingerprint(self, number: str) -> str:
        return hmac.new(self.store.secret("card"), number.encode(), hashlib.sha256).hexdigest()[:32]

    def authorization(self, fingerprint: str) -> dict | None:
        """The claims of an authorizationFingerprint: sub, merchant_account_id, exp. None unless genuine and current."""
        return self.authorizations.read(fingerprint)


class Authorizations:
    """authorizationFingerprints, signed with `secret` and valid for a day."""

    def __init__(self, now_ms: Callable[[], int], secret: str):
        self.now_ms = now_ms
        self.secret = secret.encode()

    def issue(self, merchant_id: str, merchant_account_id: str | None) -> str:
        claims = {
            "exp": (self.now_ms() + CLIENT_TOKEN_LIFE_MS) // 1000,
            "jti": secrets.token_hex(10),
            "sub": merchant_id,
            "merchant_account_id": merchant_account_id,
            "iss": "braintree_emulator",
        }
        body = base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")
        return f"{body}.{self._signature(body)}"

    def read(self, fingerprint: str) -> dict | None:
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


def client_token(emulator, merchant_account_id: str | None = None) -> dict:
    """The decoded client token, version 2. Its URLs start with the emulator's `browser_url`."""
    url = emulator.browser_url
    client_api = f"{url}/merchants/{emulator.merchant_id}/client_api"
    token = {
        "version": 2,
        "authorizationFingerprint": emulator.nonces.authorizations.issue(emulator.merchant_id, merchant_account_id),
        "configUrl": f"{client_api}/v1/configuration",
        "merchantAccountId": merchant_account_id,
        "graphQL": {"url": f"{url}/graphql", "date": "2018-05-08", "features": ["tokenize_credit_cards"]},
        "clientApiUrl": client_api,
        "assetsUrl": url,
        "environment": "sandbox",
        "merchantId": emulator.merchant_id,
        "challenges": emulator.challenges,
        "threeDSecureEnabled": emulator.three_d_secure,
        "paypalEnabled": False,
    }
    return token | {"demo": True} if emulator.mark_client_token else token
