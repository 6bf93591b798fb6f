"""A nonce is used once, for three hours, by one sale at a time."""

import threading

import pytest
from braintree.exceptions.not_found_error import NotFoundError

from braintree_emulator import cards
from braintree_emulator.cards import CardRefused
from braintree_emulator.nonces import Nonces
from braintree_emulator.tests.conftest import codes


def test_a_nonce_is_used_once(sell, nonce):
    card = nonce()
    assert sell(nonce=card).is_success
    assert codes(sell("11.00", nonce=card)) == ["91564"]


def test_a_decline_consumes_the_nonce(sell, nonce):
    card = nonce()
    sell("2000.00", nonce=card)
    assert codes(sell(nonce=card)) == ["91564"]


def test_a_refused_request_does_not_consume_the_nonce(sell, nonce):
    card = nonce()
    assert codes(sell("x", nonce=card)) == ["81503"]
    assert sell(nonce=card).is_success


def test_a_nonce_lives_three_hours(sell, nonce, clock):
    early, late = nonce(), nonce()
    clock.advance(hours=2, minutes=59)
    assert sell(nonce=early).is_success
    clock.advance(minutes=1)
    assert codes(sell(nonce=late)) == ["91565"]


def test_a_nonce_is_locked_while_its_sale_is_in_flight(sell, nonce, emulator, sdk):
    card = nonce()
    started = emulator.sales.begin({"type": "sale", "amount": "5.00", "payment_method_nonce": card})
    assert codes(sell(nonce=card)) == ["91566"]
    emulator.sales.finish(started)
    assert codes(sell(nonce=card)) == ["91564"]


def test_an_abandoned_lock_opens_after_a_minute_and_is_not_charged_twice(sell, nonce, emulator, clock):
    card = nonce()
    started = emulator.sales.begin({"type": "sale", "amount": "5.00", "payment_method_nonce": card})
    clock.advance(seconds=61)
    assert sell(nonce=card).is_success
    with pytest.raises(Exception, match="more than once"):
        emulator.sales.finish(started)
    assert len(emulator.transactions()) == 1


def test_many_threads_with_one_nonce_charge_it_once(sell, nonce, emulator):
    card, results = nonce(), []
    work = lambda n: results.append(sell(nonce=card, order_id=f"o{n}"))  # noqa: E731
    threads = [threading.Thread(target=work, args=(n,)) for n in range(20)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    assert len(emulator.transactions()) == 1
    assert sum(result.is_success for result in results) == 1
    assert {codes(r)[0] for r in results if not r.is_success} <= {"91564", "91566"}


def test_a_nonce_has_its_card_details(sdk, nonce):
    found = sdk.payment_method_nonce.find(nonce("378282246310005", cvv="1234"))
    assert (found.type, found.details["card_type"]) == ("CreditCard", "American Express")
    assert (found.details["last_four"], found.consumed) == ("0005", False)
    assert found.three_d_secure_info is None


def test_an_unknown_nonce_is_not_found(sdk):
    with pytest.raises(NotFoundError):
        sdk.payment_method_nonce.find("unknown")


def test_authentication_gives_a_new_nonce_and_consumes_the_old(emulator, sdk, sell, nonce):
    old = nonce()
    info = cards.three_d_secure_info("authenticate_successful", "Visa", "a" * 32)
    new = emulator.nonces.with_three_d_secure(old, info)["nonce"]
    found = sdk.payment_method_nonce.find(new).three_d_secure_info
    assert (found.status, found.liability_shifted, found.eci_flag) == ("authenticate_successful", True, "05")
    assert emulator.nonces.with_three_d_secure(old, info) is None
    assert codes(sell(nonce=old)) == ["91564"]
    assert sell(nonce=new, options={"three_d_secure": {"required": True}}).is_success


def test_a_challenge_result_changes_the_nonce_in_place(emulator, sell, nonce):
    card = emulator.nonces.with_three_d_secure(nonce(), cards.three_d_secure_info("challenge_required"))["nonce"]
    emulator.nonces.set_three_d_secure(card, cards.three_d_secure_info("authenticate_failed"))
    no = sell(nonce=card, options={"three_d_secure": {"required": True}})
    assert no.transaction.gateway_rejection_reason == "three_d_secure"


@pytest.mark.parametrize(
    ("number", "month", "year", "cvv", "code"),
    [
        ("", "12", "30", "", "81714"),
        ("411111111111111a", "12", "30", "", "81716"),
        ("٤" * 16, "12", "30", "", "81716"),
        ("4111111111111112", "12", "30", "", "81715"),
        ("4929420573595709", "12", "30", "", "81717"),
        ("4111111111111111", "", "", "", "81709"),
        ("4111111111111111", "13", "30", "", "81712"),
        ("4111111111111111", "12", "1999", "", "81713"),
        ("4111111111111111", "12", "30", "12", "81707"),
        ("378282246310005", "12", "30", "123", "81707"),
    ],
)
def test_an_invalid_card_is_refused_with_its_code(emulator, number, month, year, cvv, code):
    with pytest.raises(CardRefused) as refused:
        emulator.nonces.tokenize(number, month, year, cvv)
    assert [error[0] for error in refused.value.errors] == [code]


@pytest.mark.parametrize("number", sorted(cards.TEST_NUMBERS))
def test_every_test_card_has_a_brand_and_a_valid_check_digit(emulator, number):
    cvv = "1" * cards.brand_of(number).cvv_length
    record = emulator.nonces.tokenize(number, "1", "2030", cvv)
    assert record["brand"] != "Unknown"
    assert record["card"]["month"] == "01"


def test_the_store_file_has_no_card_number_and_no_cvv(tmp_path, clock):
    from braintree_emulator import Emulator

    emulator = Emulator(tmp_path / "store.sqlite3", clock=clock)
    emulator.nonces.tokenize("378282246310005", "12", "2030", "9876")
    emulator.store.close()
    kept = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert b"378282" in kept
    assert b"378282246310005" not in kept
    assert b"9876" not in kept


def test_an_authorization_fingerprint_is_signed_and_expires(emulator, clock):
    token = emulator.client_token()["authorizationFingerprint"]
    assert emulator.nonces.authorization(token)["sub"] == "demo_merchant"
    assert emulator.nonces.authorization(token[:-1] + ("0" if token[-1] != "0" else "1")) is None
    assert emulator.nonces.authorization("\ud800.é") is None
    assert Nonces(emulator.store, clock, "another key").authorization(token) is None
    clock.advance(days=1)
    assert emulator.nonces.authorization(token) is None
