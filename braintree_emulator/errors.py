"""Validation errors by Braintree's codes, as the 422 that the SDKs read."""

import re
from typing import Any

from braintree_emulator.xml import Array

# code: (attribute, message)
CODES = {
    "81501": ("amount", "Amount cannot be negative."),
    "81502": ("amount", "Amount is required."),
    "81503": ("amount", "Amount is an invalid format."),
    "81528": ("amount", "Amount is too large."),
    "81531": ("amount", "Amount must be greater than zero."),
    "81604": ("email", "Email is an invalid format."),
    "91501": ("order_id", "Order ID is too long."),
    "91504": (
        "base",
        "Transaction can only be voided if status is authorized, submitted_for_settlement, "
        "or - for PayPal - settlement_pending.",
    ),
    "91505": ("base", "Cannot refund credit transactions."),
    "91506": ("base", "Cannot refund transaction unless it is settled."),
    "91507": ("base", "Cannot submit for settlement unless status is authorized."),
    "91508": ("base", "Cannot determine payment method."),
    "91510": ("customer_id", "Customer ID is invalid."),
    "91511": ("customer_id", "Customer does not have any credit cards."),
    "91512": ("base", "Transaction has already been completely refunded."),
    "91513": ("merchant_account_id", "Merchant account ID is invalid."),
    "91518": ("payment_method_token", "Payment method token is invalid."),
    "91521": ("amount", "Refund amount is too large."),
    "91522": ("amount", "Settlement amount is too large."),
    "91523": ("type", "Transaction type is invalid."),
    "91537": ("purchase_order_number", "Purchase order number is too long."),
    "91548": ("purchase_order_number", "Purchase order number is invalid."),
    "91564": ("payment_method_nonce", "Cannot use a payment_method_nonce more than once."),
    "91565": ("payment_method_nonce", "Unknown or expired payment_method_nonce."),
    "91566": ("payment_method_nonce", "The payment_method_nonce is locked."),
    "91575": ("base", "Cannot simulate transaction settlement unless status is submitted_for_settlement."),
    "91577": ("base", "Merchant account does not support payment instrument."),
    "91609": ("id", "Customer ID has already been taken."),
    "91610": ("id", "Customer ID is invalid (use only letters, numbers, '-', and '_')."),
    "91612": ("id", "Customer ID is too long."),
    "91704": ("customer_id", "Customer ID is required."),
    "91705": ("customer_id", "Customer ID is invalid."),
    "91718": ("token", "Credit card token is invalid (use only letters, numbers, '-', and '_')."),
    "91719": ("token", "Credit card token is already in use."),
    "91731": ("payment_method_nonce", "Cannot use a payment_method_nonce more than once."),
    "91732": ("payment_method_nonce", "Unknown or expired payment_method_nonce."),
    "91733": ("payment_method_nonce", "The payment_method_nonce is locked."),
    "92804": ("customer_id", "Customer specified by customer_id does not exist"),
    "92806": ("version", "Version is not supported"),
    "92807": ("merchant_account_id", "Merchant Account specified by merchant_account_id does not exist"),
    "95803": ("description", "Line item description is too long."),
    "95807": ("kind", "Line item kind is invalid."),
    "95808": ("kind", "Line item kind is required."),
    "95809": ("product_code", "Line item product code is too long."),
    "95810": ("quantity", "Line item quantity is an invalid format."),
    "95811": ("quantity", "Line item quantity is required."),
    "95813": ("total_amount", "Line item total amount is an invalid format."),
    "95814": ("total_amount", "Line item total amount is required."),
    "95816": ("total_amount", "Line item total amount must be greater than zero."),
    "95817": ("unit_amount", "Line item unit amount is an invalid format."),
    "95818": ("unit_amount", "Line item unit amount is required."),
    "95820": ("unit_amount", "Line item unit amount must be greater than zero."),
    "95822": ("name", "Line item name is required."),
    "95823": ("name", "Line item name is too long."),
    "93107": ("base", "Payment method parameters are missing."),
    "915157": ("line_items", "Too many line items."),
    "915158": ("line_items", "Line items are expected as a list."),
    "915200": ("base", "The refund was declined by the issuer. Do not retry it."),
    "915201": ("base", "The refund was declined by the issuer. Retrying it may succeed."),
    "915230": ("api_request_key", "API request key is too long."),
    "915231": ("api_request_key", "API request key is not allowed for this merchant."),
    "915232": ("api_request_key", "API request key can be reused only with the same request."),
    "915233": ("api_request_key", "A request with this API request key is in flight."),
    "915234": ("api_request_key", "API request key was used with a request that failed."),
    "915235": ("api_request_key", "API request key could not be checked. Try again."),
}


class NotFound(Exception):
    """404."""


class Invalid(Exception):
    """422: the request was refused and changed nothing. Pass at least one code; `where` is a path like
    'transaction/credit_card'."""

    def __init__(self, *codes: str, where: str = "transaction"):
        self.found = [(where, code, *CODES.get(code, ("base", f"Error {code}."))) for code in codes]
        super().__init__(self.message)

    @classmethod
    def of_card(cls, errors: list[tuple[str, str, str]], where: str) -> "Invalid":
        """From the errors of cards.CardRefused."""
        problem = cls()
        problem.found = [(where, code, re.sub("[A-Z]", r"_\g<0>", name).lower(), text) for code, name, text in errors]
        return problem

    @property
    def codes(self) -> tuple[str, ...]:
        return tuple(code for _where, code, _attribute, _message in self.found)

    @property
    def message(self) -> str:
        return "\n".join(message for _where, _code, _attribute, message in self.found)

    def body(self, params: dict) -> dict:
        """The content of api-error-response."""
        tree: dict[str, Any] = {"errors": Array("error", [])}
        for where, code, attribute, message in self.found:
            node = tree
            for name in where.split("/"):
                node = node.setdefault(name, {"errors": Array("error", [])})
            node["errors"].items.append({"code": code, "attribute": attribute, "message": message})
        return {"errors": tree, "params": echo(params), "message": self.message}


def not_approved(message: str, params: dict, transaction: dict) -> dict:
    """The content of api-error-response for a declined, rejected or failed transaction."""
    errors = {"errors": Array("error", [])}
    return {"errors": errors, "params": echo(params), "message": message, "transaction": transaction}


SECRETS = {"number", "cvv"}


def echo(params: Any) -> Any:
    """The request's own parameters, as text, without the card's secrets."""
    if isinstance(params, dict):
        return {k: echo(v) for k, v in params.items() if k not in SECRETS}
    if isinstance(params, list):
        return Array("item", [echo(item) for item in params])
    return None if params is None else str(params)
