"""Undoing an import whose invoices have been emailed or linked to."""

from datetime import timedelta
from html import unescape

import pytest

from app.imports import undo
from app.mail.delivery import deliver_due
from app.mail.transport import Folder
from app.models import Company, Customer, Invoice, InvoiceNotice, OutboxMail, PaymentLink, Session
from app.models.audit import Actor
from app.notices import invoice_mail
from tests.imports.test_uploads import CUSTOMERS, INVOICES, row


@pytest.fixture
def imported(upload, press, database):
    url = upload(INVOICES + row("N-1"))
    press(url, "apply")
    return url


def make_link(clock) -> PaymentLink:
    actor = Actor("ruth@harborpine.example", clock(), "")
    PaymentLink.issue(Invoice.get(Invoice.number == "N-1"), actor, timedelta(days=30))
    return PaymentLink.get()


def test_payment_link_ends_when_the_import_is_undone(imported, page, press, clock):
    make_link(clock)
    press(imported, "undo")
    text = page(imported)
    assert "Undone." in text and "1 Payment Link to its invoices no longer works." in text
    assert not Invoice.get_or_none(Invoice.number == "N-1") and not PaymentLink.select().exists()


def test_revoked_payment_link_is_in_no_way_of_undoing(imported, page, press, clock):
    make_link(clock).revoke(Actor("ruth@harborpine.example", clock(), ""))
    press(imported, "undo")
    assert "Undone." in page(imported) and "Payment Link" not in page(imported)


def test_email_about_an_undone_invoice_is_canceled_or_said(app, imported, page, press, clock):
    config = app.config["PORTAL"]
    Customer.update(email="books@cedarlane.example").where(Customer.number == "77").execute()
    Company.update(invoice_mail=True, reminders_after="0").execute()
    invoice_mail.queue_due(Company.current(), config, clock())
    mail = OutboxMail.get(OutboxMail.kind == InvoiceNotice.NEW)
    mail.sent(clock(), keep=False)
    OutboxMail.update(key=OutboxMail.key.concat(":again:1")).where(OutboxMail.id == mail.id).execute()
    OutboxMail.queue(mail.key, mail.recipient, mail, clock(), kind=mail.kind, customer=mail.customer)
    press(imported, "undo")
    text = unescape(page(imported))
    assert "Undone." in text and f"“{mail.subject}” to books@cedarlane.example." in text
    deliver_due(Folder(config), Company.current(), clock())
    canceled = OutboxMail.get(OutboxMail.key == mail.key)
    assert canceled.state == OutboxMail.CANCELED and "the import that added it was undone" in canceled.error


def test_administrator_who_views_as_an_undone_customer_stays_logged_in(upload, page, press, database):
    url = upload(CUSTOMERS)
    press(url, "apply")
    count = Session.select().count()
    Session.update(viewing=Customer.get(number="C-1")).execute()
    press(url, "undo")
    assert "Undone." in page(url) and Session.select().count() == count


def test_every_table_that_refers_to_an_imported_row_goes_with_it_or_says_why_not(database):
    imported = {model._meta.table_name for model in undo.TABLES}
    referring = {
        table
        for table in database.get_tables()
        if any(key.dest_table in imported for key in database.get_foreign_keys(table))
        if any(key.on_delete != "SET NULL" for key in database.get_foreign_keys(table) if key.dest_table in imported)
    }
    assert referring == undo.LEAVING | set(undo.WHAT)
