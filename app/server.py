"""The web server: `python -m app.serve` listens on HOST and PORT until SIGTERM."""

import contextlib
import copy
import resource
import signal
import sys
from typing import ClassVar
from weakref import WeakSet

import waitress
from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser, ParsingError

from app import ready_app
from app.web.limits import LARGEST_UPLOAD
from app.web.menu import IMPORT
from app.web.templating import compile_pages

THREADS = 64  # up to 44 of them may wait for a password to be hashed
MAX_HEADERS = 64 * 1024  # The longest address selects 500 invoices, in 13 KB.
MAX_BODY = 512 * 1024  # Flask's own limit is lower, but it counts what has been stored already.
MAX_UPLOAD = LARGEST_UPLOAD + MAX_BODY
MOST_UPLOADS = 8  # at a time: anyone can send them, and they wait on disk until it is known who sent them
UPLOADS = {IMPORT.url}
CONNECTIONS = 2000  # Slow clients wait here instead of keeping everybody else out.


class Parser(HTTPRequestParser):
    uploads: ClassVar[WeakSet["Parser"]] = WeakSet()

    def parse_header(self, header_plus):
        # A number of more than 4,300 digits is a ValueError, which would drop the connection without an answer.
        try:
            super().parse_header(header_plus)
        except ValueError:
            raise ParsingError("Content-Length is invalid") from None
        if self.path in UPLOADS and sum(not one.completed for one in self.uploads) < MOST_UPLOADS:
            self.adj = copy.copy(self.adj)
            self.adj.max_request_body_size = MAX_UPLOAD
            self.uploads.add(self)


HTTPChannel.parser_class = Parser


def main() -> int:
    app = ready_app(starting=True)
    compile_pages(app)
    config = app.config["PORTAL"]
    allow_many_connections()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    waitress.serve(
        app,
        host=config.host,
        port=config.port,
        threads=THREADS,
        connection_limit=CONNECTIONS,
        asyncore_use_poll=True,
        channel_timeout=60,
        max_request_header_size=MAX_HEADERS,
        max_request_body_size=MAX_BODY,
        ident=None,
        # With TRUSTED_PROXIES set, ProxyFix reads these headers; otherwise they are ignored.
        clear_untrusted_proxy_headers=config.trusted_proxies == 0,
        _quiet=True,
    )
    return 0


def allow_many_connections() -> None:
    # Each connection is an open file, and many systems allow 1,024 of them unless asked.
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = CONNECTIONS + 500
    limit = wanted if hard == resource.RLIM_INFINITY else min(hard, wanted)
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (limit, hard))


if __name__ == "__main__":
    sys.exit(main())
