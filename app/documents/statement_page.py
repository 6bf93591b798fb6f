"""A statement formatted for a reader's locale, for its page, PDF file and CSV file."""

from app import money
from app.csv_export import csv_row
from app.documents import queries
from app.documents.queries import OpenItem, StatementEntry
from app.documents.statement import OPEN, Section, Statement
from app.web.formatting import format_day

NAMES = {"invoice": "Invoice", "credit_memo": "Credit memo", "payment": "Payment", "recorded": "Payment for"}
ACTIVITY_HEAD = ["Date", "Description", "Charges", "Credits", "Balance"]
OPEN_HEAD = ["Document", "Issued", "Due", "Total", "Open"]
CSV_HEAD = ("Date", "Type", "Number", "Reference", "Currency", "Amount", "Balance", "Note")
UNDATED = "Credits without a date"
NOTES = {
    queries.ON_DUE_DAY: "date unknown, counted on the due date",
    queries.ON_ISSUE_DAY: "date unknown, counted on the invoice date",
    queries.ON_RECORDING_DAY: "date unknown, counted on the day it was recorded",
    queries.DATED_LATER: "dated later, counted on the day it was recorded",
}


class StatementPage:
    def __init__(self, statement: Statement, locale: str):
        self.statement, self.locale = statement, locale
        self.is_open = statement.kind == OPEN
        self.since, self.until = (format_day(day, locale) for day in statement.period[:2])
        self.title = f"Open items as of {self.until}" if self.is_open else f"Statement, {self.since} to {self.until}"
        self.head = OPEN_HEAD if self.is_open else ACTIVITY_HEAD
        self.sections = [SectionPage(section, self) for section in statement.sections]


class SectionPage:
    def __init__(self, section: Section, page: StatementPage):
        self.section, self.locale, self.currency = section, page.locale, section.currency
        self.until = page.until
        shown = section.items if page.is_open else section.lines
        make = self.item if page.is_open else self.line
        # (the entry or item of a row, its cells)
        self.rows = [make(one) for one in shown]
        self.before = [] if page.is_open else self.opening(page.since)
        closing = section.closing_minor
        self.total = ("Balance" if page.is_open else f"Balance on {page.until}", self.money(closing))
        self.ageing = [(label, self.amount(minor)) for label, minor in section.ageing]
        if section.credit_minor:
            self.ageing.append(("Credit", self.amount(-section.credit_minor)))

    def opening(self, since: str) -> list[tuple[str, str]]:
        section, rows = self.section, []
        if section.undated_minor:
            rows = [(UNDATED, self.amount(section.undated_minor))]
        return [(f"Balance before {since}", self.amount(section.opening_minor)), *rows]

    def line(self, line) -> tuple[StatementEntry, list[str]]:
        minor = line.entry.amount_minor
        cells = [format_day(line.day, self.locale), describe(line.entry)]
        cells += [self.amount(minor), ""] if minor >= 0 else ["", self.amount(-minor)]
        return line.entry, [*cells, self.amount(line.balance_minor)]

    def item(self, item: OpenItem) -> tuple[OpenItem, list[str]]:
        is_credit = item.kind == "credit_memo"
        due = "" if is_credit else format_day(item.due_on, self.locale)
        issued = format_day(item.issued_on, self.locale)
        total = self.amount(-item.total_minor if is_credit else item.total_minor)
        return item, [f"{NAMES[item.kind]} {item.number}", issued, due, total, self.amount(item.open_minor)]

    def amount(self, minor: int) -> str:
        return money.format_amount(minor, self.currency, self.locale).replace("-", "\N{MINUS SIGN}")

    def money(self, minor: int) -> str:
        return money.format_money(minor, self.currency, self.locale).replace("-", "\N{MINUS SIGN}")


def describe(entry: StatementEntry) -> str:
    words = ", ".join(filter(None, (f"{NAMES[entry.kind]} {entry.number}", entry.reference)))
    return f"{words} ({NOTES[entry.basis]})" if entry.basis else words


def statement_csv(statement: Statement) -> str:
    """The activity with signed amounts, for import into accounting systems."""
    rows = [csv_row(CSV_HEAD)]
    for section in statement.sections:
        if section.undated_minor:
            minor, balance = section.undated_minor, section.opening_minor + section.undated_minor
            amounts = (money.to_decimal(one, section.currency) for one in (minor, balance))
            rows.append(csv_row(("", "Credit", "", "", section.currency, *amounts, UNDATED)))
        for line in section.lines:
            entry = line.entry
            amounts = (money.to_decimal(minor, section.currency) for minor in (entry.amount_minor, line.balance_minor))
            kind = "Payment" if entry.kind == "recorded" else NAMES[entry.kind]
            day = line.day.isoformat()
            note = NOTES.get(entry.basis, "").capitalize()
            rows.append(csv_row((day, kind, entry.number, entry.reference, section.currency, *amounts, note)))
    return "".join(rows)
