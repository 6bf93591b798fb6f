"""A web server: `python -m app.server` listens on HOST and PORT, or on the supervisor's socket, until SIGTERM."""

import contextlib
import copy
import resource
import sys
from collections.abc import Callable
from typing import ClassVar
from weakref import WeakSet

from flask import Flask
from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser, ParsingError
from waitress.utilities import RequestEntityTooLarge
from werkzeug.exceptions import HTTPException

from app import ready_app
from app.config import WEB_THREADS
from app.listening import CannotListen, inherited, listen
from app.serving import serve
from app.web.limits import longest_body
from app.web.static_files import all_files
from app.web.templating import compile_pages

MAX_HEADERS = 64 * 1024  # The longest URL selects 500 invoices and has 13 KB.
MAX_BODY = 512 * 1024  # for most pages; Flask's own limit is lower, but applies only after the body was stored
MAX_UPLOADS = 8  # larger bodies at a time: anyone can send them, and they are on disk before the sender is known
CONNECTIONS = 2000  # so many that slow clients don't lock out all others


class TooLarge(RequestEntityTooLarge):
    def __init__(self, limit: int):
        self.limit = limit

    def to_response(self, ident=None):
        size = f"{self.limit // 1024**2} MB" if self.limit >= 1024**2 else f"{self.limit // 1024} KB"
        page = f"""<!doctype html><html lang="en"><head><meta charset="utf-8"><title>That is too large</title>
            <meta name="viewport" content="width=device-width,initial-scale=1"></head><body><h1>That is too large</h1>
            <p>Nothing was saved: this takes at most {size}. Go back and choose a smaller file.</p></body></html>"""
        headers = [("Content-Type", "text/html; charset=utf-8"), ("Content-Security-Policy", "default-src 'none'")]
        return f"{self.code} {self.reason}", headers, page.encode()


class Parser(HTTPRequestParser):
    longest_of: ClassVar[Callable[[str], int]]  # path -> the longest body in bytes
    uploads: ClassVar[WeakSet["Parser"]]

    def parse_header(self, header_plus):
        # For a number of more than 4,300 digits int() raises ValueError, which would drop the connection.
        try:
            super().parse_header(header_plus)
        except ValueError:
            raise ParsingError("Content-Length is invalid") from None
        if self.chunked and "CONTENT_LENGTH" in self.headers:
            # Request smuggling: a proxy that uses the other header would see other requests than we do.
            raise ParsingError("Content-Length beside Transfer-Encoding")
        longest = self.longest_of(self.path)
        if longest > MAX_BODY and sum(not one.completed for one in self.uploads) < MAX_UPLOADS:
            self.adj = copy.copy(self.adj)
            self.adj.max_request_body_size = longest
            self.uploads.add(self)

    def received(self, data):
        consumed = super().received(data)
        if isinstance(self.error, RequestEntityTooLarge):
            self.error = TooLarge(self.adj.max_request_body_size)
        return consumed


def parser_of(app: Flask) -> type[Parser]:
    """A Parser with the maximum body length of each view of the app."""
    routes = app.url_map.bind("")

    def longest_of(path: str) -> int:
        try:
            endpoint, _ = routes.match(path, method="POST")
        except HTTPException:
            return MAX_BODY
        return max(MAX_BODY, longest_body(app.view_functions[endpoint]))

    return type("Parser", (Parser,), {"longest_of": staticmethod(longest_of), "uploads": WeakSet()})


def main() -> int:
    app = ready_app(starting=True)
    config = app.config["PORTAL"]
    try:
        shared = inherited()
        listener = shared or listen(config.host, config.port)
    except CannotListen as error:
        print(error, file=sys.stderr)
        return 2
    compile_pages(app)
    all_files()  # both are as they are now, whatever an upgrade does to the files
    HTTPChannel.parser_class = parser_of(app)
    allow_many_connections()
    serve(
        app,
        listener,
        is_shared=shared is not None,
        threads=WEB_THREADS,
        connection_limit=CONNECTIONS,
        asyncore_use_poll=True,
        channel_timeout=60,
        max_request_header_size=MAX_HEADERS,
        max_request_body_size=MAX_BODY,
        ident=None,
        # If TRUSTED_PROXIES is set, ProxyFix reads these headers. Otherwise they are ignored.
        clear_untrusted_proxy_headers=config.trusted_proxies == 0,
    )
    return 0


def allow_many_connections() -> None:
    # Each connection is an open file. Many systems allow only 1,024 by default.
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = CONNECTIONS + 500
    limit = wanted if hard == resource.RLIM_INFINITY else min(hard, wanted)
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (limit, hard))


if __name__ == "__main__":
    sys.exit(main())
