"""The WSGI entry point: `waitress-serve --listen 127.0.0.1:8000 wsgi:app`."""

from app import ready_app

app = ready_app()
