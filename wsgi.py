"""The WSGI entry point: `waitress-serve --listen 127.0.0.1:8000 wsgi:app`. `flask` finds its commands here."""

import sys

from app import ready_app
from app.health.cli import doctor_command
from app.storage.cli import command_name, offline_app

app = offline_app(doctor_command) or ready_app(starting=not command_name(sys.argv))
