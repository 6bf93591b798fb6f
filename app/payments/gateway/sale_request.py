"""The request for a charge, as Braintree's SDK takes it."""

from typing import Any

from app import money
from app.payments.charge_lines import ChargeLine
from app.payments.gateway.protocol import ChargeRequest


def sale_fields(request: ChargeRequest, *, three_d_secure_required: bool, with_key: bool) -> dict[str, Any]:
    """The SDK's parameters for a charge. With the key, Braintree charges repeated identical requests only once."""
    options: dict[str, Any] = {"submit_for_settlement": True}
    if three_d_secure_required:
        options["three_d_secure"] = {"required": True}
    optional = {
        "merchant_account_id": request.merchant_account,
        "device_data": request.device_data,
        "line_items": [line_item(line, request.currency) for line in request.lines],
        "api_request_key": request.order_id if with_key else "",
    }
    return {
        "amount": str(money.to_decimal(request.amount_minor, request.currency)),
        "payment_method_nonce": request.nonce,
        "order_id": request.order_id,
        "options": options,
        **{name: value for name, value in optional.items() if value},
    }


def line_item(line: ChargeLine, currency: str) -> dict:
    amount = str(money.to_decimal(line.amount_minor, currency))
    return {
        "kind": "debit",
        "name": line.name,
        "description": line.description,
        "product_code": line.code,
        "quantity": "1",
        "unit_amount": amount,
        "total_amount": amount,
    }
