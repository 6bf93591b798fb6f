"""What payment terms say, for invoices that are typed and imported alike."""

from datetime import date

import pytest

from app.terms import USUAL, days_of, due_date


@pytest.mark.parametrize(
    ("terms", "days"),
    [
        ("Net 30", 30),
        ("net30", 30),
        ("Due on receipt", 0),
        ("Due upon receipt.", 0),
        ("2% 10 Net 30", 30),
        ("COD", 0),
        ("2/10, n/30", 30),
        ("14 days", 14),
        ("14 Tage", 14),
        ("30 Tage netto", 30),
        ("Net 15 days", 15),
        ("30", 30),
        ("2% 10 Net 45", 45),
        ("net30 days", 30),
        ("30 days", 30),
        ("immediate", 0),
        ("prepaid", 0),
        ("Due in 15 days", 15),
        ("Sofort fällig", 0),
        ("Net 30 EOM", None),
        ("EOM", None),
        ("as agreed", None),
        ("", None),
        ("Net 9999", None),
        ("4/5/2026", None),
        ("2 10", None),
        ("n" * 5_000, None),
    ],
)
def test_terms_say_a_number_of_days_or_nothing(terms, days):
    assert days_of(terms) == days


def test_due_date_follows_from_terms():
    assert due_date("2% 10 Net 45", date(2026, 11, 22)) == date(2027, 1, 6)
    assert due_date("as agreed", date(2026, 11, 22)) is None


@pytest.mark.parametrize("terms", USUAL)
def test_usual_terms_have_a_due_date(terms):
    assert due_date(terms, date(2026, 11, 22))
