"""Formats amounts, dates and files for templates, in the reader's locale and the company's time zone."""

from datetime import date, datetime
from functools import lru_cache

from babel import Locale, UnknownLocaleError
from babel.dates import format_date
from flask import current_app, g, request, url_for
from flask_login import current_user

from app import money
from app.bidi import bdi, isolated, isolated_for
from app.clock import format_moment, from_ms, today
from app.models import Company, Customer
from app.web.console import command
from app.web.menu import menus
from app.web.static_files import asset

FALLBACK = "en_US"


CUSTOMER_ENDPOINTS = frozenset(
    (
        "invoices.index",
        "invoices.export_list",
        "payments.export_list",
        "invoices.selected",
        "payments.index",
        "payments.new",
        "documents.index",
        "documents.pdf",
        "documents.month_pack",
        "documents.selected",
        "documents.listed",
        "colleagues.people",
        "colleagues.ask_to_take_colleague",
    )
)  # pages whose path doesn't identify their customer


def init_app(app) -> None:
    app.context_processor(chosen_theme)
    app.jinja_env.filters.update(
        money=lambda minor, currency: money.format_money(minor, currency, locale()),
        amount=lambda minor, currency: money.format_amount(minor, currency, locale()),
        day=day,
        moment=moment,
        day_of=day_of,
        isolated=isolated,
        bdi=bdi,
    )
    app.jinja_env.globals.update(
        asset=asset,
        company=company,
        contact=contact,
        current_today=current_today,
        described=described,
        menus=menus,
        console=lambda arguments: command(arguments, app.config["PORTAL"]),
        named_customer=named_customer,
        url_for=page_url,
    )


def page_url(endpoint: str, **values) -> str:
    """Like `url_for`, with ?customer= added for people who have access to several customers."""
    if endpoint in CUSTOMER_ENDPOINTS and "invoice" not in values and (customer := named_customer()):
        values.setdefault("customer", customer)
    return url_for(endpoint, **values)


def named_customer() -> str:
    return current_user.customer_public_id if getattr(current_user, "has_others", False) else ""


def company() -> Company:
    kept = g.get("company")
    if kept is None:
        kept = g.company = getattr(current_user, "company", None) or Company.current()
    return kept


def contact() -> str:
    """'contact Harbor & Pine Supply at billing@harborpine.example', from Company Information."""
    where = company().email or company().phone
    return f"contact {company().name or 'us'}{' at ' + where if where else ''}"


def reload_company() -> None:
    # Call it after a change, so that the rest of the request sees the new values.
    g.company = Company.current()


def now() -> datetime:
    return current_app.extensions["clock"]()


def current_today() -> date:
    return today(now(), company().time_zone)


def locale() -> str:
    kept = g.get("locale")
    if kept is None:
        kept = g.locale = usable_locale(getattr(current_user, "locale", "") or company().locale)
    return kept


def locale_of(customer: Customer, company: Company) -> str:
    """The locale of a customer's documents."""
    return usable_locale(customer.locale or company.locale)


@lru_cache(64)
def usable_locale(name: str) -> str:
    try:
        return str(Locale.parse(name.replace("-", "_")))
    except (UnknownLocaleError, ValueError):
        return FALLBACK


def day(value: date) -> str:
    return format_day(value, locale())


@lru_cache(4096)
def format_day(value: date, locale: str) -> str:
    return isolated_for(locale, format_date(value, "medium", locale=locale))


def moment(ms: int) -> str:
    """'22 Nov 2026, 10:42' in the company's time zone."""
    return format_moment(from_ms(ms), company().time_zone, locale())


def day_of(ms: int) -> str:
    """'22 Nov 2026' in the company's time zone."""
    return day(today(from_ms(ms), company().time_zone))


def chosen_theme() -> dict:
    """A context processor: `theme` is 'light', 'dark', or '' for the device's setting."""
    chosen = request.cookies.get(theme_cookie())
    return {"theme": chosen if chosen in ("light", "dark") else ""}


def theme_cookie() -> str:
    return "__Host-theme" if current_app.config["PORTAL"].secure else "theme"


def described(field, hint) -> dict:
    """The ARIA attributes that tie a field to its hint and its error."""
    ids = [f"{field.id}-h"] * bool(hint) + [f"{field.id}-e"] * bool(field.errors)
    attributes = {"aria-describedby": " ".join(ids)} if ids else {}
    if field.errors:
        attributes["aria-invalid"] = "true"
    return attributes
