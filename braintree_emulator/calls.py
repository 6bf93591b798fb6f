"""Every call of the API: parameters in; status, root element and content out."""

import base64
import json
from functools import partial

from braintree_emulator import accounts, line_items, search, wire, wire_vault
from braintree_emulator.errors import Invalid, NotFound, not_approved
from braintree_emulator.ledger import UNSUCCESSFUL
from braintree_emulator.xml import Array, Collection

Answer = tuple[int, str, object]


class Calls:
    """One call at a time, under `strike`. Methods are named like the routes' endpoints."""

    def __init__(self, gateway, strike):
        self.gateway = gateway
        self.strike = strike

    def client_token(self, params) -> Answer:
        account_id = params.get("merchant_account_id")
        if params.get("version") not in ("1", "2", "3"):
            raise Invalid("92806", where="client_token")
        if accounts.find(account_id) is None:
            raise Invalid("92807", where="client_token")
        customer_id = params.get("customer_id")
        if customer_id and self.gateway.store.get("customer", customer_id) is None:
            raise Invalid("92804", where="client_token")
        token = json.dumps(self.gateway.client_token(account_id)).encode()
        return 201, "client_token", {"value": base64.b64encode(token).decode()}

    def sale(self, params) -> Answer:
        sales, params = self.gateway.sales, self.strike.altered(params)
        sale = sales.begin(params)
        self.strike.pause(lambda: sales.finish(sale))
        return self.outcome(self.strike.left(self.strike.doubled(sales.finish(sale))), params)

    def outcome(self, record: dict, params: dict) -> Answer:
        shown = self.strike.unreadable(wire.transaction(record))
        if record["status"] not in UNSUCCESSFUL:
            return 201, "transaction", shown
        reason = record["gateway_rejection_reason"]
        message = f"Gateway Rejected: {reason}" if reason else record["processor_response_text"]
        return 422, "api_error_response", not_approved(message, params, shown)

    def find(self, params, id) -> Answer:
        return 200, "transaction", self.strike.unreadable(wire.transaction(self.gateway.ledger.find(id)))

    def keyed(self, operation: str, id: str, params: dict, work) -> dict:
        """Do `work` once per api_request_key."""
        keys, ledger, key = self.gateway.sales.keys, self.gateway.ledger, params.get("api_request_key")
        ledger.find(id)
        with self.gateway.store.writing():
            earlier = keys.begin(key, f"{operation} {id}", params, self.gateway.vault.now_ms())
            if earlier:
                return ledger.find(earlier)
            record = work()
            keys.finish(key, record["id"])
            return record

    def void(self, params, id) -> Answer:
        record = self.keyed("void", id, params, lambda: self.gateway.ledger.void(id))
        return 200, "transaction", wire.transaction(record)

    def refund(self, params, id) -> Answer:
        work = partial(self.gateway.ledger.refund, id, params.get("amount"), params.get("order_id"))
        return 201, "transaction", wire.transaction(self.keyed("refund", id, params, work))

    def reverse(self, params, id) -> Answer:
        record = self.keyed("reverse", id, params, lambda: self.gateway.ledger.reverse(id))
        return 201, "transaction", wire.transaction(record)

    def submit(self, params, id) -> Answer:
        work = partial(self.gateway.ledger.submit, id, params.get("amount"), params.get("order_id"))
        return 200, "transaction", wire.transaction(self.keyed("submit", id, params, work))

    def _settle(self, id, status) -> Answer:
        with self.gateway.store.writing():
            return 200, "transaction", wire.transaction(self.gateway.ledger.settle(id, status))

    def settle(self, params, id) -> Answer:
        return self._settle(id, "settled")

    def settlement_confirm(self, params, id) -> Answer:
        return self._settle(id, "settlement_confirmed")

    def settlement_decline(self, params, id) -> Answer:
        return self._settle(id, "settlement_declined")

    def settlement_pending(self, params, id) -> Answer:
        return self._settle(id, "settlement_pending")

    def line_items(self, params, id) -> Answer:
        return 200, "line_items", line_items.wire(self.gateway.ledger.find(id).get("line_items", []))

    def search_ids(self, params) -> Answer:
        if self.strike.name == "search_down":
            return 200, "search_timeout", None
        found = search.search(self.gateway, params, self.strike.search_lag())
        ids = Array("item", [record["id"] for record in found])
        return 200, "search_results", {"page_size": search.PAGE_SIZE, "ids": ids}

    def search_page(self, params) -> Answer:
        found = [wire.transaction(r) for r in search.search(self.gateway, params, 0)[: search.PAGE_SIZE]]
        found[:1] = [self.strike.unreadable(shown) for shown in found[:1]]
        fields = {"current_page_number": 1, "page_size": search.PAGE_SIZE, "total_items": len(found)}
        return 200, "credit_card_transactions", Collection("transaction", found, fields)

    def accounts(self, params) -> Answer:
        shown = [account.wire(self.gateway.merchant_id) for account in accounts.ACCOUNTS.values()]
        fields = {"current_page_number": 1, "page_size": len(shown), "total_items": len(shown)}
        return 200, "merchant_accounts", Collection("merchant_account", shown, fields)

    def account(self, params, id) -> Answer:
        account = accounts.find(id)
        if account is None:
            raise NotFound(id)
        return 200, "merchant_account", account.wire(self.gateway.merchant_id)

    def create_customer(self, params) -> Answer:
        customers = self.gateway.customers
        return 201, "customer", wire_vault.customer(customers, customers.create(params))

    def find_customer(self, params, id) -> Answer:
        customers = self.gateway.customers
        return 200, "customer", wire_vault.customer(customers, customers.find(id))

    def update_customer(self, params, id) -> Answer:
        customers = self.gateway.customers
        return 200, "customer", wire_vault.customer(customers, customers.update(id, params))

    def delete_customer(self, params, id) -> Answer:
        self.gateway.customers.delete(id)
        return 200, "", None

    def create_method(self, params) -> Answer:
        customers = self.gateway.customers
        return 201, "credit_card", wire_vault.payment_method(customers, customers.add_card(params))

    def find_method(self, params, id) -> Answer:
        customers = self.gateway.customers
        return 200, "credit_card", wire_vault.payment_method(customers, customers.method(id))

    def update_method(self, params, id) -> Answer:
        customers = self.gateway.customers
        return 200, "credit_card", wire_vault.payment_method(customers, customers.update_method(id, params))

    def delete_method(self, params, id) -> Answer:
        self.gateway.customers.delete_method(id)
        return 200, "", None

    def create_nonce(self, params, id) -> Answer:
        return 201, "payment_method_nonce", wire_vault.nonce(self.gateway.customers.nonce_for(id))

    def find_nonce(self, params, id) -> Answer:
        return 200, "payment_method_nonce", wire_vault.nonce(self.gateway.customers.find_nonce(id))
