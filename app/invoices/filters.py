"""The list's URL. Its values aren't trusted: a bad value is replaced by the default, or is an error of its field."""

import re
import unicodedata
from dataclasses import dataclass, field
from itertools import pairwise
from urllib.parse import quote_plus

from flask import url_for

from app import dates
from app.invoices.queries.invoice_list import SORTS, TABS, ListQuery
from app.notation import amounts_typed
from app.web.formatting import locale, named_customer

MAX_TEXT = 100
MAX_TYPED = 1000  # characters of a field that the page shows again
MAX_PICKED = 500
PUBLIC_ID = re.compile(r"[0-9a-z]{1,40}")
CONTROL = re.compile(r"[\x00-\x1f\x7f]+")
FREE = ("q", "after", "before")  # the only values that may contain any character
KINDS = ("invoice", "credit_memo")
TOO_LONG = f"Search for {MAX_TEXT} characters or fewer"
# What people type to find a document's number, PO number or item: "#1041", "Invoice no. 1041", "cl2168".
LABEL = r"(?:(?:(?:{words}|numbers?|no|nr)(?![^\W\d_])|#)[\s.:-]*)+"
INVOICE = re.compile(LABEL.format(words="invoices?|inv|bill|credit memos?|credit notes?|document"), re.IGNORECASE)
PREFIX = re.compile(r"inv[\W_]*", re.IGNORECASE)  # may be a part of the number itself
NUMBER = re.compile(r"[^\W\d_]{0,6}[\W_]?\d[\w/.-]*")
PAYMENT = re.compile(r"PAY[- ]?([0-9A-Z]{10})", re.IGNORECASE)
DOTTED = re.compile(r"\d{1,2}\.\d{1,2}\.\d{4}", re.ASCII)


def default_sort(tab: str, dated: str) -> str:
    """The sort of a tab if the URL has none: open invoices with the oldest due date first, other tabs with the newest
    first. `dated` is the date that is filtered ("due", "issued" or ''); the list is sorted by it, because only then is
    a page years ago as fast as the first one."""
    if tab == "open":
        return dated or "due"
    return f"-{dated or 'issued'}"


@dataclass(frozen=True)
class Filters:
    """A `query` for documents, the selected invoices in the URL, and errors of the other values."""

    base: str
    query: ListQuery
    typed: dict[str, str] = field(hash=False)
    selected: tuple[str, ...] = ()
    is_first_visit: bool = False
    errors: dict[str, str] = field(default_factory=dict, hash=False)
    customer: str = ""  # in every URL, for people with several customers

    @classmethod
    def read(cls, args, is_first_visit: bool = True) -> "Filters":
        """`is_first_visit` is False if the browser already shows the page. Then only an explicit selection counts."""
        selected = selected_ids(args)
        args = args.to_dict()  # because a MultiDict is slow for missing keys
        typed = {name: args.get(name, "")[:MAX_TYPED].strip() for name in ("q", "since", "until")}
        text = normalize_width(" ".join(CONTROL.sub(" ", typed["q"]).split()))
        since, until, wrong_dates = dates.read_range(typed, locale())
        errors = ({"q": TOO_LONG} if len(text) > MAX_TEXT else {}) | wrong_dates
        searched = "" if "q" in errors else text
        tab = args.get("view") if args.get("view") in TABS else "open"
        since, until = ("" if wrong_dates or day is None else day.isoformat() for day in (since, until))
        dated = "issued" if args.get("dated") == "issued" else "due"
        sort = args.get("sort", "")
        sort = sort if sort.removeprefix("-") in SORTS else default_sort(tab, dated if since or until else "")
        descending, sort = sort.startswith("-"), sort.removeprefix("-")
        backwards = "before" in args and "after" not in args
        query = ListQuery(
            tab=tab,
            sort=sort,
            descending=descending,
            text=strip_label(searched),
            groups=number_groups(searched),
            day=typed_day(searched, locale()) if searched else "",
            amounts=amounts_typed(searched, locale()) if searched else (),
            dated=dated,
            since=since,
            until=until,
            cursor=read_cursor(args.get("before" if backwards else "after", ""), sort),
            backwards=backwards,
        )
        is_first_visit = is_first_visit and query == ListQuery() and "invoice" not in args and not errors
        return cls(url_for("invoices.index"), query, typed, selected, is_first_visit, errors, named_customer())

    def date_in(self, name: str) -> str:
        # A date field can only hold a date.
        day = dates.read(self.typed[name], locale()) if self.typed[name] else None
        return day.isoformat() if day else ""

    @property
    def sort(self) -> str:
        """As the URL says it: "due", "-issued"."""
        return ("-" if self.query.descending else "") + self.query.sort

    @property
    def is_first_sort(self) -> bool:
        query = self.query
        return self.sort == default_sort(query.tab, query.dated if query.since or query.until else "")

    @property
    def is_filtered(self) -> bool:
        query = self.query
        return bool(query.text or query.since or query.until)

    def url(self, **changes) -> str:
        query = self.query
        values = {
            "view": query.tab,
            "sort": "" if self.is_first_sort else self.sort,
            "q": query.text,
            "dated": query.dated,
            "since": query.since,
            "until": query.until,
            "customer": self.customer,
        } | changes
        if not (values["since"] or values["until"]):
            values["dated"] = ""
        if values["sort"] == default_sort(values["view"], values["dated"]):
            del values["sort"]
        return f"{self.base}?" + "&".join(
            f"{name}={quote_plus(value) if name in FREE else value}" for name, value in values.items() if value
        )


def normalize_width(text: str) -> str:
    """Converts full-width letters and digits, as East Asian keyboards type them, to ordinary ones."""
    wide = [sign for sign in text if "\uff01" <= sign <= "\uff5e"]
    return text.translate({ord(sign): unicodedata.normalize("NFKC", sign) for sign in wide})


def strip_label(text: str) -> str:
    """Only the number of "#1041" or "Invoice 1041"; other texts stay unchanged."""
    said = INVOICE.match(text)
    rest = text[said.end() :] if said else ""
    return rest if NUMBER.fullmatch(rest) and not PREFIX.fullmatch(said[0]) else text


def payment_reference(text: str) -> str:
    found = PAYMENT.fullmatch(text.strip())
    return f"PAY-{found[1].upper()}" if found else ""


def typed_day(text: str, locale: str) -> str:
    """The date in `text` as ISO text; '' if it is none. In a date with dots, the day comes first."""
    found = dates.read(text, "de" if DOTTED.fullmatch(text) else locale)
    return found.isoformat() if found else ""


def number_groups(text: str) -> tuple[str, ...]:
    """('INV', '1041') for 'INV 1041', 'INV-1041' and 'INV1041'; empty unless letters and digits alternate."""
    groups = tuple(re.findall(r"[^\W\d_]+|\d+", text))
    in_turn = all(one.isdecimal() != other.isdecimal() for one, other in pairwise(groups))
    return groups if len(groups) > 1 and in_turn else ()


def selected_ids(args) -> tuple[str, ...]:
    ids = dict.fromkeys(value for value in args.getlist("invoice") if PUBLIC_ID.fullmatch(value))
    return tuple(ids)[:MAX_PICKED]


def write_cursor(position: tuple) -> str:
    """The parts, joined with ~. In a part, ~ is escaped as !0 and ! as !1."""
    return "~".join(str(part).replace("!", "!1").replace("~", "!0") for part in position)


def read_cursor(text: str, sort: str) -> tuple:
    """The position that `write_cursor` wrote for this sort; () for anything else."""
    parts = [part.replace("!0", "~").replace("!1", "!") for part in text[:MAX_TYPED].split("~")]
    columns = SORTS[sort]
    if len(parts) != len(columns):
        return ()
    values = tuple(cursor_value(column, part) for column, part in zip(columns, parts, strict=True))
    return () if None in values else values


def cursor_value(column: str, text: str) -> str | int | None:
    """None if the text can't be a value of this column."""
    if column in ("due_on", "issued_on"):
        return text if dates.read_iso(text) else None
    if column == "currency":
        return text if re.fullmatch("[A-Z]{3}", text) else None
    if column == "total_minor":
        return int(text) if re.fullmatch("[0-9]{1,15}", text) else None
    if column == "kind":
        return text if text in KINDS else None
    return text
