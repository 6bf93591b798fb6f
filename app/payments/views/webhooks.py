"""Webhooks from the gateway. A genuine one is stored and answered at once; the worker processes it."""

from hashlib import sha256

from flask import Blueprint, current_app, request

from app.clock import to_ms
from app.payments.gateway.protocol import BadNotice
from app.payments.settlement import store_notification
from app.web.formatting import now
from app.web.limits import takes
from app.web.security import public

bp = Blueprint("webhooks", __name__, url_prefix="/webhooks")


@bp.errorhandler(BadNotice)
def refuse(_error):
    return plain("Not a notice from the gateway.", 400)


@bp.get("/braintree")
@public
def challenge():
    answer = current_app.extensions["gateway"].answer_challenge(request.args.get("bt_challenge", ""))
    return plain(answer)


@bp.post("/braintree")
@public
@takes(64)
def braintree():
    # A repeated notification gets the same answer.
    signature, payload = (request.form.get(name, "") for name in ("bt_signature", "bt_payload"))
    notice = current_app.extensions["gateway"].notice(signature, payload)
    digest = sha256(payload.rstrip().encode()).hexdigest()  # the signature is right with and without a last line break
    store_notification(notice, digest, payload, to_ms(now()))
    return plain("Kept.")


def plain(text: str, status: int = 200):
    return current_app.response_class(text, status, mimetype="text/plain")
