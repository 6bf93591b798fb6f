"""Setup > Company > System Email Templates: the texts of emails to customers, with a preview of each."""

from flask import Blueprint, abort, current_app, flash, make_response, render_template
from wtforms import StringField, TextAreaField

from app.mail import texts
from app.mail.texts import KINDS, Kind, Texts
from app.mail.views.outbox import style_hash, with_logo
from app.models import Audit, Company, EmailTemplate, one_transaction
from app.notices.samples import preview
from app.web import field_parsers
from app.web.actor import current_actor
from app.web.formatting import company, now
from app.web.forms import filled, parsed_by, stripped
from app.web.htmx import go_to
from app.web.menu import EMAIL_TEMPLATES
from app.web.security import content_security_policy, staff_only
from app.web.versioned_form import Change, RowForm

bp = Blueprint("email_templates", __name__, url_prefix=EMAIL_TEMPLATES.url)
NOT_RESET = "The text of this email has changed since you opened the page. It was not reset"


def with_fields(form, field):
    parsed_by(lambda text: texts.checked(text, form.kind))(form, field)


class TextsForm(RowForm):
    """The texts of one email; `source` is its row, or a new one with the standard texts."""

    subject = StringField(
        "Subject",
        filters=[stripped],
        validators=[filled("Enter a subject"), parsed_by(field_parsers.one_line), with_fields],
        render_kw={"autocomplete": "off"},
    )
    opening = TextAreaField(
        "Opening",
        validators=[parsed_by(field_parsers.several_lines), with_fields],
        render_kw={"rows": "6"},
    )
    closing = TextAreaField(
        "Closing",
        validators=[parsed_by(field_parsers.several_lines), with_fields],
        render_kw={"rows": "4"},
    )

    def __init__(self, kind: Kind, source: EmailTemplate):
        super().__init__(obj=source)
        self.kind = kind
        self.carry_version(source)

    def audit_subject(self, _source, _column: str) -> str:
        return self.kind.audit_subject

    @property
    def typed(self) -> Texts:
        return Texts(self.subject.data or "", self.opening.data or "", self.closing.data or "")


@bp.get("")
@staff_only
def index():
    return render_template(
        "notices/email_templates.html",
        nav="setup",
        here=EMAIL_TEMPLATES,
        kinds=KINDS.values(),
        changed=EmailTemplate.changed_kinds(),
    )


@bp.get("/<key>")
@staff_only
def show(key):
    kind = the_kind(key)
    return page(TextsForm(kind, texts.source_of(kind)))


@bp.post("/<key>/preview")
@staff_only
def show_preview(key):
    kind = the_kind(key)
    form = TextsForm(kind, texts.source_of(kind))
    return page(form) if form.validate() else page(form, 422)


@bp.post("/<key>")
@staff_only
def update(key):
    form, stale, changed = save(the_kind(key))
    if form.errors or stale:
        return page(form, 409 if stale else 422, stale)
    flash("Saved. New emails have this text." if changed else "Nothing was changed.")
    return go_to(f"{EMAIL_TEMPLATES.url}/{key}")


@bp.post("/<key>/reset")
@staff_only
def reset(key):
    form, is_stale, is_reset = reset_texts(the_kind(key))
    if is_stale:
        return page(form, 409, [Change(NOT_RESET)])
    flash("Saved. New emails have the standard text." if is_reset else "Nothing was changed.")
    return go_to(f"{EMAIL_TEMPLATES.url}/{key}")


@one_transaction
def save(kind: Kind) -> tuple[TextsForm, list[Change], bool]:
    """(the submitted form, the columns changed in the meantime, True if anything differed)"""
    Company.locked()
    source = texts.source_of(kind)
    form = TextsForm(kind, source)
    is_valid = form.validate()
    stale = form.conflicts(source) if is_valid else []
    return form, stale, is_valid and not stale and keep(kind, source, form.typed)


@one_transaction
def reset_texts(kind: Kind) -> tuple[TextsForm, bool, bool]:
    Company.locked()
    source = texts.source_of(kind)
    form = TextsForm(kind, source)
    is_stale = form.is_stale(source)
    return form, is_stale, not is_stale and EmailTemplate.reset(kind.key, current_actor(), kind.audit_subject)


def keep(kind: Kind, source: EmailTemplate, typed: Texts) -> bool:
    if typed == kind.standard:
        return EmailTemplate.reset(kind.key, current_actor(), kind.audit_subject)
    return source.change(current_actor(), kind.audit_subject, typed._asdict())


def the_kind(key: str) -> Kind:
    return KINDS.get(key) or abort(404)


def page(form: TextsForm, status: int = 200, stale: list[Change] | None = None):
    """With a preview of the form's texts, if they are valid."""
    kind = form.kind
    if stale:
        form.carry_version(texts.source_of(kind), is_stale=True)
    mail = None if form.errors else preview(kind, form.typed, company(), current_app.config["PORTAL"], now())
    response = make_response(
        render_template(
            "notices/email_template.html",
            nav="setup",
            here=EMAIL_TEMPLATES,
            form=form,
            kind=kind,
            mail=mail,
            html=with_logo(mail.html) if mail else "",
            stale=stale or None,
            is_changed=kind.key in EmailTemplate.changed_kinds(),
            last=Audit.about(kind.audit_subject).first(),
        ),
        status,
    )
    if mail:  # the frame has the policy of this page
        response.headers["Content-Security-Policy"] = content_security_policy(style_src=[style_hash(mail.html)])
    return response
