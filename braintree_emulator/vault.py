"""Nonces: single use, three hours long.

What is kept of a card: bin, last four, expiry, cardholder name, postal code, and an HMAC fingerprint to recognise the
same card again. Never the number, never the security code (only the bank's answer to it).
"""

import hashlib
import hmac
import re
import secrets
from collections.abc import Callable
from datetime import datetime
from typing import Any

from braintree_emulator import cards
from braintree_emulator.card_checks import CardRefused as CardRefused
from braintree_emulator.card_checks import check
from braintree_emulator.client_token import Authorizations
from braintree_emulator.store import Store

NONCE_LIFE_MS = 3 * 3600 * 1000
LOCK_LIFE_MS = 60 * 1000
ALPHABET = "bcdfghjkmnpqrstvwxyz23456789"
FRESH, LOCKED, CONSUMED = "fresh", "locked", "consumed"


def random_id(length: int = 8) -> str:
    return "".join(secrets.choice(ALPHABET) for _ in range(length))


class Vault:
    """Nonces in `store`. `clock()` gives an aware datetime."""

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
        """Make a nonce for a card. Returns its record (see `nonce`). Raises CardRefused.

        `month` is 1 to 12 and `year` has two or four digits, both text; or give `expiration_date` as
        "MM/YYYY" or "MM/YY". Spaces and dashes in `number` are ignored. An empty `cvv` is allowed.
        """
        number = re.sub("[ -]", "", number or "")
        if expiration_date and not (month or year):
            month, _, year = expiration_date.replace(" ", "").partition("/")
        check(number, month, year, cvv)
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
                "behaviour": cards.behaviour_of(number),
                "three_d_secure_scenario": cards.scenario_of(number),
                "cvv_result": cards.cvv_result(cvv),
                "postal_code": (postal_code or "")[:20],
                "avs_postal": cards.avs_result(postal_code),
                "avs_street": cards.avs_result(street_address),
            }
        )

    def issue(self, card: dict, **extra: Any) -> dict:
        """Keep a fresh nonce for a card's record, and return the nonce's."""
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

    def nonce(self, nonce: str) -> dict | None:
        """The record of a nonce, or None when it is unknown or older than three hours.

        Keys: nonce, type ('CreditCard'), state ('fresh', 'locked' while a sale with it is under way,
        'consumed'), created_ms, bin, last4, brand ('Visa', …), three_d_secure_info (None or a dict like
        that of cards.three_d_secure_info), payment_method_token and customer_id (of a vaulted card), and
        card: bin, last4, brand, brand_code ('VISA'), month, year, cardholder_name, fingerprint,
        three_d_secure_scenario (a key of cards.THREE_D_SECURE), cvv_result, avs_postal, avs_street.
        """
        record = self.store.get("nonce", nonce)
        if record is None or record["created_ms"] <= self.now_ms() - NONCE_LIFE_MS:
            return None
        if record["state"] == LOCKED and record["locked_ms"] <= self.now_ms() - LOCK_LIFE_MS:
            record["state"] = FRESH  # whoever held it is gone: the gateway gives up after a minute
        return record

    def with_three_d_secure(self, nonce: str, info: dict) -> dict | None:
        """A new nonce for the same card that carries `info`; the old one is consumed, as the lookup does.

        None when the old nonce is unknown, in use or consumed. Build `info` with
        cards.three_d_secure_info(status, brand, reference).
        """
        with self.store.writing():
            old = self.nonce(nonce)
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
        """Change what a fresh nonce says of its authentication, after a challenge. Its new record."""
        with self.store.writing():
            record = self.nonce(nonce)
            if record is None or record["state"] != FRESH:
                return None
            record["three_d_secure_info"] = info
            self.store.put("nonce", nonce, record)
            return record

    def mark(self, nonce: str, state: str, at_ms: int = 0) -> None:
        """Lock (at that moment) or consume a nonce, inside `store.writing()`.

        The SDK's test nonces are not kept, so they are left alone.
        """
        record = self.store.get("nonce", nonce)
        if record is not None:
            self.store.put("nonce", nonce, {**record, "state": state, "locked_ms": at_ms})

    def is_locked_since(self, nonce: str, at_ms: int) -> bool:
        """Whether the lock of that moment still stands. A test nonce has none to lose."""
        record = self.store.get("nonce", nonce)
        return record is None or (record["state"], record["locked_ms"]) == (LOCKED, at_ms)

    def fingerprint(self, number: str) -> str:
        return hmac.new(self.store.secret("card"), number.encode(), hashlib.sha256).hexdigest()[:32]

    def authorization(self, fingerprint: str) -> dict | None:
        """The claims of an authorizationFingerprint: sub, merchant_account_id, exp. None if it isn't good."""
        return self.authorizations.read(fingerprint)
