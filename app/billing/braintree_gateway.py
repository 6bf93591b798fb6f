"""Braintree behind our gateway protocol: the only module that imports its SDK.

What the SDK gives is read once, here, and leaves as the frozen values of gateway.py. The rule of this
file: a charge has a verdict only when Braintree clearly said one. Everything else is unknown.
"""

import base64
import contextlib
import json
import logging
import threading
from datetime import UTC, datetime
from decimal import Decimal
from urllib.parse import urlsplit

import braintree
import requests
from braintree.exceptions import (
    authentication_error,
    authorization_error,
    not_found_error,
    too_many_requests_error,
    upgrade_required_error,
)
from urllib3.exceptions import NewConnectionError

from app import money
from app.billing.gateway import (
    BadNotice,
    Charged,
    ChargeRequest,
    Check,
    Declined,
    GatewayRefused,
    GatewayUnreachable,
    NonceFacts,
    Notice,
    Refused,
    Transaction,
    Verdict,
)

logger = logging.getLogger(__name__)
CONNECT_SECONDS, READ_SECONDS = 10, 30
QUICK_SECONDS = 6
# How many requests may wait for such an answer at once: a slow gateway must not hold every thread.
QUICK_PLACES = 8
# Braintree answered before it looked at the charge.
SURELY_NOT = (
    authentication_error.AuthenticationError,
    authorization_error.AuthorizationError,
    upgrade_required_error.UpgradeRequiredError,
    too_many_requests_error.TooManyRequestsError,
)
KEY_NOT_ALLOWED = "915231"
# The key's first request is under way, failed, or was another request: nothing is said about money.
KEY_UNCLEAR = {"915232", "915233", "915234", "915235"}
STATUSES = {
    "authorizing": Transaction.AUTHORIZING,
    "authorized": Transaction.AUTHORIZING,
    "submitted_for_settlement": Transaction.SUBMITTED,
    "settling": Transaction.SUBMITTED,
    "settlement_pending": Transaction.SUBMITTED,
    "settlement_confirmed": Transaction.SUBMITTED,
    "settled": Transaction.SETTLED,
    "settlement_declined": Transaction.SETTLEMENT_FAILED,
    "voided": Transaction.VOIDED,
    "authorization_expired": Transaction.VOIDED,
    "processor_declined": Transaction.DECLINED,
    "gateway_rejected": Transaction.DECLINED,
    "failed": Transaction.DECLINED,
}


class BraintreeGateway:
    """`Gateway` over the official SDK. Safe to share between threads; make it after fork."""

    def __init__(self, *, environment, merchant_id, public_key, private_key, gateway_url=None,
                 merchant_accounts=None, three_d_secure_required=False, http_strategy=None,
                 read_seconds=READ_SECONDS):
        self.environment = environment
        self.merchant_accounts = dict(merchant_accounts or {})
        self.three_d_secure_required = three_d_secure_required
        self.key_allowed = True
        self._accounts: dict[str, str] | None = None

        def sdk(timeout: tuple[float, float]):
            return braintree.BraintreeGateway(
                braintree.Configuration(
                    sdk_environment(environment, gateway_url),
                    merchant_id=merchant_id,
                    public_key=public_key,
                    private_key=private_key,
                    timeout=timeout,
                    http_strategy=http_strategy or (DirectHttp if gateway_url else None),
                )
            )

        self.sdk = sdk((CONNECT_SECONDS, read_seconds))
        # What a page waits for, before any money moves.
        self.quick_sdk = sdk((QUICK_SECONDS, min(QUICK_SECONDS, read_seconds)))
        self._places = threading.BoundedSemaphore(QUICK_PLACES)

    @classmethod
    def from_config(cls, config) -> "BraintreeGateway":
        return cls(
            environment=config.environment,
            merchant_id=config.merchant_id,
            public_key=config.public_key,
            private_key=config.private_key,
            gateway_url=config.gateway_url,
            merchant_accounts=config.merchant_accounts,
            three_d_secure_required=config.three_d_secure_required,
        )

    # The browser's side

    def client_token(self, currency: str) -> str:
        account = self.account_for(currency)
        options = {"merchant_account_id": account} if account else {}
        try:
            with self._place():
                token = self.quick_sdk.client_token.generate(options)
            is_demo = json.loads(base64.b64decode(token)).get("demo")
        except SURELY_NOT as error:
            raise GatewayRefused(explain(error)) from error
        except ValueError as error:
            raise GatewayRefused(f"No client token: {error}") from error
        except Exception as error:
            raise unreachable(error) from error
        if is_demo and self.environment != "demo":
            raise GatewayRefused(
                f"This is the demo gateway: it is refused when BRAINTREE_ENVIRONMENT is {self.environment}."
            )
        return token

    @contextlib.contextmanager
    def _place(self):
        """One of the few places for waiting on a quick answer."""
        if not self._places.acquire(timeout=1):
            raise requests.exceptions.ConnectionError("everybody waits for the gateway already")
        try:
            yield
        finally:
            self._places.release()

    def account_for(self, currency: str) -> str:
        """From BRAINTREE_MERCHANT_ACCOUNTS, or else the accounts that Braintree lists, asked once."""
        accounts = self.merchant_accounts or self._listed_accounts()
        if accounts and currency not in accounts:
            raise GatewayRefused(f"No merchant account takes {currency}: add it to BRAINTREE_MERCHANT_ACCOUNTS.")
        return accounts.get(currency, "")

    def _account(self, account_id: str):
        """The merchant account with this id, or None."""
        try:
            return self.quick_sdk.merchant_account.find(account_id)
        except not_found_error.NotFoundError:
            return None
        except Exception as error:
            raise unreachable(error) from error

    def _listed_accounts(self) -> dict[str, str]:
        """Currency to account id, the default account first; empty when the gateway lists none."""
        if self._accounts is None:
            try:
                with self._place():
                    listed = list(self.quick_sdk.merchant_account.all().merchant_accounts.items)
            except not_found_error.NotFoundError:  # no such list here: the default account, and TX3 compares
                return {}
            except SURELY_NOT as error:
                raise GatewayRefused(explain(error)) from error
            except Exception as error:  # without the list, the default account may be one of another currency
                raise unreachable(error) from error
            listed.sort(key=lambda account: not getattr(account, "default", False))
            accounts = {}
            for account in listed:
                if getattr(account, "status", "active") == "active" and getattr(account, "currency_iso_code", None):
                    accounts.setdefault(account.currency_iso_code, account.id)
            self._accounts = accounts
        return self._accounts

    def inspect_nonce(self, nonce: str) -> NonceFacts | None:
        try:
            return read_nonce(self.quick_sdk.payment_method_nonce.find(nonce))
        except not_found_error.NotFoundError:
            return None
        except SURELY_NOT as error:
            raise GatewayRefused(explain(error)) from error
        except Exception as error:
            raise unreachable(error) from error

    # Charging

    def charge(self, request: ChargeRequest) -> Verdict:
        verdict = self._charge(request, with_key=self.key_allowed)
        if isinstance(verdict, Refused) and KEY_NOT_ALLOWED in verdict.codes and self.key_allowed:
            self.key_allowed = False
            verdict = self._charge(request, with_key=False)
        return verdict

    def _charge(self, request: ChargeRequest, *, with_key: bool) -> Verdict:
        try:
            return read_verdict(self.sdk.transaction.sale(self._sale(request, with_key)))
        except GatewayUnreachable:
            raise
        except SURELY_NOT as error:
            return Refused(explain(error))
        except requests.exceptions.ConnectionError as error:
            if never_connected(error):
                return Refused(explain(error))
            raise unreachable(error) from error
        except Exception as error:  # timeouts, resets, 408, 5xx, an answer that can't be read: unknown
            raise unreachable(error) from error

    def _sale(self, request: ChargeRequest, with_key: bool) -> dict:
        sale = {
            "amount": str(money.to_decimal(request.amount_minor, request.currency)),
            "payment_method_nonce": request.nonce,
            "order_id": request.order_id,
            "options": {"submit_for_settlement": True},
        }
        if self.three_d_secure_required:
            sale["options"]["three_d_secure"] = {"required": True}
        if request.merchant_account:
            sale["merchant_account_id"] = request.merchant_account
        if request.device_data:
            sale["device_data"] = request.device_data
        if request.purchase_order_number:
            sale["purchase_order_number"] = request.purchase_order_number
        if with_key:
            sale["api_request_key"] = request.order_id
        return sale

    # Looking up

    def find(self, transaction_id: str) -> Transaction | None:
        try:
            found = read_transaction(self.sdk.transaction.find(transaction_id))
        except not_found_error.NotFoundError:
            return None
        except Exception as error:
            raise unreachable(error) from error
        if found.id != transaction_id:
            raise GatewayUnreachable("an answer about another transaction")
        return found

    def find_by_order(self, order_id: str) -> tuple[Transaction, ...]:
        found = self._search(braintree.TransactionSearch.order_id == order_id)
        return tuple(t for t in found if t.order_id == order_id and not t.is_credit)

    def between(self, start: datetime, end: datetime) -> tuple[Transaction, ...]:
        return self._search(
            braintree.TransactionSearch.created_at.between(start.astimezone(UTC), end.astimezone(UTC))
        )

    def _search(self, *criteria) -> tuple[Transaction, ...]:
        try:
            return tuple(read_transaction(found) for found in self.sdk.transaction.search(*criteria).items)
        except Exception as error:
            raise unreachable(error) from error

    def void(self, transaction_id: str) -> bool:
        try:
            return bool(self.sdk.transaction.void(transaction_id).is_success)
        except Exception as error:
            raise unreachable(error) from error

    # Webhooks

    def notice(self, signature: str, payload: str) -> Notice:
        try:
            parsed = self.sdk.webhook_notification.parse(signature, payload)
        except Exception as error:  # the SDK lets ValueError, UnicodeError and XML errors out, too
            raise BadNotice(type(error).__name__) from error
        about = getattr(parsed, "transaction", None) or getattr(getattr(parsed, "dispute", None), "transaction", None)
        return Notice(
            kind=text(parsed.kind),
            transaction_id=text(getattr(about, "id", None)),
            timestamp=aware(getattr(parsed, "timestamp", None)),
        )

    def answer_challenge(self, challenge: str) -> str:
        try:
            return self.sdk.webhook_notification.verify(challenge)
        except Exception as error:
            raise BadNotice(type(error).__name__) from error

    # Checking the set-up

    def check(self) -> list[Check]:
        """Keys first: nothing else can be asked without them. Then every currency that can be paid."""
        try:
            listed = self._listed_accounts()
        except (GatewayRefused, GatewayUnreachable) as error:
            return [Check("Keys", False, str(error))]
        checks = [Check("Keys", True, f"merchant {self.sdk.config.merchant_id}")]
        for currency, account_id in sorted(self.merchant_accounts.items()):
            try:
                checks.append(check_account(currency, account_id, self._account(account_id)))
            except GatewayUnreachable as error:
                checks.append(Check(f"Merchant account {currency}", False, str(error)))
        for currency in sorted(self.merchant_accounts or listed or ("USD",)):
            try:
                self.client_token(currency)
                checks.append(Check(f"Client token {currency}", True))
            except (GatewayRefused, GatewayUnreachable) as error:
                checks.append(Check(f"Client token {currency}", False, str(error)))
        return checks


def sdk_environment(environment: str, gateway_url: str | None):
    """Braintree's own sandbox or production, or a gateway on this machine."""
    if gateway_url is None:
        return braintree.Environment.Production if environment == "production" else braintree.Environment.Sandbox
    parts = urlsplit(gateway_url)
    return braintree.Environment(
        "local", parts.hostname, str(parts.port or 80), "", False, None, parts.hostname, str(parts.port or 80)
    )


class DirectSession(requests.Session):
    """A session that never asks a proxy: the SDK would, even for 127.0.0.1, and ignores NO_PROXY."""

    def send(self, request, **kwargs):
        return super().send(request, proxies={}, **kwargs)


class DirectHttp(braintree.util.http.Http):
    def _get_session(self):
        if not hasattr(self._thread_local, "session"):
            self._thread_local.session = DirectSession()
        return self._thread_local.session


def read_verdict(result) -> Verdict:
    if result is None:
        raise GatewayUnreachable("an answer that says nothing")
    if result.is_success:
        return verdict_on(read_transaction(result.transaction))
    if result.transaction is not None:
        return verdict_on(read_transaction(result.transaction))
    codes = tuple(str(error.code) for error in result.errors.deep_errors)
    if not codes or KEY_UNCLEAR.intersection(codes):
        raise GatewayUnreachable(result.message or "an error without a code")
    return Refused(result.message, codes)


def verdict_on(transaction: Transaction) -> Verdict:
    """By the transaction's own status, whatever envelope it came in."""
    if transaction.is_live:
        return Charged(transaction)
    if transaction.status == Transaction.DECLINED:
        return Declined(transaction, transaction.rejection or "processor")
    raise GatewayUnreachable(f"a new transaction that is {transaction.raw_status}")


def read_transaction(found) -> Transaction:
    """Raises AmountError or AttributeError when the answer lacks what makes it a transaction."""
    raw = text(found.status)
    if raw not in STATUSES:
        raise GatewayUnreachable(f"a transaction with the unknown status {raw!r}")
    card = getattr(found, "credit_card_details", None)
    currency = text(found.currency_iso_code)
    return Transaction(
        id=text(found.id),
        order_id=text(getattr(found, "order_id", None)),
        amount_minor=money.from_decimal(Decimal(found.amount), currency),
        currency=currency,
        status=STATUSES[raw],
        raw_status=raw,
        card_type=text(getattr(card, "card_type", None)),
        last_four=text(getattr(card, "last_4", None)),
        processor_code=text(getattr(found, "processor_response_code", None)),
        processor_text=text(getattr(found, "processor_response_text", None)),
        rejection=text(getattr(found, "gateway_rejection_reason", None)),
        created_at=aware(getattr(found, "created_at", None)),
        refund_ids=tuple(getattr(found, "refund_ids", None) or ()),
        is_credit=text(getattr(found, "type", None)) == "credit",
    )


def read_nonce(found) -> NonceFacts:
    details = getattr(found, "details", None) or {}
    read = details.get if isinstance(details, dict) else lambda name: getattr(details, name, None)
    info = found.three_d_secure_info
    return NonceFacts(
        three_d_secure=three_d_secure_state(info),
        status=text(getattr(info, "status", None)),
        card_type=text(read("card_type")),
        last_four=text(read("last_four")),
    )


def three_d_secure_state(info) -> str:
    """none, passed or failed. A check that could have shifted liability and did not was failed or cancelled."""
    if info is None:
        return "none"
    if getattr(info, "liability_shifted", False):
        return "passed"
    status = text(getattr(info, "status", None))
    refused = status in {"authenticate_failed", "authenticate_rejected", "challenge_required"} or (
        "failed" in status and status.startswith("authenticate")
    )
    return "failed" if refused or getattr(info, "liability_shift_possible", False) else "none"


def never_connected(error: requests.exceptions.ConnectionError) -> bool:
    """True when no connection was made, so that Braintree can't have seen the request."""
    if isinstance(error, requests.exceptions.ConnectTimeout):
        return True
    reason = getattr(error.args[0] if error.args else None, "reason", None)
    return isinstance(reason, NewConnectionError)


def check_account(currency: str, account_id: str, account) -> Check:
    what = f"Merchant account {currency}"
    if account is None:
        return Check(what, False, f"Braintree has no merchant account {account_id}: mend BRAINTREE_MERCHANT_ACCOUNTS.")
    theirs = text(getattr(account, "currency_iso_code", None))
    if theirs and theirs != currency:
        return Check(what, False, f"{account_id} takes {theirs}, not {currency}: mend BRAINTREE_MERCHANT_ACCOUNTS.")
    if getattr(account, "status", "active") != "active":
        return Check(what, False, f"{account_id} is {account.status}.")
    return Check(what, True, account_id)


def unreachable(error: Exception) -> GatewayUnreachable:
    silent = isinstance(error, requests.exceptions.RequestException)
    return GatewayUnreachable(explain(error), silent=silent)


def explain(error: Exception) -> str:
    """What went wrong in words for an administrator; never a key, a nonce or a body."""
    words = {
        "AuthenticationError": "Braintree does not know these keys (401). Check the three BRAINTREE_ keys.",
        "AuthorizationError": "These keys may not do that (403). Check their permissions in the Control Panel.",
        "TooManyRequestsError": "Braintree asked for fewer requests (429).",
        "UpgradeRequiredError": "Braintree no longer takes this SDK version (426).",
        "NotFoundError": "Braintree does not know this merchant id (404). Check BRAINTREE_MERCHANT_ID.",
    }
    return words.get(type(error).__name__, f"No usable answer from the gateway ({type(error).__name__}).")


def text(value) -> str:
    return "" if value is None else str(value)


def aware(value: datetime | None) -> datetime | None:
    """The SDK's times are UTC without saying so."""
    return value.replace(tzinfo=UTC) if value is not None and value.tzinfo is None else value
