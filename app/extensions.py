"""Unbound objects that the factory binds. Imports nothing of ours."""

from flask_login import LoginManager
from flask_wtf import CSRFProtect
from peewee import DatabaseProxy

db = DatabaseProxy()
login_manager = LoginManager()
csrf = CSRFProtect()
