"""The sale: refused before anything happens, or decided by the card, the amount and the merchant's rules.

It has two steps, so that faults can be injected in between: `begin` validates the request and locks its nonce and its
api_request_key; `finish` decides and stores the transaction.
"""

import re
import secrets
from dataclasses import dataclass
from decimal import Decimal

from braintree_emulator import cards, ledger, merchant_accounts, sandbox_rules
from braintree_emulator.errors import Invalid, NotFound
from braintree_emulator.idempotency import RequestKeys
from braintree_emulator.nonces import CONSUMED, FRESH, LOCKED
from braintree_emulator.sandbox_rules import APPROVED, Outcome, rejected
from braintree_emulator.store import random_id

DUPLICATE_WINDOW_MS = 30_000
SUCCESSFUL = {"authorized", "submitted_for_settlement", "settling", "settled", "settlement_pending"}
DUPLICATED = SUCCESSFUL | {"voided"}
MAX_LINE_ITEMS = 249
LINE_ITEM_LENGTHS = {"name": (35, "95823"), "description": (127, "95803"), "product_code": (12, "95809")}
LINE_ITEM_NUMBERS = {  # name: (decimal places, error codes for missing, malformed, not positive)
    "quantity": (4, "95811", "95810", "95810"),
    "unit_amount": (4, "95818", "95817", "95820"),
    "total_amount": (2, "95814", "95813", "95816"),
}


@dataclass
class Sale:
    """A sale in flight. `instrument` is a nonce's record; `earlier` is the transaction that its key repeats.
    `forced_outcome` overrides the sandbox rules."""

    params: dict
    account: merchant_accounts.Account
    amount_minor: int
    instrument: dict
    began_ms: int
    earlier: str | None = None
    forced_outcome: Outcome | None = None

    @property
    def key(self) -> str | None:
        return self.params.get("api_request_key")

    @property
    def options(self) -> dict:
        return self.params.get("options") or {}

    @property
    def card(self) -> dict:
        """With the AVS response to the sale's billing address, which takes precedence over the card's own."""
        card, postal_code = self.instrument["card"], (self.params.get("billing") or {}).get("postal_code")
        avs = {"postal_code": postal_code, "avs_postal": cards.avs_result(postal_code)} if postal_code else {}
        return card | avs


def is_true(option) -> bool:
    """Options are typed booleans from some SDKs and text from others."""
    return option in (True, "true")


class Sales:
    def __init__(self, emulator):
        self.emulator = emulator
        self.nonces = emulator.nonces
        self.keys = RequestKeys(emulator)

    def begin(self, params: dict) -> Sale:
        """Validate and lock. Raises Invalid."""
        began_ms = self.emulator.now_ms()
        with self.emulator.store.writing():
            earlier = self.keys.begin(params.get("api_request_key"), "sale", params, began_ms)
            if earlier:
                return Sale(params, merchant_accounts.DEFAULT, 0, {}, began_ms, earlier)
        try:
            return self._lock(params, began_ms)
        except Invalid:
            with self.emulator.store.writing():
                self.keys.finish(params.get("api_request_key"), None)
            raise

    def _lock(self, params: dict, began_ms: int) -> Sale:
        account, minor = self._validate(params)
        with self.emulator.store.writing():
            instrument = self.instrument(params)
            self.nonces.mark(instrument["nonce"], LOCKED, began_ms)
        return Sale(params, account, minor, instrument, began_ms)

    def _validate(self, params: dict) -> tuple[merchant_accounts.Account, int]:
        account = merchant_accounts.find(params.get("merchant_account_id"))
        minor = merchant_accounts.parse_amount(params.get("amount"), account or merchant_accounts.DEFAULT)
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
        validate_line_items(params.get("line_items"))
        return account, minor

    def instrument(self, params: dict) -> dict:
        """The record of the nonce to charge, or one like it for a stored or a typed card. Raises Invalid."""
        if params.get("payment_method_nonce"):
            return self.usable_nonce(params["payment_method_nonce"])
        vault = self.emulator.vault
        if params.get("payment_method_token"):
            try:
                method = vault.method(params["payment_method_token"])
            except NotFound:
                raise Invalid("91518") from None
        elif params.get("customer_id"):
            method = vault.default_method(params["customer_id"])
        elif params.get("credit_card"):
            return self._typed_card(params["credit_card"])
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

    def usable_nonce(self, nonce: str, codes: tuple = ("91564", "91565", "91566"), where="transaction") -> dict:
        """The record of a fresh nonce. Raises Invalid with one of `codes`: consumed, unknown, locked."""
        consumed, unknown, locked = codes
        if nonce == sandbox_rules.CONSUMED:
            raise Invalid(consumed, where=where)
        if nonce == sandbox_rules.LUHN_INVALID:
            raise Invalid.of_card([("81715", "number", "Credit card number is invalid.")], f"{where}/credit_card")
        record = sandbox_rules.nonce_record(self.nonces, nonce) or self.nonces.find(nonce)
        if record is None:
            other_instrument = re.fullmatch("fake-[a-z0-9-]+-nonce|tokensam_[a-z_]+", nonce)
            raise Invalid("91577" if other_instrument and where == "transaction" else unknown, where=where)
        if record["state"] != FRESH:
            raise Invalid(locked if record["state"] == LOCKED else consumed, where=where)
        return record

    def _typed_card(self, card: dict) -> dict:
        fields = {name: card.get(name) or "" for name in ("number", "cvv", "cardholder_name", "expiration_date")}
        month, year = card.get("expiration_month") or "", card.get("expiration_year") or ""
        try:
            return self.nonces.tokenize(month=month, year=year, **fields)
        except cards.CardRefused as refused:
            raise Invalid.of_card(refused.errors, "transaction/credit_card") from None

    def finish(self, sale: Sale) -> dict:
        """Decide and store. Returns the transaction's record, approved or not. Raises Invalid if another sale took the
        nonce or the key since `begin`."""
        if sale.earlier:
            return self.emulator.ledger.find(sale.earlier)
        with self.emulator.store.writing():
            self._require_locks(sale)
            record = self._record(sale)
            self.emulator.ledger.save(record)
            self.nonces.mark(sale.instrument["nonce"], CONSUMED)
            self.keys.finish(sale.key, record["id"])
            self._store_in_vault(sale, record)
        return record

    def _require_locks(self, sale: Sale) -> None:
        if not self.nonces.is_locked_since(sale.instrument["nonce"], sale.began_ms):
            raise Invalid("91564")
        if not self.keys.is_held_since(sale.key, sale.began_ms):
            raise Invalid("915235")

    def _outcome(self, sale: Sale) -> Outcome:
        if sale.forced_outcome:
            return sale.forced_outcome
        amount = merchant_accounts.to_decimal(sale.amount_minor, sale.account.currency)
        required = (sale.options.get("three_d_secure") or {}).get("required")
        shifted = (sale.instrument["three_d_secure_info"] or {}).get("liability_shifted")
        if is_true(required) and not shifted:
            return rejected("three_d_secure")
        if not sale.key and self._is_duplicate(sale):
            return rejected("duplicate")
        by_amount = sandbox_rules.outcome_of_amount(amount)
        if by_amount is not APPROVED:
            return by_amount
        return sandbox_rules.outcome_of_card(sale.card, self.emulator.clock(), self.emulator.postal_code_rule)

    def _record(self, sale: Sale) -> dict:
        outcome = self._outcome(sale)
        record = new_record(sale, outcome, self.emulator.now_ms())
        if outcome is APPROVED and is_true(sale.options.get("submit_for_settlement")):
            self.emulator.ledger.start_settlement(record)
        return record

    def _is_duplicate(self, sale: Sale) -> bool:
        since, card = self.emulator.now_ms() - DUPLICATE_WINDOW_MS, sale.instrument["card"]
        order_id = sale.params.get("order_id")
        return any(
            earlier["created_ms"] > since
            and earlier["order_id"] == order_id
            and earlier["type"] == "sale"
            and earlier["status"] in DUPLICATED
            and (earlier["amount_minor"], earlier["currency"]) == (sale.amount_minor, sale.account.currency)
            and all(earlier["card"][k] == card[k] for k in ("fingerprint", "month", "year"))
            for earlier in self.emulator.ledger.all(order_id)
        )

    def _store_in_vault(self, sale: Sale, record: dict) -> None:
        requested = sale.options.get("store_in_vault") or sale.options.get("store_in_vault_on_success")
        if not is_true(requested) or record["status"] not in SUCCESSFUL or record["payment_method_token"]:
            return
        method = self.emulator.vault.store_card(sale.instrument["card"], record["customer"].get("id"))
        record["payment_method_token"] = method["token"]
        record["customer"]["id"] = method["customer_id"]
        self.emulator.ledger.save(record)


def new_record(sale: Sale, outcome: Outcome, now_ms: int) -> dict:
    """A transaction's record, not stored yet. Amounts are in minor units, times in milliseconds since 1970."""
    params, instrument, card = sale.params, sale.instrument, sale.card
    customer = dict(params.get("customer") or {})
    customer["id"] = params.get("customer_id") or instrument["customer_id"]
    record = {
        "id": random_id(),
        "type": "sale",
        "amount_minor": sale.amount_minor,
        "currency": sale.account.currency,
        "merchant_account_id": sale.account.id,
        **{name: params.get(name) for name in ("order_id", "purchase_order_number", "channel", "custom_fields")},
        "line_items": params.get("line_items") or [],
        "customer": customer,
        "billing": {"postal_code": card.get("postal_code") or None} | (params.get("billing") or {}),
        "nonce": params.get("payment_method_nonce"),
        "payment_method_token": instrument["payment_method_token"],
        "card": card,
        "three_d_secure_info": instrument["three_d_secure_info"],
        "created_ms": now_ms,
        "updated_ms": now_ms,
        "submitted_ms": None,
        "history": [],
        "refund_ids": [],
        "refunded_transaction_id": None,
        "disputes": [],
        "settlement_batch_id": None,
        "processor_settlement_response_code": None,
        "processor_settlement_response_text": None,
        **authorization_response(outcome, card),
    }
    ledger.event(record, outcome.status, now_ms)
    record["settlement"] = sandbox_rules.settlement_of_amount(ledger.amount_of(record))
    return record


def authorization_response(outcome: Outcome, card: dict) -> dict:
    avs_error = card["avs_postal"] if card["avs_postal"] in ("E", "S") else None
    return {
        "processor_response_code": outcome.code,
        "processor_response_text": outcome.text if outcome.code else None,
        "processor_response_type": sandbox_rules.response_type(outcome.code),
        "processor_authorization_code": secrets.token_hex(3).upper() if outcome.status == "authorized" else None,
        "gateway_rejection_reason": outcome.rejection,
        "cvv_response_code": card["cvv_result"],
        "avs_error_response_code": avs_error,
        "avs_postal_code_response_code": None if avs_error else card["avs_postal"],
        "avs_street_address_response_code": None if avs_error else card["avs_street"],
    }


def validate_line_items(items) -> None:
    """Raises Invalid for the first line item with errors."""
    items = items or []
    if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
        raise Invalid("915158")
    if len(items) > MAX_LINE_ITEMS:
        raise Invalid("915157")
    for index, item in enumerate(items):
        codes = line_item_errors(item)
        if codes:
            raise Invalid(*codes, where=f"transaction/line_items/index_{index}")


def line_item_errors(item: dict) -> list[str]:
    kind = item.get("kind")
    codes = [code for name, (longest, code) in LINE_ITEM_LENGTHS.items() if len(item.get(name) or "") > longest]
    codes += ["95822"] * (not item.get("name")) + ["95808"] * (not kind)
    codes += ["95807"] * (kind not in (None, "debit", "credit"))
    return codes + [code for name in LINE_ITEM_NUMBERS if (code := number_error(name, item.get(name)))]


def number_error(name: str, value: str | None) -> str | None:
    places, missing, malformed, not_positive = LINE_ITEM_NUMBERS[name]
    if not value:
        return missing
    if not re.fullmatch(rf"[0-9]{{1,12}}(\.[0-9]{{1,{places}}})?", value):
        return malformed
    return None if Decimal(value) > 0 else not_positive
