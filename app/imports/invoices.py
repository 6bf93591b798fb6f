"""Importing invoices and credit memos: our template, Xero's export as it is, or the export of another system."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from app.clock import to_ms, today
from app.imports import amount_columns, portal_payments, systems
from app.imports.answers import Answers, amount, decide, decide_closed, remember_closed
from app.imports.columns import NO_MAPPING, Mapping, heading_counter, key, match
from app.imports.csv_reader import Source, Watch, open_source, quiet, silent
from app.imports.customer_lookup import Contacts, CustomerFinder, bill_to
from app.imports.customers import notes
from app.imports.invoice_columns import (
    INVOICE_COLUMNS,
    INVOICE_HINTS,
    LINE_COLUMNS,
    XERO_COLUMNS,
    XERO_HINTS,
    XERO_UNUSED,
)
from app.imports.invoice_rows import DocumentReader
from app.imports.invoice_upsert import BOOKS, InvoiceIntake
from app.imports.parsing import Values
from app.imports.report import Outcome, Problems, Rejected, listed, quote
from app.imports.staging import reading, write_down
from app.imports.systems import in_our_words
from app.models import Company, db
from app.money import to_decimal

ALWAYS = {"currency", "issued_on", "due_on", "total_minor", "paid_elsewhere_minor", "credited_minor"}
NO_ANSWERS = Answers()


def import_invoices(
    path: Path,
    currency: str = "",
    date_format: str | None = None,
    shift: timedelta = timedelta(),
    watch: Watch = silent,
    made_here: str | None = None,
    now: datetime | None = None,
    say=quiet,
    answers: Answers = NO_ANSWERS,
    mapping: Mapping = NO_MAPPING,
    keep_lines: bool = False,
    decimal: str | None = None,
) -> Outcome:
    """Take in the documents of the file at `path`, all or none; with `now` the audit log says so.

    `currency` is for rows that name none, `decimal` is "." or "," if it is known, `date_format` one of
    values.DATE_FORMATS for dates written with the day or the month first. `made_here`, one of
    portal_payments.READINGS, says whether the amounts of the file
    include what customers have paid here: by default what is due in the books does, and with it what is paid and
    credited; a document that doesn't say what is due is read as it was answered before, or asked about. `answers` are
    about documents whose number is in doubt, or that were closed; with `keep_lines`, lines need not come to the total.
    Raises FileProblem when the file can't be read, Rejected with every bad row.
    """
    problems = Problems()
    known = mapping.headings + systems.headings(systems.DOCUMENTS)
    with reading(), open_source(path, heading_counter(INVOICE_COLUMNS, XERO_COLUMNS, also=known)) as source:
        is_xero = "contactname" in map(key, source.header) and not mapping.headings
        system = None if is_xero else systems.recognized(source.header, systems.DOCUMENTS)
        mapping = (
            system.mapping(source.header).with_changes(mapping) if system else replace(mapping, translate=in_our_words)
        )
        columns = XERO_COLUMNS if is_xero else amount_columns.chosen(source, INVOICE_COLUMNS)
        hints = INVOICE_HINTS if "amount" in map(key, source.header) else {"customer": INVOICE_HINTS["customer"]}
        table = match(source, columns, XERO_HINTS) if is_xero else match(source, columns, hints, mapping)
        named = amount_columns.check(table, currency)
        currency = currency or next(iter(named.values()), "") or company_currency(table)
        if not currency and not table.has("currency"):
            problems.add(1, "", "There is no column Currency. Add it, or say the currency of the file: --currency USD.")
        contacts = Contacts() if is_xero else None
        finder = contacts or CustomerFinder(table, system)
        values = Values(problems, date_format, shift, decimal)
        values.learn(table)
        reader = DocumentReader(
            table,
            values,
            currency,
            finder.find,
            bill_to if is_xero else lambda cells: cells[10],
            named,
        )
        intake = InvoiceIntake(
            columns_of(table),
            table.has(*(column.field for column in LINE_COLUMNS)),
            reading=made_here,
            remembered=Company.current().payments_made_here,
        )
        reader.read(intake, watch)
        say(f"Checking and writing {intake.seq:,} document{'' if intake.seq == 1 else 's'}…")
        with db.atomic():
            if contacts:
                contacts.ask_about_emails(problems, reader.title["email"], answers)
            made = contacts.make() if contacts else []
            intake.resolve()
            decided = decide(problems, titles_of(table), answers, is_xero)
            kept_closed = decide_closed(problems, reader.title["status"], answers)
            intake.derive()
            check(intake, reader)
            outcome = take_in(intake, reader, source, contacts, made, keep_lines, now)
            outcome.notes[:0] = [] if is_xero else [*said_of(system), *finder.notes()]
            decided.remember()
            remember_closed(kept_closed)
            outcome.notes += remember_reading(intake)
            if now and (outcome.new or outcome.changed):
                write_down(source.name, now, what="invoices", new=outcome.new, changed=outcome.changed)
            return outcome


def remember_reading(intake: InvoiceIntake) -> list[str]:
    """Keep the answer for the files to come, and say how documents were read that don't say what is due."""
    count, paid_here = portal_payments.without_due()
    if intake.reading and count and intake.reading != intake.remembered:
        Company.update(payments_made_here=intake.reading).execute()
        return [f"Files without an amount due will be read with --payments-made-here {intake.reading} from now on."]
    if not intake.reading and intake.remembered and paid_here:
        return [
            f"Invoices without an amount due that customers have paid on here, read with --payments-made-here "
            f"{intake.remembered} as answered before: {paid_here:,}."
        ]
    return []


def said_of(system: systems.System | None) -> list[str]:
    return [f"Read as an export of {system.name}."] if system else []


def titles_of(table) -> dict[str, str]:
    """{field: heading} of the fields that the file has."""
    return {column.field: table.title(column.field) for column in table.columns if table.has(column.field)}


def company_currency(table) -> str:
    """The currency of a file without that column, if customers pay in one alone; else ""."""
    currencies = Company.current().currencies.split()
    return currencies[0] if not table.has("currency") and len(currencies) == 1 else ""


def columns_of(table) -> tuple[str, ...]:
    """The BOOKS that this file has."""
    present = set(ALWAYS)
    present.update(name for name in ("terms", "po_number", "memo", "bill_to") if table.has(name))
    if table.has("po1", "po_city"):
        present.add("bill_to")
    if table.has("tax"):
        present.add("tax_minor")
    return tuple(name for name in BOOKS if name in present)


def take_in(
    intake: InvoiceIntake,
    reader: DocumentReader,
    source: Source,
    contacts: Contacts | None,
    made: list[str],
    keep_lines: bool,
    now: datetime | None,
) -> Outcome:
    """Write the documents, which have been checked."""
    if reader.problems:
        raise Rejected(reader.problems)
    surplus, twice = portal_payments.keep_credits_to_what_is_left(), intake.fold_repeats()
    differing = check_lines(intake, reader, keep_lines)
    found = [
        f"{number}: its credits are {to_decimal(minor, currency)} {currency} more than what was left to pay. "
        f"Refund it, or credit it elsewhere. {CREDITS_INCLUDE}"
        for number, minor, currency in surplus[:20]
    ]
    if twice:
        found.append(f"Documents that come twice in the file with the same lines, and were taken once: {twice:,}.")
    if differing:
        found.append(f"Documents whose lines don't come to their total, kept so: {listed(differing)}.")
    if made:
        found.append(
            f"Customers made from the file: {len(made):,}: {listed(made, 10)}. Their number is their name in Xero."
        )
    if contacts and (odd := [name for name in contacts.without_email if name in made]):
        found.append(f"Emails that are none, and were left empty: {listed(odd)}.")
    found += contacts.emails.notes() if contacts and made else []
    found += [
        *reader.values.notes,
        *reader.notes(),
        *warnings(intake, reader),
        *notes(reader.table, source, XERO_UNUSED if contacts else frozenset()),
    ]
    day = today(now or datetime.now(UTC), Company.current().time_zone).isoformat()
    new, changed, unchanged = intake.take_in(to_ms(now) if now else None, day)
    return Outcome(new, changed, unchanged, reader.left_out, found)


def check(intake: InvoiceIntake, reader: DocumentReader) -> None:
    """Check the documents against each other and against what the portal holds."""
    problems, title = reader.problems, reader.title
    names = {"total_minor": "total", "tax_minor": "tax", "paid_elsewhere_minor": "paid", "credited_minor": "credits"}
    for row, number, first, column in intake.contradictions():
        problems.add(
            row,
            title[names.get(column, column)],
            f"{quote(number)} is in row {first:,} already, with another value here.",
        )
    for row, number, currency in intake.other_currencies():
        problems.add(
            row, title["currency"], f"{quote(number)} was paid on in {currency} here: its currency can't change."
        )
    for row, number, currency, taken, under_way in portal_payments.totals_below_taken():
        paying = f"are paying {to_decimal(taken, currency)} of {quote(number)} here right now"
        paid = f"have paid {to_decimal(taken, currency)} of {quote(number)} here"
        problems.add(row, title["total"], f"customers {paying if under_way else paid}: the total can't be less.")
    for row, number, currency, paid, taken in portal_payments.paid_beyond_total():
        problems.add(
            row,
            title["paid" if reader.tells_paid else "total"],
            too_much(quote(number), to_decimal(paid, currency), to_decimal(taken, currency)),
        )
    ask_about_payments_here(intake, reader)


def ask_about_payments_here(intake: InvoiceIntake, reader: DocumentReader) -> None:
    """Add a problem for every document that may include payments made here or not, unless that was answered."""
    if intake.reading or intake.remembered:
        return
    for doubt in portal_payments.in_doubt():
        was, grown, field = doubt.was_paid, doubt.paid, "paid"
        if grown <= was:
            was, grown, field = doubt.was_credited, doubt.credited, "credits"
        was, grown, taken, left, beside = (
            amount(minor, doubt.currency)
            for minor in (was, grown, doubt.taken, doubt.open_minor, doubt.open_beside_minor)
        )
        reader.problems.add(
            doubt.row,
            reader.title[field],
            f"{grown} of {quote(doubt.number)} was {was} before, and customers have paid {taken} here. "
            f"If the file includes what they paid here, {left} stays open: --payments-made-here "
            f"included. If it doesn't, {beside}: --payments-made-here left-out.",
        )
        reader.problems.advise(
            "Import the file again with one of the two; the answer is remembered. A column Amount "
            "due says it without one."
        )


def check_lines(intake: InvoiceIntake, reader: DocumentReader, keep: bool) -> list[str]:
    """The numbers of documents whose lines don't come to their total; unless they are to be kept, Rejected."""
    numbers, title = [], reader.title
    for row, number, currency, total, tax, lines, count in intake.lines_off():
        numbers.append(number)
        came = amount(lines, currency) + (f"; with {title['tax']} {amount(lines + tax, currency)}" if tax else "")
        them = "its line comes to" if count == 1 else f"its {count:,} lines come to"
        if not keep:
            why = f"{amount(total, currency)} of {quote(number)} is not what {them} ({came})."
            reader.problems.add(row, title["total"], why)
    if reader.problems:
        has_amount = reader.table.has("line_amount")
        lines = title["line_amount"] if has_amount else f"{title['quantity']} times {title['unit_price']}"
        reader.problems.advise(LINES_OFF.format(total=title["total"], line=lines))
        raise Rejected(reader.problems)
    return numbers


LINES_OFF = (
    "Totals were read from the column “{total}”, lines from “{line}”. If “{total}” is the amount of a line, name it "
    "Line amount, and add the total of the document as Total, or use --map. If the rest is tax, shipping or a "
    "discount, add it as Tax, Shipping or Invoice discount. If the books have it so, use --lines-differ keep."
)


CREDITS_INCLUDE = "If these credits are what was paid here, import it again with --payments-made-here included."


def too_much(number: str, paid, taken) -> str:
    """Why a document is refused that would be paid for more than its total."""
    if not taken:
        return f"{paid} of {number} is paid already, which is more. Add the column Amount paid to the file."
    return (
        f"{paid} of {number} in the file and {taken} paid here are more than there is to pay. If the file includes "
        "what was paid here, import it with --payments-made-here included; if it doesn't, correct what is paid."
    )


def warnings(intake: InvoiceIntake, reader: DocumentReader) -> list[str]:
    found = []
    if reader.due_before_issue:
        found.append(f"Documents that are due before their own date: {reader.due_before_issue:,}.")
    for what, grown in portal_payments.perhaps_counted_twice().items():
        if grown:
            found.append(
                f"Customers have paid on {listed(grown)} here, and the amount {what} in the file has grown. "
                "If that includes what they paid here, import it again with --payments-made-here included."
            )
    if grown := portal_payments.perhaps_paid_here():
        found.append(
            "After the restore, payments made here may still be missing, and the amount paid in the file has "
            f"grown for {listed(grown)}. If that includes what customers paid here, import it again with "
            "--payments-made-here included."
        )
    if missing := intake.open_but_not_staged():
        found.append(
            f"Open here, of the same customers, and not in the file: {missing:,}. They stay open: export all "
            "statuses, or import them as Voided if they are gone."
        )
    voided = intake.paid_but_void().fetchall()
    if paid := [number for _row, number, under_way in voided if not under_way]:
        found.append(f"{listed(paid)}: voided in the books, but customers have paid on it here. Refund them.")
    if paying := [number for _row, number, under_way in voided if under_way]:
        found.append(
            f"{listed(paying)}: voided in the books while a customer is paying it here, right now. If the "
            "payment goes through, refund it."
        )
    return found
