"""The emulator as a command: python -m braintree_emulator --help"""

import argparse
import os
import signal
import sqlite3
import sys

from braintree_emulator import Emulator, __version__
from braintree_emulator.server import HOST, serve

SETTINGS = """Braintree emulator on {url}

Server SDK   merchant_id={merchant_id} public_key={public_key} private_key={private_key}
             base URL {url}, plain HTTP. Python:
             braintree.Environment("emulator", "{host}", "{port}", "", False, None)
Browser      client tokens point at {browser_url}
Controls     {url}/emulator/faults, /emulator/settle, /emulator/transactions, /emulator/webhook
No money moves. Only test cards are accepted."""


def arguments(argv: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m braintree_emulator", description="A Braintree gateway for tests.")
    add = parser.add_argument
    add("--host", default=HOST, help="address to listen on; anything but a loopback address is open to others")
    add("--port", type=int, default=8001, help="0 picks a free one")
    add("--store", default=":memory:", help="SQLite file that keeps everything; in memory by default")
    for name in ("merchant-id", "public-key", "private-key"):
        variable = f"BRAINTREE_{name.upper().replace('-', '_')}"
        default = os.environ.get(variable) or f"demo_{name.removesuffix('-id').replace('-', '_')}"
        add(f"--{name}", default=default, help=f"by default ${variable}, or else demo_…")
    add("--browser-url", help="where browsers find the client API: a path or a URL; by default this server")
    add("--settle-after", type=float, default=60, metavar="SECONDS", help="from submission to settlement")
    add("--search-lag", type=float, default=0, metavar="SECONDS", help="until searches find a new transaction")
    add("--unmarked-token", action="store_true", help='leave "demo": true out of client tokens')
    add("--no-three-d-secure", action="store_true", help="a merchant without 3-D Secure")
    add("--postal-code-rule", action="store_true", help="reject cards without a postal code (AVS)")
    add("--quiet", action="store_true", help="print only where it listens")
    add("--version", action="version", version=__version__)
    return parser.parse_args(argv)


def main() -> None:
    given = arguments()
    try:
        emulator = emulator_of(given)
    except (sqlite3.Error, OSError) as error:
        sys.exit(f"The store of the gateway, {given.store}, can't be used: {error}")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    server = serve(emulator, given.port, given.host)
    url = f"http://{given.host}:{server.port}"
    emulator.browser_url = (given.browser_url or url).rstrip("/")
    settings = SETTINGS.format(**vars(emulator), host=given.host, port=server.port, url=url)
    print(settings.partition("\n")[0] if given.quiet else settings, flush=True)
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        pass
    finally:
        server.server_close()


def emulator_of(given: argparse.Namespace) -> Emulator:
    return Emulator(
        given.store,
        merchant_id=given.merchant_id,
        public_key=given.public_key,
        private_key=given.private_key,
        mark_client_token=not given.unmarked_token,
        settle_after=given.settle_after,
        search_lag=given.search_lag,
        three_d_secure=not given.no_three_d_secure,
        postal_code_rule=given.postal_code_rule,
    )


if __name__ == "__main__":
    main()
