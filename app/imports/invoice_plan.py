"""Checks a file of invoices and credit memos against the portal, plans its changes, and writes them."""

from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from functools import partial
from pathlib import Path

from app.clock import to_ms, today
from app.imports import invoice_checks, invoice_notes, invoice_preview, portal_payments
from app.imports.answers import (
    decide_closed,
    decide_numbers,
    remember_closed,
    remember_spellings,
    remember_void,
    stage_closed,
)
from app.imports.customer_emails import known_email
from app.imports.customer_finder import CustomerFinder
from app.imports.customers import notes
from app.imports.document_parts import DocumentParts
from app.imports.invoice_columns import (
    XERO_UNUSED,
)
from app.imports.invoice_options import InvoiceOptions
from app.imports.invoice_rows import InvoiceReader
from app.imports.mapping import key
from app.imports.parts import LeftOut
from app.imports.pdf_files import MAX_PDFS, attach_to_rows, changes_of_rows
from app.imports.plan import ImportPlan, PlannedRow, RowOutcome
from app.imports.report import Question, quote
from app.imports.systems import System
from app.imports.xero_contacts import XeroContacts
from app.invoices.export import PAID_HERE
from app.models import Company
from app.models.audit import Actor
from app.money import plain_amount, to_decimal

LINES_OFF = (
    "Totals were read from the column “{total}”, lines from “{line}”. If “{total}” is the amount of a line, name it "
    "Line amount, and add the total of the document as Total, or use --map. If the rest is tax, shipping or a "
    "discount, add it as Tax, Shipping or Invoice discount. If the books have it so, use --lines-differ keep."
)
KNOWN_LINES_OFF = (
    "The file has no lines, and those that are known stay. Add the lines to the file, so that they come to “{total}”; "
    "or use --lines-differ keep, if the total has changed without them."
)
OWN_UNUSED = frozenset((key(PAID_HERE),))


class InvoicePlan(ImportPlan):
    what = "invoices"
    is_in_parts = True

    def __init__(
        self,
        reader: InvoiceReader,
        customers: CustomerFinder | XeroContacts,
        system: System | None,
        company: Company,
        options: InvoiceOptions,
        path: Path,
    ):
        self.path, self.pdfs = path, reader.table.source.origin.pdfs
        self.reader, self.table, self.title, self.upsert = reader, reader.table, reader.title, reader.upsert
        self.company, self.options, self.system, self.finder, self.contacts = company, options, system, None, None
        if isinstance(customers, XeroContacts):
            self.contacts = customers
        else:
            self.finder = customers
        self.made_customers: list[str] = []
        super().__init__(self.table.source.name, reader.problems, reader.left_out)

    def _check(self) -> None:
        answers, upsert = self.options.answers, self.upsert
        if self.contacts and not answers.all_new:
            for row, name, *more in self.contacts.with_known_email():
                if name not in answers.new:
                    self.problems.add(row, self.title["email"], *known_email(name, name, *more))
        self.made_customers = self.contacts.upsert.missing() if self.contacts else []
        upsert.resolve()
        for row, name, text, what in invoice_checks.id_conflicts() if upsert.with_ids else ():
            self.problems.add(row, self.title[name], f"{quote(text)} {what}. Correct it in the file.")
        titles = {
            column.field: self.title[column.field] for column in self.table.columns if self.table.has(column.field)
        }
        self.spellings = decide_numbers(self.problems, titles, answers, is_xero=bool(self.contacts))
        self.kept_closed = decide_closed(self.problems, self.title["status"], answers)
        upsert.derive()
        self.check_amounts()
        self.ask_about_payments_here()
        surplus: list[tuple[str, int, str]] = []
        differing: list[str] = []
        twice = 0
        if not self.problems:
            surplus, twice = portal_payments.cap_credits(), upsert.fold_repeats()
            differing = self.check_lines()
        self.new, self.changed, self.unchanged = upsert.compare()
        self.pdf_changes, alone = changes_of_rows(self.pdfs)
        self.replaced_pdfs = sum(change.before is not None for change in self.pdf_changes.values())
        self.changed, self.unchanged = self.changed + alone, self.unchanged - alone
        self.without_due, self.without_due_paid_here = portal_payments.without_due()
        self.notes = notes(self.table, XERO_UNUSED if self.contacts else OWN_UNUSED)
        if not self.problems:
            self.notes = [
                *([f"Read as {self.system.what} of {self.system.name}."] if self.system else []),
                *(self.finder.notes() if self.finder else []),
                *([f"PDFs that people will download instead of ours: {len(self.pdfs):,}."] if self.pdfs else []),
                *invoice_notes.of_documents(surplus, twice, differing),
                *(invoice_notes.of_contacts(self.contacts, self.made_customers) if self.contacts else []),
                *self.reader.values.notes,
                *self.reader.notes(),
                *invoice_notes.warnings(self.reader.due_before_issue, is_written=bool(self.new or self.changed)),
                *self.notes,
                *self.notes_on_payments_made_here(),
            ]

    def _planned(self) -> Iterator[PlannedRow]:
        for row in invoice_preview.planned(self.upsert.written_columns, with_lines=self.upsert.with_lines):
            change = self.pdf_changes.get(row.row) if row.row else None
            yield row._replace(outcome=RowOutcome.CHANGED, changes=(*row.changes, change)) if change else row

    def split(self) -> None:
        self.parts, self.takes_over = DocumentParts(), bool(self.new or self.changed or self.is_resumed)
        stage_closed(self.kept_closed)

    def next_part(self, most: int) -> int:
        most = min(most, MAX_PDFS) if self.pdfs else most
        self.makes_customers = bool(self.contacts and (count := self.contacts.upsert.next_missing(most)))
        return count if self.makes_customers else self.parts.next_part(most)

    @property
    def fraction_done(self) -> float:
        return self.parts.fraction_done

    def write_part(self, actor: Actor | None) -> list[LeftOut]:
        if self.contacts and self.makes_customers:
            self.contacts.upsert.insert_missing()
            return []
        day = today(actor.now if actor else datetime.now(UTC), self.company.time_zone).isoformat()
        changed = self.upsert.upsert(to_ms(actor.now) if actor else None, day)
        if self.takes_over:
            self.upsert.take_over()
        attach_to_rows(self.path, self.pdfs, actor)
        remember_closed()
        return changed

    def leave_out(self, rows: list[int]) -> None:
        self.upsert.leave_out(rows)

    def _write_rest(self, actor: Actor | None) -> None:
        if actor:
            self.upsert.confirm_exported(to_ms(actor.now))
        remember_void()
        remember_spellings(self.spellings)
        if self.remembers_made_here:
            Company.update(payments_made_here=self.options.made_here).execute()

    @property
    def remembers_made_here(self) -> bool:
        made_here = self.options.made_here
        return bool(made_here and self.without_due and made_here != self.company.payments_made_here)

    def check_amounts(self) -> None:
        problems, title = self.problems, self.title
        fields = {
            "total_minor": "total",
            "tax_minor": "tax",
            "paid_elsewhere_minor": "paid",
            "credited_minor": "credits",
        }
        for row, number, first, column in invoice_checks.contradictions() if self.upsert.has_repeats else ():
            problems.add(
                row,
                title[fields.get(column, column)],
                f"{quote(number)} is in row {first:,} already, with another value here.",
            )
        for row, number, currency in invoice_checks.other_currencies():
            problems.add(
                row, title["currency"], f"{quote(number)} has payments in {currency} here: its currency can't change."
            )
        for row, number, currency, taken, under_way in portal_payments.totals_below_taken():
            paying = f"are paying {to_decimal(taken, currency)} of {quote(number)} here right now"
            paid = f"have paid {to_decimal(taken, currency)} of {quote(number)} here"
            problems.add(row, title["total"], f"customers {paying if under_way else paid}: the total can't be less.")
        for row, number, currency, paid, taken in portal_payments.paid_beyond_total():
            problems.add(
                row,
                title["paid" if self.reader.amounts.tells_paid else "total"],
                paid_too_much(
                    quote(number), to_decimal(paid, currency), to_decimal(taken, currency), self.table.has("paid")
                ),
            )

    def ask_about_payments_here(self) -> None:
        if self.options.made_here or self.company.payments_made_here:
            return
        for doubt in portal_payments.in_doubt():
            before, now, column = doubt.was_paid, doubt.paid, "paid"
            if now <= before:
                before, now, column = doubt.was_credited, doubt.credited, "credits"
            was, grown, taken, left, beside = (
                plain_amount(minor, doubt.currency)
                for minor in (before, now, doubt.taken, doubt.open_minor, doubt.open_beside_minor)
            )
            self.problems.add(
                doubt.row,
                self.title[column],
                f"{grown} of {quote(doubt.number)} was {was} before, and customers have paid {taken} here. "
                f"If the file includes what they paid here, {left} stays open; if it doesn't, {beside}.",
                Question("made_here"),
                "Say which: --payments-made-here included or --payments-made-here left-out.",
            )
            self.problems.advise(
                "Import the file again with one of the two; the answer is remembered. A column Amount "
                "due says it without one."
            )

    def check_lines(self) -> list[str]:
        """Numbers of documents whose lines don't add up to their total. They are problems, unless an administrator
        accepted them."""
        numbers, title = [], self.title
        with_lines = self.upsert.with_lines
        off = (
            invoice_checks.lines_off
            if with_lines
            else partial(invoice_checks.known_lines_off, with_tax="tax_minor" in self.upsert.columns)
        )
        for row, number, currency, total, tax, lines, count in off():
            numbers.append(number)
            came = plain_amount(lines, currency) + (
                f"; with {title['tax']} {plain_amount(lines + tax, currency)}" if tax else ""
            )
            known = "" if with_lines else " known"
            them = f"its{known} line comes to" if count == 1 else f"its {count:,}{known} lines come to"
            if not self.options.allow_line_differences:
                why = f"{plain_amount(total, currency)} of {quote(number)} is not what {them} ({came})."
                self.problems.add(row, title["total"], why, Question("lines"))
        if self.problems and not with_lines:
            self.problems.advise(KNOWN_LINES_OFF.format(total=title["total"]))
        elif self.problems:
            has_amount = self.table.has("line_amount")
            line = title["line_amount"] if has_amount else f"{title['quantity']} times {title['unit_price']}"
            self.problems.advise(LINES_OFF.format(total=title["total"], line=line))
        return numbers

    def notes_on_payments_made_here(self) -> Iterator[str]:
        made_here, remembered = self.options.made_here, self.company.payments_made_here
        if self.remembers_made_here:
            yield f"Files without an amount due will be read with --payments-made-here {made_here} from now on."
        elif not made_here and remembered and self.without_due_paid_here:
            yield (
                f"Invoices without an amount due that customers have paid toward here, read with --payments-made-here "
                f"{remembered} as answered before: {self.without_due_paid_here:,}."
            )


def paid_too_much(number: str, paid: Decimal, taken: Decimal, tells_paid: bool) -> str:
    if not taken and tells_paid:
        return (
            f"{paid} of {number} is paid already by payments recorded here, which is more than there is to pay. "
            "Correct the total, or the payments under Accept Customer Payments."
        )
    if not taken:
        return f"{paid} of {number} is paid already, which is more. Add the column Amount paid to the file."
    return (
        f"{paid} of {number} in the file and {taken} paid here are more than there is to pay. If the file includes "
        "what was paid here, import it with --payments-made-here included; if it doesn't, correct what is paid."
    )
