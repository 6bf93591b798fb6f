"""The console commands that belong to no package: switches, company, the connection to Braintree."""

import pytest

from app import create_app
from app.models import Audit, Company, Invoice
from app.payments.gateway.protocol import GatewayUnreachable, NoAccount
from tests.gateway import in_process_gateway


@pytest.fixture
def run(app, cast):
    """run("settings", "show") is (exit code, what it printed)."""

    def _run(*words, on=app):
        result = on.test_cli_runner().invoke(args=list(words))
        assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
        return result.exit_code, result.output

    return _run


def company(app) -> Company:
    with app.extensions["database"].connection_context():
        return Company.current()


def test_switches_are_shown_and_set(run, app):
    assert run("settings", "set", "customer-access", "off") == (0, "Customer Access: off\n")
    assert "Customer Access: off" in run("settings", "show")[1]
    assert company(app).customer_access is False
    with app.extensions["database"].connection_context():
        (line,) = Audit.select().where(Audit.event == "setting")
        assert (line.subject, line.actor) == ("company:customer_access", "console")


def test_a_switch_that_does_not_exist_is_refused(run):
    assert run("settings", "set", "everything", "on")[0] == 2
    assert run("settings", "set", "customer-access", "maybe")[0] == 2


def test_the_company_is_set_and_shown(run, app, client):
    code, text = run(
        "company",
        "set",
        "--name",
        "Quince & Sons",
        "--address",
        "1 Quay\\nBath",
        "--time-zone",
        "Europe/Berlin",
        "--locale",
        "de-DE",
        "--invitation-hours",
        "48",
    )
    assert code == 0 and "time-zone is set." in text
    now = company(app)
    assert (now.name, now.address, now.time_zone) == ("Quince & Sons", "1 Quay\nBath", "Europe/Berlin")
    assert (now.locale, now.invitation_hours, now.email) == ("de_DE", 48, "billing@harborpine.example")
    assert "address: 1 Quay, Bath" in run("company", "show")[1]
    assert "Quince &amp; Sons" in client.get("/login").get_data(as_text=True)


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("--name", "two\nlines"),
        ("--name", "x" * 201),
        ("--email", "no-address"),
        ("--email", "a@b\r\nBcc: c@d"),
        ("--time-zone", "Mars/Olympus"),
        ("--locale", "xx_YY"),
        ("--locale", ""),
        ("--phone", "1\x002"),
        ("--address", "a\x1bb"),
        ("--invitation-hours", "0"),
        ("--password-min-length", "7"),
    ],
)
def test_a_wrong_value_is_named_and_changes_nothing(run, app, option, value):
    before = company(app).__data__
    code, text = run("company", "set", "--phone", "1", option, value)
    assert code == 2 and option in text
    assert company(app).__data__ == before


def test_setting_nothing_says_how(run):
    code, text = run("company", "set")
    assert code == 2 and "--name" in text


def test_a_gateway_that_works_says_so_in_one_line(run):
    code, text = run("braintree", "check")
    assert code == 0 and text.startswith("Braintree demo: working.") and text.count("\n") == 1
    assert all(f"Client token {currency}" in text for currency in ("EUR", "JPY", "USD"))


def test_a_merchant_account_that_is_not_there_is_named(run, config, clock, demo_gateway):
    accounts = {"USD": "demo_usd", "EUR": "nowhere", "GBP": "demo_jpy"}
    gateway = in_process_gateway(demo_gateway, merchant_accounts=accounts)
    code, text = run("braintree", "check", on=create_app(config, gateway=gateway, clock=clock))
    assert code == 1 and "no merchant account nowhere" in text and "demo_jpy takes JPY, not GBP" in text
    assert "demo_usd" not in text


def test_a_currency_that_customers_owe_and_no_account_takes_is_named(run, app, cast):
    with app.extensions["database"].connection_context():
        Invoice.create(
            customer=cast.cedar,
            number="INV-X",
            currency="CLP",
            issued_on="2026-11-01",
            due_on="2026-12-01",
            total_minor=1000,
            open_minor=1000,
        )
    code, text = run("braintree", "check")
    assert code == 1 and "No merchant account takes CLP" in text


def test_required_three_d_secure_that_is_not_enabled_is_named(run, config, clock, demo_gateway):
    demo_gateway.three_d_secure = False
    gateway = in_process_gateway(demo_gateway, three_d_secure_required=True)
    code, text = run("braintree", "check", on=create_app(config, gateway=gateway, clock=clock))
    assert code == 1 and "3-D Secure is not enabled at Braintree" in text


def test_keys_that_may_not_look_at_accounts_may_still_charge(run, config, clock, demo_gateway):
    demo_gateway.faults.add("error_403", on="account", times=None)
    gateway = in_process_gateway(demo_gateway, merchant_accounts={"USD": "demo_usd"})
    code, text = run("braintree", "check", on=create_app(config, gateway=gateway, clock=clock))
    assert code == 0 and "Client token USD" in text


@pytest.mark.parametrize(
    "wrong",
    [
        {"missing": ["id"]},
        {"id": None},
        {"missing": ["currency"]},
        {"currency": None},
        {"status": "suspended"},
    ],
)
def test_a_listed_account_that_cannot_be_charged_is_left_out(demo_gateway, wrong):
    demo_gateway.faults.add("altered_response", on="account", **wrong)
    gateway = in_process_gateway(demo_gateway)
    assert gateway.account_for("EUR") == "demo_eur"
    with pytest.raises(NoAccount):
        gateway.account_for("USD")


def test_the_list_of_merchant_accounts_is_asked_again_after_some_minutes(demo_gateway):
    keeping, asking = (in_process_gateway(demo_gateway, keep_accounts_seconds=seconds) for seconds in (300, 0))
    assert keeping.account_for("USD") == asking.account_for("USD") == "demo_usd"
    demo_gateway.faults.add("error_500", on="account", times=None)
    assert keeping.account_for("USD") == "demo_usd"
    with pytest.raises(GatewayUnreachable):
        asking.account_for("USD")


def test_a_gateway_with_wrong_keys_says_so_in_one_line(run, config, clock, demo_gateway):
    keys = in_process_gateway(demo_gateway, private_key="canary-wrong")
    code, text = run("braintree", "check", on=create_app(config, gateway=keys, clock=clock))
    assert code == 1 and text.startswith("Braintree demo: wrong.") and text.count("\n") == 1
    assert "canary" not in text
