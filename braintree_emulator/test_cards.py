"""The page that says which test cards there are and what each of them does."""

import re
from html import escape

from braintree_emulator import cards

PAYS, DECLINES = "Pays", "The bank declines, whatever the amount"
WORDS = {
    cards.CHALLENGE: "The bank asks, and you confirm or cancel",
    cards.CHALLENGE_FAILED: "The bank asks, and refuses whatever you answer",
    cards.CHALLENGE_UNAVAILABLE: "The bank asks, and then can't say",
    "authenticate_successful": "The bank confirms without asking",
    "authenticate_frictionless_failed": "The bank refuses without asking",
    "authenticate_attempt_successful": "The bank takes no part, but stands in",
    "authenticate_unable_to_authenticate": "The bank can't say whose card it is",
    "authenticate_rejected": "The bank rejects it",
    "authentication_unavailable": "3-D Secure isn't available for it",
    "lookup_error": "Asking the bank ends in an error",
    "lookup_server_error": "The bank's server doesn't answer",
    "lookup_bypassed": "3-D Secure is bypassed",
}


def groups() -> dict[str, list[str]]:
    """Card numbers by what they do, what is wanted most first."""
    found = {PAYS: list(cards.ORDINARY), DECLINES: list(cards.DECLINED)}
    found |= {words: list(cards.THREE_D_SECURE[scenario]) for scenario, words in WORDS.items()}
    return found | {"The processor fails": list(cards.PROCESSOR_FAILURE)}


def spaced(number: str) -> str:
    """As it is printed on the card: 4111 1111 1111 1111, 3782 822463 10005."""
    if cards.brand_of(number).name == "American Express":
        return f"{number[:4]} {number[4:10]} {number[10:]}"
    return " ".join(re.findall(".{1,4}", number))


def page(root: str) -> str:
    """`root` is the path that the gateway's browser face is under."""
    sections = "".join(
        f'<section><h2>{escape(words)}</h2><ul class="cards">'
        + "".join(f"<li><b>{spaced(one)}</b> <span>{escape(cards.brand_of(one).name)}</span>" for one in numbers)
        + "</ul></section>"
        for words, numbers in groups().items()
    )
    return f"""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Test cards of the demo gateway</title>
<meta name="viewport" content="width=device-width,initial-scale=1">
<link rel="stylesheet" href="{escape(root)}/bank/bank.css"></head>
<body><main class="page"><h1>Test cards of the demo gateway</h1>
<p>With any expiry date that isn't in the past and any security code of 3 digits (American Express: 4). A security code
of 200 doesn't match. No other number is accepted, and none is kept.</p>
<p>The amount decides too. From 2000.00 to 2999.99 the bank declines, and the whole part of the amount is its reason:
2001.00 is “insufficient funds”. At 3000.00 the processor fails, and 5001.00 is rejected by the gateway.</p>
{sections}</main></body></html>"""
