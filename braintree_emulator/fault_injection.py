"""Injected faults: what goes wrong, at which call, and how often. README.md describes every fault and its options."""

import secrets
import time
from collections.abc import Callable
from dataclasses import replace

from werkzeug.wrappers import Response

from braintree_emulator import merchant_accounts, sandbox_rules, xml
from braintree_emulator.errors import Invalid
from braintree_emulator.sandbox_rules import Outcome
from braintree_emulator.store import Store, random_id
from braintree_emulator.xml import Collection

CLIENT_TIMEOUT = 30  # seconds, of an SDK without a socket
ERROR_PAGE = b"<!DOCTYPE html><html><head><title>Maintenance</title></head><body><p>Back soon.</p></body></html>"
STATUSES = {
    f"error_{status}": status for status in (400, 401, 403, 404, 408, 409, 422, 426, 429, 500, 501, 502, 503, 504)
}
CORRUPTIONS = {"garbage", "empty", "html", "truncated", "interrupted"}
OUTCOMES = {"declined": "2000", "gateway_rejected": "fraud", "failed": "3000"}  # and the code or reason by default
# fmt: off
NAMES = {
    "lost_request", "lost_response", "slow", "in_flight", "validation_error", "key_not_allowed", "search_lag",
    "search_down", "altered_sale", "altered_response", "sale_status", "charged_twice",
    *STATUSES, *CORRUPTIONS, *OUTCOMES,
}
CALLS = {
    "any", "sale", "find", "search", "fetch", "void", "refund", "settle", "client_token", "nonce", "payment_method",
    "customer", "account", "tokenize", "lookup", "authenticate", "config",
}
# fmt: on
DECIDED = {"any", "sale", "refund", "payment_method"}  # the calls that an issuer or the gateway decides
ELEMENT_NAMES = {"currency": "currency_iso_code"}
SEARCHES = {"search_lag", "search_down"}


class Faults:
    """The pending faults, oldest first, in `store`: every process on it injects them."""

    def __init__(self, store: Store):
        self.store = store

    def add(self, name: str, on: str = "sale", times: int | None = 1, **options) -> None:
        """Raises ValueError for an unknown name or call, and for a number that is not positive."""
        on = "search" if name in SEARCHES else on
        if name not in NAMES or on not in CALLS or (name in OUTCOMES and on not in DECIDED):
            raise ValueError(f"no such fault: {name} on {on}")
        if not (times is None or times > 0) or float(options.get("seconds", 0)) < 0:
            raise ValueError("times and seconds are positive numbers")
        with self.store.writing():
            key = random_id(12)
            fault = {"id": key, "name": name, "on": on, "left": times, "options": options}
            self.store.put("fault", key, fault)

    def clear(self) -> None:
        with self.store.writing():
            self.store.clear("fault")

    def pending(self) -> list[dict]:
        return self.store.all("fault")

    def take(self, call: str) -> dict | None:
        """The fault for this call, counted down by one: {name, options, …}; None if there is none."""
        if not self.store.any("fault"):
            return None
        with self.store.writing():
            fault = next((f for f in self.pending() if f["on"] in (call, "any")), None)
            if fault is not None and fault["left"] is not None:
                self._count_down(fault)
            return fault

    def _count_down(self, fault: dict) -> None:
        if fault["left"] <= 1:
            self.store.delete("fault", fault["id"])
        else:
            self.store.put("fault", fault["id"], {**fault, "left": fault["left"] - 1})


class InjectedFault:
    """The fault of one request; without one, every method lets things happen as they should.

    Over a socket the connection really breaks; without one, the exception of `requests` is raised.
    """

    def __init__(self, emulator, environ: dict, call: str):
        self.emulator = emulator
        self.in_process = "werkzeug.socket" not in environ
        fault = emulator.faults.take(call) or {"name": "", "options": {}}
        self.name, self.options = fault["name"], fault["options"]
        if self.name == "in_flight":
            self.name, self.options = "slow", {"when": "during", **self.options}
        self.when = self.options.get("when", "before") if self.name == "slow" else ""

    def wrap(self, respond: Callable[[], Response]) -> Response:
        """`respond()`, with what goes wrong before and after it."""
        if self.name == "lost_request":
            self.drop("reset" if not self.in_process else "timeout")
        if self.name in STATUSES:
            return self._replace(respond, Response(status=STATUSES[self.name]))
        if self.name == "validation_error":
            return self._validation_error()
        if self.name in CORRUPTIONS and not self.options.get("processed", True):
            return self._corrupt(Response(b"<transaction/>", 201))
        if self.when == "before":
            self.wait(respond)
        response = respond()
        if self.name == "lost_response":
            self.drop("reset" if not self.in_process else "timeout")
        if self.when == "after":
            self.wait(lambda: None)
        return self._corrupt(response) if self.name in CORRUPTIONS else response

    def _replace(self, respond: Callable[[], Response], response: Response) -> Response:
        if self.options.get("processed"):
            respond()
        return response

    def _validation_error(self) -> Response:
        code = str(self.options.get("code", "91513"))
        body = xml.document("api_error_response", Invalid(code).body({}))
        return Response(body, 422, content_type="application/xml")

    def drop(self, error: str) -> None:
        """Break the connection without a response. Without a socket, `error` is what the SDK sees: reset or timeout."""
        if not self.in_process:
            raise ConnectionAbortedError(self.name)
        from requests import exceptions

        if self.options.get("error", error) == "reset":
            raise exceptions.ConnectionError("Connection aborted.")
        raise exceptions.ReadTimeout("Read timed out.")

    def wait(self, work: Callable[[], object]) -> None:
        """Let time pass. Without a socket, the SDK times out at once, and `work` is done when it is due."""
        seconds = float(self.options.get("seconds", 90))
        if not self.in_process:
            time.sleep(seconds)
        elif seconds > CLIENT_TIMEOUT:
            self.emulator.defer(seconds, work)
            self.drop("timeout")

    def hold_locks(self, work: Callable[[], object]) -> None:
        """Delay a sale while its nonce and key are locked."""
        if self.when == "during":
            self.wait(work)

    def _corrupt(self, response: Response) -> Response:
        whole = response.get_data()
        if self.name == "interrupted":
            return self._break_off(response, whole)
        body = {
            "garbage": secrets.token_bytes(200),
            "empty": b"",
            "html": ERROR_PAGE,
            "truncated": whole[: len(whole) // 2],
        }[self.name]
        kind = "text/html" if self.name == "html" else "application/xml"
        return Response(body, self.options.get("status", response.status_code), content_type=kind)

    def _break_off(self, response: Response, whole: bytes) -> Response:
        if self.in_process:
            from requests import exceptions

            raise exceptions.ChunkedEncodingError("Connection broken: IncompleteRead")

        def half():
            yield whole[: len(whole) // 2]
            raise ConnectionAbortedError(self.name)

        return Response(half(), response.status_code, {"Content-Length": str(len(whole))})

    def altered_request(self, params: dict) -> dict:
        """The parameters of the sale to make instead of the requested one. Raises Invalid."""
        if self.name == "key_not_allowed" and params.get("api_request_key"):
            raise Invalid("915231")
        if self.name != "altered_sale":
            return params
        changes = {k: str(v) for k, v in self.options.items() if k in ("amount", "order_id")}
        if "currency" in self.options:
            changes["merchant_account_id"] = merchant_accounts.id_for(str(self.options["currency"]))
        return {**params, **changes}

    def outcome(self) -> Outcome | None:
        """What the issuer or the gateway decides instead of following the sandbox rules."""
        if self.name not in OUTCOMES:
            return None
        detail = str(self.options.get("reason" if self.name == "gateway_rejected" else "code", OUTCOMES[self.name]))
        if self.name == "gateway_rejected":
            return sandbox_rules.rejected(detail)
        return Outcome("failed" if self.name == "failed" else "processor_declined", detail)

    def altered_response(self, content):
        """The content to answer with: of an object, a rejected transaction, or the first item of a page."""
        if self.name != "altered_response" or not content:
            return content
        if isinstance(content, Collection):
            return replace(content, items=[*map(self._altered, content.items[:1]), *content.items[1:]])
        if isinstance(content, dict) and isinstance(content.get("transaction"), dict) and "errors" in content:
            return {**content, "transaction": self._altered(content["transaction"])}
        return self._altered(content) if isinstance(content, dict) else content

    def _altered(self, element: dict) -> dict:
        changes = {ELEMENT_NAMES.get(name, name): value for name, value in self.options.items() if name != "missing"}
        missing = {ELEMENT_NAMES.get(name, name) for name in self.options.get("missing", ())}
        return {name: value for name, value in {**element, **changes}.items() if name not in missing}

    def altered_record(self, record: dict) -> dict:
        """A new sale in another state, or made twice; the record to answer with."""
        if self.name == "sale_status":
            return self.emulator.move(record["id"], str(self.options.get("status", "authorizing")))
        if self.name == "charged_twice":
            with self.emulator.store.writing():
                return self.emulator.ledger.save({**record, "id": random_id()})
        return record

    def search_lag(self) -> float:
        if self.name == "search_lag":
            return float(self.options.get("seconds", 60))
        return self.emulator.search_lag
