"""A mail says the same in text and HTML, and nothing in a name can change what it is."""

from types import SimpleNamespace

import pytest
from jinja2 import UndefinedError

from app.mail.compose import Formats, compose, one_line
from app.mail.texts import KINDS, filled
from app.models import Company, User


def receipt(name="Cedar Lane Bakery", seller="Harbor & Pine", locale="en_US", time_zone="UTC"):
    company = Company(name=seller, statement_descriptor="HARBOR", time_zone=time_zone)
    attempt = SimpleNamespace(
        amount_minor=123450,
        currency="USD",
        reference="PAY-1",
        card_type="Visa",
        last_four="1111",
        decided_ms=1_795_366_800_000,
        touched_ms=0,
    )
    lines = [(SimpleNamespace(number="INV-1"), 123450, 0)]
    values = {
        "customer": name,
        "name": name,
        "amount": Formats.of(company, locale).money(123450, "USD"),
        "reference": "PAY-1",
    }
    return compose(
        "receipt",
        company,
        locale,
        attempt=attempt,
        lines=lines,
        texts=filled("receipt", company, values, KINDS["receipt"].standard),
        user=User(name=name, last_login_ms=1),
        customer=SimpleNamespace(name=name),
        payment_url="http://localhost/p",
    )


def test_the_first_line_is_the_subject():
    mail = receipt()
    assert mail.subject == "Your payment of $1,234.50 to Harbor & Pine (PAY-1)"
    assert mail.text.startswith("Hello Cedar Lane Bakery") and "\n\n\n" not in mail.text


def test_a_line_break_in_a_name_cannot_end_the_subject():
    mail = receipt(seller="Harbor\r\nBcc: spy@x.example\u2028\0\x85")
    assert mail.subject == "Your payment of $1,234.50 to Harbor Bcc: spy@x.example (PAY-1)"
    assert "Bcc" not in mail.text


def test_html_is_escaped_and_text_is_not():
    mail = receipt("<script>Fennel & Fig")
    assert "&lt;script&gt;Fennel &amp; Fig" in mail.html and "<script" not in mail.html
    assert "<script>Fennel & Fig" in mail.text


def test_characters_that_databases_refuse_are_left_out():
    mail = receipt("Maya \ud800\0", seller="Harbor \ud800\0")
    assert "\0" not in (mail.subject + mail.text + mail.html).encode().decode()


def test_amounts_and_moments_are_the_readers():
    mail = receipt(locale="de_DE", time_zone="Europe/Berlin")
    assert "1.234,50\xa0$" in mail.text and "22.11.2026, 18:00" in mail.html


def test_a_template_that_lacks_something_says_so():
    with pytest.raises(UndefinedError, match="attempt"):
        compose("taken_back", Company())


def test_one_line_has_no_control_characters():
    assert one_line(" a\tb\r\n\r\nc\x7f ") == "a b c"
