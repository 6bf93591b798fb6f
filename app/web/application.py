"""Flask, as this portal uses it."""

import secrets
from functools import cached_property
from io import BytesIO

from flask import Flask, Request, current_app
from flask.sessions import SecureCookieSessionInterface
from werkzeug.formparser import FormDataParser

from app.web import ip
from app.web.limits import BoundedFields, shortened


class BoundedParser(FormDataParser):
    def parse(self, stream, mimetype, content_length, options=None):
        """What will be cut isn't decoded first: 100 KB of escapes would hold up every other page."""
        if mimetype == "application/x-www-form-urlencoded":
            body = shortened(stream.read())
            stream, content_length = BytesIO(body), len(body)
        return super().parse(stream, mimetype, content_length, options)


class BoundedRequest(Request):
    """A request whose query string and form are bounded before any view, form or hook sees them."""

    parameter_storage_class = BoundedFields
    form_data_parser_class = BoundedParser

    def __init__(self, environ, **options):
        super().__init__(environ, **options)
        self.remote_addr = ip.plain(self.remote_addr)

    @cached_property
    def id(self) -> str:
        """Names this request: in the log, in X-Request-ID and, as the code to contact us with, on the page of an error
        of ours. Not on other error pages: a missing object's and another customer's are the same bytes."""
        return secrets.token_hex(4).upper()

    @property
    def max_content_length(self) -> int | None:
        """In bytes. A longer body is refused before it is read."""
        view = current_app.view_functions.get(self.endpoint)
        return getattr(view, "longest_body", super().max_content_length)


class SessionCookie(SecureCookieSessionInterface):
    def save_session(self, app, session, response) -> None:
        """Flask-Login looks into the session after each request, for which Flask would add `Vary: Cookie` to files that
        are the same for every visitor. security.set_headers says what varies."""
        if session.modified:
            super().save_session(app, session, response)


class Portal(Flask):
    session_interface = SessionCookie()
    request_class = BoundedRequest
