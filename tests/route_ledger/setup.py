"""Routes of the wizard and the pages behind the Setup menu."""

from app.company.logo import read_logo
from tests.ledger import PUBLIC, STAFF, Route
from tests.people import PIXEL

SWITCH = {"customer_access": "y"}
ONLINE = {"customers_can_pay_online": "y"}

INFORMATION = {
    "name": "Harbor & Pine Supply",
    "address": "",
    "email": "",
    "phone": "",
    "time_zone": "UTC",
    "locale": "en_US",
    "statement_descriptor": "",
}
PREFERENCES = {
    "password_policy": "strong",
    "password_min_length": "10",
    "invitation_hours": "24",
    "payment_link_days": "30",
    "welcome_message": "",
    "default_role": "1",
}

ROUTES: tuple[Route, ...] = (
    Route("guide.index", "GET", "/setup", STAFF, fields=("step", "given", "person")),
    Route(
        "guide.save_step",
        "POST",
        "/setup/customer-access",
        STAFF,
        form=SWITCH,
        fields=("version", "customer_access", "confirm"),
    ),
    Route("guide.view_only", "POST", "/setup/view-only", STAFF, form={"view_only": "off"}, fields=("view_only",)),
    Route(
        "guide.give_access",
        "POST",
        "/setup/give-access",
        STAFF,
        form=lambda w, k: {"customer": w.cast.cedar.public_id, "role": "1", "give": "on", "token": "2" * 24},
        fields=("customer", "role", "give", "notify", "shared", "token"),
    ),
    Route("guide.test_connection", "POST", "/setup/connection", STAFF),
    Route("guide.send_test_mail", "POST", "/setup/test-email", STAFF),
    Route("guide.see_test_mail", "GET", "/setup/test-email", STAFF),
    Route("company.features", "GET", "/setup/company/enable-features", STAFF, fields=("subtab",)),
    Route(
        "company.save_features",
        "POST",
        "/setup/company/enable-features",
        STAFF,
        form={"credit_card_payments": "y"},
        fields=(
            "version",
            "credit_card_payments",
            "customer_access",
            "show",
            "confirm",
        ),
    ),
    Route("company.accounting", "GET", "/setup/accounting/preferences", STAFF, fields=("subtab",)),
    Route(
        "company.save_accounting",
        "POST",
        "/setup/accounting/preferences",
        STAFF,
        form={**ONLINE, "minimum_payment": "", "currencies": ""},
        fields=(
            "version",
            "customers_can_pay_online",
            "asks_postal_code",
            "minimum_payment",
            "currencies",
            "confirm",
        ),
    ),
    Route("company.information", "GET", "/setup/company/information", STAFF),
    Route(
        "company.information",
        "POST",
        "/setup/company/information",
        STAFF,
        form=INFORMATION,
        fields=("version", *INFORMATION),
    ),
    Route("company.logo", "GET", f"/logo/{read_logo(PIXEL).digest}", PUBLIC, is_page=False),
    Route("company.save_logo", "POST", "/setup/company/logo", STAFF, form={"remove": "1"}, fields=("logo", "remove")),
    Route(
        "company.save_bank_details",
        "POST",
        "/setup/company/bank-details",
        STAFF,
        form={"currency": "EUR", "details": "IBAN DE89 3704 0044 0532 0130 00"},
        fields=("version", "currency", "known", "details"),
    ),
    Route("company.preferences", "GET", "/setup/company/preferences", STAFF),
    Route(
        "company.preferences",
        "POST",
        "/setup/company/preferences",
        STAFF,
        form=PREFERENCES,
        fields=(
            "version",
            *PREFERENCES,
            "invoice_mail",
            "reminders_before",
            "reminders_after",
            "statement_day",
            "links_in_mail",
        ),
    ),
    Route("company.roles", "GET", "/setup/users-roles", STAFF),
    Route("company.new_role", "GET", "/setup/users-roles/new", STAFF),
    Route(
        "company.new_role",
        "POST",
        "/setup/users-roles/new",
        STAFF,
        form={"name": "Bookkeeper"},
        fields=("name", "can_pay", "can_manage"),
    ),
    Route("company.role", "GET", "/setup/users-roles/1", STAFF),
    Route(
        "company.role",
        "POST",
        "/setup/users-roles/1",
        STAFF,
        form={"name": "Bookkeeper"},
        fields=("version", "name", "can_pay", "can_manage"),
    ),
    Route("company.delete_role", "POST", "/setup/users-roles/1/delete", STAFF),
)
