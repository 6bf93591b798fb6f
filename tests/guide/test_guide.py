"""The setup guide, step by step, with and without partial updates."""

import re
from concurrent.futures import ThreadPoolExecutor

import pytest

from app.guide import trials
from app.guide.steps import STEPS
from app.models import Access, Audit, Customer, OutboxMail, User, access_counts
from tests.company.conftest import PARTIAL, confirmed
from tests.conftest import csrf_of
from tests.gateway import in_process_gateway
from tests.support.pages import fields_of, submit_form, text_of

SWITCHES = ("credit-card-payments", "customer-access", "customers-can-pay-online")


def opened(page) -> str:
    return re.search(r'is-now" id="step-([a-z-]+)"', page.get_data(as_text=True))[1]


def check(client, slug, headers=None, drop=(), **changes):
    return submit_form(client, f"/setup?step={slug}", f"/setup/{slug}", headers, drop, **changes)


@pytest.fixture
def no_users_yet(app, everything_off):
    """A portal at its very beginning: without users, nothing is on."""
    with app.extensions["database"].connection_context():
        Access.update(given=False).execute()


@PARTIAL
def test_the_three_switches_in_order(ruth, no_users_yet, company, headers):
    assert "0 of 6 steps completed" in text_of(ruth.get("/setup"))
    for number, slug in enumerate(SWITCHES):
        assert opened(ruth.get("/setup")) == slug
        answer = check(ruth, slug, headers, **{slug.replace("-", "_"): "on"})
        if headers:
            assert opened(answer) == [*SWITCHES, "give-access"][number + 1]
            assert f"{number + 1} of 6 steps completed" in text_of(answer) and "data-focus" in answer.text
            assert answer.headers["HX-Push-Url"] == "/setup"
        else:
            assert answer.location == "/setup"
    assert company().online_payment_is_on
    assert "On. Saved by Ruth Imani, Nov 22, 2026" in text_of(ruth.get("/setup"))


def test_guide_can_be_left_and_resumed_by_another_administrator(ruth, log_in, app, cast, no_users_yet):
    check(ruth, "credit-card-payments", credit_card_payments="on")
    assert opened(ruth.get("/setup")) == opened(log_in(cast.ruth).get("/setup")) == "customer-access"


@PARTIAL
def test_a_step_that_cannot_start_is_no_link_and_is_refused(ruth, no_users_yet, company, headers):
    page = ruth.get("/setup?step=customers-can-pay-online", headers=headers)
    assert opened(page) == "credit-card-payments" and 'href="/setup?step=give-access"' not in page.text
    assert "Needs Credit Card Payments (step 1)" in text_of(page) and "Not available yet" in text_of(page)
    fields = {"customers_can_pay_online": "on"}
    token = re.search(r'name="csrf_token" value="([^"]+)"', ruth.get("/setup").text)[1]
    answer = ruth.post("/setup/customers-can-pay-online", data={"csrf_token": token, **fields}, headers=headers)
    assert answer.status_code == 422 and opened(answer) == "customers-can-pay-online"
    assert "needs Credit Card Payments, Customer Access. " not in text_of(answer)
    assert "needs Credit Card Payments and Customer Access" in text_of(answer)
    assert company().customers_can_pay_online is False


@PARTIAL
def test_turning_a_step_off_asks_in_its_place(ruth, company, headers):
    asked = check(ruth, "credit-card-payments", headers, drop=["credit_card_payments"])
    assert opened(asked) == "credit-card-payments" and "Turn off Credit Card Payments?" in text_of(asked)
    confirmed(ruth, asked, "/setup/credit-card-payments", headers)
    page = text_of(ruth.get("/setup"))
    assert company().credit_card_payments is False and "Customers cannot pay until Credit Card Payments is on" in page
    assert "Customers Can Pay Online Needs Credit Card Payments (step 1) To do" in page


@PARTIAL
def test_a_stale_step_changes_nothing(ruth, company, headers, everything_off):
    company(customer_access=True)
    fields = fields_of(ruth.get("/setup?step=customer-access"), "/setup/customer-access")
    company(customer_access=False)
    answer = ruth.post("/setup/customer-access", data=fields, headers=headers)
    assert answer.status_code == 409 and "Customer Access is now off" in text_of(answer)
    assert company().customer_access is False and opened(answer) == "customer-access"


def test_only_viewing_skips_the_steps_about_paying(ruth, no_users_yet, company):
    answer = submit_form(ruth, "/setup", "/setup/view-only")
    assert answer.location == "/setup" and company().view_only is True
    page = ruth.get("/setup")
    assert "0 of 4 steps completed" in text_of(page) and opened(page) == "customer-access"
    submit_form(ruth, "/setup?step=credit-card-payments", "/setup/view-only")
    assert company().view_only is False


def test_done_is_read_from_the_database(app, ruth, log_in, cast, clock, emailed):
    page = text_of(ruth.get("/setup"))
    assert "4 people with access have not been emailed and have not logged in." in page
    assert "4 of 6 steps completed" in page
    for person in (cast.bob, cast.vera, cast.charlie):
        emailed(person)
    log_in(cast.alice)
    page = text_of(ruth.get("/setup"))
    assert "Customers can view their invoices" in page and "6 of 6 steps completed" in page
    assert "Check what a customer can do A customer has logged in, or you viewed as one Completed" in page
    assert "The connection to Braintree has not been tested with these keys" in page
    submit_form(ruth, "/setup", "/setup/connection")
    assert "Customers can view and pay their invoices" in text_of(ruth.get("/setup"))
    clock.advance(minutes=1)
    confirmed(ruth, check(ruth, "customer-access", drop=["customer_access"]), "/setup/customer-access")
    assert "Check what a customer can do Needs Customer Access (step 2) Not available yet" in text_of(
        ruth.get("/setup")
    )


def test_the_connection_is_tested_live(app, ruth, demo_gateway):
    assert "Not tested yet" in text_of(ruth.get("/setup"))
    assert submit_form(ruth, "/setup?step=credit-card-payments", "/setup/connection").status_code == 303
    page = text_of(ruth.get("/setup?step=credit-card-payments"))
    assert "Connection: merchant demo_merchant" in page and "Connected" in page
    assert re.search("A client token was issued for .*USD", page)


@pytest.mark.parametrize("fault", ["slow", "error_503", "garbage", "error_401", "lost_request"])
def test_a_gateway_in_trouble_gives_words(app, ruth, demo_gateway, fault):
    app.extensions["gateway"].account_for("USD")  # the accounts are known from before
    demo_gateway.faults.add(fault, on="any", times=None)
    submit_form(ruth, "/setup?step=credit-card-payments", "/setup/connection")
    page = ruth.get("/setup?step=credit-card-payments")
    assert page.status_code == 200 and "Not connected" in text_of(page) and "Client token" in text_of(page)
    asked = set(re.findall("Client token [A-Z]+", text_of(page)))
    assert len(asked) == 1 or fault not in ("slow", "lost_request"), "it waited for each"


def test_a_failed_test_is_no_green_light(app, ruth, cast, demo_gateway):
    app.extensions["gateway"] = in_process_gateway(demo_gateway, private_key="wrong")
    pages = (
        "/setup?step=customers-can-pay-online",
        f"/customers/{cast.cedar.public_id}/access",
        "/setup/accounting/preferences",
    )
    assert "The connection to Braintree has not been tested with these keys" in text_of(ruth.get(pages[0]))
    submit_form(ruth, pages[0], "/setup/connection")  # the button is beside every step
    failure = "Braintree failed the test of Nov 22, 2026, 12:00 PM. Connection: Braintree does not know these keys"
    for url in pages:
        assert failure in (page := text_of(ruth.get(url))) and ".." not in page, url
    words = text_of(ruth.get(pages[0]))
    assert f"Customers may not be able to pay by card. {failure}" in words and "can pay open invoices" not in words
    assert "Alice Okafor can pay" not in text_of(ruth.get(pages[1]))
    with app.extensions["database"].connection_context():
        access = Access.get(Access.user == cast.alice)
    assert f"They may not be able to pay by card. {failure}" in text_of(
        ruth.get(f"/setup?step=check&person={access.id}")
    )


@pytest.mark.parametrize("change", ["other keys", "a month"])
def test_a_test_of_other_keys_or_of_long_ago_proves_nothing(app, ruth, log_in, cast, clock, emailed, change):
    for person in (cast.bob, cast.vera, cast.charlie):
        emailed(person)
    log_in(cast.alice)
    submit_form(ruth, "/setup", "/setup/connection")
    if change == "a month":
        clock.advance(days=31)
        ruth = log_in(cast.ruth)
    else:
        app.config["PORTAL"] = app.config["PORTAL"].replace(private_key="another")
    page = text_of(ruth.get("/setup"))
    assert "Customers can view and pay" not in page and "can pay open invoices" not in page
    assert ("was last tested on Nov 22, 2026" if change == "a month" else "has not been tested") in page


@pytest.mark.parametrize(
    ("state", "words"),
    [
        (OutboxMail.REFUSED, "not delivered"),
        (OutboxMail.GAVE_UP, "not delivered"),
        (OutboxMail.BOUNCED, "not delivered"),
        (OutboxMail.QUEUED, "queued"),
        (OutboxMail.RETRYING, "waiting to be retried"),
    ],
)
def test_an_email_that_was_not_taken_counts_for_nothing(ruth, log_in, cast, emailed, state, words):
    log_in(cast.alice)
    emailed(cast.vera), emailed(cast.charlie), emailed(cast.bob, state)
    page = text_of(ruth.get("/setup?step=login-url"))
    assert "1 person with access has not been emailed and has not logged in." in page
    assert f"email to bob@cedarlane.example {words}" in page


def test_wrong_keys_give_words(app, ruth, demo_gateway):
    app.extensions["gateway"] = in_process_gateway(demo_gateway, private_key="wrong")
    submit_form(ruth, "/setup?step=credit-card-payments", "/setup/connection")
    assert "Braintree does not know these keys" in text_of(ruth.get("/setup?step=credit-card-payments"))


def ticked(client, *customers, headers=None, **changes):
    """Check these customers in step 4 and save."""
    page = client.get("/setup?step=give-access").text
    fields = fields_of(page, "/setup/give-access") | {"role": "1"} | changes
    data = {**{name: value for name, value in fields.items() if value}, "customer": [c.public_id for c in customers]}
    return client.post("/setup/give-access", data=data, headers=headers or {}), data


@pytest.fixture
def newcomers(app, no_users_yet, company):
    company(customer_access=True, credit_card_payments=True, customers_can_pay_online=True)
    with app.extensions["database"].connection_context():
        plain = Customer.create(number="90", name="Saltbox Kitchen", email="tom@saltbox.example")
        shared = Customer.create(number="91", name="North Pier", email="orders@northpier.example")
        none = Customer.create(number="92", name="Old Mill")
    return plain, shared, none


@PARTIAL
def test_access_is_given_in_the_guide(app, ruth, newcomers, headers):
    page = ruth.get("/setup?step=give-access").text
    assert f'id="pick-{newcomers[0].public_id}"' in page and f'id="pick-{newcomers[2].public_id}"' not in page
    answer, data = ticked(ruth, newcomers[0], headers=headers)
    assert opened(answer if headers else ruth.get("/setup")) == "login-url"  # the email is queued, not sent
    ruth.post("/setup/give-access", data=data)  # the same form again
    with app.extensions["database"].connection_context():
        assert [access.user.email for access in Access.select().where(Access.given)] == ["tom@saltbox.example"]
        assert OutboxMail.select().count() == 1


@PARTIAL
def test_a_shared_mailbox_is_asked_about_beside_its_row(app, ruth, newcomers, headers):
    answer, _ = ticked(ruth, newcomers[1], headers=headers)
    pier = newcomers[1].public_id
    assert answer.status_code == 422 and f'id="shared-{pier}-e"' in answer.text
    assert "looks like a shared mailbox. Check “Give this shared mailbox access” next to it" in text_of(answer)
    with app.extensions["database"].connection_context():
        assert not Access.select().where(Access.given).exists()
    ticked(ruth, newcomers[1], shared=pier)
    with app.extensions["database"].connection_context():
        assert Access.select().where(Access.given).count() == 1


@PARTIAL
@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({}, "Check one or more customers"),
        ({"role": "0"}, "Select a Customer Center role"),
        ({"give": ""}, "Check Give Access"),
        ({"token": "x"}, "Open the step again"),
    ],
)
def test_access_is_not_given_without_what_it_takes(app, ruth, newcomers, headers, changes, words):
    answer, _ = ticked(ruth, *newcomers[: 1 if changes else 0], headers=headers, **changes)
    assert answer.status_code == 422 and words in text_of(answer) and opened(answer) == "give-access"
    with app.extensions["database"].connection_context():
        assert not Access.select().where(Access.given).exists()


def test_no_mail_is_sent_while_logins_are_off(ruth, newcomers, company):
    _, data = ticked(ruth)
    company(customer_access=False)
    answer = ruth.post("/setup/give-access", data={**data, "customer": newcomers[0].public_id})
    assert answer.status_code == 422 and "Turn Customer Access on first" in text_of(answer)


def test_the_test_email_says_what_became_of_it(app, ruth, cast, clock):
    database = app.extensions["database"]
    for _twice in range(2):
        submit_form(ruth, "/setup?step=give-access", "/setup/test-email")
    with database.connection_context():
        (mail,) = OutboxMail.select()
    assert mail.recipient == cast.ruth.email and "http://localhost/login" in mail.text
    assert "Waiting to be sent to ruth@harborpine.example" in text_of(ruth.get("/setup/test-email"))
    with database.connection_context():
        mail.fail(OutboxMail.REFUSED, clock(), "550 no such mailbox")
    assert "Not sent to ruth@harborpine.example: 550 no such mailbox" in text_of(ruth.get("/setup?step=give-access"))
    with database.connection_context():
        OutboxMail.update(state=OutboxMail.BOUNCED).execute()
    assert "Bounced from ruth@harborpine.example: 550" in text_of(ruth.get("/setup?step=give-access"))
    submit_form(ruth, "/setup?step=give-access", "/setup/test-email")
    with database.connection_context():
        assert OutboxMail.select().count() == 1


def test_several_test_emails_at_once_are_one(app, log_in, cast):
    browsers = [log_in(cast.ruth) for _ in range(4)]
    tokens = [csrf_of(ruth.get("/setup?step=give-access").text) for ruth in browsers]

    def ask(n):
        return browsers[n].post("/setup/test-email", data={"csrf_token": tokens[n]}).status_code

    with ThreadPoolExecutor(4) as at_once:
        assert set(at_once.map(ask, range(4))) == {303}
    assert Audit.select().where(Audit.event == "test_mail").count() == 1


def test_the_test_email_that_was_sent(app, ruth, clock):
    submit_form(ruth, "/setup?step=give-access", "/setup/test-email")
    with app.extensions["database"].connection_context():
        OutboxMail.get().sent(clock(), keep=False)
    page = text_of(ruth.get("/setup?step=give-access"))
    assert "Written to the outbox folder" in page and "every 3s" not in ruth.get("/setup/test-email").text


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (
            {},
            "alice@cedarlane.example can log in. With the role Customer Center they can view the invoices of "
            "Cedar Lane Bakery. They can pay open invoices by card.",
        ),
        ({"customer_access": False}, "cannot log in: Customer Access is off"),
        ({"customers_can_pay_online": False}, "They cannot pay. Customers Can Pay Online is off"),
    ],
)
def test_a_trial_sign_in(app, ruth, cast, clock, company, change, words):
    submit_form(ruth, "/setup", "/setup/connection")
    with app.extensions["database"].connection_context():
        access = access_counts.access_numbered(str(Access.get(Access.user == cast.alice).id))
    company(**change)
    if change.get("customer_access") is False:  # the step is closed then: what it would say
        assert words in trials.log_in(access, company(), clock()).words
    else:
        assert words in text_of(ruth.get(f"/setup?step=check&person={access.id}"))


def test_trial_sign_in_without_a_password_or_right(app, ruth, cast):
    with app.extensions["database"].connection_context():
        User.update(password_hash=None).where(User.id == cast.vera.id).execute()
        access = Access.get(Access.user == cast.vera)
    page = text_of(ruth.get(f"/setup?step=check&person={access.id}"))
    assert "vera@cedarlane.example cannot log in yet: no password is set up" in page
    assert "They cannot pay. The role Customer Center (view only) may not pay" in page


def test_the_guide_shows_nothing_that_is_not_there(ruth, no_users_yet):
    for slug in SWITCHES:
        page = ruth.get(f"/setup?step={slug}").text
        assert all(words not in page for words in ("Items &amp; Inventory", "Order Management", "Cedar Lane", "4,426"))
    page = text_of(ruth.get("/setup"))
    assert "Steps 1–3 of the documented procedure" in page
    assert "Before you start" in page and "See earlier imports" in page


def test_the_heading_stays_while_it_asks(ruth, log_in, cast, emailed):
    for person in (cast.bob, cast.vera, cast.charlie):
        emailed(person)
    log_in(cast.alice)
    submit_form(ruth, "/setup", "/setup/connection")
    asked = text_of(check(ruth, "credit-card-payments", drop=["credit_card_payments"]))
    assert "Turn off Credit Card Payments?" in asked and "Customers can view and pay their invoices" in asked


def test_where_customers_log_in(ruth):
    assert 'value="http://localhost/login"' in ruth.get("/setup?step=login-url").text


def test_the_steps_are_the_documented_ones():
    assert [step.title for step in STEPS][:3] == [
        "Credit Card Payments",
        "Customer Access",
        "Customers Can Pay Online",
    ]
    assert STEPS[2].path == ("Setup", "Accounting", "Preferences", "Accounting Preference")


@pytest.mark.parametrize("who", ["alice", "vera", "charlie"])
def test_customers_do_not_find_it(log_in, cast, who):
    assert log_in(getattr(cast, who)).get("/setup").status_code == 404
