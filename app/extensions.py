"""Unbound objects that the factory binds. Imports nothing of ours."""

from flask import current_app, g, request
from flask_login import LoginManager
from flask_wtf import CSRFProtect
from peewee import DatabaseProxy


class Csrf(CSRFProtect):
    """Over HTTPS a form also has to come from a page of PORTAL_URL: the Host header, which Flask-WTF asks, has lost its
    port behind some proxies."""

    def protect(self, apply_exemptions=False):
        super().protect(apply_exemptions)
        config, sent_from = current_app.config["PORTAL"], f"{request.referrer or ''}/"
        if getattr(current_app.view_functions.get(request.endpoint), "hides_referrer", False) and not request.referrer:
            return
        if g.get("csrf_valid") and config.secure and not sent_from.startswith(f"{config.origin}/"):
            self._error_response("The form was sent from another address than PORTAL_URL.")


db = DatabaseProxy()
login_manager = LoginManager()
login_manager.session_protection = None  # sessions are rows of ours: what changes about a browser ends none
csrf = Csrf()
