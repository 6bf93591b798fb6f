"""Every call of the merchant API: its route, and from parameters to (status, root element, content)."""

import base64
import json
from collections.abc import Callable
from functools import partial

from werkzeug.routing import Map, Rule

from braintree_emulator import merchant_accounts, search, serializers
from braintree_emulator.errors import Invalid, NotFound, not_approved
from braintree_emulator.ledger import UNSUCCESSFUL
from braintree_emulator.xml import Array, Collection

Answer = tuple[int, str, object]
RULES: list[Rule] = []


def route(method: str, path: str, call: str) -> Callable:
    """Route to the decorated method. `call` is the name by which faults are injected into it."""

    def register(function: Callable) -> Callable:
        path_of_merchant = f"/merchants/<merchant>{path}"
        RULES.append(Rule(path_of_merchant, methods=[method], endpoint=(function.__name__, call)))
        return function

    return register


class Endpoints:
    """One request, with the fault that is injected into it."""

    def __init__(self, emulator, fault):
        self.emulator = emulator
        self.fault = fault

    @route("POST", "/client_token", "client_token")
    def client_token(self, params) -> Answer:
        account_id, customer_id = params.get("merchant_account_id"), params.get("customer_id")
        if params.get("version") not in ("1", "2", "3"):
            raise Invalid("92806", where="client_token")
        if merchant_accounts.find(account_id) is None:
            raise Invalid("92807", where="client_token")
        if customer_id and self.emulator.store.get("customer", customer_id) is None:
            raise Invalid("92804", where="client_token")
        token = json.dumps(self.emulator.client_token(account_id)).encode()
        return 201, "client_token", {"value": base64.b64encode(token).decode()}

    # Transactions

    @route("POST", "/transactions", "sale")
    def sale(self, params) -> Answer:
        sales, params = self.emulator.sales, self.fault.altered_request(params)
        sale = sales.begin(params)
        sale.forced_outcome = self.fault.outcome()
        self.fault.hold_locks(lambda: sales.finish(sale))
        return self._decided(self.fault.altered_record(sales.finish(sale)), params)

    def _decided(self, record: dict, params: dict) -> Answer:
        element = serializers.transaction(record)
        if record["status"] not in UNSUCCESSFUL:
            return 201, "transaction", element
        reason = record["gateway_rejection_reason"]
        message = f"Gateway Rejected: {reason}" if reason else record["processor_response_text"]
        return 422, "api_error_response", not_approved(message, params, element)

    @route("GET", "/transactions/<id>", "find")
    def find(self, params, id) -> Answer:
        return 200, "transaction", serializers.transaction(self.emulator.ledger.find(id))

    @route("GET", "/transactions/<id>/line_items", "find")
    def line_items(self, params, id) -> Answer:
        return 200, "line_items", serializers.line_items(self.emulator.ledger.find(id))

    @route("PUT", "/transactions/<id>/void", "void")
    def void(self, params, id) -> Answer:
        record = self._idempotent("void", id, params, lambda: self.emulator.ledger.void(id))
        return 200, "transaction", serializers.transaction(record)

    @route("POST", "/transactions/<id>/refund", "refund")
    def refund(self, params, id) -> Answer:
        amount, order_id, declined = params.get("amount"), params.get("order_id"), self.fault.outcome()
        work = partial(self.emulator.ledger.refund, id, amount, order_id, declined)
        return self._decided(self._idempotent("refund", id, params, work), params)

    @route("POST", "/transactions/<id>/reverse", "refund")
    def reverse(self, params, id) -> Answer:
        record = self._idempotent("reverse", id, params, lambda: self.emulator.ledger.reverse(id))
        return self._decided(record, params)

    @route("PUT", "/transactions/<id>/submit_for_settlement", "settle")
    def submit_for_settlement(self, params, id) -> Answer:
        work = partial(self.emulator.ledger.submit, id, params.get("amount"), params.get("order_id"))
        return 200, "transaction", serializers.transaction(self._idempotent("submit", id, params, work))

    def _idempotent(self, operation: str, id: str, params: dict, work: Callable[[], dict]) -> dict:
        """Do `work` once per api_request_key."""
        keys, ledger, key = self.emulator.sales.keys, self.emulator.ledger, params.get("api_request_key")
        ledger.find(id)
        with self.emulator.store.writing():
            earlier = keys.begin(key, f"{operation} {id}", params, self.emulator.now_ms())
            if earlier:
                return ledger.find(earlier)
            record = work()
            keys.finish(key, record["id"])
            return record

    @route("PUT", "/transactions/<id>/settle", "settle")
    def settle(self, params, id) -> Answer:
        return self._settle(id, "settled")

    @route("PUT", "/transactions/<id>/settlement_confirm", "settle")
    def settlement_confirm(self, params, id) -> Answer:
        return self._settle(id, "settlement_confirmed")

    @route("PUT", "/transactions/<id>/settlement_decline", "settle")
    def settlement_decline(self, params, id) -> Answer:
        return self._settle(id, "settlement_declined")

    @route("PUT", "/transactions/<id>/settlement_pending", "settle")
    def settlement_pending(self, params, id) -> Answer:
        return self._settle(id, "settlement_pending")

    def _settle(self, id, status) -> Answer:
        return 200, "transaction", serializers.transaction(self.emulator.settle(id, status))

    # Search: the SDKs ask for all ids first, and then for pages of transactions

    @route("POST", "/transactions/advanced_search_ids", "search")
    def search_ids(self, params) -> Answer:
        if self.fault.name == "search_down":
            return 200, "search_timeout", None
        found = search.search(self.emulator, params, self.fault.search_lag())
        ids = Array("item", [record["id"] for record in found])
        return 200, "search_results", {"page_size": search.PAGE_SIZE, "ids": ids}

    @route("POST", "/transactions/advanced_search", "fetch")
    def search_page(self, params) -> Answer:
        records = search.search(self.emulator, params, 0)[: search.PAGE_SIZE]
        elements = [serializers.transaction(record) for record in records]
        fields = {"current_page_number": 1, "page_size": search.PAGE_SIZE, "total_items": len(elements)}
        return 200, "credit_card_transactions", Collection("transaction", elements, fields)

    # Merchant accounts

    @route("GET", "/merchant_accounts/", "account")
    def list_accounts(self, params) -> Answer:
        accounts = [serializers.merchant_account(account) for account in merchant_accounts.ACCOUNTS.values()]
        fields = {"current_page_number": 1, "page_size": len(accounts), "total_items": len(accounts)}
        return 200, "merchant_accounts", Collection("merchant_account", accounts, fields)

    @route("GET", "/merchant_accounts/<id>", "account")
    def find_account(self, params, id) -> Answer:
        account = merchant_accounts.find(id)
        if account is None:
            raise NotFound(id)
        return 200, "merchant_account", serializers.merchant_account(account)

    # The Vault

    @route("POST", "/customers", "customer")
    def create_customer(self, params) -> Answer:
        return 201, "customer", serializers.customer(self.emulator.vault, self.emulator.vault.create(params))

    @route("GET", "/customers/<id>", "customer")
    def find_customer(self, params, id) -> Answer:
        return 200, "customer", serializers.customer(self.emulator.vault, self.emulator.vault.find(id))

    @route("PUT", "/customers/<id>", "customer")
    def update_customer(self, params, id) -> Answer:
        return 200, "customer", serializers.customer(self.emulator.vault, self.emulator.vault.update(id, params))

    @route("DELETE", "/customers/<id>", "customer")
    def delete_customer(self, params, id) -> Answer:
        self.emulator.vault.delete(id)
        return 200, "", None

    @route("POST", "/payment_methods", "payment_method")
    def create_payment_method(self, params) -> Answer:
        return 201, "credit_card", self._payment_method(self.emulator.vault.add_card(params, self.fault.outcome()))

    @route("GET", "/payment_methods/any/<id>", "payment_method")
    def find_payment_method(self, params, id) -> Answer:
        return 200, "credit_card", self._payment_method(self.emulator.vault.method(id))

    @route("PUT", "/payment_methods/any/<id>", "payment_method")
    def update_payment_method(self, params, id) -> Answer:
        return 200, "credit_card", self._payment_method(self.emulator.vault.update_method(id, params))

    @route("DELETE", "/payment_methods/any/<id>", "payment_method")
    def delete_payment_method(self, params, id) -> Answer:
        self.emulator.vault.delete_method(id)
        return 200, "", None

    def _payment_method(self, method: dict) -> dict:
        return serializers.payment_method(self.emulator.vault, method)

    @route("POST", "/payment_methods/<id>/nonces", "nonce")
    def create_nonce(self, params, id) -> Answer:
        return 201, "payment_method_nonce", serializers.nonce(self.emulator.vault.nonce_for(id))

    @route("GET", "/payment_method_nonces/<id>", "nonce")
    def find_nonce(self, params, id) -> Answer:
        return 200, "payment_method_nonce", serializers.nonce(self.emulator.vault.find_nonce(id))


ROUTES = Map(RULES, strict_slashes=False)
