"""Account > Statement: the page, its PDF file, and a ZIP file with all documents of a month."""

from itertools import islice

from flask import Response, abort, render_template, request, stream_with_context
from flask_login import current_user

from app.documents import queries, statement
from app.documents.files import document_file
from app.documents.packs import MAX_FILES, content_of, zipped
from app.documents.queries import TooLong
from app.documents.statement_page import StatementPage, statement_csv
from app.documents.statement_pdf import statement_pdf
from app.documents.statement_request import StatementRequest, month_of, months_until
from app.documents.views import bp, download
from app.files import file_name
from app.invoices.filters import Filters, selected_ids
from app.invoices.queries import invoice_document, invoice_list
from app.mail.attachments import Attachment
from app.models import Customer
from app.models.customer import CustomerScope
from app.web.downloads import as_attachment
from app.web.errors import show as error_page
from app.web.formatting import company, current_today, locale, now, page_url
from app.web.htmx import go_to

TOO_LONG = f"This period has more than {queries.MAX_LINES:,} lines. Choose a shorter one"
TOO_MANY = (
    f"More than {MAX_FILES} documents: one ZIP file can't hold them. Search for some of them in the list of invoices, "
    "or set dates there."
)
TOO_MANY_SELECTED = f"Select {MAX_FILES} documents or fewer for one ZIP file."
TOO_MANY_LINES = (
    f"This month has more than {queries.MAX_LINES:,} lines: one statement can't hold them. Download its documents "
    "from the list of invoices."
)


@bp.get("/account/statement")
def index():
    asked, page = read_statement(own_customer(), locale())
    links = {
        "base": page_url(".index"),
        "pdf_url": page_url(".pdf", **asked.query),
        "pack_url": page_url(".month_pack"),
    }
    context = {"asked": asked, "page": page, "months": months_until(current_today()), **links}
    return render_template("documents/index.html", nav="account", **context), 422 if asked.errors else 200


@bp.get("/account/statement.pdf")
def pdf():
    return pdf_of(own_customer(), locale())


@bp.get("/account/statement.zip")
def month_pack():
    return pack_of(own_customer(), locale())


@bp.get("/invoices/selected.zip")
def selected():
    """A ZIP file with the PDF files of the selected documents."""
    customer, ids = own_customer(), list(dict.fromkeys(selected_ids(request.args)))
    if not ids:
        abort(404)
    return stream(document_files(customer, ids, locale()), file_name("Invoices", company().name, ending="zip"))


@bp.get("/invoices/export.zip")
def listed():
    """A ZIP file with the PDF files of all documents that the list's filters match."""
    return pack_of_list(own_customer(), Filters.read(request.args), locale())


def own_customer() -> Customer:
    return Customer.get_by_id(current_user.customer_id)


def read_statement(customer: Customer, locale_name: str) -> tuple[StatementRequest, StatementPage | None]:
    """(the request, its page). The page is None if the request has errors."""
    asked = StatementRequest.read(request.args, current_today(), locale_name)
    if asked.errors:
        return asked, None
    try:
        found = statement.read(customer.id, asked.kind, asked.period(company().time_zone), company())
    except TooLong:
        asked.errors["since"] = TOO_LONG
        return asked, None
    return asked, StatementPage(found, locale_name)


def pdf_of(customer: Customer, locale_name: str):
    asked, page = read_statement(customer, locale_name)
    if page is None:
        return error_page(422, "No statement", next(iter(asked.errors.values())) + ".")
    content = statement_pdf(page.statement, customer, company(), locale=locale_name, now=now())
    return download(Attachment(file_name(page.title, company().name), content))


def pack_of(customer: Customer, locale_name: str):
    """A ZIP file with the statement, documents and CSV file of ?month=2026-11."""
    month = month_of(request.args.get("month", "")) or abort(404)
    ids = queries.issued_in(customer.id, *month, MAX_FILES + 1)
    if len(ids) > MAX_FILES:
        return error_page(422, "Too many documents", TOO_MANY)
    period = statement.period_of(*month, company().time_zone)
    try:
        found = statement.read(customer.id, statement.ACTIVITY, period, company())
    except TooLong:
        return error_page(422, "Too many lines", TOO_MANY_LINES)
    firm, moment, name = company(), now(), f"{month[0]:%Y-%m}"
    files = [
        (f"Statement {name}.pdf", lambda: statement_pdf(found, customer, firm, locale=locale_name, now=moment)),
        (f"Statement {name}.csv", lambda: statement_csv(found).encode("utf-8-sig")),
        *document_files(customer, ids, locale_name),
    ]
    return stream(files, file_name(name, customer.name, firm.name, ending="zip"))


def pack_of_list(customer: Customer, asked: Filters, locale_name: str):
    """A ZIP file with the PDF files of the documents that match `asked`."""
    if asked.errors:
        return go_to(f"{asked.base}?{request.query_string.decode()}")
    rows = islice(invoice_list.every(CustomerScope(customer.id), asked.query), MAX_FILES + 1)
    ids = [row.public_id for row in rows]
    if len(ids) > MAX_FILES:
        return error_page(422, "Too many documents", TOO_MANY)
    return stream(document_files(customer, ids, locale_name), file_name("Invoices", company().name, ending="zip"))


def document_files(customer: Customer, public_ids: list[str], locale_name: str) -> list:
    """(name, function that returns the content) of the documents that belong to this customer."""
    if len(public_ids) > MAX_FILES:
        return abort(422, TOO_MANY_SELECTED)
    firm, moment, scope = company(), now(), CustomerScope(customer.id)
    numbers = queries.numbers(customer.id, public_ids)

    def file(public_id: str):
        return lambda: document_file(invoice_document.find(scope, public_id), firm, locale=locale_name, now=moment)

    return [
        (file_name(numbers[public_id], firm.name), content_of(file(public_id)))
        for public_id in public_ids
        if public_id in numbers
    ]


def stream(files: list, name: str) -> Response:
    if not files:
        abort(404)
    response = Response(stream_with_context(zipped(files)), mimetype="application/zip")
    return as_attachment(response, name)
