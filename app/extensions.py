"""Unbound objects that the factory binds. Imports nothing of ours."""

from flask_login import LoginManager
from peewee import DatabaseProxy

db = DatabaseProxy()
login_manager = LoginManager()
login_manager.session_protection = None  # sessions are rows of ours: what changes about a browser ends none
