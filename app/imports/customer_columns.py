"""Columns of a file of customers and of the people with access to them, and columns that identify a row's customer."""

from app.accounts.password_policy import LONGEST as LONGEST_PASSWORD
from app.email_addresses import LONGEST_FIELD
from app.imports.mapping import Column

# Identify the customer of an invoice or a payment.
CUSTOMER_NUMBER = Column(
    "customer",
    "Customer number",
    ("Customer ID", "Entity ID", "Entity", "Acct. No.", "Account number"),
    required=True,
    longest=120,
    instead="customer_name",
)
CUSTOMER_NAME = Column("customer_name", "Customer name", ("Customer", "Client name", "Client", "Name"))

ACCESS_COLUMNS = (
    Column("person_name", "Person name", ("Contact name", "Contact person", "Contact"), longest=200),
    Column("person_email", "Person email", ("Contact email", "Login email"), longest=LONGEST_FIELD),
    Column("give_access", "Give Access"),
    Column("role", "Role", ("Access role", "Customer Center role")),
    Column("notify", "Send New Access Notification Email", ("Send notification email", "Notification email")),
    Column("assign", "Manually Assign or Change Password"),
    Column("password", "Password", longest=LONGEST_PASSWORD, is_secret=True),
    Column("confirm_password", "Confirm Password", longest=LONGEST_PASSWORD, is_secret=True),
)
CUSTOMER_COLUMNS = (
    Column(
        "number",
        "Customer number",
        (
            "Number",
            "Customer ID",
            "Customer code",
            "Entity ID",
            "Account number",
            "Account code",
            "Acct. No.",
            "Client number",
            "Client ID",
            "Client code",
        ),
        required=True,
        longest=120,
    ),
    Column(
        "name",
        "Name",
        ("Customer name", "Company name", "Company", "Full name", "Customer", "Client name", "Client"),
        required=True,
        instead="last_name",
        same_as="number",
    ),
    Column("email", "Email", ("Email address", "Main email"), longest=LONGEST_FIELD, is_multiline=True),
    Column("phone", "Phone", ("Phone number", "Main phone"), longest=60),
    Column("address", "Address", ("Billing address", "Bill to"), longest=1_000, is_multiline=True),
    Column("locale", "Locale", ("Language",), longest=20),
    Column(
        "tax_number", "Tax number", ("VAT number", "VAT registration number", "Tax ID", "Tax reg. number"), longest=200
    ),
    Column("internal_id", "Internal ID", ("NetSuite internal ID", "System ID"), longest=120),
    Column("external_id", "External ID", longest=120),
    Column("street", "Street", ("Address 1", "Address line 1")),
    Column("street2", "Address 2", ("Address line 2",)),
    Column("city", "City", ("Town",)),
    Column("region", "State", ("Region", "County", "Province")),
    Column("postal_code", "ZIP code", ("Postal code", "Postcode", "ZIP")),
    Column("country", "Country"),
    Column("first_name", "First name", ("Given name",)),
    Column("last_name", "Last name", ("Surname", "Family name")),
    Column("kind", "Contact type"),
    *ACCESS_COLUMNS,
)


def postal_address(street: str, street2: str, city: str, region: str, postal_code: str, country: str) -> str:
    state = " ".join(filter(None, (region, postal_code)))
    return "\n".join(filter(None, (street, street2, ", ".join(filter(None, (city, state))), country)))
