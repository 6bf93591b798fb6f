"""Setup > Company > Sent Email: every email with its status, and sending it again."""

from dataclasses import dataclass
from urllib.parse import urlencode

from flask import Blueprint, abort, flash, make_response, render_template, request, url_for

from app.clock import from_ms
from app.mail import queries, resend, state_labels
from app.models import OutboxMail
from app.models.base import parse_id
from app.models.outbox import redacted
from app.web.actor import current_actor
from app.web.downloads import csv_download
from app.web.formatting import company, locale
from app.web.htmx import go_to, render
from app.web.menu import SENT_EMAIL
from app.web.security import staff_only

bp = Blueprint("sent_email", __name__, url_prefix=SENT_EMAIL.url)
LONGEST_SEARCH = 100
HEADER = ("Created (UTC)", "Sent (UTC)", "To", "Customer number", "Customer", "Subject", "Kind", "State", "Reason")
CHANGED = "The status of this email has changed since you opened the page. Check it, then try again."
DONE = {True: "Saved. We are trying to send it now.", False: "A new email is queued."}


@dataclass(frozen=True)
class EmailFilter:
    """The filter in the URL. `state` is a state or empty, `text` part of an address, `before` and `after` the id of
    the email next to the page."""

    state: str
    text: str
    before: int | None
    after: int | None

    @classmethod
    def read(cls, args) -> "EmailFilter":
        text = args.get("q", "").strip()[:LONGEST_SEARCH]
        state = args.get("state", "")
        return cls(
            state if state in OutboxMail.STATES else "",
            text if text.isprintable() else "",
            parse_id(args.get("before", "")),
            parse_id(args.get("after", "")),
        )

    def url(self, path: str = SENT_EMAIL.url, **changes) -> str:
        values = {"q": self.text, "state": self.state} | changes
        query = urlencode({name: value for name, value in values.items() if value})
        return f"{path}?{query}" if query else path

    @property
    def export_url(self) -> str:
        return self.url(url_for("sent_email.export"))


@bp.get("")
@staff_only
def index():
    """?q= part of an address, ?state=, ?before= or ?after= an email's id"""
    asked = EmailFilter.read(request.args)
    found = queries.page(asked.text, asked.state, asked.before, asked.after)
    return render(
        "mail/sent_email.html",
        "mail/_sent_list.html",
        nav="setup",
        here=SENT_EMAIL,
        asked=asked,
        found=found,
        badges=state_labels.BADGES,
        **label_functions(),
    )


@bp.get("/export.csv")
@staff_only
def export():
    asked = EmailFilter.read(request.args)
    return csv_download("sent-email", HEADER, map(cells_of, queries.every(asked.text, asked.state)))


def cells_of(mail: OutboxMail) -> tuple:
    number, name = (mail.customer.number, mail.customer.name) if mail.customer else ("", "")
    created, sent = (from_ms(ms).isoformat(timespec="seconds") if ms else "" for ms in (mail.created_ms, mail.sent_ms))
    badge = state_labels.badge(mail).word
    return created, sent, mail.recipient, number, name, mail.subject, state_labels.kind_label(mail), badge, mail.error


@bp.get("/<number>")
@staff_only
def show(number):
    return email_page(OutboxMail.by_id(number) or abort(404))


def email_page(mail: OutboxMail, status: int = 200, problem: str = ""):
    page = render_template(
        "mail/sent_one.html",
        nav="setup",
        here=SENT_EMAIL,
        mail=mail,
        text=redacted(mail.text),
        newer=queries.repeated_by(mail),
        problem=problem,
        can_repeat=resend.is_possible(mail),
        **label_functions(),
    )
    return make_response(page, status)


@bp.post("/<number>/again")
@staff_only
def again(number):
    mail = OutboxMail.by_id(number) or abort(404)
    if request.form.get("state") != mail.state or queries.repeated_by(mail):
        return email_page(mail, 409, CHANGED)
    was_waiting = mail.waits_to_be_sent
    try:
        newer = resend.resend(mail, current_actor())
    except resend.CannotResend as problem:
        return email_page(mail, 422, str(problem))
    flash(DONE[was_waiting])
    if request.form.get("back") == "access" and mail.customer:
        return go_to(url_for("customers.access", public_id=mail.customer.public_id))
    return go_to(url_for(".show", number=newer.id))


def label_functions() -> dict:
    return {
        "badge": state_labels.badge,
        "kind_label": state_labels.kind_label,
        "sentence": state_labels.sentence,
        "when": lambda mail: state_labels.moment_text(mail, company().time_zone, locale()),
    }
