"""Renders the pay page: a quote, a message beside it, or a reason why nothing can be paid."""

from dataclasses import dataclass
from datetime import timedelta
from itertools import groupby

from flask import abort, current_app, request, url_for

from app import money
from app.clock import to_ms
from app.models import Access, Allocation, Invoice, public_id
from app.notation import notation
from app.payments import messages
from app.payments.eligibility import Blocker
from app.payments.forms import Selection, read_amount
from app.payments.gateway.protocol import GatewayRefused, GatewayUnreachable, NoAccount
from app.payments.quotes import MAX_INVOICES, CannotPay, Quote
from app.web import payment_answer
from app.web.errors import show
from app.web.formatting import company, locale, now, page_url
from app.web.htmx import is_htmx, render, wants_fragment
from app.web.security import pay_page_policy
from app.web.sessions import current_viewer

TOKEN_LENGTH = 24
RECENT = timedelta(minutes=30)


def quoted(selection: Selection) -> tuple[Quote, str]:
    """The quote for the selection, and why its partial amount can't be accepted ('' if it can).

    Raises CannotPay if there is nothing to quote, or if its currency isn't accepted.
    """
    whole = selection.quote(current_viewer(), company())
    if not company().accepts(whole.currency):
        raise CannotPay("currency")
    try:
        amount = read_amount(selection, whole.currency)
        return (whole if amount is None else selection.quote(current_viewer(), company(), amount)), ""
    except money.AmountError:
        return whole, messages.amount_error("" if selection.amount.strip() else "empty", whole)
    except CannotPay as problem:
        if problem.quote is None:
            raise
        return whole, messages.amount_error(problem.reason, whole)


def pay_page(
    quote: Quote | None, selection: Selection, status: int = 200, *, message=None, amount_error="", readable=True
):
    fresh = status != 200 or not wants_fragment()
    context = {
        "quote": quote,
        "selection": selection,
        "message": message,
        "amount_error": amount_error,
        "amount_errors": quote and messages.amount_errors(quote),
        "notation": quote and notation(quote.currency, locale()).data,
        "readable": readable and not amount_error,
        "fresh": fresh,
        "token": public_id(TOKEN_LENGTH),
        "under_way": under_way(selection),
        "title": title_of(quote),
        "nav": "invoices",
        "layout": "customer_base.html",
        "post_url": url_for("payments.create"),
        "back_url": page_url("invoices.index"),
        "back_to": "invoices",
        "paying_for": current_viewer().customer_name,
        "form_url": page_url("payments.new", **selection.query),
        "retry_url": request.full_path if request.method == "GET" else page_url("invoices.index"),
    }
    if quote and not wants_fragment():
        try:
            token = client_token(quote.currency)
        except NoAccount:
            return not_allowed(Blocker.CURRENCY)
        context |= {"client_token": token, "amount": quote.pay_minor, "digits": money.exponent(quote.currency)}
    response = render("payments/new.html", "payments/update.html", status, **context)
    response.headers["Content-Security-Policy"] = pay_page_policy(current_app.config["PORTAL"])
    return response


def client_token(currency: str) -> str | None:
    """The browser's authorization for one page view; None if cards can't be accepted at the moment. Raises NoAccount
    if they can't be accepted in this currency."""
    try:
        return current_app.extensions["gateway"].client_token(currency)
    except NoAccount as error:
        current_app.logger.error("%s", error)
        raise
    except (GatewayRefused, GatewayUnreachable) as error:
        current_app.logger.error("no client token for %s: %s", currency, error)
        return None


@dataclass(frozen=True, slots=True)
class Note:
    """A sentence about a payment; `own` is the reference of an approved one of the viewer."""

    text: str
    own: str = ""


def under_way(selection: Selection) -> list[Note]:
    lines = Allocation.recent(current_viewer(), to_ms(now() - RECENT))
    chosen = [
        line for line in lines if line.invoice.public_id in selection.ids or line.attempt.currency == selection.all_in
    ]
    notes = []
    for attempt, lines in groupby(chosen, key=lambda line: line.attempt):
        if attempt.state == attempt.APPROVED:
            own = attempt.reference if attempt.user_id == current_viewer().user_id else ""
            notes.append(Note(messages.recent_payment(list(lines), current_viewer(), now()), own))
        else:
            notes += [Note(messages.being_paid(line, current_viewer(), now())) for line in lines]
    return notes


def title_of(quote: Quote | None) -> str:
    if quote is None:
        return "Nothing to pay"
    if len(quote.lines) == 1:
        return f"Pay {quote.lines[0].invoice.number}"
    return f"Pay {len(quote.lines)} invoices"


def not_allowed(why: Blocker):
    return notice(403, *messages.blocked(why))


def cannot_pay(reason: str, selection: Selection):
    if reason == "unknown_invoice":
        if not are_of_several_customers(selection):
            abort(404)
        reason = "several_customers"
    if reason == "nothing_open" and len(selection.ids) == 1:
        reason = "void" if is_void(selection) else "nothing_open_of_one"
    if reason == "mixed_currencies":
        return choose_currency(selection)
    if reason == "currency":
        return not_allowed(Blocker.CURRENCY)
    return notice(*messages.CANNOT[reason], notes=under_way(selection))


def is_void(selection: Selection) -> bool:
    owner = current_viewer().customer_id
    found = Invoice.of_customer(owner, selection.ids[0]) if owner else None
    return found is not None and found.is_void


def are_of_several_customers(selection: Selection) -> bool:
    owners = Invoice.owners(list(selection.ids)[:MAX_INVOICES])
    return len(owners) > 1 and owners <= {one.customer_id for one in Access.given_to(current_viewer().user_id)}


def choose_currency(selection: Selection, status=422, text="You selected invoices in several currencies."):
    # Currencies are never added together.
    chosen = [one for one in Invoice.to_pay(current_viewer(), list(selection.ids)) if company().accepts(one.currency)]
    invoices = sorted(chosen, key=lambda invoice: invoice.currency)
    if not invoices:
        return not_allowed(Blocker.CURRENCY)
    choices = []
    for currency, group in groupby(invoices, key=lambda invoice: invoice.currency):
        mine = list(group)
        choices.append(
            {
                "currency": currency,
                "count": len(mine),
                "open_minor": sum(one.open_minor for one in mine),
                "url": url_for("payments.new", invoice=[one.public_id for one in mine]),
            }
        )
    return notice(status, "Pay one currency at a time", text, choices=choices)


def notice(status: int, title: str, text: str, **context):
    if is_htmx() or payment_answer.payment_page_url():
        return show(status, title, text)
    return render(
        "payments/notice.html",
        "payments/notice.html",
        status,
        title=title,
        text=payment_answer.with_outcome(text),
        nav="invoices",
        **context,
    )
