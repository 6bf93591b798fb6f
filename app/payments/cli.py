"""`flask braintree check`, and `flask books …`: the payments here and at Braintree."""

import click
from flask import current_app
from flask.cli import AppGroup

from app.clock import to_ms
from app.models import Attempt, Audit, Company, Deployment, UnmatchedCharge, booking
from app.models.audit import Actor
from app.payments import connection_test
from app.payments.after_restore import compare_restored, release
from app.payments.cashier import Cashier
from app.payments.gateway.protocol import GatewayUnreachable
from app.payments.settlement import audit_gateway
from app.web.limits import LONGEST_REASON
from app.web.menu import UNMATCHED

gateway = AppGroup("braintree", help="The connection to Braintree.")
books = AppGroup("books", help="The payments here and at Braintree.")


def init_app(app) -> None:
    app.cli.add_command(books)
    app.cli.add_command(gateway)


@gateway.command("check")
def check_gateway():
    """Say whether the keys, the merchant accounts and the client token work, or what is wrong."""
    checks = connection_test.ask(Cashier.of(current_app, Company.current()))
    problems = [check for check in checks if not check.ok]
    said = problems or checks
    words = "; ".join(f"{check.what}{': ' + check.detail.rstrip('.') if check.detail else ''}" for check in said)
    environment = current_app.config["PORTAL"].environment
    click.echo(f"Braintree {environment}: {'wrong' if problems else 'working'}. {words}.")
    if problems:
        raise SystemExit(1)


@books.command("compare")
def compare_books():
    """Compare the payments with Braintree's now; after a restore from the time of the backup on."""
    cashier = Cashier.of(current_app, Company.current())
    held = Deployment.is_held()
    try:
        if held:
            is_open = compare_restored(cashier, every_ms=0)
        else:
            Audit.write("payment.audited", cashier.now_ms(), alerts=audit_gateway(cashier))
    except GatewayUnreachable as error:
        raise click.ClickException(f"Braintree can't be reached now: {error}") from None
    waiting = UnmatchedCharge.waiting().count()
    if held and not is_open and waiting and Deployment.current().compared_ms is not None:
        click.echo(f"Compared. {paused_by(waiting)}")
    elif held and not is_open:
        click.echo(
            "Compared. Online payment stays paused for two minutes after the restore: run this again then, or "
            "leave it to the worker."
        )
    else:
        click.echo("Compared. Online payment is open again." if held else "Compared.")


@books.command("resume")
@click.confirmation_option(prompt="Invoices paid since the backup may be open, and could be paid twice. Continue?")
@click.option("--reason", default="", help="Why, if charges still wait for a decision. It is recorded.")
def resume_payment(reason):
    """After a restore: open online payment without comparing the payments, or before all charges are decided."""
    if not Deployment.is_held():
        raise click.ClickException("Online payment is not paused.")
    reason = reason.strip()[:LONGEST_REASON]
    if not release(Actor("console", current_app.extensions["clock"]()), reason):
        waiting = UnmatchedCharge.waiting().count()
        raise click.ClickException(f"{paused_by(waiting)} To open it all the same, say why: --reason TEXT")
    click.echo("Online payment is open again.")


def paused_by(waiting: int) -> str:
    url = f"{current_app.config['PORTAL'].portal_url}{UNMATCHED.url}"
    charges = "1 charge waits" if waiting == 1 else f"{waiting} charges wait"
    return f"Online payment stays paused: {charges} for your decision at {url}"


@books.command("undo-demo-payments")
@click.confirmation_option(prompt="Invoices that were paid on the demo gateway will be open again. Continue?")
def undo_demo_payments():
    """Undo what was paid on the demo gateway, where no money moves, before customers pay for real."""
    if current_app.config["PORTAL"].demo:
        raise click.ClickException("This portal uses the demo gateway. Set BRAINTREE_ENVIRONMENT first.")
    found = list(Attempt.made_in_demo())
    for attempt in found:
        booking.undo_demo(attempt, to_ms(current_app.extensions["clock"]()))
    payments = "1 payment" if len(found) == 1 else f"{len(found)} payments"
    click.echo(f"Undone: {payments}. Their invoices are open again.")
