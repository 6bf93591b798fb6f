"""The sale: refused before anything happens, or decided by the card, the amount and the rules.

It has two steps, so that something can go wrong in between: `begin` checks the request and locks the
nonce and the key; `finish` decides, and keeps the transaction.
"""

import re
from dataclasses import dataclass

from braintree_emulator import accounts, cards, ledger, line_items, magic
from braintree_emulator.errors import Invalid, NotFound
from braintree_emulator.keys import RequestKeys
from braintree_emulator.sale_record import sale_record
from braintree_emulator.vault import CONSUMED, FRESH, LOCKED, CardRefused

DUPLICATE_MS = 30_000
SUCCESSFUL = {"authorized", "submitted_for_settlement", "settling", "settled", "settlement_pending"}


@dataclass
class Sale:
    """A sale under way. `instrument` is a nonce's record; `earlier` the transaction a key repeats."""

    params: dict
    account: accounts.Account
    amount_minor: int
    instrument: dict
    began_ms: int
    earlier: str | None = None

    @property
    def key(self) -> str | None:
        return self.params.get("api_request_key")

    @property
    def options(self) -> dict:
        return self.params.get("options") or {}

    @property
    def card(self) -> dict:
        """With the bank's answer to the sale's billing address, which comes before the card's own."""
        card, postal_code = self.instrument["card"], (self.params.get("billing") or {}).get("postal_code")
        answer = {"postal_code": postal_code, "avs_postal": cards.avs_result(postal_code)} if postal_code else {}
        return card | answer


def is_on(option) -> bool:
    """Options are typed booleans, or text from other SDKs."""
    return option in (True, "true")


class Sales:
    def __init__(self, gateway):
        self.gateway = gateway
        self.vault = gateway.vault
        self.keys = RequestKeys(gateway)

    def begin(self, params: dict) -> Sale:
        """Check and lock. Raises Invalid."""
        began_ms = self.vault.now_ms()
        with self.gateway.store.writing():
            earlier = self.keys.begin(params.get("api_request_key"), "sale", params, began_ms)
            if earlier:
                return Sale(params, accounts.DEFAULT, 0, {}, began_ms, earlier)
        try:
            return self._lock(params, began_ms)
        except Invalid:
            with self.gateway.store.writing():
                self.keys.finish(params.get("api_request_key"), None)
            raise

    def _lock(self, params: dict, began_ms: int) -> Sale:
        account, minor = self._check(params)
        with self.gateway.store.writing():
            instrument = self.instrument(params)
            self.vault.mark(instrument["nonce"], LOCKED, began_ms)
        return Sale(params, account, minor, instrument, began_ms)

    def _check(self, params: dict) -> tuple[accounts.Account, int]:
        account = accounts.find(params.get("merchant_account_id"))
        minor = accounts.read_amount(params.get("amount"), account or accounts.DEFAULT)
        purchase_order = params.get("purchase_order_number") or ""
        problems = [
            ("91523", params.get("type") != "sale"),
            (minor, isinstance(minor, str)),
            ("91513", account is None),
            ("91501", len(params.get("order_id") or "") > 255),
            ("91537", len(purchase_order) > 17),
            ("91548", not re.fullmatch("[ -~]*", purchase_order)),
        ]
        codes = [code for code, wrong in problems if wrong]
        if codes:
            raise Invalid(*codes)
        line_items.checked(params.get("line_items"))
        return account, minor

    def instrument(self, params: dict) -> dict:
        """The nonce's record to charge; a vaulted card's or a typed card's looks the same. Raises Invalid."""
        if params.get("payment_method_nonce"):
            return self.usable(params["payment_method_nonce"])
        customers = self.gateway.customers
        if params.get("payment_method_token"):
            try:
                method = customers.method(params["payment_method_token"])
            except NotFound:
                raise Invalid("91518") from None
        elif params.get("customer_id"):
            method = customers.default_method(params["customer_id"])
        elif params.get("credit_card"):
            return self._typed(params["credit_card"])
        else:
            raise Invalid("91508")
        return {
            "nonce": "",
            "created_ms": 0,
            "card": method["card"],
            "three_d_secure_info": None,
            "payment_method_token": method["token"],
            "customer_id": method["customer_id"],
        }

    def usable(self, nonce: str, codes: tuple = ("91564", "91565", "91566"), where="transaction") -> dict:
        """A nonce's record, if it can be used now. `codes` are for consumed, unknown and locked."""
        consumed, unknown, locked = codes
        if nonce == magic.CONSUMED:
            raise Invalid(consumed, where=where)
        if nonce == magic.LUHN_INVALID:
            raise Invalid.of_card([("81715", "number", "Credit card number is invalid.")], f"{where}/credit_card")
        record = magic.nonce_record(self.vault, nonce) or self.vault.nonce(nonce)
        if record is None:
            other = re.fullmatch("fake-[a-z0-9-]+-nonce|tokensam_[a-z_]+", nonce)
            raise Invalid("91577" if other and where == "transaction" else unknown, where=where)
        if record["state"] != FRESH:
            raise Invalid(locked if record["state"] == LOCKED else consumed, where=where)
        return record

    def _typed(self, card: dict) -> dict:
        month, year = card.get("expiration_month") or "", card.get("expiration_year") or ""
        try:
            return self.vault.tokenize(
                card.get("number") or "",
                month,
                year,
                card.get("cvv") or "",
                cardholder_name=card.get("cardholder_name") or "",
                expiration_date=card.get("expiration_date") or "",
            )
        except CardRefused as refused:
            raise Invalid.of_card(refused.errors, "transaction/credit_card") from None

    def finish(self, sale: Sale) -> dict:
        """Decide and keep. The transaction's record, whatever became of it."""
        if sale.earlier:
            return self.gateway.ledger.find(sale.earlier)
        with self.gateway.store.writing():
            self._still_mine(sale)
            record = self._record(sale)
            self.gateway.ledger.save(record)
            self.vault.mark(sale.instrument["nonce"], CONSUMED)
            self.keys.finish(sale.key, record["id"])
            self._store_in_vault(sale, record)
        return record

    def _still_mine(self, sale: Sale) -> None:
        """Raises Invalid if it took so long that another sale took the nonce or the key."""
        if not self.vault.is_locked_since(sale.instrument["nonce"], sale.began_ms):
            raise Invalid("91564")
        if not self.keys.is_held_since(sale.key, sale.began_ms):
            raise Invalid("915235")

    def _outcome(self, sale: Sale) -> magic.Outcome:
        amount = ledger.amount_of({"amount_minor": sale.amount_minor, "currency": sale.account.currency})
        required = (sale.options.get("three_d_secure") or {}).get("required")
        shifted = (sale.instrument["three_d_secure_info"] or {}).get("liability_shifted")
        if is_on(required) and not shifted:
            return magic.rejected("three_d_secure")
        if not sale.key and self._is_duplicate(sale):
            return magic.rejected("duplicate")
        by_amount = magic.outcome_of_amount(amount)
        if by_amount is not magic.APPROVED:
            return by_amount
        return magic.outcome_of_card(sale.card, self.gateway.clock(), self.gateway.postal_code_rule)

    def _record(self, sale: Sale) -> dict:
        outcome = self._outcome(sale)
        record = sale_record(sale, outcome, self.vault.now_ms())
        if outcome.status == "authorized" and is_on(sale.options.get("submit_for_settlement")):
            self.gateway.ledger.start_settlement(record)
        return record

    def _is_duplicate(self, sale: Sale) -> bool:
        since, card = self.vault.now_ms() - DUPLICATE_MS, sale.instrument["card"]
        order_id = sale.params.get("order_id")
        return any(
            earlier["created_ms"] > since
            and earlier["order_id"] == order_id
            and earlier["type"] == "sale"
            and earlier["status"] in SUCCESSFUL
            and (earlier["amount_minor"], earlier["currency"]) == (sale.amount_minor, sale.account.currency)
            and all(earlier["card"][k] == card[k] for k in ("fingerprint", "month", "year"))
            for earlier in self.gateway.ledger.all(order_id)
        )

    def _store_in_vault(self, sale: Sale, record: dict) -> None:
        wanted = sale.options.get("store_in_vault") or sale.options.get("store_in_vault_on_success")
        if not is_on(wanted) or record["status"] not in SUCCESSFUL or record["payment_method_token"]:
            return
        method = self.gateway.customers.keep_card(sale.instrument["card"], record["customer"].get("id"))
        record["payment_method_token"] = method["token"]
        record["customer"]["id"] = method["customer_id"]
        self.gateway.ledger.save(record)
