"""A sale's line items: what may be in them, and how they are given back."""

import re
from decimal import Decimal

from braintree_emulator.errors import Invalid
from braintree_emulator.xml import Array

MOST = 249
LIMITS = {"name": (35, "95823"), "description": (127, "95803"), "product_code": (12, "95809")}
NUMBERS = {  # name: (decimal places, required, format, greater than zero)
    "quantity": (4, "95811", "95810", "95810"),
    "unit_amount": (4, "95818", "95817", "95820"),
    "total_amount": (2, "95814", "95813", "95816"),
}
FIELDS = """
commodity_code description discount_amount image_url kind name product_code quantity tax_amount total_amount
unit_amount unit_of_measure unit_tax_amount upc_code upc_type url
""".split()  # noqa: SIM905


def checked(items) -> list[dict]:
    """The line items of a request. Raises Invalid for the first that Braintree would refuse."""
    items = items or []
    if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
        raise Invalid("915158")
    if len(items) > MOST:
        raise Invalid("915157")
    for index, item in enumerate(items):
        codes = problems(item)
        if codes:
            raise Invalid(*codes, where=f"transaction/line_items/index_{index}")
    return items


def problems(item: dict) -> list[str]:
    kind = item.get("kind")
    found = [code for name, (most, code) in LIMITS.items() if len(item.get(name) or "") > most]
    found += ["95822"] * (not item.get("name")) + ["95808"] * (not kind)
    found += ["95807"] * (kind not in (None, "debit", "credit"))
    return found + [code for name in NUMBERS if (code := number_problem(name, item.get(name)))]


def number_problem(name: str, value) -> str | None:
    places, required, malformed, not_positive = NUMBERS[name]
    if not value:
        return required
    if not re.fullmatch(rf"[0-9]{{1,12}}(\.[0-9]{{1,{places}}})?", value):
        return malformed
    return None if Decimal(value) > 0 else not_positive


def wire(items: list[dict]) -> Array:
    return Array("line_item", [{name: item.get(name) for name in FIELDS} for item in items])
