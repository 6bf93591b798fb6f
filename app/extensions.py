"""Unbound objects that the factory binds. Imports nothing of ours."""

from flask_login import LoginManager
from flask_wtf import CSRFProtect
from peewee import DatabaseProxy


class Logins(LoginManager):
    """Sessions are rows of ours: what changes about a browser ends none, and isn't looked at."""

    def _session_protection_failed(self):
        return False


db = DatabaseProxy()
login_manager = Logins()
csrf = CSRFProtect()
