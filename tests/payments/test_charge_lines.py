"""What travels with a charge fits into Braintree's limits and can be read again."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.payments import charge_lines
from app.payments.charge_lines import CODE, DESCRIPTION, MAX_LINES, NAME, ChargeLine, key_of

REFERENCE = "PAY-ABCDEFGH23"
NUMBERS = st.text(min_size=1, max_size=60) | st.from_regex(r"[A-Z]{2,4}[- ][0-9]{1,8}", fullmatch=True)


def parts(count, number="INV-{}"):
    return [(number.format(n), 100 + n) for n in range(count)]


@pytest.mark.parametrize("count", [1, 2, 249, 250, 500])
@pytest.mark.parametrize("number", ["INV-{}", "a number with spaces {}", "№ {}", "X" * 60 + "{}"])
def test_up_to_500_invoices_fit_and_are_read_again(count, number):
    lines = charge_lines.write("abcd1234", REFERENCE, "maya@cedarlane.example", "77", parts(count, number))
    assert len(lines) <= MAX_LINES
    assert all(0 < len(x.name) <= NAME and len(x.description) <= DESCRIPTION and len(x.code) <= CODE for x in lines)
    said = charge_lines.read(lines)
    assert (said.portal_id, said.reference, said.payer) == ("abcd1234", REFERENCE, "maya@cedarlane.example")
    assert [minor for _, minor in said.parts] == [100 + n for n in range(count)]
    for (key, _), (wanted, _) in zip(said.parts, parts(count, number), strict=True):
        assert key in charge_lines.keys_of_invoice(wanted)


@settings(max_examples=200)
@given(NUMBERS, NUMBERS, st.text(max_size=300), st.integers(1, 10**12))
def test_any_invoice_numbers_are_read_back_from_line_items(invoice, customer, payer, minor):
    lines = charge_lines.write("abcd1234", REFERENCE, payer, customer, [(invoice, minor)])
    (line,) = lines
    assert len(line.name) <= NAME and len(line.description) <= DESCRIPTION
    said = charge_lines.read(lines)
    assert said.customer in charge_lines.keys_of_customer(customer) and said.payer in ("", payer)
    assert said.parts[0][0] in charge_lines.keys_of_invoice(invoice) and said.parts[0][1] == minor


@pytest.mark.parametrize(
    "lines",
    [
        [],
        [ChargeLine("Socks", "3 pairs", "SOCKS", 900)],
        [ChargeLine("INV-1", f"{REFERENCE} - 77", "", 900)],
        [ChargeLine("INV-1", f"{REFERENCE} - 77", "a", 9), ChargeLine("INV-2", REFERENCE, "b", 9)],
        [ChargeLine("INV-1", f"{REFERENCE} - 77", "a", 9), ChargeLine("2 invoices", "INV-2=1 INV-3=1", "a", 9)],
    ],
)
def test_other_line_items_are_not_read_as_ours(lines):
    assert charge_lines.read(lines) is None


def test_a_number_that_looks_like_a_bundle_or_a_digest_is_not_taken_for_one():
    assert key_of("3 invoices", NAME).startswith("#") and key_of("#12", NAME) != "#12"
