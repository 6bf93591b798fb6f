"""Customers and their vaulted cards."""

import re

from braintree_emulator import magic
from braintree_emulator.errors import Invalid, NotFound
from braintree_emulator.vault import CONSUMED, random_id
from braintree_emulator.wire import PERSON

CARD_CODES = ("91731", "91732", "91733")


class Customers:
    def __init__(self, gateway):
        self.gateway = gateway
        self.store = gateway.store

    def find(self, id: str) -> dict:
        record = self.store.get("customer", id)
        if record is None:
            raise NotFound(id)
        return record

    def create(self, params: dict) -> dict:
        """Raises Invalid. With a payment_method_nonce its card is vaulted too."""
        id = params.get("id") or random_id(11)
        problems = [
            ("91612", len(id) > 36),
            ("91610", not re.fullmatch("[A-Za-z0-9_-]+", id)),
            ("91609", self.store.get("customer", id) is not None),
            ("81604", not _email_is_fine(params.get("email"))),
        ]
        codes = [code for code, wrong in problems if wrong]
        if codes:
            raise Invalid(*codes, where="customer")
        now = self.gateway.vault.now_ms()
        with self.store.writing():
            record = {name: params.get(name) for name in PERSON[1:]}
            record |= {"id": id, "created_ms": now, "updated_ms": now, "default": None}
            self.store.put("customer", id, record)
            if params.get("payment_method_nonce"):
                self.add_card({"customer_id": id, **params}, "customer/credit_card")
        return self.find(id)

    def update(self, id: str, params: dict) -> dict:
        record = self.find(id)
        if not _email_is_fine(params.get("email")):
            raise Invalid("81604", where="customer")
        with self.store.writing():
            changes = {name: params[name] for name in PERSON[1:] if name in params}
            if params.get("default_payment_method_token"):
                changes["default"] = self.method(params["default_payment_method_token"])["token"]
            record |= {**changes, "updated_ms": self.gateway.vault.now_ms()}
            self.store.put("customer", id, record)
            if params.get("payment_method_nonce"):
                self.add_card({"customer_id": id, **params}, "customer/credit_card")
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

    def add_card(self, params: dict, where: str = "credit_card") -> dict:
        """Vault the card behind a nonce; the nonce is consumed. Raises Invalid."""
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
            record = self.gateway.sales.usable(nonce, CARD_CODES, where)
            self._verify(record["card"], params.get("options") or {})
            self.gateway.vault.mark(nonce, CONSUMED)
            make_default = (params.get("options") or {}).get("make_default") in (True, "true")
            return self.keep_card(record["card"], customer_id, token, make_default)

    def _verify(self, card: dict, options: dict) -> None:
        outcome = magic.outcome_of_card(card, self.gateway.clock())
        if options.get("verify_card") in (True, "true") and outcome is not magic.APPROVED:
            raise NotVerified(outcome)

    def keep_card(
        self, card: dict, customer_id: str | None, token: str | None = None, make_default: bool = False
    ) -> dict:
        """The vaulted card's record: token, customer_id, card, created_ms."""
        with self.store.writing():
            if customer_id is None or self.store.get("customer", customer_id) is None:
                customer_id = self.create({"id": customer_id})["id"]
            token = token or random_id()
            method = {
                "token": token,
                "customer_id": customer_id,
                "card": card,
                "created_ms": self.gateway.vault.now_ms(),
            }
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
        """A fresh nonce for a vaulted card."""
        method = self.method(token)
        return self.gateway.vault.issue(method["card"], payment_method_token=token, customer_id=method["customer_id"])

    def find_nonce(self, nonce: str) -> dict:
        vault = self.gateway.vault
        record = magic.nonce_record(vault, nonce) or vault.nonce(nonce)
        if record is None:
            raise NotFound(nonce)
        return record


class NotVerified(Exception):
    """A card that was to be verified first, and wasn't accepted. `outcome` says why."""

    def __init__(self, outcome: magic.Outcome):
        self.outcome = outcome
        super().__init__(outcome.text)


def _email_is_fine(email: str | None) -> bool:
    return not email or re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", email) is not None
