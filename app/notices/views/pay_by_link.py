"""/pay/<token>/card: paying the invoice of a Payment Link, with the same protocol as the pay page."""

from flask import abort, current_app, request, url_for

from app import money
from app.clock import to_ms
from app.email_addresses import is_usual_email
from app.models import Attempt, LinkHolder, PaymentLink, Throttle, User, public_id
from app.notices.views.payment_link import blocker, bp, is_open, known_link, live_link
from app.payments import messages, quotes
from app.payments.checkout import BalanceChanged, BeingConfirmed, CardDeclined, NotAllowed, NotCharged, Paid
from app.payments.declines import Decline
from app.payments.eligibility import Blocker
from app.payments.forms import PayForm
from app.payments.gateway.protocol import NoAccount
from app.payments.messages import Message
from app.payments.quotes import CannotPay
from app.payments.views.pay import (
    AlreadySubmitted,
    NoCard,
    TooManyDeclines,
    charge_card,
    explain_declined,
    explain_not_asked,
    without_charge,
)
from app.payments.views.pay_page import TOKEN_LENGTH, client_token
from app.web import payment_answer
from app.web.formatting import company, now
from app.web.forms import USUAL_EMAIL
from app.web.htmx import go_to, render, wants_fragment
from app.web.ip import network
from app.web.security import hides_referrer, pay_page_policy, public

MAX_DECLINES = 10  # of one link, in half an hour
MAX_DECLINES_OF_NETWORK = 20
CARD_PAGES = 60  # of one link, in half an hour: each asks the gateway for a token


class BadEmail:
    """The typed address for the receipt is not a usable email address."""


@bp.get("/<token>/card")
@public
@hides_referrer
def new(token):
    link = live_link(token)
    if blocker(link):
        return go_to(url_for(".show", token=token))
    return card_page(link, token)


@bp.post("/<token>/card")
@public
@hides_referrer
def create(token):
    link, form = known_link(token), PayForm.read(request.form)
    return answer(submit(link, form), link, form, token)


def submit(link: PaymentLink, form: PayForm):
    result = result_of(link, form)
    if isinstance(result, (Paid, CardDeclined, BeingConfirmed, AlreadySubmitted)):
        return result
    return without_charge(form, result)


def result_of(link: PaymentLink, form: PayForm):
    earlier = Attempt.by_token(form.token)
    if earlier is not None and earlier.payment_link_id == link.id:
        return AlreadySubmitted(earlier)
    if earlier is not None or not is_open(link) or list(form.shown) != [link.invoice.public_id]:
        abort(404)
    why = blocker(link)
    if why is not None and why != Blocker.NOTHING_OPEN:
        return NotAllowed(why)
    if not receipt_address(link):
        return BadEmail()
    if not form.nonce:
        return NoCard()
    payer = User.payment_link(to_ms(now()))
    holder = LinkHolder.of(link, user_id=payer.id, payer_email=receipt_address(link))
    try:
        return charge_card(holder, form, None, decline_limits(link))
    except CannotPay as problem:
        return problem


def receipt_address(link: PaymentLink) -> str:
    """The typed address, or the customer's; '' if it isn't usable."""
    typed = request.form.get("email", "").strip().lower()
    address = typed or link.invoice.customer.email
    return address if is_usual_email(address) else ""


def decline_limits(link: PaymentLink) -> dict[str, int]:
    of_network = f"declines:network:{network(request.remote_addr or '')}"
    return {f"declines:link:{link.id}": MAX_DECLINES, of_network: MAX_DECLINES_OF_NETWORK}


def answer(result, link: PaymentLink, form: PayForm, token: str):
    match result:
        case Paid(attempt) | BeingConfirmed(attempt) | AlreadySubmitted(attempt):
            return go_to(url_for(".payment", token=token, reference=attempt.reference))
        case CardDeclined(attempt):
            return card_page(link, token, 422, not_taken(explain_declined(attempt)))
        case NotCharged(reason, detail):
            return card_page(link, token, 422, not_taken(explain_not_asked(reason, detail)))
        case BalanceChanged(_, changed):
            return card_page(link, token, 409, messages.balance_changed(changed, form.shown))
        case NotAllowed(why):
            title, text = messages.blocked(why, link.invoice.currency)
            return card_page(link, token, 403, Message(title, (text, payment_answer.NOT_CHARGED)))
        case BadEmail():
            said = Message("There is a problem", (payment_answer.NOT_CHARGED,), (("#payer-email", USUAL_EMAIL),))
            return card_page(link, token, 422, said, email_error=USUAL_EMAIL)
        case NoCard():
            return card_page(link, token, 422, messages.NO_CARD)
        case TooManyDeclines():
            return card_page(link, token, 429, messages.TOO_MANY_DECLINES)
        case CannotPay():
            said = Message("Payment not taken", ("There is nothing left to pay.", payment_answer.NOT_CHARGED))
            return card_page(link, token, 409, said)


def not_taken(decline: Decline) -> Message:
    # The holder of a link can't pay a smaller amount or see the list of payments.
    said = messages.not_taken(decline)
    return Message(said.title, said.texts, tuple(one for one in said.links if one[0] == "#payment-card"))


def card_page(link: PaymentLink, link_token: str, status: int = 200, message: Message | None = None, email_error=""):
    quote = quote_of(link)
    if quote is None and message is None:
        return go_to(url_for(".show", token=link_token))
    context = {
        "link": link,
        "link_token": link_token,
        "quote": quote,
        "message": message,
        "title": f"Pay {link.invoice.number}",
        "token": public_id(TOKEN_LENGTH),
        "typed_email": request.form.get("email", ""),
        "email_error": email_error,
        "layout": "notices/_base.html",
        "post_url": url_for(".create", token=link_token),
        "back_url": url_for(".show", token=link_token),
        "back_to": "the invoice",
        "fresh": True,
        "paying_for": link.invoice.customer.name,
        "form_url": url_for(".new", token=link_token),
        "retry_url": url_for(".new", token=link_token),
        "unknown_url": url_for(".show", token=link_token),
        "readable": True,
    }
    if quote and not wants_fragment():
        card_token = None if blocker(link) else authorization(link, quote.currency)
        context |= {"client_token": card_token, "amount": quote.pay_minor, "digits": money.exponent(quote.currency)}
    response = render("notices/pay.html", "notices/pay_update.html", status, **context)
    response.headers["Content-Security-Policy"] = pay_page_policy(current_app.config["PORTAL"])
    return response


def authorization(link: PaymentLink, currency: str) -> str | None:
    if not Throttle.take_try({f"card_pages:link:{link.id}": CARD_PAGES}, now()):
        abort(429)
    try:
        return client_token(currency)
    except NoAccount:
        return None


def quote_of(link: PaymentLink) -> quotes.Quote | None:
    try:
        return quotes.quote(LinkHolder.of(link), company(), [link.invoice.public_id])
    except CannotPay:
        return None
