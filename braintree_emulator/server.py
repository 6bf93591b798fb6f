"""The emulator on a socket: a thread per connection, one request per connection.

Besides `Emulator.api` and `Emulator.client_api` it serves the controls of a test or a developer, as JSON,
which README.md lists.
"""

import json
import sqlite3
import sys
from collections.abc import Callable
from urllib.parse import urlsplit

from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server
from werkzeug.wrappers import Request, Response

from braintree_emulator.cards import CardRefused
from braintree_emulator.errors import Invalid, NotFound

HOST = "127.0.0.1"
LOCAL = {HOST, "localhost"}


class QuietHandler(WSGIRequestHandler):
    """Logs no requests, and closes a connection that a fault breaks without another byte on it."""

    def log_request(self, code="-", size="-"):
        pass

    def connection_dropped(self, error, environ=None):
        self.close_connection = True


def serve(emulator, port: int, host: str = HOST) -> BaseWSGIServer:
    """A server that is listening; call its `serve_forever()`. Port 0 picks a free one, which is its `port`."""
    return make_server(host, port, Dispatcher(emulator, host in LOCAL), threaded=True, request_handler=QuietHandler)


class Dispatcher:
    """A WSGI app: the merchant API, the controls, and the client API for everything else. When `local`, the
    controls answer under a loopback host name alone, so that DNS rebinding does not open them to web pages."""

    def __init__(self, emulator, local: bool = True):
        self.emulator = emulator
        self.local = local
        self.controls: dict[tuple[str, str], Callable] = {
            ("POST", "/emulator/faults"): self.add_fault,
            ("POST", "/emulator/faults/clear"): self.clear_faults,
            ("GET", "/emulator/faults"): self.pending_faults,
            ("POST", "/emulator/nonces"): self.make_nonce,
            ("POST", "/emulator/settle"): self.settle,
            ("POST", "/emulator/move"): self.move,
            ("POST", "/emulator/webhook"): self.webhook,
            ("GET", "/emulator/transactions"): self.transactions,
        }

    def __call__(self, environ, start_response):
        try:
            return self.dispatch(environ, start_response)
        except sqlite3.Error as error:  # before anything was answered: a full disk, mostly
            print(f"The store of the gateway, {self.emulator.store.path}, can't be used: {error}", file=sys.stderr)
            return Response(status=500)(environ, start_response)

    def dispatch(self, environ, start_response):
        path = environ.get("PATH_INFO", "")
        if path.startswith("/emulator/"):
            return self.control(Request(environ))(environ, start_response)
        if path.startswith("/merchants/") and "/client_api/" not in path:
            return self.emulator.api(environ, start_response)
        folder = urlsplit(self.emulator.browser_url).path
        if folder and path.startswith(f"{folder}/"):
            environ["SCRIPT_NAME"], environ["PATH_INFO"] = folder, path.removeprefix(folder)
        return self.emulator.client_api(environ, start_response)

    def control(self, request: Request) -> Response:
        work = self.controls.get((request.method, request.path))
        if work is None:
            return Response(status=404)
        if request.headers.get("Origin") or (self.local and request.host.partition(":")[0] not in LOCAL):
            return Response(status=403)  # a web page must not use the controls of a developer's emulator
        try:
            body = json.loads(request.get_data() or b"{}")
            return answer(work(request.args.to_dict() | body))
        except NotFound:
            return answer({"error": "no such transaction"}, 404)
        except (ValueError, TypeError, KeyError, RecursionError, AttributeError, Invalid, CardRefused) as error:
            return answer({"error": str(error)}, 422)

    def add_fault(self, given: dict):
        self.emulator.faults.add(
            given["name"], given.get("on", "sale"), given.get("times", 1), **given.get("options", {})
        )
        return self.emulator.faults.pending()

    def pending_faults(self, given: dict):
        return self.emulator.faults.pending()

    def make_nonce(self, given: dict):
        return {"nonce": self.emulator.tokenize(**given)}

    def move(self, given: dict):
        return self.emulator.move(given["id"], str(given["status"]), given.get("detail"))

    def clear_faults(self, given: dict):
        self.emulator.faults.clear()
        return []

    def settle(self, given: dict):
        return self.emulator.settle(given["id"], "settlement_declined" if given.get("declined") else "settled")

    def webhook(self, given: dict):
        signature, payload = self.emulator.webhook(given["kind"], given.get("id"))
        return {"bt_signature": signature, "bt_payload": payload}

    def transactions(self, given: dict):
        return self.emulator.transactions(given.get("order_id"))


def answer(value, status: int = 200) -> Response:
    return Response(json.dumps(value, default=str), status, content_type="application/json")
