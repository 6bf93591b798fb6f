from flask import Blueprint

from app.web.menu import IMPORT

bp = Blueprint("imports", __name__, url_prefix=IMPORT.url)
