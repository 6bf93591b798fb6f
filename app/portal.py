"""Flask, as this portal uses it."""

from flask import Flask

from app.session_cookie import SessionCookie


class Portal(Flask):
    session_interface = SessionCookie()

    def ensure_sync(self, func):
        """No view and no hook here is a coroutine: none of them is asked, with every request."""
        return func
