"""How to pay by bank transfer: typed on Company Information, and shown wherever an invoice asks to be paid."""

import json
from datetime import date

import pytest

from app.models import Audit
from tests.conftest import csrf_of
from tests.people import invoice
from tests.support.pages import text_of, version_of

PAGE, URL = "/setup/company/information", "/setup/company/bank-details"
EUR = "Harbor & Pine Supply\nIBAN DE89 3704 0044 0532 0130 00"


@pytest.fixture
def send(ruth):
    """send(("EUR", "IBAN …"), known=["USD"]): pairs of a currency and its details, as the form has them."""

    def _send(*pairs, known=(), **more):
        page = ruth.get(PAGE).get_data(as_text=True)
        form = page[page.index('id="bank-details"') :]
        sent = {
            "csrf_token": csrf_of(page),
            "version": version_of(form),
            "known": list(known),
            "currency": [pair[0] for pair in pairs],
            "details": [pair[1] for pair in pairs],
        }
        return ruth.post(URL, data={**sent, **more})

    return _send


@pytest.fixture
def bills(app, cast):
    """An open invoice in dollars and one in euros."""
    with app.extensions["database"].connection_context():
        return [
            invoice(cast.cedar, f"INV-{currency}", 1000, date(2026, 12, 3), currency=currency)
            for currency in ("USD", "EUR")
        ]


def test_details_are_saved_by_currency_and_audited(app, ruth, company, send, bills):
    assert "EUR" in text_of(ruth.get(PAGE))
    assert send(("eur ", EUR.replace("\n", "\r\n")), ("", "")).status_code == 303
    assert company().transfers == {"EUR": EUR}
    with app.extensions["database"].connection_context():
        (line,) = Audit.about("company:bank_details")
    assert (line.actor, json.loads(line.facts["to"])) == ("ruth@harborpine.example", {"EUR": EUR})
    assert send(("EUR", ""), known=["EUR"]).status_code == 303 and company().transfers == {}


@pytest.mark.parametrize(
    ("pairs", "words"),
    [
        ([("XYZ", "a")], "Enter a currency as a three-letter code, like EUR"),
        ([("", "IBAN")], "Enter a currency as a three-letter code, like EUR"),
        ([("EUR", "")], "Enter how to pay by bank transfer in EUR"),
        ([("EUR", "a"), ("EUR", "b")], "There are details for EUR already. Change those"),
        ([("EUR", "x" * 1001)], "Write it in 1,000 characters or fewer"),
        ([("EUR", "a\u202eb")], "without invisible characters"),
    ],
)
def test_invalid_details_are_reported_and_not_saved(company, send, pairs, words):
    response = send(*pairs)
    assert response.status_code == 422 and words in text_of(response) and company().transfers == {}


def test_details_that_changed_under_the_form_are_not_overwritten(company, send):
    response = send(("EUR", EUR), version="0" * 8)
    assert response.status_code == 409 and "Someone else saved this" in text_of(response)
    assert company().transfers == {} and EUR.splitlines()[1] in response.text


@pytest.fixture
def alice(log_in, cast):
    return log_in(cast.alice)


def pages(alice, company, bills) -> list[str]:
    """Every page of a customer on which bank transfer was ever offered: as things are, and with paying turned off."""
    urls = [
        "/invoices",
        *(f"/invoices/{one.public_id}" for one in bills),
        *(f"/payments/new?invoice={one.public_id}" for one in bills),
    ]
    seen = [text_of(alice.get(url)) for url in urls]
    for values in ({"currencies": "GBP"}, {"currencies": "", "customers_can_pay_online": False}):
        company(**values)
        seen += [text_of(alice.get(url)) for url in urls]
    return seen


def test_while_there_are_no_details_nothing_offers_a_transfer(alice, company, bills):
    found = pages(alice, company, bills)
    assert len(found) == 15 and not [page for page in found if "transfer" in page.lower()]


def test_details_are_on_the_paper_and_the_pay_page_of_their_currency(app, alice, bills, company):
    company(bank_details=json.dumps({"EUR": EUR}))
    dollars, euros = bills
    for url in ("/invoices/{}", "/payments/new?invoice={}"):
        page = text_of(alice.get(url.format(euros.public_id)))
        assert "How to pay by bank transfer" in page and "IBAN DE89 3704 0044 0532 0130 00" in page
        assert "Include INV-EUR as the reference." in page
        assert "transfer" not in text_of(alice.get(url.format(dollars.public_id)))
    paper = alice.get(f"/invoices/{euros.public_id}").text
    article = paper[paper.index('<article class="paper"') : paper.index("</article>")]
    assert "IBAN DE89" in article  # what is printed


def test_where_paying_online_is_off_the_invoice_says_how(app, alice, bills, company):
    company(bank_details=json.dumps({"EUR": EUR}), customers_can_pay_online=False)
    dollars, euros = bills
    assert "Open an invoice to see how to pay by bank transfer." in text_of(alice.get("/invoices"))
    assert "Pay by bank transfer, as described on the invoice." in text_of(alice.get(f"/invoices/{euros.public_id}"))
    assert "To pay, contact Harbor & Pine Supply at" in text_of(alice.get(f"/invoices/{dollars.public_id}"))
