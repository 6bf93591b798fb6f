"""The page that says which test cards there are and what each of them does."""

from html import escape

from app.demo_gateway import cards

WORDS = {
    "authenticate_successful": "3-D Secure: the bank confirms without asking",
    "authenticate_frictionless_failed": "3-D Secure: the bank refuses without asking",
    "authenticate_attempt_successful": "3-D Secure: the bank takes no part, but stands in",
    "authenticate_unable_to_authenticate": "3-D Secure: the bank can't say",
    "authenticate_rejected": "3-D Secure: the bank rejects it",
    "authentication_unavailable": "3-D Secure: not available for this card",
    "lookup_error": "3-D Secure: an error while asking the bank",
    "lookup_server_error": "3-D Secure: no answer from the bank's server",
    "lookup_bypassed": "3-D Secure: bypassed",
    cards.CHALLENGE: "3-D Secure: the bank asks, and you confirm or cancel",
    cards.CHALLENGE_FAILED: "3-D Secure: the bank asks, and then refuses",
    cards.CHALLENGE_UNAVAILABLE: "3-D Secure: the bank asks, and then can't say",
}


def rows() -> list[tuple[str, str, str]]:
    """(number, brand, what it does), ordinary cards first."""
    does = dict.fromkeys(cards.ORDINARY, "Pays")
    for scenario, numbers in cards.THREE_D_SECURE.items():
        does |= dict.fromkeys(numbers, WORDS.get(scenario, scenario))
    does |= dict.fromkeys(cards.DECLINED, "The bank declines when it is asked for money to be kept (2000)")
    does |= dict.fromkeys(cards.PROCESSOR_FAILURE, "The processor fails (3000)")
    return [(number, cards.brand_of(number).name, words) for number, words in does.items()]


def page(root: str) -> str:
    """`root` is the path that the gateway's browser face is under."""
    body = "".join(
        f"<tr><td class=number>{escape(number)}<td>{escape(brand)}<td>{escape(words)}"
        for number, brand, words in rows()
    )
    return f"""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Test cards of the demo gateway</title>
<meta name="viewport" content="width=device-width,initial-scale=1">
<link rel="stylesheet" href="{escape(root)}/bank/bank.css"></head>
<body><main class="page"><h1>Test cards of the demo gateway</h1>
<p>Any expiry date that is not in the past, any security code (4 digits for American Express).
A security code of 200 does not match. No other card number is accepted, and none is kept.</p>
<p>The amount decides too: 2000.00 to 2999.99 is declined with that code, 3000.00 fails,
5001.00 is rejected by the gateway; everything else is charged.</p>
<table class="cards"><thead><tr><th>Number<th>Brand<th>What it does</thead><tbody>{body}</tbody></table>
</main></body></html>"""
