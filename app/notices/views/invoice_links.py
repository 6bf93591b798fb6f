"""The Payment Links of an invoice, on its page of the customer's record."""

from flask import Blueprint, abort, flash, render_template, request, url_for

from app.mail import state_labels
from app.models import Customer, Invoice, OutboxMail, PaymentLink, PaymentLinkView
from app.notices import payment_link_mail
from app.notices.recipients import recipients_of
from app.web.actor import current_actor
from app.web.formatting import company, now
from app.web.htmx import go_to
from app.web.menu import CUSTOMERS
from app.web.security import staff_only

bp = Blueprint("invoice_links", __name__, url_prefix="/customers/<public_id>/invoices/<invoice_id>/links")
MAX_VIEWS = 20


@bp.record_once
def add_to_templates(state) -> None:
    state.app.jinja_env.globals["payment_links"] = links_of


def links_of(customer: Customer, invoice_id: int) -> dict:
    """Context for this part of the invoice's page: its links with their emails and numbers of views, and the latest
    views."""
    links = PaymentLink.of_invoice(invoice_id)
    return {
        "links": links,
        "counts": PaymentLinkView.counts(links),
        "views": PaymentLinkView.newest(links, MAX_VIEWS),
        "mails": {mail.key: mail for mail in OutboxMail.with_keys([link.mail_key for link in links])},
        "mail_status": state_labels.status_so_far,
        "recipients": recipients_of(customer),
        "is_live": lambda link: link.is_live(now()),
        "days": company().payment_link_days,
    }


@bp.post("")
@staff_only
def create(public_id, invoice_id):
    customer, invoice = the_invoice(public_id, invoice_id)
    if invoice.kind != Invoice.INVOICE:
        abort(404)
    if invoice.is_void:
        flash("This invoice is void. No link was made.")
        return go_to(page_of(public_id, invoice_id))
    actor, recipient = current_actor(), request.form.get("email", "")
    if not recipient:
        token = PaymentLink.issue(invoice, actor, payment_link_mail.link_life(company()))
        return show_new(customer, invoice, payment_link_mail.link_url(actor.portal_url, token))
    if recipient not in recipients_of(customer):
        flash("Select one of the addresses of this customer. No link was made.")
        return go_to(page_of(public_id, invoice_id))
    payment_link_mail.send_link(invoice, recipient, actor, company())
    flash(f"Payment Link to {recipient} queued.")
    return go_to(page_of(public_id, invoice_id))


@bp.post("/<link_id>/revoke")
@staff_only
def revoke(public_id, invoice_id, link_id):
    _customer, invoice = the_invoice(public_id, invoice_id)
    link = PaymentLink.by_id(invoice, link_id) or abort(404)
    was_live = link.revoke(current_actor())
    flash("The link was revoked. It no longer opens the invoice." if was_live else "This link was revoked before.")
    return go_to(page_of(public_id, invoice_id))


def the_invoice(public_id: str, invoice_id: str) -> tuple[Customer, Invoice]:
    customer = Customer.by_public_id(public_id) or abort(404)
    return customer, Invoice.of_customer(customer.id, invoice_id) or abort(404)


def page_of(public_id: str, invoice_id: str) -> str:
    return f"{url_for('customers.invoice', public_id=public_id, invoice_id=invoice_id)}#payment-links"


def show_new(customer: Customer, invoice: Invoice, url: str):
    # It is shown this once: only its hash is kept.
    return render_template(
        "notices/new_link.html",
        nav="customers",
        here=CUSTOMERS,
        customer=customer,
        invoice=invoice,
        url=url,
        days=company().payment_link_days,
        back=page_of(customer.public_id, invoice.public_id),
    )
