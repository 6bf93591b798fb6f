"""What a file of documents doesn't say itself, and a person has said."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from app.imports.answers import Answers
from app.imports.csv_reader import NO_CORRECTIONS, Corrections
from app.imports.mapping import NO_MAPPING, Mapping
from app.imports.report import MOST_PROBLEMS

NO_ANSWERS = Answers()


@dataclass(frozen=True)
class InvoiceOptions:
    """How a file is to be read, as far as it doesn't say so itself.

    `currency` is for rows that name none. `date_format` is one of DATE_FORMATS, `decimal` is "." or ",". `made_here`,
    one of portal_payments.MADE_HERE_CHOICES, says whether the amounts of the file include what customers have paid
    here: by default what is due in the books does, and with it what is paid and credited; a document that doesn't say
    what is due is read as it was answered before, or asked about. `answers` are about documents whose number is in
    doubt, or that were closed; with `allow_line_differences`, lines need not come to the total. `shift` moves every
    date. Nothing was paid later than `now`, by default the time of the clock.
    """

    currency: str = ""
    date_format: str | None = None
    decimal: str | None = None
    made_here: str | None = None
    answers: Answers = NO_ANSWERS
    mapping: Mapping = NO_MAPPING
    allow_line_differences: bool = False
    shift: timedelta = timedelta()
    most_problems: int = MOST_PROBLEMS
    corrected: Corrections = NO_CORRECTIONS
    now: datetime | None = None
