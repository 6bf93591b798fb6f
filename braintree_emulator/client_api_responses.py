"""The client API's responses, and helpers to read its requests. Everything is plain dicts."""

import re
from urllib.parse import urlsplit

from braintree_emulator import cards
from braintree_emulator.cards import FieldError

LONGEST_TEXT = 4000


def settings(merchant_id: str, where: dict[str, str], jwt: str, challenges: list[str]) -> dict:
    """The gateway configuration, as GET configUrl returns it. `where` comes from `addresses`."""
    return {
        "environment": "sandbox",
        "clientApiUrl": f"{where['api']}/merchants/{merchant_id}/client_api",
        "assetsUrl": where["assets"],
        "merchantId": merchant_id,
        "analytics": {},
        "graphQL": {"url": f"{where['graphql']}/graphql", "features": ["tokenize_credit_cards"]},
        "challenges": challenges,
        "creditCards": {"supportedCardTypes": [brand.name for brand in cards.BRANDS]},
        "threeDSecureEnabled": True,
        "threeDSecure": {
            "cardinalAuthenticationJWT": jwt,
            "cardinalSongbirdUrl": f"{where['songbird']}/edge/v1/songbird.js",
        },
        "paypalEnabled": False,
    }


def graphql_settings(plain: dict) -> dict:
    """The same settings as the answer to GraphQL's ClientConfiguration."""
    return {
        "analyticsUrl": "",
        "environment": plain["environment"].upper(),
        "merchantId": plain["merchantId"],
        "assetsUrl": plain["assetsUrl"],
        "clientApiUrl": plain["clientApiUrl"],
        "supportedFeatures": [feature.upper() for feature in plain["graphQL"]["features"]],
        "creditCard": {
            "supportedCardBrands": [brand.code for brand in cards.BRANDS],
            "challenges": [challenge.upper() for challenge in plain["challenges"]],
            "threeDSecureEnabled": plain["threeDSecureEnabled"],
            "threeDSecure": plain["threeDSecure"],
        },
    }


def refusal(errors: list[FieldError]) -> dict:
    """The body of a 422 for a card that cannot be tokenized."""
    fields = [{"field": name, "code": code, "message": message} for code, name, message in errors]
    return {
        "error": {"message": "Credit card is invalid"},
        "fieldErrors": [{"field": "creditCard", "fieldErrors": fields}],
    }


def graphql_refusal(errors: list[FieldError]) -> dict:
    def error(code: str, name: str, message: str) -> dict:
        path = ["input", "creditCard", name]
        extensions = {"errorClass": "VALIDATION", "errorType": "user_error"}
        extensions |= {"legacyCode": code, "inputPath": path}
        return {"message": message, "path": ["tokenizeCreditCard"], "extensions": extensions}

    return {"data": {"tokenizeCreditCard": None}, "errors": [error(*each) for each in errors]}


def graphql_card(record: dict) -> dict:
    card = record["card"]
    return {
        "token": record["nonce"],
        "creditCard": {
            "bin": card["bin"],
            "brandCode": card["brand_code"],
            "last4": card["last4"],
            "cardholderName": card["cardholder_name"] or None,
            "expirationMonth": card["month"],
            "expirationYear": card["year"],
            "binData": {},
        },
    }


def payment_method(record: dict) -> dict:
    """A nonce, from its record (see Nonces.find)."""
    card, info = record["card"], record["three_d_secure_info"]
    return {
        "type": "CreditCard",
        "nonce": record["nonce"],
        "consumed": False,
        "description": f"ending in {card['last4'][-2:]}",
        "details": {
            "bin": card["bin"],
            "cardType": card["brand"],
            "lastFour": card["last4"],
            "lastTwo": card["last4"][-2:],
            "cardholderName": card["cardholder_name"] or None,
            "expirationMonth": card["month"],
            "expirationYear": card["year"],
        },
        "binData": {},
        "threeDSecureInfo": camel(info) if info else None,
    }


def authentication(record: dict) -> dict:
    """A nonce and the result of its 3-D Secure authentication."""
    info = camel(record["three_d_secure_info"])
    return {"paymentMethod": payment_method(record), "threeDSecureInfo": info}


def addresses(browser_url: str) -> dict[str, str]:
    """The URL of each part: all at `browser_url`, or Braintree's own hosts when that is one of them."""
    host = urlsplit(browser_url).hostname or ""
    if not host.endswith(".braintreegateway.com"):
        return dict.fromkeys(("api", "graphql", "assets", "songbird", "bank"), browser_url)
    stage, tag = (".sandbox", "stag") if "sandbox" in host else ("", "")
    return {
        "api": browser_url,
        "graphql": f"https://payments{stage}.braintree-api.com",
        "assets": "https://assets.braintreegateway.com",
        "songbird": f"https://songbird{tag}.cardinalcommerce.com",
        "bank": "https://bank.example",
    }


def origin(url: str) -> str:
    """scheme://host:port, or an empty string for a path."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}" if parts.netloc else ""


def text(values: dict, key: str) -> str:
    """A JSON value as text that can be encoded, cut to LONGEST_TEXT; '' unless it is a string or a number."""
    value = values.get(key)
    text = str(value)[:LONGEST_TEXT] if isinstance(value, str | int | float) else ""
    return text.encode("utf-8", "replace").decode()


def part(values: dict, key: str) -> dict:
    value = values.get(key)
    return value if isinstance(value, dict) else {}


def camel(values: dict) -> dict:
    """With keys in camelCase, nested ones too."""
    return {
        re.sub("_([a-z])", lambda match: match[1].upper(), key): (camel(value) if isinstance(value, dict) else value)
        for key, value in values.items()
    }
