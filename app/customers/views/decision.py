"""An administrator decides whether a payment was charged, if Braintree gives no clear answer."""

from flask import abort, current_app, flash, make_response, redirect, render_template, url_for

from app.customers.forms import DecisionForm
from app.customers.views import bp
from app.customers.views.record import head, the_customer
from app.models import Allocation, Attempt
from app.models.customer import CustomerScope
from app.payments import decisions
from app.payments.cashier import Cashier
from app.web.actor import current_actor
from app.web.formatting import company
from app.web.security import staff_only

SAID = {
    DecisionForm.CHARGED: "{} is booked. Its invoices count as paid.",
    DecisionForm.NOT_CHARGED: "{} is not booked. Its invoices are open again.",
}
STALE = "{} has been decided already."


@bp.route("/<public_id>/payments/<reference>/decision", methods=["GET", "POST"])
@staff_only
def decision(public_id, reference):
    customer = the_customer(public_id)
    attempt = Attempt.by_reference(CustomerScope(customer.id), reference) or abort(404)
    payments = url_for("customers.payments", public_id=public_id)
    form = DecisionForm()
    if not attempt.needs_decision or (form.is_submitted() and form.is_stale(attempt)):
        flash(STALE.format(reference) if not attempt.needs_decision else f"{reference} has changed. Check it again.")
        return redirect(payments, 303)
    if not form.validate_on_submit():
        return show(customer, attempt, form)
    try:
        if not form.confirm.data:
            check(attempt, form)
            return show(customer, attempt, form, confirming=True)
        done = decide(attempt, form)
    except decisions.CannotDecide as refused:
        field = form.transaction_id if form.was_charged else form.outcome
        field.errors = [str(refused)]
        return show(customer, attempt, form)
    flash((SAID[form.outcome.data] if done else STALE).format(reference))
    return redirect(payments, 303)


def check(attempt: Attempt, form: DecisionForm) -> None:
    if form.was_charged:
        decisions.charge_to_book(attempt, form.transaction_id.data, current_app.extensions["gateway"])


def decide(attempt: Attempt, form: DecisionForm) -> bool:
    """Carry out the decision. False if the payment was decided in the meantime. Raises decisions.CannotDecide."""
    cashier = Cashier.of(current_app, company())
    if not form.was_charged:
        return decisions.release_as_not_charged(attempt, cashier, current_actor())
    return decisions.book_as_charged(attempt, form.transaction_id.data, cashier, current_actor())


def show(customer, attempt: Attempt, form: DecisionForm, *, confirming: bool = False):
    findings = decisions.ask_gateway(attempt, current_app.extensions["gateway"])
    if not form.is_submitted():
        form.transaction_id.data = findings.suggested_id
    form.carry_version(attempt)
    form.confirm.data = "1" if confirming else ""
    page = render_template(
        "customers/decision.html",
        **head(customer, "payments"),
        attempt=attempt,
        form=form,
        findings=findings,
        lines=list(Allocation.of([attempt])),
        confirming=confirming,
    )
    return make_response(page, 422 if form.errors else 200)
