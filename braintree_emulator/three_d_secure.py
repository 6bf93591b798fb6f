"""3-D Secure 2: the lookup, the issuer's challenge page, and its signed result.

The test card decides (cards.THREE_D_SECURE): frictionless, a challenge that the cardholder can confirm or cancel, or a
challenge that the issuer fails whatever the cardholder does.
"""

import base64
import binascii
import hashlib
import hmac
import json
import secrets
from html import escape
from pathlib import Path

from werkzeug.exceptions import NotFound

from braintree_emulator import cards
from braintree_emulator.nonces import Nonces

ASSETS = Path(__file__).parent / "assets"
CHALLENGES = (cards.CHALLENGE, cards.CHALLENGE_FAILED, cards.CHALLENGE_UNAVAILABLE)
CONFIRMED = {
    cards.CHALLENGE: "authenticate_successful",
    cards.CHALLENGE_FAILED: "authenticate_failed",
    cards.CHALLENGE_UNAVAILABLE: "authenticate_unable_to_authenticate",
}
ACTIONS = {"authenticate_successful": "SUCCESS", "authenticate_unable_to_authenticate": "NOACTION"}


class ThreeDSecure:
    """`bank_url` is where a browser finds the issuer's pages."""

    def __init__(self, nonces: Nonces, bank_url: str):
        self.nonces = nonces
        self.bank_url = bank_url

    def lookup(self, nonce: str, amount: str) -> tuple[dict, dict] | None:
        """(the record of a new nonce, the lookup for the browser), or None for an unusable nonce.

        The lookup's acsUrl is None unless there is a challenge.
        """
        record = self.nonces.find(nonce)
        if record is None:
            return None
        scenario, reference = record["card"]["three_d_secure_scenario"], secrets.token_hex(12)
        challenged = scenario in CHALLENGES
        status = "challenge_required" if challenged else scenario
        info = cards.three_d_secure_info(status, record["brand"], reference)
        record = self.nonces.with_three_d_secure(nonce, info)
        if record is None:
            return None
        if challenged:
            self.nonces.store.put(
                "challenge",
                reference,
                {
                    "nonce": record["nonce"],
                    "amount": amount[:20],
                    "scenario": scenario,
                    "answer": "",
                    "brand": record["brand"],
                    "last4": record["card"]["last4"],
                },
            )
        return record, {
            "acsUrl": f"{self.bank_url}/bank/challenge/{reference}" if challenged else None,
            "pareq": reference if challenged else None,
            "transactionId": reference,
            "threeDSecureVersion": "2.2.0",
            "md": None,
            "termUrl": None,
        }

    def page(self, reference: str) -> str:
        """The challenge page. Raises NotFound."""
        challenge = self._challenge(reference)
        html = (ASSETS / "bank-challenge.html").read_text()
        values = {"amount": challenge["amount"], "card": f"{challenge['brand']} ending {challenge['last4']}"}
        for name, value in values.items():
            html = html.replace(f"[[{name}]]", escape(value))
        return html

    def answer(self, reference: str, answer: str) -> str:
        """Record the cardholder's answer; returns the page that passes the result on to the shop. Raises NotFound.

        `answer` is 'confirm'; anything else cancels. The first answer counts.
        """
        with self.nonces.store.writing():
            challenge = self._challenge(reference)
            challenge["answer"] = challenge["answer"] or ("confirm" if answer == "confirm" else "cancel")
            self.nonces.store.put("challenge", reference, challenge)
        cancelled = challenge["answer"] == "cancel"
        status = "authenticate_failed" if cancelled else CONFIRMED[challenge["scenario"]]
        message = {
            "jwt": self.token({"nonce": challenge["nonce"], "status": status, "reference": reference}),
            "actionCode": ACTIONS.get(status, "FAILURE"),
            "cancelled": cancelled,
        }
        return (ASSETS / "bank-answer.html").read_text().replace("[[message]]", escape(json.dumps(message)))

    def authenticate(self, nonce: str, jwt: str) -> dict | None:
        """The nonce's record with the result in `jwt`, or None when that is forged or another nonce's.

        As with Braintree, a nonce stays usable after a failed challenge: the merchant has to check it.
        """
        claims = self.claims(jwt)
        record = self.nonces.find(nonce)
        if claims is None or record is None or claims.get("nonce") != nonce:
            return None
        info = cards.three_d_secure_info(claims["status"], record["brand"], claims["reference"])
        return self.nonces.set_three_d_secure(nonce, info)

    def token(self, claims: dict) -> str:
        """A signed JSON Web Token."""
        head = _encode(json.dumps({"alg": "HS256", "typ": "JWT"}).encode())
        body = f"{head}.{_encode(json.dumps(claims).encode())}"
        return f"{body}.{self._signature(body)}"

    def claims(self, token: str) -> dict | None:
        body, _, signature = token.rpartition(".")
        try:
            if not hmac.compare_digest(self._signature(body).encode(), signature.encode()):
                return None
            payload = body.partition(".")[2]
            return json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
        except (UnicodeEncodeError, binascii.Error, ValueError):
            return None

    def _signature(self, body: str) -> str:
        secret = self.nonces.store.secret("cardinal")
        return _encode(hmac.new(secret, body.encode(), hashlib.sha256).digest())

    def _challenge(self, reference: str) -> dict:
        challenge = self.nonces.store.get("challenge", reference)
        if challenge is None:
            raise NotFound
        return challenge


def _encode(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")
