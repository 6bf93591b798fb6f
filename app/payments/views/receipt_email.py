"""The receipt by email once more, for a payer whose receipt was not delivered."""

from flask import abort, url_for

from app.mail import resend
from app.models import Attempt, Throttle
from app.payments import receipts
from app.payments.page import viewer
from app.payments.views.pay import bp
from app.web.actor import current_actor
from app.web.formatting import now
from app.web.htmx import go_to

TRIES = 3


@bp.post("/<reference>/receipt")
def send_receipt(reference):
    """Queue it again, at most TRIES times in half an hour; what became of it is on the payment's page."""
    attempt = Attempt.named(viewer(), reference) or abort(404)
    mail = receipts.latest(attempt)
    if mail and mail.is_undelivered and Throttle.take_try({f"receipt:{attempt.reference}": TRIES}, now()):
        resend.resend(mail, current_actor())
    return go_to(url_for("payments.show", reference=attempt.reference))
