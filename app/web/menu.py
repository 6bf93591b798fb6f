"""The administrator's menus as data, for the navigation, the breadcrumbs and the search. Paths and labels are those of
the documented procedure."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Page:
    """A page in the menus. `path` is its menu path and ends with its own label; `words` are further search terms."""

    path: tuple[str, ...]
    url: str
    words: str = ""

    @property
    def label(self) -> str:
        return self.path[-1]

    @property
    def group(self) -> str:
        return " > ".join(self.path[1:-1])

    @property
    def path_text(self) -> str:
        return " > ".join(self.path)


GUIDE = Page(
    ("Setup", "Setup guide"),
    "/setup",
    "wizard steps give customers access to their invoices Braintree connection test merchant account keys import",
)
FEATURES = Page(
    ("Setup", "Company", "Enable Features"),
    "/setup/company/enable-features",
    "Transactions Payment Processing Credit Card Payments Web Presence Access Customer Access",
)
INFORMATION = Page(
    ("Setup", "Company", "Company Information"),
    "/setup/company/information",
    "Customer Center Login URL name logo address time zone contact "
    "bank transfer wire account details IBAN BIC SWIFT sort code routing number how to pay "
    "phone email language locale statement descriptor",
)
GENERAL = Page(
    ("Setup", "Company", "General Preferences"),
    "/setup/company/preferences",
    "password policy rules requirements criteria strength minimum length "
    "invoice emails notices reminders due overdue dunning monthly statement Payment Link expiration days "
    "invitation link expiry hours welcome message greeting "
    "Default Role for New Customers",
)
EMAIL_TEMPLATES = Page(
    ("Setup", "Company", "System Email Templates"),
    "/setup/company/system-email-templates",
    "texts of emails wording subject signature greeting new invoice reminder statement receipt Payment Link "
    "Standard Customer Center Access Email invitation",
)
SENT_EMAIL = Page(
    ("Setup", "Company", "Sent Email"),
    "/setup/company/sent-email",
    "outbox emails mail log not delivered failed refused bounced send again resend",
)
SYSTEM_STATUS = Page(
    ("Setup", "Company", "System Status"),
    "/setup/company/system-status",
    "health worker duties database version disk space gateway mail server failing",
)
UNMATCHED = Page(
    ("Setup", "Accounting", "Unmatched Charges"),
    "/setup/accounting/unmatched-charges",
    "restore backup paused payment found at Braintree book decide reconcile reconciliation",
)
ACCOUNTING = Page(
    ("Setup", "Accounting", "Preferences", "Accounting Preferences"),
    "/setup/accounting/preferences",
    "Accounting Preference Items/Transactions Payment Processing Customers Can Pay Online "
    "minimum part partial payment currency currencies postal code ZIP AVS",
)
IMPORT = Page(
    ("Setup", "Import/Export", "Import CSV Records"),
    "/setup/import-export/import-csv-records",
    "upload file customers invoices credit memos CSV Excel xlsx template mapping columns preview undo NetSuite Xero "
    "QuickBooks Zoho FreshBooks Wave Odoo Stripe",
)
ROLES = Page(
    ("Setup", "Users/Roles", "Manage Roles"),
    "/setup/users-roles",
    "Customer Center roles permissions view pay manage custom role",
)
AUDIT = Page(
    ("Setup", "Users/Roles", "View Audit Trail"),
    "/audit",
    "audit log history who changed settings access password export",
)
PAYMENTS_RECEIVED = Page(
    ("Transactions", "Customers", "Accept Customer Payments"),
    "/transactions/customers/payments",
    "payment received record check cheque bank transfer cash list of payments",
)
EXPORT_PAYMENTS = Page(
    ("Transactions", "Customers", "Accept Customer Payments", "List", "Export"),
    "/transactions/customers/payments/export",
    "export payments books bookkeeping accounting post NetSuite Xero QuickBooks CSV refunds reversals",
)
CUSTOMERS = Page(
    ("Customers", "Lists", "Customers"),
    "/customers",
    "customer list give access bulk invite invitation people person user password reset unlock locked out view as",
)
RELATIONSHIPS = Page(("Lists", "Relationships", "Customers"), "/customers?via=lists", "give access bulk")
CREATE_INVOICES = Page(
    ("Transactions", "Sales", "Create Invoices"),
    "/transactions/sales/create-invoices",
    "new invoice enter manually bill customer lines tax terms",
)
CREDIT_MEMOS = Page(
    ("Transactions", "Customers", "Issue Credit Memos"),
    "/transactions/customers/issue-credit-memos",
    "new credit memo note enter manually",
)
PAGES = (
    GUIDE,
    FEATURES,
    INFORMATION,
    GENERAL,
    EMAIL_TEMPLATES,
    SENT_EMAIL,
    SYSTEM_STATUS,
    ACCOUNTING,
    UNMATCHED,
    IMPORT,
    ROLES,
    AUDIT,
    CREATE_INVOICES,
    PAYMENTS_RECEIVED,
    CREDIT_MEMOS,
    EXPORT_PAYMENTS,
    RELATIONSHIPS,
    CUSTOMERS,
)


def menus() -> dict[str, dict[str, list[Page]]]:
    """{menu: {group: pages}}, in display order."""
    found: dict[str, dict[str, list[Page]]] = {}
    for page in PAGES:
        found.setdefault(page.path[0], {}).setdefault(page.group, []).append(page)
    return found
