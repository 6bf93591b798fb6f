"""python -m braintree_emulator --port 8001 --store instance/demo-gateway.sqlite3

Its keys are the portal's: BRAINTREE_MERCHANT_ID, BRAINTREE_PUBLIC_KEY and BRAINTREE_PRIVATE_KEY, or
else the demo's published ones.
"""

import argparse
import os
import signal
import sys

from braintree_emulator import DemoGateway
from braintree_emulator.server import HOST, serve

KEYS = (("merchant_id", "merchant"), ("public_key", "public_key"), ("private_key", "private_key"))


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m braintree_emulator", description="The demo gateway.")
    parser.add_argument("--port", type=int, default=8001, help="on 127.0.0.1; 0 picks a free one")
    parser.add_argument("--store", default=":memory:", help="SQLite file that keeps everything")
    parser.add_argument("--browser-url", default="/demo-gateway", help="where browsers find its pages")
    parser.add_argument("--settle-after", type=float, default=60, metavar="SECONDS")
    parser.add_argument("--search-lag", type=float, default=0, metavar="SECONDS")
    parser.add_argument("--quiet-token", action="store_true", help='leave "demo" out of client tokens')
    parser.add_argument("--postal-code-rule", action="store_true", help="reject cards without a postal code (AVS)")
    given = parser.parse_args()
    gateway = DemoGateway(
        given.store,
        **{name: os.environ.get(f"BRAINTREE_{name.upper()}") or f"demo_{short}" for name, short in KEYS},
        browser_url=given.browser_url,
        announce=not given.quiet_token,
        settle_after=given.settle_after,
        search_lag=given.search_lag,
        postal_code_rule=given.postal_code_rule,
    )
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    server = serve(gateway, given.port)
    print(f"Demo gateway on http://{HOST}:{server.port}", flush=True)
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        pass
    finally:
        server.server_close()


if __name__ == "__main__":
    main()
