"""Prepares a page of the list for its template: every text is formatted once, in the reader's locale."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from html import escape
from typing import NamedTuple

from babel.numbers import format_decimal

from app import money
from app.invoices.amounts_due import SelectedInvoices
from app.invoices.filters import Filters, write_cursor
from app.invoices.labels import CHIPS, distance, invoices, state
from app.invoices.queries.invoice_list import PAGE_SIZE, Page, Row, position
from app.invoices.queries.invoice_totals import COUNT_CAP, Counts
from app.models.company import is_accepted
from app.payments.eligibility import Blocker
from app.web.formatting import format_day

TAB_LABELS = (("open", "To pay"), ("paid", "Paid"), ("all", "All"))
SORTABLE = (("number", "Invoice"), ("due", "Due"), ("issued", "Issued"), ("amount", "Amount"))
ORDERS = {
    "due": ("oldest due date first", "latest due date first"),
    "issued": ("oldest first", "newest first"),
    "number": ("by number", "by number, descending"),
    "amount": ("smallest amount first", "largest amount first"),
}


class Line(NamedTuple):
    """One row of the table. All texts are HTML already; what comes from the books is escaped.

    `label` is empty if nothing can be paid, `late` is " late" or empty, `nil` is " nil" if nothing is left to pay.
    """

    id: str
    number: str
    issued_on: str
    issued: str
    due_on: str
    due: str
    due_sub: str
    late: str
    chip: str
    amount: str
    amount_sub: tuple[str, ...]
    balance: str
    balance_sub: str
    nil: str
    label: str


def line_of(row: Row, today: date, locale: str, symbols: bool) -> Line:
    """`symbols`: write the currency with every amount."""
    write = money.format_money if symbols else money.format_amount
    currency = row.currency
    open_minor = row.open_minor
    is_invoice = row.kind == "invoice"
    owed = is_invoice and open_minor > 0
    number = escape(row.number)
    due, late, away = due_text(row.due_on, today, locale)
    amount_sub = ()
    balance_sub = "" if is_invoice or not open_minor else "credit left"
    label = ""
    if owed:
        label = f"Pay {number}, {money.format_money(open_minor, currency, locale)}"
        settled = ((row.paid_minor, "paid"), (row.credited_minor, "credited"))
        amount_sub = tuple(f"{write(minor, currency, locale)} {word}" for minor, word in settled if minor)
    if row.processing_minor:
        balance_sub = f"{write(row.processing_minor, currency, locale)} processing"
    return Line(
        row.public_id,
        number,
        row.issued_on,
        day(row.issued_on, locale),
        row.due_on if is_invoice else "",
        due if is_invoice else "",
        away if owed else "",
        " late" if owed and late else "",
        state(row, owed and late),
        write(row.total_minor, currency, locale),
        amount_sub,
        write(open_minor, currency, locale),
        balance_sub,
        "" if open_minor or row.processing_minor else " nil",
        label,
    )


def day(iso: str, locale: str) -> str:
    return format_day(date.fromisoformat(iso), locale)


def due_text(iso: str, today: date, locale: str) -> tuple[str, bool, str]:
    due = date.fromisoformat(iso)
    return format_day(due, locale), due < today, distance(due, today)


class ListPage:
    """The list with its tabs, columns, rows, adjacent pages and selection. `found` is how many documents the search
    finds in each tab, None without a search. `accepted` are Company.currencies."""

    def __init__(
        self,
        filters: Filters,
        page: Page,
        counts: Counts,
        found: Counts | None,
        today: date,
        locale: str,
        why_not: Blocker | None,
        accepted: str,
    ):
        self.filters = filters
        self.page = page
        self.counts = counts
        self.why_not = why_not
        self.accepted = accepted
        query = filters.query
        currencies = {row.currency for row in page.rows}
        self.unit = currencies.pop() if len(currencies) == 1 else ""
        self.lines = [self.line(row, today, locale) for row in page.rows]
        self.chips = {line.chip: CHIPS[line.chip] for line in self.lines}
        self.tab = query.tab
        self.sort = "" if filters.is_first_sort else filters.sort
        self.any = counts.all > 0
        self.title = dict(TAB_LABELS)[query.tab]
        self.order = ORDERS[query.sort][query.descending]
        shown = found or counts
        self.tabs = [
            (key, title, count(getattr(shown, key), locale), filters.url(view=key)) for key, title in TAB_LABELS
        ]
        self.found_in_other_tabs = [
            (f"{number} in {title}", url) for key, title, number, url in self.tabs if key != query.tab and number != "0"
        ]
        self.columns = [self.column(key, title) for key, title in SORTABLE]
        self.base = filters.base
        self.customer = filters.customer
        self.csv_url, self.zip_url = (
            replace(filters, base=f"{filters.base}/export.{ending}").url() for ending in ("csv", "zip")
        )
        self.clear = filters.url(q="", since="", until="", dated="")
        self.earlier = self.adjacent_page_url("before", page.rows[:1] if page.earlier else [])
        self.later = self.adjacent_page_url("after", page.rows[-1:] if page.later else [])
        self.selection = SelectedInvoices(
            [] if why_not else self.selected(today),
            today,
            locale,
            not why_not,
            accepted,
            has_choice=any(line.label for line in self.lines),
        )
        self.shown = self.range_label(locale)

    def line(self, row: Row, today: date, locale: str) -> Line:
        line = line_of(row, today, locale, not self.unit)
        return line if self.accepts(row.currency) else line._replace(label="")

    def accepts(self, currency: str) -> bool:
        return is_accepted(currency, self.accepted)

    def column(self, key: str, title: str) -> tuple[str, str, str, str]:
        query = self.filters.query
        current = query.sort == key
        turned = current and not query.descending
        direction = ("descending" if query.descending else "ascending") if current else ""
        return key, title, self.filters.url(sort=("-" if turned else "") + key), direction

    def adjacent_page_url(self, name: str, rows: list[Row]) -> str:
        if not rows:
            return ""
        return self.filters.url(**{name: write_cursor(position(rows[0], self.filters.query.sort))})

    def selected(self, today: date) -> Sequence[Row]:
        if not self.filters.is_first_visit:
            return self.page.selected
        payable = [row for row in self.page.rows if row.open_minor and self.accepts(row.currency)]
        return [row for row in payable if row.due_on < today.isoformat()] or payable[:1]

    @property
    def selected_on_other_pages(self) -> list[str]:
        here = {line.id for line in self.lines}
        return sorted(self.selection.ids - here)

    @property
    def found(self) -> str:
        if not self.filters.is_filtered:
            return ""
        more = self.earlier or self.later
        return f"More than {PAGE_SIZE} invoices" if more else invoices(len(self.lines)) + " found"

    def range_label(self, locale: str) -> str:
        """On the first of several pages, which rows it has; on the only page of a search, how many were found."""
        if self.filters.query.cursor or not self.lines:
            return ""
        waiting = self.counts.processing if self.tab == "open" and not self.filters.is_filtered else 0
        processing = f"{count(waiting, locale)} processing" if waiting else ""
        if not self.later:
            return self.found or (f"{count(self.counts.open, locale)} to pay, {processing}" if processing else "")
        first = f"1–{len(self.lines)}"  # noqa: RUF001
        if self.filters.is_filtered:
            return first
        of = f"{first} of {count(getattr(self.counts, self.tab) + waiting, locale)}"
        return f"{of}, {processing}" if processing else of


def count(number: int, locale: str) -> str:
    """'117', or '1,000+' when counting stopped."""
    if number < 1000:  # no locale groups fewer digits
        return str(number)
    if number > COUNT_CAP:
        return format_decimal(COUNT_CAP, locale=locale) + "+"
    return format_decimal(number, locale=locale)
