"""Imports a file like the console command, without its output."""

from app.imports import invoices
from app.imports.csv_reader import NO_PROGRESS
from app.imports.invoice_options import InvoiceOptions
from app.imports.staging import staging_database
from app.models import Company
from app.models.audit import Actor


def import_invoices(path, now=None, progress=NO_PROGRESS, **options):
    with staging_database():
        plan = invoices.plan(path, Company.current(), InvoiceOptions(**options), progress=progress)
        return plan.apply(Actor("console", now) if now else None)
