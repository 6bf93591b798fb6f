"""Braintree behind our gateway protocol. Only this module and sdk_client.py import its SDK.

The SDK's answers are converted here to the frozen values of protocol.py. Rule of this file: a charge has a verdict only
if Braintree clearly gave one. Everything else is unknown.
"""

import base64
import contextlib
import json
import logging
import re
import threading
import time
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime

import braintree
import requests
from braintree.exceptions import (
    authentication_error,
    authorization_error,
    braintree_error,
    not_found_error,
    too_many_requests_error,
    upgrade_required_error,
)

from app.payments.charge_lines import ChargeLine
from app.payments.gateway.protocol import (
    BadNotice,
    ChargeRequest,
    ConnectionCheck,
    GatewayRefused,
    GatewayUnreachable,
    NoAccount,
    NonceFacts,
    Notice,
    Refused,
    Transaction,
    Unreadable,
    Verdict,
)
from app.payments.gateway.responses import (
    NO_POSTAL_CODE,
    check_account,
    describe_error,
    guess_notice,
    ids_by_currency,
    is_signed,
    needs_postal_code,
    never_connected,
    read_charge_line,
    read_nonce,
    read_notice,
    read_or_flag,
    read_transaction,
    read_verdict,
    unreachable,
)
from app.payments.gateway.sale_request import sale_fields
from app.payments.gateway.sdk_client import DirectHttp, sdk_client, sdk_environment

logger = logging.getLogger(__name__)
CONNECT_SECONDS, READ_SECONDS = 10, 30
QUICK_SECONDS = 6
# How many requests may wait for such an answer at once. A slow gateway must not block every thread.
QUICK_SLOTS = 8
KEEP_ACCOUNTS_SECONDS = 300
# Braintree answered before it looked at the charge.
NOT_CHARGED_ERRORS = (
    authentication_error.AuthenticationError,
    authorization_error.AuthorizationError,
    upgrade_required_error.UpgradeRequiredError,
    too_many_requests_error.TooManyRequestsError,
)
# There was no answer at all. Any other exception is about the answer's content.
NO_ANSWER = (requests.exceptions.RequestException, braintree_error.BraintreeError)
KEY_NOT_ALLOWED = "915231"
# The 958… codes, too many line items, and line items where none are expected.
LINES_REFUSED = re.compile("958[0-9]{2}|91515[78]")


class BraintreeGateway:
    """`Gateway` over the official SDK. Threads may share it; make it after fork."""

    def __init__(
        self,
        *,
        environment,
        merchant_id,
        public_key,
        private_key,
        gateway_url=None,
        merchant_accounts=None,
        three_d_secure_required=False,
        http_strategy=None,
        read_seconds=READ_SECONDS,
        keep_accounts_seconds=KEEP_ACCOUNTS_SECONDS,
    ):
        self.environment, self.gateway_id = environment, f"{environment}:{merchant_id}"
        self.merchant_accounts = dict(merchant_accounts or {})
        self.three_d_secure_required = three_d_secure_required
        self.key_allowed = True
        self._accounts: dict[str, str] = {}
        self._accounts_until, self._keep_accounts = 0.0, keep_accounts_seconds

        options = {
            "environment": sdk_environment(environment, gateway_url),
            "merchant_id": merchant_id,
            "public_key": public_key,
            "private_key": private_key,
            "http_strategy": http_strategy or (DirectHttp if gateway_url else None),
        }
        self.sdk = sdk_client(timeout=(CONNECT_SECONDS, read_seconds), **options)
        # What a page waits for, before any money moves.
        self.quick_sdk = sdk_client(timeout=(QUICK_SECONDS, min(QUICK_SECONDS, read_seconds)), **options)
        self._quick_slots = threading.BoundedSemaphore(QUICK_SLOTS)

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
            with self._quick_slot():
                token = self.quick_sdk.client_token.generate(options)
            said = json.loads(base64.b64decode(token))
            is_demo, is_secure = said.get("demo"), said.get("threeDSecureEnabled")
        except NOT_CHARGED_ERRORS as error:
            raise GatewayRefused(describe_error(error)) from error
        except ValueError as error:
            raise GatewayRefused(f"No client token: {error}") from error
        except Exception as error:
            raise unreachable(error) from error
        if is_demo and self.environment != "demo":
            raise GatewayRefused(
                f"This is the demo gateway: it is refused when BRAINTREE_ENVIRONMENT is {self.environment}."
            )
        if self.three_d_secure_required and is_secure is False:
            raise GatewayRefused(
                "BRAINTREE_THREE_D_SECURE is required, but 3-D Secure is not enabled at Braintree"
                f" for {currency}: every charge would be refused."
            )
        return token

    @contextlib.contextmanager
    def _quick_slot(self):
        if not self._quick_slots.acquire(timeout=1):
            raise requests.exceptions.ConnectionError("all connections to the gateway are in use")
        try:
            yield
        finally:
            self._quick_slots.release()

    def account_for(self, currency: str) -> str:
        accounts = self.merchant_accounts or self._listed_accounts()
        if accounts and currency not in accounts:
            raise NoAccount(currency)
        return accounts.get(currency, "")

    def _listed_accounts(self) -> dict[str, str]:
        """Currency to account id, the default account first; empty if the gateway lists none. Cached for some
        minutes, so that a new account in the Control Panel is found without a restart."""
        if time.monotonic() > self._accounts_until:
            try:
                with self._quick_slot():
                    accounts = ids_by_currency(self.quick_sdk.merchant_account.all().merchant_accounts.items)
            except not_found_error.NotFoundError:  # no such list here: the default account, and TX3 compares
                return {}
            except NOT_CHARGED_ERRORS as error:
                raise GatewayRefused(describe_error(error)) from error
            except Exception as error:  # without the list, the default account may be one of another currency
                raise unreachable(error) from error
            self._accounts, self._accounts_until = accounts, time.monotonic() + self._keep_accounts
        return self._accounts

    def inspect_nonce(self, nonce: str) -> NonceFacts | None:
        try:
            return read_nonce(self.quick_sdk.payment_method_nonce.find(nonce))
        except not_found_error.NotFoundError:
            return None
        except NOT_CHARGED_ERRORS as error:
            raise GatewayRefused(describe_error(error)) from error
        except Exception as error:
            raise unreachable(error) from error

    # Charging

    def charge(self, request: ChargeRequest) -> Verdict:
        verdict = self._charge(request, with_key=self.key_allowed)
        if isinstance(verdict, Refused) and KEY_NOT_ALLOWED in verdict.codes and self.key_allowed:
            self.key_allowed = False
            verdict = self._charge(request, with_key=False)
        if isinstance(verdict, Refused) and any(map(LINES_REFUSED.fullmatch, verdict.codes)):
            # Nothing was charged, and the lines only help after a restore. The key was used for the refused request.
            logger.warning("line items were refused: %s", verdict.message)
            verdict = self._charge(replace(request, lines=()), with_key=False)
        return verdict

    def _charge(self, request: ChargeRequest, *, with_key: bool) -> Verdict:
        try:
            required = self.three_d_secure_required
            fields = sale_fields(request, three_d_secure_required=required, with_key=with_key)
            return read_verdict(self.sdk.transaction.sale(fields))
        except GatewayUnreachable:
            raise
        except NOT_CHARGED_ERRORS as error:
            return Refused(describe_error(error))
        except requests.exceptions.ConnectionError as error:
            if never_connected(error):
                return Refused(describe_error(error))
            raise unreachable(error) from error
        except Exception as error:  # timeouts, resets, 408, 5xx, an answer that can't be read: unknown
            raise unreachable(error) from error

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

    def find_by_order(self, order_id: str) -> tuple[Transaction | Unreadable, ...]:
        found = self._search(braintree.TransactionSearch.order_id == order_id)
        return tuple(
            one
            for one in found
            if not getattr(one, "is_credit", False)
            and (one.order_id == order_id or not (one.order_id or getattr(one, "is_over", False)))
        )

    def between(self, start: datetime, end: datetime) -> tuple[Transaction | Unreadable, ...]:
        created = braintree.TransactionSearch.created_at.between(start.astimezone(UTC), end.astimezone(UTC))
        return self._search(created)

    def _search(self, *criteria) -> tuple[Transaction | Unreadable, ...]:
        try:
            collection = self.sdk.transaction.search(*criteria)
        except Exception as error:
            raise unreachable(error) from error
        try:
            return tuple(map(read_or_flag, collection.items))
        except NO_ANSWER as error:
            raise unreachable(error) from error
        except Exception:  # the SDK gives up a whole page over one transaction that it can't read
            return tuple(filter(None, map(self._find_or_name, collection.ids)))

    def _find_or_name(self, transaction_id: str) -> Transaction | Unreadable | None:
        try:
            return read_or_flag(self.sdk.transaction.find(transaction_id))
        except not_found_error.NotFoundError:
            return None
        except NO_ANSWER as error:
            raise unreachable(error) from error
        except Exception as error:
            return Unreadable(transaction_id, "", f"{type(error).__name__}: {error}")

    def charge_lines(self, transaction_id: str, currency: str) -> tuple[ChargeLine, ...]:
        try:
            items = self.sdk.transaction_line_item.find_all(transaction_id)
        except not_found_error.NotFoundError:
            return ()
        except Exception as error:
            raise unreachable(error) from error
        try:
            return tuple(read_charge_line(item, currency) for item in items)
        except Exception:
            logger.exception("the line items of %s can't be read", transaction_id)
            return ()

    def void(self, transaction_id: str) -> bool:
        try:
            return bool(self.sdk.transaction.void(transaction_id).is_success)
        except Exception as error:
            raise unreachable(error) from error

    # Webhooks

    def notice(self, signature: str, payload: str) -> Notice:
        try:
            return read_notice(self.sdk.webhook_notification.parse(signature, payload))
        except Exception as error:  # the SDK lets ValueError, UnicodeError and XML errors out, too
            if not is_signed(self.sdk.config, braintree.util.crypto.Crypto, signature, payload):
                raise BadNotice(type(error).__name__) from error
            return guess_notice(payload, f"{type(error).__name__}: {error}"[:200])

    def answer_challenge(self, challenge: str) -> str:
        try:
            return self.sdk.webhook_notification.verify(challenge)
        except Exception as error:
            raise BadNotice(type(error).__name__) from error

    # Checking the set-up

    def check(self, currencies: Iterable[str] = (), asks_postal_code: bool = False) -> list[ConnectionCheck]:
        """Checks the connection first, because everything else needs it; then each currency, until the gateway stops
        answering, because each further question would wait just as long. `asks_postal_code`: pay pages ask for it."""
        try:
            looked_up = [self._account_check(*pair) for pair in sorted(self.merchant_accounts.items())]
            accounts = self.merchant_accounts or self._listed_accounts()
        except (GatewayRefused, GatewayUnreachable) as error:
            return [ConnectionCheck("Connection", False, str(error))]
        checks = [
            ConnectionCheck("Connection", True, f"merchant {self.sdk.config.merchant_id}"),
            *filter(None, looked_up),
        ]
        for currency in sorted({*accounts, *currencies} or {"USD"}):
            try:
                token = self.client_token(currency)
                checks.append(ConnectionCheck(f"Client token {currency}", True))
                if not asks_postal_code and needs_postal_code(token) and NO_POSTAL_CODE not in checks:
                    checks.append(NO_POSTAL_CODE)
            except NoAccount as error:
                checks.append(ConnectionCheck(f"Merchant account {currency}", False, str(error)))
            except (GatewayRefused, GatewayUnreachable) as error:
                checks.append(ConnectionCheck(f"Client token {currency}", False, str(error)))
                if getattr(error, "no_response", False):
                    return checks
        return checks

    def _account_check(self, currency: str, account_id: str) -> ConnectionCheck | None:
        # Keys that may charge, but not look at accounts, give no line.
        try:
            return check_account(currency, account_id, self.quick_sdk.merchant_account.find(account_id))
        except not_found_error.NotFoundError:
            return check_account(currency, account_id, None)
        except authorization_error.AuthorizationError:
            return None
        except NOT_CHARGED_ERRORS as error:
            raise GatewayRefused(describe_error(error)) from error
        except Exception as error:
            raise unreachable(error) from error
