"""Documents and receipts as PDF files, for customers and, on a customer's record, for administrators."""

from flask import abort, current_app
from flask_login import current_user

from app.documents.files import document_file, receipt_file
from app.documents.receipt import has_receipt
from app.documents.views import bp, download
from app.invoices.queries import invoice_document
from app.invoices.queries.invoice_document import Document
from app.invoices.views import why_not
from app.models import Attempt, Customer
from app.models.customer import CustomerScope
from app.web.formatting import company, locale, locale_of, now
from app.web.security import staff_only


@bp.get("/invoices/<public_id>.pdf")
def invoice(public_id):
    document = invoice_document.find(current_user, public_id) or abort(404)
    can_pay = not why_not(document.head.currency)
    pay_url = page_of(document) if can_pay else ""
    return download(document_file(document, company(), locale=locale(), now=now(), pay_url=pay_url))


@bp.get("/customers/<public_id>/invoices/<invoice_id>.pdf")
@staff_only
def invoice_of_customer(public_id, invoice_id):
    customer = the_customer(public_id)
    document = invoice_document.find(CustomerScope(customer.id), invoice_id) or abort(404)
    can_pay = company().online_payment_is_on and company().accepts(document.head.currency)
    pay_url = page_of(document) if can_pay else ""
    return download(
        document_file(document, company(), locale=locale_of(customer, company()), now=now(), pay_url=pay_url)
    )


@bp.get("/payments/<reference>.pdf")
def receipt(reference):
    return receipt_of(Attempt.by_reference(current_user, reference), locale())


@bp.get("/customers/<public_id>/payments/<reference>.pdf")
@staff_only
def receipt_of_customer(public_id, reference):
    customer = the_customer(public_id)
    return receipt_of(Attempt.by_reference(CustomerScope(customer.id), reference), locale_of(customer, company()))


def receipt_of(attempt: Attempt | None, locale_name: str):
    if attempt is None or not has_receipt(attempt):
        abort(404)
    return download(receipt_file(attempt, company(), locale=locale_name, now=now()))


def page_of(document: Document) -> str:
    return f"{current_app.config['PORTAL'].portal_url}/invoices/{document.head.public_id}"


def the_customer(public_id: str) -> Customer:
    return Customer.by_public_id(public_id) or abort(404)
