"""The demo gateway on a socket: 127.0.0.1 only, a thread per connection, one request per connection.

Besides `.api` and `.browser` it answers a test's or a developer's controls, as JSON:
POST /demo/faults {"name", "on", "times", "options": {…}}, POST /demo/faults/clear,
POST /demo/settle {"id", "declined": false}, GET /demo/transactions[?order_id=…],
POST /demo/webhook {"kind", "id"} (the bt_signature and bt_payload to post).
"""

import json
from collections.abc import Callable
from urllib.parse import urlsplit

from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server
from werkzeug.wrappers import Request, Response

from braintree_emulator.errors import Invalid, NotFound

HOST = "127.0.0.1"
LOCAL = {HOST, "localhost"}


class QuietHandler(WSGIRequestHandler):
    """No line per request; and what the app drops is closed, with no (further) answer on it."""

    def log_request(self, code="-", size="-"):
        pass

    def connection_dropped(self, error, environ=None):
        self.close_connection = True


def serve(gateway, port: int) -> BaseWSGIServer:
    """A server that listens already; `serve_forever()` answers. Port 0 picks a free one (`.port`)."""
    return make_server(HOST, port, Front(gateway), threaded=True, request_handler=QuietHandler)


class Front:
    """WSGI: the merchant API, the controls, and the browser's side for everything else."""

    def __init__(self, gateway):
        self.gateway = gateway
        self.controls: dict[tuple[str, str], Callable] = {
            ("POST", "/demo/faults"): self.add_fault,
            ("POST", "/demo/faults/clear"): self.clear_faults,
            ("POST", "/demo/settle"): self.settle,
            ("POST", "/demo/webhook"): self.webhook,
            ("GET", "/demo/transactions"): self.transactions,
        }

    def __call__(self, environ, start_response):
        path = environ.get("PATH_INFO", "")
        if path.startswith("/demo/"):
            return self.control(Request(environ))(environ, start_response)
        if path.startswith("/merchants/") and "/client_api/" not in path:
            return self.gateway.api(environ, start_response)
        folder = urlsplit(self.gateway.browser_url).path
        if folder and path.startswith(f"{folder}/"):
            environ["SCRIPT_NAME"], environ["PATH_INFO"] = folder, path.removeprefix(folder)
        return self.gateway.browser(environ, start_response)

    def control(self, request: Request) -> Response:
        work = self.controls.get((request.method, request.path))
        if work is None:
            return Response(status=404)
        if request.headers.get("Origin") or request.host.partition(":")[0] not in LOCAL:
            return Response(status=403)  # a page in somebody's browser has no business here
        try:
            body = json.loads(request.get_data() or b"{}")
            return answer(work(request.args.to_dict() | body))
        except NotFound:
            return answer({"error": "no such transaction"}, 404)
        except (ValueError, TypeError, KeyError, Invalid) as error:
            return answer({"error": str(error)}, 422)

    def add_fault(self, given: dict):
        self.gateway.faults.add(
            given["name"], given.get("on", "sale"), given.get("times", 1), **given.get("options", {})
        )
        return self.gateway.faults.pending()

    def clear_faults(self, given: dict):
        self.gateway.faults.clear()
        return []

    def settle(self, given: dict):
        if given.get("declined"):
            self.gateway.decline_settlement(given["id"])
        else:
            self.gateway.settle(given["id"])
        return self.gateway.ledger.find(given["id"])

    def webhook(self, given: dict):
        signature, payload = self.gateway.webhook(given["kind"], given.get("id"))
        return {"bt_signature": signature, "bt_payload": payload}

    def transactions(self, given: dict):
        return self.gateway.transactions(given.get("order_id"))


def answer(value, status: int = 200) -> Response:
    return Response(json.dumps(value, default=str), status, content_type="application/json")
