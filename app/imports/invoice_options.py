"""Options that a person chose for reading a file of documents, where the file doesn't tell."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from app.imports.answers import Answers
from app.imports.csv_reader import NO_CORRECTIONS, Corrections
from app.imports.mapping import NO_MAPPING, Mapping
from app.imports.report import MAX_PROBLEMS

NO_ANSWERS = Answers()


@dataclass(frozen=True)
class InvoiceOptions:
    """How to read a file where it doesn't tell itself.

    `currency` is for rows that name none. `date_format` is one of DATE_FORMATS, `decimal` is "." or ",". `made_here`,
    one of portal_payments.MADE_HERE_CHOICES, says whether the file's amounts include what customers have paid here. By
    default, if a document says what is due, its amounts include it; if it doesn't, the last answer applies, or an
    administrator is asked. `answers` are about documents whose number is unclear, or that were closed. With
    `allow_line_differences`, lines need not add up to the total. `shift` moves every date. A payment dated later than
    the day after `now`, by default the current time, is a bad row.
    """

    currency: str = ""
    date_format: str | None = None
    decimal: str | None = None
    made_here: str | None = None
    answers: Answers = NO_ANSWERS
    mapping: Mapping = NO_MAPPING
    allow_line_differences: bool = False
    shift: timedelta = timedelta()
    most_problems: int = MAX_PROBLEMS
    corrected: Corrections = NO_CORRECTIONS
    now: datetime | None = None
