"""The list of customers, under both of its menu paths, and the page to add a customer."""

from flask import flash, make_response, render_template, request, url_for

from app.accounts.authentication import TRIES
from app.customers import queries
from app.customers.forms import NewCustomerForm
from app.customers.queries import STATES, UNDELIVERED, Listing
from app.customers.views import bp
from app.models import Customer, Role, Throttle
from app.printable import is_printable
from app.web.actor import current_actor
from app.web.downloads import csv_download
from app.web.formatting import company, now
from app.web.htmx import go_to, render
from app.web.menu import CUSTOMERS, RELATIONSHIPS, Page
from app.web.security import staff_only

TABS = (
    ("", "All"),
    ("none", "No access"),
    ("invited", "Not logged in yet"),
    ("active", "Active"),
    (UNDELIVERED, "Email not delivered"),
)
LONGEST_SEARCH = 100
ACCESS = {queries.NONE: "No access", queries.INVITED: "Not logged in yet", queries.ACTIVE: "Active"}
# Begins with the headings of the import's template.
HEADER = (
    "Customer number",
    "Name",
    "Email",
    "Phone",
    "Address",
    "Locale",
    "Tax number",
    "Internal ID",
    "External ID",
    "Access",
    "People",
)


def here() -> Page:
    """The menu entry that was used: the list has two menu paths, and ?via=lists is the second."""
    return RELATIONSHIPS if request.values.get("via") == "lists" else CUSTOMERS


def via() -> str:
    return "lists" if here() is RELATIONSHIPS else ""


@bp.get("")
@staff_only
def index():
    """?q=, ?access=none|invited|active|undelivered, ?after= or ?before= a customer's public id, ?via=lists"""
    listing = read_listing(request.args)
    page = queries.page(listing)
    return render(
        "customers/index.html",
        "customers/_list.html",
        nav=here().path[0].lower(),
        here=here(),
        listing=listing,
        listed=page,
        locked=locked_out(page),
        via=via(),
        tabs=TABS,
        roles=list(Role.by_name()),
        chosen_role=str(Role.default_for(company()).id),
        url=lambda **changes: list_url(listing, **changes),
        export_url=url_for("customers.export", q=listing.text or None, access=listing.state or None),
    )


@bp.get("/export.csv")
@staff_only
def export():
    return csv_download("customers", HEADER, map(cells_of, queries.every(read_listing(request.args))))


def cells_of(found: tuple[queries.Row, Customer]) -> tuple:
    row, customer = found
    people = "; ".join(person.email for person in row.people)
    details = customer.email, customer.phone, customer.address, customer.locale, customer.tax_number
    ids = customer.internal_id, customer.external_id
    return customer.number, customer.name, *details, *ids, ACCESS[row.state], people


def locked_out(page: queries.Page) -> set[str]:
    keys = {Throttle.account(person.email): person.email for row in page.rows for person in row.people}
    return {keys[key] for key in Throttle.spent(list(keys), TRIES, now())}


def read_listing(args) -> Listing:
    text = " ".join(args.get("q", "").split())[:LONGEST_SEARCH]
    state = args.get("access", "")
    backwards = "before" in args and "after" not in args
    return Listing(
        state if state in (*STATES, UNDELIVERED) else "",
        text if is_printable(text) else "",
        args.get("before" if backwards else "after", "")[:40],
        backwards,
    )


def list_url(listing: Listing, **changes) -> str:
    wanted = {"q": listing.text, "access": listing.state, "via": via()} | changes
    return url_for("customers.index", **{name: value for name, value in wanted.items() if value})


@bp.route("/new", methods=["GET", "POST"])
@staff_only
def new():
    form = NewCustomerForm()
    if form.validate_on_submit():
        details = {field.name: field.data for field in form if field.name != "csrf_token"}
        customer = Customer.add(details, current_actor())
        flash(f"Saved. {customer.name} has no access yet: give it here.")
        return go_to(url_for("customers.access", public_id=customer.public_id, via=via() or None))
    page = render_template("customers/new.html", nav=here().path[0].lower(), here=here(), form=form, via=via())
    return make_response(page, 422 if form.errors else 200)
