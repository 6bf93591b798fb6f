"""Extension objects that the application factory binds. This module imports nothing from `app`."""

from flask_login import LoginManager
from peewee import DatabaseProxy

db = DatabaseProxy()
login_manager = LoginManager()
login_manager.session_protection = None  # our sessions don't end if the browser's address or user agent changes
