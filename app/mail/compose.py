"""Writing a mail: subject, plain text and HTML, from templates/mail/NAME.txt and NAME.html.

The first line of NAME.txt is "Subject: …". Templates have the same filters as pages (money, amount, day, moment), in
the recipient's locale and the company's time zone. No Flask here, because the worker writes mail too.
"""

import re
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from babel.dates import format_date
from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template, select_autoescape

from app import money
from app.bidi import bdi, isolated, isolated_for
from app.clock import format_moment, from_ms
from app.config import ROOT
from app.models import Company
from app.printable import JOINERS, has_place

TEMPLATES = FileSystemLoader(ROOT / "templates")
LOGO = "company-logo@customer-center"  # the Content-ID of the picture in the HTML part


@dataclass(frozen=True, slots=True)
class Mail:
    """What a recipient gets. `subject` is one line; `text` and `html` have the same content."""

    subject: str
    text: str
    html: str


@dataclass(frozen=True, slots=True)
class Formats:
    """Formats amounts and dates for the recipient's locale."""

    locale: str
    time_zone: str

    @classmethod
    def of(cls, company: Company, locale: str) -> "Formats":
        return cls(locale or company.locale, company.time_zone)

    def money(self, minor: int, currency: str) -> str:
        return money.format_money(minor, currency, self.locale)

    def day(self, value: date) -> str:
        return isolated_for(self.locale, format_date(value, "medium", locale=self.locale))


def compose(name: str, company: Company, locale: str = "", **context) -> Mail:
    """The mail `name` (like "receipt") for a reader in `locale` (like "en_US"), by default the company's. Raises
    jinja2.UndefinedError when the template needs something that is not in `context`."""
    environment = _environment(locale or company.locale, company.time_zone)
    subject, text = _text_templates(environment, name)
    context["company"] = company
    return Mail(
        subject=one_line(subject.render(context)),
        text=_storable(re.sub(r"\n{3,}", "\n\n", text.render(context)).strip() + "\n"),
        html=_storable(environment.get_template(f"mail/{name}.html").render(context)),
    )


def one_line(text: str) -> str:
    """`text` without line breaks and control characters, so that it can't add a header."""
    kept = (c if c.isprintable() or (JOINERS.match(c) and has_place(text, at)) else " " for at, c in enumerate(text))
    return " ".join("".join(kept).split())


def _storable(text: str) -> str:
    """Without NUL and lone surrogates, which no database or mail server accepts."""
    return text.encode("utf-8", "replace").decode().replace("\0", "")


@lru_cache
def _text_templates(environment: Environment, name: str) -> tuple[Template, Template]:
    # The subject is a separate template, so that a line break in a name can't end it early.
    source, _, _ = TEMPLATES.get_source(environment, f"mail/{name}.txt")
    first, _, rest = source.partition("\n")
    if not first.startswith("Subject:"):
        raise ValueError(f"templates/mail/{name}.txt has to start with 'Subject:'")
    return environment.from_string(first.removeprefix("Subject:")), environment.from_string(rest)


@lru_cache(32)
def _environment(locale: str, time_zone: str) -> Environment:
    environment = Environment(
        loader=TEMPLATES,
        autoescape=select_autoescape(["html"], default_for_string=False),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals["logo_cid"] = LOGO
    formats = Formats(locale, time_zone)
    environment.filters.update(
        money=formats.money,
        amount=lambda minor, currency: money.format_amount(minor, currency, locale),
        day=formats.day,
        isolated=isolated,
        bdi=bdi,
        moment=lambda ms: format_moment(from_ms(ms), time_zone, locale),
    )
    return environment
