"""The texts of emails: typed with fields, previewed, saved once, and never more than text."""

import re
from datetime import date
from html import unescape

import pytest

from app.mail.texts import EDITABLE, KINDS, filled
from app.models import Audit, Company, Customer, EmailTemplate, OutboxMail
from app.models.audit import Actor
from app.notices import payment_link_mail
from tests.notices.conftest import open_card_page, pay
from tests.people import invoice
from tests.support.pages import csrf_of, submit_form, text_of

PATH = "/setup/company/system-email-templates"
NEW = f"{PATH}/new_invoice"


def fields_of(page) -> dict:
    html = page.get_data(as_text=True)
    return {"csrf_token": csrf_of(page), "version": re.search(r'name="version"[^>]* value="([^"]*)"', html)[1]}


def frame_of(page) -> str:
    return unescape(re.search(r'srcdoc="([^"]*)"', page.get_data(as_text=True))[1])


def send_link(owed, clock, to="alice@cedarlane.example") -> OutboxMail:
    actor = Actor("ruth@harborpine.example", clock(), "http://localhost")
    payment_link_mail.send_link(owed, to, actor, Company.current())
    return OutboxMail.select().order_by(OutboxMail.id.desc()).get()


@pytest.mark.parametrize("kind", EDITABLE, ids=lambda kind: kind.key)
def test_standard_texts_use_their_fields_and_are_previewed(ruth, kind):
    page = ruth.get(f"{PATH}/{kind.key}")
    assert page.status_code == 200 and kind.label in text_of(ruth.get(PATH))
    assert "{" not in frame_of(page).partition("</style>")[2] and "Hello" in frame_of(page)
    assert "'sha256-" in page.headers["Content-Security-Policy"]


def test_saved_text_is_in_the_next_email(ruth, app, database, owed, clock):
    text = "Dear {customer},\n\n{amount} <b>& more</b> is due {due date}."
    saved = submit_form(ruth, f"{PATH}/payment_link", subject="{invoice}!", opening=text, closing="Yours,\nRuth")
    assert saved.status_code == 303
    mail = send_link(owed, clock)
    assert mail.subject == "INV-1041!"
    assert "Dear Cedar Lane Bakery,\n\n$1,186.50 <b>& more</b> is due Nov 30, 2026.\n" in mail.text
    assert "\nYours,\nRuth\n" in mail.text
    assert '<p dir="auto">Dear Cedar Lane Bakery,</p>' in mail.html
    assert "$1,186.50 &lt;b&gt;&amp; more&lt;/b&gt; is due" in mail.html and "Yours,<br>Ruth" in mail.html
    assert "Payment Link When you email a Payment Link from an invoice. Changed" in text_of(ruth.get(PATH))


def test_change_is_audited_and_reset(ruth, database, owed, clock):
    submit_form(ruth, NEW, subject="Our {invoice}", opening="", closing="")
    page = ruth.get(NEW)
    assert "Changed by ruth@harborpine.example" in text_of(page)
    assert "Text of the email New invoice changed: " in text_of(ruth.get("/audit"))
    fields = fields_of(page)
    assert ruth.post(f"{NEW}/reset", data=fields).status_code == 303
    assert EmailTemplate.select().count() == 0 and KINDS["new_invoice"].standard.subject in unescape(
        ruth.get(NEW).get_data(as_text=True)
    )
    assert ruth.post(f"{NEW}/reset", data=fields).status_code == 409
    assert Audit.select().where(Audit.event == "email_text_reset").count() == 1


def test_typing_the_standard_text_again_keeps_no_row(ruth, database):
    submit_form(ruth, NEW, subject="Ours")
    subject, opening, closing = KINDS["new_invoice"].standard
    submit_form(ruth, NEW, subject=subject, opening=opening.replace("\n", "\r\n"), closing=closing)
    assert EmailTemplate.select().count() == 0


def test_two_administrators_do_not_overwrite_each_other(ruth, database):
    first = fields_of(ruth.get(NEW))
    data = {"subject": "First", "opening": "", "closing": ""}
    assert ruth.post(NEW, data=first | data).status_code == 303
    refused = ruth.post(NEW, data=first | data | {"subject": "Second"})
    assert refused.status_code == 409 and "Subject is now First , by ruth@harborpine.example" in text_of(refused)
    assert EmailTemplate.of("new_invoice").subject == "First"
    again = ruth.post(NEW, data=fields_of(refused) | data | {"subject": "Second"})
    assert again.status_code == 303 and EmailTemplate.of("new_invoice").subject == "Second"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "Pay {total}",
            "{total} is not available in this email. Use {customer}, {company}, {invoice}, {amount}, {due date}",
        ),
        ("{Customer}", "{Customer} is not available"),
        ("{}", "{} is not available"),
        ("{company.__class__}", "{company.__class__} is not available"),
        ("{{ company }}", "is not available"),
        ("{% include 'x' %}", "is not available"),
        ("a { b", "Use { and } only around a field name"),
        ("{{customer}}", "Use { and } only around a field name"),
        ("a\x07b", "without invisible characters"),
        ("a" * 1001, "characters or fewer"),
    ],
)
@pytest.mark.parametrize("path", [NEW, f"{NEW}/preview"])
def test_wrong_text_is_refused_and_says_why(ruth, database, text, said, path):
    data = {**fields_of(ruth.get(NEW)), "subject": "x", "opening": text, "closing": ""}
    refused = ruth.post(path, data=data)
    assert refused.status_code == 422 and said in text_of(refused)
    assert EmailTemplate.select().count() == 0 and "srcdoc" not in refused.get_data(as_text=True)


@pytest.mark.parametrize(
    ("subject", "status"),
    [("", 422), ("a\r\nBcc: x@y.example", 422), ("a" * 201, 422), ("{reference}", 422), ("ok", 303)],
)
def test_subject_is_one_bounded_line(ruth, database, subject, status):
    assert submit_form(ruth, NEW, subject=subject).status_code == status


def test_line_break_in_a_value_adds_no_header(database, cast, owed, clock):
    Customer.update(name="Cedar\r\nBcc: x@y.example").where(Customer.id == cast.cedar.id).execute()
    EmailTemplate.create(kind="payment_link", subject="For {customer}", opening="", closing="")
    owed.customer = Customer.get_by_id(cast.cedar.id)
    assert send_link(owed, clock).subject == "For Cedar Bcc: x@y.example"


def test_value_is_not_read_as_a_field_or_as_markup(database):
    values = {"customer": "{company}<script>", "invoice": "", "amount": "", "due date": ""}
    texts = filled("new_invoice", Company(name="Harbor"), values)
    assert texts.opening.text == "Hello,\n\nHere is a new invoice for {company}<script>."
    assert "{company}&lt;script&gt;." in texts.opening.html
    assert texts.subject == "Invoice from Harbor: due"


def test_right_to_left_name_is_isolated(database):
    texts = filled("payment_link", Company(name="Harbor"), {"customer": "מאפייה", "invoice": "INV-1"})
    assert "\u2068מאפייה\u2069" in texts.opening.text and "<bdi>מאפייה</bdi>" in texts.opening.html


def test_preview_shows_what_was_typed_and_writes_nothing(ruth, database, owed):
    data = {**fields_of(ruth.get(NEW)), "subject": "Typed {invoice}", "opening": "One <i>\n\nTwo", "closing": "Bye"}
    page = ruth.post(f"{NEW}/preview", data=data)
    assert page.status_code == 200 and "Typed INV-1041" in text_of(page)
    assert '<p dir="auto">One &lt;i&gt;</p>' in frame_of(page) and "Cedar" not in frame_of(page).partition("Bye")[0][:0]
    assert 'value="Typed {invoice}"' in page.get_data(as_text=True)
    assert EmailTemplate.select().count() == 0 and OutboxMail.select().count() == 0


def test_preview_of_a_receipt_is_the_newest_payment(ruth, client, token, database, demo_gateway):
    assert "Sam Rivera" in frame_of(ruth.get(f"{PATH}/receipt"))
    pay(client, token, open_card_page(client, token))
    shown = frame_of(ruth.get(f"{PATH}/receipt"))
    assert "INV-1041" in shown and "Sam Rivera" not in shown


def test_unknown_email_is_not_found(ruth):
    assert ruth.get(f"{PATH}/reset_link").status_code == 404
    assert ruth.get(f"{PATH}/x").status_code == 404


def test_texts_are_in_the_readers_language_of_amounts(database, cast, clock):
    Customer.update(locale="de_DE").where(Customer.id == cast.fennel.id).execute()
    owed = invoice(Customer.get_by_id(cast.fennel.id), "INV-7", 123450, date(2026, 11, 30), currency="EUR")
    mail = send_link(owed, clock, cast.charlie.email)
    assert mail.subject.startswith("Invoice INV-7 from") and mail.subject.endswith("1.234,50 € due 30.11.2026")
