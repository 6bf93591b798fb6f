"""Setup > Users/Roles > View Audit Trail: who did what, when and from where; to read and to export."""

from datetime import date, timedelta
from urllib.parse import urlencode

from flask import Blueprint, request

from app import dates
from app.audit import queries
from app.audit.descriptions import actor_of, describe
from app.audit.queries import KINDS, Criteria
from app.clock import from_ms, midnight_ms
from app.csv_export import json_cell
from app.models.base import parse_id
from app.printable import is_printable
from app.web.downloads import csv_download
from app.web.formatting import company, locale
from app.web.htmx import render
from app.web.menu import AUDIT
from app.web.security import staff_only

bp = Blueprint("audit", __name__)
TITLES = {
    "settings": "Settings",
    "access": "Access",
    "passwords": "Passwords",
    "logins": "Log-ins",
    "payments": "Payments",
    "documents": "Documents by hand",
    "viewing": "View as customer",
}
HEADER = ("When (UTC)", "Who", "Address", "What", "Event", "About", "Detail")
LONGEST_SEARCH = 100


@bp.get("/audit")
@staff_only
def index():
    """?q= part of a person or subject, ?kind=, ?since= and ?until= dates, ?before= or ?after= a line's id"""
    asked = AuditFilter(request.args)
    return render(
        "audit/index.html",
        "audit/_lines.html",
        422 if asked.errors else 200,
        nav="setup",
        here=AUDIT,
        asked=asked,
        found=queries.page(asked.criteria),
        kinds=TITLES,
        describe=describe,
        actor_of=actor_of,
    )


@bp.get("/audit.csv")
@staff_only
def export():
    lines = queries.all_lines(AuditFilter(request.args).criteria)
    return csv_download("audit-trail", HEADER, map(cells_of, lines))


class AuditFilter:
    """The filter in the URL: `typed` for the form, `errors` by field, `criteria` for the query."""

    def __init__(self, args):
        self.typed = {name: args.get(name, "").strip()[:LONGEST_SEARCH] for name in FIELDS}
        if self.typed["kind"] not in KINDS:
            self.typed["kind"] = ""
        since, until, self.errors = dates.read_range(self.typed, locale())
        self.typed |= {"since": since.isoformat() if since else "", "until": until.isoformat() if until else ""}
        text = self.typed["q"] if is_printable(self.typed["q"]) else ""
        self.criteria = Criteria(
            text,
            self.typed["kind"],
            start_of(since),
            start_of(until and until + timedelta(1)),
            parse_id(args.get("before", "")),
            parse_id(args.get("after", "")),
        )

    def url(self, path: str = "/audit", **changes) -> str:
        values = {name: value for name, value in (self.typed | changes).items() if value}
        return f"{path}?{urlencode(values)}" if values else path


FIELDS = ("q", "kind", "since", "until")


def start_of(day: date | None) -> int | None:
    """When `day` begins in the company's time zone, in milliseconds."""
    return None if day is None else midnight_ms(day, company().time_zone)


def cells_of(line) -> tuple:
    at = from_ms(line.at_ms).isoformat(timespec="seconds")
    return at, actor_of(line), line.address, describe(line), line.event, line.subject, json_cell(line.facts)
