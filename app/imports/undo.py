"""What an applied file changed, and undoing it, unless any of it was paid or changed since."""

import json
from typing import Any

from app.customers import access_grants
from app.database import change_log
from app.extensions import db
from app.imports import undone_notices
from app.imports.survey import PAYMENTS
from app.models import (
    Access,
    Allocation,
    Attempt,
    Company,
    Customer,
    DocumentFile,
    EarlyImport,
    ExportLine,
    ImportChange,
    ImportRun,
    Invoice,
    InvoiceLine,
    NumberSpelling,
    PaymentElsewhere,
    ReceivedPayment,
    Role,
    Session,
)
from app.models.audit import Actor

# No table refers to an earlier one.
TABLES = (
    DocumentFile,
    EarlyImport,
    NumberSpelling,
    PaymentElsewhere,
    ReceivedPayment,
    InvoiceLine,
    Invoice,
    Customer,
)
ACCESS = Access._meta.table_name  # written only by access_grants
NOT_LOGGED = {"id", "public_id", "version", "access_state", "sort_key", "content"}
VERSIONED = {"customer", "invoice"}
NOT_DOCUMENTS = {
    Company._meta.table_name: "How payments made here are read",
    ExportLine._meta.table_name: "Which payments the books have",
}
# Other rows that refer to rows an import adds, and are deleted with them. Sessions continue, without the customer they
# view as.
LEAVING = {
    "invoice_notice",
    "payment_link",
    "reminder_stop",
    "session",
    "statement_notice",
    "statement_stop",
}
KEPT_PAYMENTS = "and payments are kept. Import a corrected file instead"
WHAT = {
    "access": "access was given. Remove it, then undo again",
    "allocation": f"a customer has tried to pay it, {KEPT_PAYMENTS}",
    "attempt": f"it has tried to pay, {KEPT_PAYMENTS}",
    "document_file": "a PDF was added. Remove it, then undo again",
    "invoice": "documents were added. Undo their import first; documents entered by hand stay",
    "invoice_line": "lines were added. Import a corrected file instead",
    "number_spelling": "another import knows it by another number. Undo that one first",
    "early_import": "another import changed it. Undo that one first",
    "payment_elsewhere": "a payment was recorded for it. Remove the payment first",
    "received_payment": "a payment was recorded for it. Remove the payment first",
}


def logged_columns() -> change_log.Columns:
    """{table: columns} that an import may write."""
    columns = {
        table._meta.table_name: tuple(
            each.column_name for each in table._meta.sorted_fields if each.column_name not in NOT_LOGGED
        )
        for table in (Access, *TABLES)
    }
    return {
        **columns,
        Company._meta.table_name: ("payments_made_here",),
        ExportLine._meta.table_name: ("confirmed_ms",),
    }


def columns_of(run: ImportRun) -> change_log.Columns:
    return {table: tuple(names) for table, names in run.findings["columns"].items()}


def put_back_columns(run: ImportRun) -> change_log.Columns:
    """Columns of the tables that are restored. Sessions depend on access, and end with it."""
    return {table: names for table, names in columns_of(run).items() if table != ACCESS}


def why_not(run: ImportRun, part: int | None = None) -> str:
    """Why the run, or this part of it, can't be undone; "" if it can. Call it in the transaction that undoes the
    part."""
    if run.is_forgotten:
        return "An import can be undone for 90 days only."
    columns = columns_of(run)
    is_file = ImportChange.table_name == DocumentFile._meta.table_name
    if ImportChange.select().where(is_of(run, part), is_file, ImportChange.before.is_null(False)).exists():
        return "It replaced a PDF, and the old one was not kept."
    changed = ImportChange.select(ImportChange.row_id).where(
        is_of(run, part), ImportChange.table_name == Invoice._meta.table_name
    )
    failed = Attempt.settlement.in_((Attempt.FAILED, Attempt.VOIDED))
    paid = (
        Allocation.select(Allocation.invoice)
        .join(Attempt)
        .where(Attempt.state.in_(Attempt.HOLDING), ~failed, Allocation.invoice.in_(changed))
        .first()
    )
    if paid and run.kind != PAYMENTS:  # what was paid before such a file doesn't matter, and later is a change
        return f"{named('invoice', paid.invoice_id)} was paid here."
    if found := change_log.changed_since(db.obj, run.id, columns, part):
        return f"{named(*found)} has changed since."
    if gone := [before for _access, before in changed_access(run, part) if before and role_of(before) is None]:
        return f"A role that a person had has been deleted. Give access by hand: {len(gone):,}."
    if needed := change_log.added_and_referred_to(db.obj, run.id, put_back_columns(run), LEAVING, part):
        table, row_id, child = needed
        return f"{named(table, row_id)} is in use: {WHAT[child]}."
    return ""


def is_of(run: ImportRun, part: int | None):
    of_run = ImportChange.run == run.id
    return of_run if part is None else of_run & (ImportChange.part == part)


def lock(run: ImportRun, part: int) -> None:
    changed = "id IN (SELECT row_id FROM import_change WHERE run_id = ? AND part = ? AND table_name = 'invoice')"
    db.lock_rows("invoice", changed, (run.id, part))


def what_ends(run: ImportRun, actor: Actor) -> list[str]:
    """Sentences about what ends when the run is undone, and about what can't be taken back."""
    return undone_notices.sentences_about(added(run, Invoice), actor.now)


def undo(run: ImportRun, actor: Actor, part: int) -> None:
    """Restore the values from before this part of the run. Call it in the caller's transaction, after `why_not`."""
    for access, before in changed_access(run, part):
        role = role_of(before) if before and before["given"] else None
        if role:
            access_grants.set_role(access, role, actor, undone_import=run.file_name)
        elif access.is_offered:
            access_grants.revoke_access(access, actor, undone_import=run.file_name)
    Session.update(viewing=None).where(Session.viewing.in_(added(run, Customer, part))).execute()
    change_log.put_back(db.obj, run.id, put_back_columns(run), VERSIONED, part)
    Customer.fill_sort_keys()


def added(run: ImportRun, table: type[Customer | Invoice], part: int | None = None):
    is_added = (ImportChange.table_name == table._meta.table_name) & ImportChange.before.is_null()
    return ImportChange.select(ImportChange.row_id).where(is_of(run, part), is_added)


def changed_access(run: ImportRun, part: int | None) -> list[tuple[Access, dict[str, Any] | None]]:
    """(access, its columns before the run, or None if the run added it)"""
    names = columns_of(run).get(ACCESS, ())
    rows = list(ImportChange.select().where(is_of(run, part), ImportChange.table_name == ACCESS))
    accesses = {one.id: one for one in Access.select().where(Access.id.in_([row.row_id for row in rows]))}
    values = [dict(zip(names, json.loads(row.before), strict=True)) if row.before else None for row in rows]
    return [(accesses[row.row_id], before) for row, before in zip(rows, values, strict=True) if row.row_id in accesses]


def role_of(before: dict[str, Any]) -> Role | None:
    return Role.get_or_none(Role.id == before["role_id"])


def named(table: str, row_id: int) -> str:
    if table == Customer._meta.table_name:
        customer = Customer.get_or_none(Customer.id == row_id)
        return f"Customer {customer.name}" if customer else "A customer"
    if table == ReceivedPayment._meta.table_name:
        payment = ReceivedPayment.get_or_none(ReceivedPayment.id == row_id)
        return f"The payment of {payment.received_on} by {payment.customer.name}" if payment else "A payment"
    if table == ACCESS:
        access = Access.get_or_none(Access.id == row_id)
        return f"Access of {access.user.email} to {access.customer.name}" if access else "Access of a person"
    if table in NOT_DOCUMENTS:
        return NOT_DOCUMENTS[table]
    is_document = table == Invoice._meta.table_name
    invoice = Invoice.get_or_none(Invoice.id == (row_id if is_document else of_invoice(table, row_id)))
    return f"Document {invoice.number}" if invoice else "A document"


def of_invoice(table: str, row_id: int) -> int | None:
    model: Any = next(each for each in TABLES if each._meta.table_name == table)
    return model.select(model.invoice).where(model.id == row_id).scalar()
