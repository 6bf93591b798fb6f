"""A fault striking one call: over a socket the connection really dies; without one, requests' exception."""

import secrets
import time
from collections.abc import Callable

from werkzeug.wrappers import Response

from braintree_emulator import accounts, xml
from braintree_emulator.errors import Invalid
from braintree_emulator.faults import SPOILT, STATUSES
from braintree_emulator.vault import random_id

PATIENCE = 30  # seconds that a client without a socket is taken to wait
PAGE = b"<!DOCTYPE html><html><head><title>Maintenance</title></head><body><p>Back soon.</p></body></html>"


class Strike:
    """What goes wrong with this call; nothing when no fault was put on its kind."""

    def __init__(self, gateway, environ: dict, kind: str):
        self.gateway = gateway
        self.in_process = "werkzeug.socket" not in environ
        fault = gateway.faults.take(kind) or {"name": "", "options": {}}
        self.name, self.options = fault["name"], fault["options"]
        if self.name == "in_flight":
            self.name, self.options = "slow", {"when": "during", **self.options}
        self.when = self.options.get("when", "before") if self.name == "slow" else ""

    def around(self, respond: Callable[[], Response]) -> Response:
        """`respond()` with what goes wrong before and after it."""
        if self.name == "lost_request":
            self.drop("reset" if not self.in_process else "timeout")
        if self.name in STATUSES:
            return self._instead(respond, Response(status=STATUSES[self.name]))
        if self.name == "validation_error":
            return self._refusal()
        if self.name in SPOILT and not self.options.get("happened", True):
            return self._spoil(Response(b"<transaction/>", 201))
        if self.when == "before":
            self.wait(respond)
        response = respond()
        if self.name == "lost_response":
            self.drop("reset" if not self.in_process else "timeout")
        if self.when == "after":
            self.wait(lambda: None)
        return self._spoil(response) if self.name in SPOILT else response

    def _instead(self, respond: Callable[[], Response], response: Response) -> Response:
        if self.options.get("happened"):
            respond()
        return response

    def _refusal(self) -> Response:
        code = str(self.options.get("code", "91513"))
        body = xml.document("api_error_response", Invalid(code).body({}))
        return Response(body, 422, content_type="application/xml")

    def drop(self, error: str) -> None:
        """End the connection without an answer. `error` is what a client without a socket sees."""
        if not self.in_process:
            raise ConnectionAbortedError(self.name)
        from requests import exceptions

        if self.options.get("error", error) == "reset":
            raise exceptions.ConnectionError("Connection aborted.")
        raise exceptions.ReadTimeout("Read timed out.")

    def wait(self, work: Callable[[], object]) -> None:
        """Let time pass. A client without a socket gives up at once, and `work` is done when it is due."""
        seconds = float(self.options.get("seconds", 90))
        if not self.in_process:
            time.sleep(seconds)
        elif seconds > PATIENCE:
            self.gateway.defer(seconds, work)
            self.drop("timeout")

    def pause(self, work: Callable[[], object]) -> None:
        """In the middle of a sale, while nonce and key are locked."""
        if self.when == "during":
            self.wait(work)

    def _spoil(self, response: Response) -> Response:
        whole = response.get_data()
        if self.name == "broken_off":
            return self._break_off(response, whole)
        body = {
            "garbage": secrets.token_bytes(200),
            "empty": b"",
            "html": PAGE,
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

    def altered(self, params: dict) -> dict:
        """The sale that is made instead of the one asked for."""
        if self.name == "key_not_allowed" and params.get("api_request_key"):
            raise Invalid("915231")
        if self.name != "altered":
            return params
        changes = {k: str(v) for k, v in self.options.items() if k in ("amount", "order_id")}
        if "currency" in self.options:
            changes["merchant_account_id"] = accounts.id_for(str(self.options["currency"]))
        return {**params, **changes}

    def unreadable(self, shown: dict) -> dict:
        """The elements of a transaction with what no reader expects, when that is the fault."""
        if self.name != "unreadable":
            return shown
        named = {"currency": "currency_iso_code"}
        changes, missing = dict(self.options), [named.get(name, name) for name in self.options.get("missing", ())]
        changes.pop("missing", None)
        changed = {**shown, **{named.get(name, name): value for name, value in changes.items()}}
        return {name: value for name, value in changed.items() if name not in missing}

    def left(self, record: dict) -> dict:
        """A sale that is not finished yet, when that is the fault."""
        if self.name != "unfinished":
            return record
        return self.gateway.move(record["id"], str(self.options.get("status", "authorizing")))

    def doubled(self, record: dict) -> dict:
        """A second transaction like this one, when that is the fault."""
        if self.name != "charged_twice":
            return record
        with self.gateway.store.writing():
            return self.gateway.ledger.save({**record, "id": random_id()})

    def search_lag(self) -> float:
        if self.name == "search_lag":
            return float(self.options.get("seconds", 60))
        return self.gateway.search_lag
