"""The Vault: customers and their stored payment methods."""

import re

from braintree_emulator import sandbox_rules
from braintree_emulator.errors import Invalid, NotFound
from braintree_emulator.nonces import CONSUMED
from braintree_emulator.sandbox_rules import Outcome
from braintree_emulator.serializers import PERSON
from braintree_emulator.store import random_id

NONCE_ERRORS = ("91731", "91732", "91733")


class Vault:
    def __init__(self, emulator):
        self.emulator = emulator
        self.store = emulator.store

    def find(self, id: str) -> dict:
        record = self.store.get("customer", id)
        if record is None:
            raise NotFound(id)
        return record

    def create(self, params: dict) -> dict:
        """Raises Invalid. With a payment_method_nonce its card is stored too."""
        id = params.get("id") or random_id(11)
        problems = [
            ("91612", len(id) > 36),
            ("91610", not re.fullmatch("[A-Za-z0-9_-]+", id)),
            ("91609", self.store.get("customer", id) is not None),
            ("81604", not _is_email(params.get("email"))),
        ]
        codes = [code for code, wrong in problems if wrong]
        if codes:
            raise Invalid(*codes, where="customer")
        now = self.emulator.now_ms()
        with self.store.writing():
            record = {name: params.get(name) for name in PERSON[1:]}
            record |= {"id": id, "created_ms": now, "updated_ms": now, "default": None}
            self.store.put("customer", id, record)
            if params.get("payment_method_nonce"):
                self.add_card({"customer_id": id, **params}, where="customer/credit_card")
        return self.find(id)

    def update(self, id: str, params: dict) -> dict:
        record = self.find(id)
        if not _is_email(params.get("email")):
            raise Invalid("81604", where="customer")
        with self.store.writing():
            changes = {name: params[name] for name in PERSON[1:] if name in params}
            if params.get("default_payment_method_token"):
                changes["default"] = self.method(params["default_payment_method_token"])["token"]
            record |= {**changes, "updated_ms": self.emulator.now_ms()}
            self.store.put("customer", id, record)
            if params.get("payment_method_nonce"):
                self.add_card({"customer_id": id, **params}, where="customer/credit_card")
        return self.find(id)

    def delete(self, id: str) -> None:
        self.find(id)
        with self.store.writing():
            for method in self.methods(id):
                self.store.delete("method", method["token"])
            self.store.delete("customer", id)

    def method(self, token: str) -> dict:
        record = self.store.get("method", token)
        if record is None:
            raise NotFound(token)
        return record

    def methods(self, customer_id: str) -> list[dict]:
        return self.store.all("method", customer_id)

    def default_method(self, customer_id: str) -> dict:
        """Raises Invalid (91510, 91511) as a sale by customer_id does."""
        customer = self.store.get("customer", customer_id)
        if customer is None:
            raise Invalid("91510")
        if not customer["default"]:
            raise Invalid("91511")
        return self.method(customer["default"])

    def add_card(self, params: dict, forced: Outcome | None = None, where: str = "credit_card") -> dict:
        """Store the card behind a nonce, which is consumed. `forced` overrides the outcome of its verification.
        Raises Invalid or NotVerified."""
        customer_id, token = params.get("customer_id"), params.get("token")
        if not customer_id:
            raise Invalid("91704", where=where)
        if self.store.get("customer", customer_id) is None:
            raise Invalid("91705", where=where)
        if token and not re.fullmatch("[A-Za-z0-9_-]{1,36}", token):
            raise Invalid("91718", where=where)
        if token and self.store.get("method", token):
            raise Invalid("91719", where=where)
        if not params.get("payment_method_nonce"):
            raise Invalid("93107", where=where)
        nonce = params["payment_method_nonce"]
        with self.store.writing():
            record = self.emulator.sales.usable_nonce(nonce, NONCE_ERRORS, where)
            self._verify(record["card"], params.get("options") or {}, forced)
            self.emulator.nonces.mark(nonce, CONSUMED)
            make_default = (params.get("options") or {}).get("make_default") in (True, "true")
            return self.store_card(record["card"], customer_id, token, make_default)

    def _verify(self, card: dict, options: dict, forced: Outcome | None) -> None:
        outcome = forced or sandbox_rules.outcome_of_card(card, self.emulator.clock())
        if (forced or options.get("verify_card") in (True, "true")) and outcome is not sandbox_rules.APPROVED:
            raise NotVerified(outcome)

    def store_card(
        self, card: dict, customer_id: str | None, token: str | None = None, make_default: bool = False
    ) -> dict:
        """Returns the stored card's record: token, customer_id, card, created_ms."""
        with self.store.writing():
            if customer_id is None or self.store.get("customer", customer_id) is None:
                customer_id = self.create({"id": customer_id})["id"]
            token = token or random_id()
            now = self.emulator.now_ms()
            method = {"token": token, "customer_id": customer_id, "card": card, "created_ms": now}
            self.store.put("method", token, method, tag=customer_id)
            customer = self.find(customer_id)
            if make_default or not customer["default"]:
                self.store.put("customer", customer_id, {**customer, "default": token})
            return method

    def update_method(self, token: str, params: dict) -> dict:
        method = self.method(token)
        if (params.get("options") or {}).get("make_default") in (True, "true"):
            customer = self.find(method["customer_id"])
            with self.store.writing():
                self.store.put("customer", customer["id"], {**customer, "default": token})
        return method

    def delete_method(self, token: str) -> None:
        method = self.method(token)
        with self.store.writing():
            self.store.delete("method", token)
            left = self.methods(method["customer_id"])
            customer = self.find(method["customer_id"])
            if customer["default"] == token:
                default = left[0]["token"] if left else None
                self.store.put("customer", customer["id"], {**customer, "default": default})

    def nonce_for(self, token: str) -> dict:
        """A fresh nonce for a stored card."""
        method = self.method(token)
        return self.emulator.nonces.issue(method["card"], payment_method_token=token, customer_id=method["customer_id"])

    def find_nonce(self, nonce: str) -> dict:
        nonces = self.emulator.nonces
        record = sandbox_rules.nonce_record(nonces, nonce) or nonces.find(nonce)
        if record is None:
            raise NotFound(nonce)
        return record


class NotVerified(Exception):
    """The verification of a card did not succeed. `outcome` says why."""

    def __init__(self, outcome: sandbox_rules.Outcome):
        self.outcome = outcome
        super().__init__(outcome.text)


def _is_email(email: str | None) -> bool:
    return not email or re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", email) is not None
