"""/setup."""

import pytest


def test_ruth_sees_every_switch_and_how_to_set_it(log_in, cast):
    page = log_in(cast.ruth).get("/setup").get_data(as_text=True)
    for text in ("Credit Card Payments", "Customer Access", "Customers Can Pay Online", "http://localhost/login"):
        assert text in page
    assert page.count("chip-good") == 4 and "flask settings set customer-access off" in page


def test_a_switch_that_is_off_shows_how_to_turn_it_on(log_in, cast, clock):
    cast.company.set_feature("customers_can_pay_online", False, actor="test", now=clock())
    page = log_in(cast.ruth).get("/setup").get_data(as_text=True)
    assert page.count("chip-mute") == 1 and "flask settings set customers-can-pay-online on" in page


@pytest.mark.parametrize("who", ["alice", "vera", "charlie"])
def test_customers_do_not_find_it(log_in, cast, who):
    assert log_in(getattr(cast, who)).get("/setup").status_code == 404


def test_somebody_unknown_is_asked_to_log_in(client, cast):
    assert client.get("/setup").location == "/login?next=/setup"
