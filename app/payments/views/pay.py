"""/payments/new and POST /payments: choosing what to pay, and paying it. The page of a payment is in history.py."""

from contextlib import suppress
from dataclasses import dataclass

from flask import Blueprint, abort, current_app, flash, request, url_for

from app import money
from app.models import Attempt, LedgerEntry, Throttle
from app.models.access import Viewer
from app.payments import checkout, declines, messages
from app.payments.cashier import Cashier
from app.payments.checkout import BalanceChanged, BeingConfirmed, CardDeclined, NotAllowed, NotCharged, Paid
from app.payments.declines import Decline
from app.payments.eligibility import Blocker, first_blocker
from app.payments.forms import PayForm, Selection, read_amount
from app.payments.quotes import CannotPay, currency_of
from app.payments.views.pay_page import cannot_pay, choose_currency, not_allowed, pay_page, quoted
from app.web import payment_answer
from app.web.formatting import company, now, page_url
from app.web.htmx import go_to, wants_fragment
from app.web.sessions import current_viewer

bp = Blueprint("payments", __name__, url_prefix="/payments")
bp.after_request(payment_answer.add_outcome)
MAX_DECLINES = 20  # in half an hour


@bp.get("/new")
def new():
    if why := blocked():
        return not_allowed(why)
    selection = Selection.from_args(request.args)
    try:
        quote, error = quoted(selection)
    except CannotPay as problem:
        return cannot_pay(problem.reason, selection)
    if wants_fragment() or not error:  # don't validate until the form is submitted
        return pay_page(quote, selection, readable=not error)
    return pay_page(quote, selection, 422, message=messages.bad_amount(error), amount_error=error)


@bp.post("/new")
def split():
    # Without JavaScript: show how the typed amount is split, at a URL that says so.
    selection = PayForm.read(request.form).selection
    return go_to(page_url("payments.new", **selection.query, pay="part", amount=selection.amount))


@bp.post("")
def create():
    form = PayForm.read(request.form)
    return answer(submit(form), form)


def blocked() -> Blocker | None:
    return first_blocker(company(), current_app.config["PORTAL"].gateway_configured, current_viewer())


class NoCard:
    """The form came without a card: there was no JavaScript, or it failed."""


class BadAmount:
    """The partial amount can't be accepted."""


class TooManyDeclines:
    """So many of this person's cards were declined in half an hour that they may be stolen."""


@dataclass(frozen=True, slots=True)
class AlreadySubmitted:
    """This form was sent before; the page of its attempt shows the result."""

    attempt: Attempt


def submit(form: PayForm):
    """Pay as the form says, unless it was sent before. Returns a result of checkout.pay, or one of the classes above.

    A result without an attempt tells the payer that nothing was charged; from then on no request may charge with this
    form.
    """
    result = result_of(form)
    if isinstance(result, (Paid, CardDeclined, BeingConfirmed, AlreadySubmitted)):
        flash_uncharged_amount(form, result.attempt)
        return result
    return without_charge(form, result)


def without_charge(form: PayForm, result):
    """Make sure that nothing was charged, and return `result`. If this form has an attempt after all, return
    AlreadySubmitted."""
    reference, sentence = payment_answer.known_outcome()
    if sentence == payment_answer.unknown():
        abort(503)
    attempt = Attempt.by_token(form.token) if reference else None
    return result if attempt is None else AlreadySubmitted(attempt)


def flash_uncharged_amount(form: PayForm, attempt: Attempt) -> None:
    # If a form is sent again with another amount, the answer is its first payment, and the page says so.
    with suppress(money.AmountError, CannotPay):
        currency = currency_of(form.shown)
        amount_minor = read_amount(form.selection, currency)
        if amount_minor is None:
            amount_minor = sum(balance.open_minor for balance in form.shown.values())
        if (amount_minor, currency) != (attempt.amount_minor, attempt.currency):
            said = messages.not_charged_again(attempt, amount_minor, currency)
            flash(said, payment_answer.MONEY)


def result_of(form: PayForm):
    try:
        if (earlier := earlier_result(form)) is not None:
            return earlier
        if why := blocked():
            return NotAllowed(why)
        amount_minor = read_amount(form.selection, currency_of(form.shown))
        if not form.nonce:
            return NoCard()
        viewer = current_viewer()
        return charge_card(viewer, form, amount_minor, {f"declines:{viewer.user_id}": MAX_DECLINES})
    except money.AmountError:
        return BadAmount()
    except CannotPay as problem:
        return problem if problem.quote is None else BadAmount()


def earlier_result(form: PayForm):
    result = checkout.earlier_result(current_viewer(), form.token)
    if result is None:
        return None
    attempt = Attempt.by_token(form.token)
    if attempt is None:  # the form was voided
        return result
    return AlreadySubmitted(attempt) if blocked() or LedgerEntry.unapplied([attempt]) else result


def charge_card(payer: Viewer, form: PayForm, amount_minor: int | None, decline_limits: dict[str, int]):
    """A result of checkout.pay, or TooManyDeclines. Raises CannotPay.

    `decline_limits` is {key: limit}. A try is counted under each key before the card is charged, and given back unless
    the card was declined.
    """
    if not Throttle.take_try(decline_limits, now()):
        return TooManyDeclines()
    result = None
    try:
        result = checkout.pay(
            payer,
            Cashier.of(current_app, company()),
            token=form.token,
            shown=form.shown,
            amount_minor=amount_minor,
            nonce=form.nonce,
            device_data=form.device_data,
        )
        if isinstance(result, (Paid, CardDeclined, BeingConfirmed)):
            payment_answer.note_sent(result.attempt)
        return result
    finally:
        if not isinstance(result, CardDeclined):
            for key in decline_limits:
                Throttle.give_back(key)


def answer(result, form: PayForm):
    match result:
        case Paid(attempt) | BeingConfirmed(attempt) | AlreadySubmitted(attempt):
            return go_to(url_for("payments.show", reference=attempt.reference))
        case CardDeclined(attempt):
            return rerender_form(form, 422, messages.not_taken(explain_declined(attempt)))
        case NotCharged(reason, detail):
            return rerender_form(form, 422, messages.not_taken(explain_not_asked(reason, detail)))
        case BalanceChanged(_, changed):
            return rerender_form(form, 409, messages.balance_changed(changed, form.shown))
        case NotAllowed(why):
            return not_allowed(why)
        case NoCard():
            return rerender_form(form, 422, messages.NO_CARD)
        case TooManyDeclines():
            return rerender_form(form, 429, messages.TOO_MANY_DECLINES)
        case BadAmount():
            return rerender_form(form, 422)
        case CannotPay(reason=reason):
            return cannot_pay(reason, form.selection)


def explain_declined(attempt: Attempt) -> Decline:
    decline = declines.explain_decline(attempt, asks_postal_code=company().asks_postal_code)
    if decline.needs_administrator:
        code = attempt.processor_code
        current_app.logger.error("%s declined with %s: check the merchant account", attempt.reference, code)
    return decline


def explain_not_asked(reason: str, detail: str) -> Decline:
    decline = declines.explain_not_asked(reason, detail)
    if decline.needs_administrator:
        current_app.logger.error("not charged (%s): %s", reason, detail)
    return decline


def rerender_form(form: PayForm, status: int, message=None):
    try:
        quote, error = quoted(form.selection)
    except CannotPay as problem:
        if message and problem.reason == "mixed_currencies":
            texts = (text for text in message.texts if text != payment_answer.NOT_CHARGED)  # the page says it already
            return choose_currency(form.selection, status, " ".join(texts))
        if problem.reason != "nothing_open":
            return cannot_pay(problem.reason, form.selection)
        return pay_page(None, form.selection, status, message=message)
    message = message or messages.bad_amount(error, payment_answer.NOT_CHARGED)
    return pay_page(quote, form.selection, status, message=message, amount_error=error)
