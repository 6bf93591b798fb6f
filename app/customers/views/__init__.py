"""The blueprint of the administrator's pages about customers."""

from flask import Blueprint

bp = Blueprint("customers", __name__, url_prefix="/customers")
