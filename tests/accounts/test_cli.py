"""flask create-admin, remove-admin, give-access, take-access."""

import pytest

from app.models import Access, Audit, Company, Customer, User
from tests.accounts.conftest import NEW, ask_for_link, send_form
from tests.people import COMMON, PASSWORD
from tests.support.mailbox import last_link, mails_to

DORA = "dora@fennelfig.example"


@pytest.fixture
def run(app, cast):
    runner = app.test_cli_runner()
    return lambda *arguments, input=None: runner.invoke(args=list(arguments), input=input)


def said(result, text):
    return result.exit_code == 1 and text in result.output


def test_an_administrator_is_made_and_logs_in(run, log_in):
    result = run("create-admin", "Boss@harborpine.example", "--name", "Bo Ss", "--password-stdin", input=NEW + "\n")
    assert result.exit_code == 0 and "http://localhost/login" in result.output
    user = User.by_email("boss@harborpine.example")
    assert log_in(user, NEW).get("/setup").status_code == 200


def test_the_password_is_asked_for_twice_and_never_shown(run):
    result = run("create-admin", "boss@harborpine.example", input=f"{NEW}\n{NEW}\n")
    assert result.exit_code == 0 and NEW not in result.output


def test_an_administrator_who_forgot_gets_a_new_password(run, cast, log_in):
    there = log_in(cast.ruth)
    assert run("create-admin", cast.ruth.email, "--password-stdin", input=NEW).exit_code == 0
    assert log_in(cast.ruth, NEW) and there.get("/account").status_code == 303


def test_new_administrator_is_audited_and_a_reset_password_is_not(run, cast):
    run("create-admin", "boss@harborpine.example", "--password-stdin", input=NEW)
    run("create-admin", cast.ruth.email, "--password-stdin", input=NEW)
    made = Audit.select().where(Audit.event == "administrator_made")
    assert [(line.subject, line.actor) for line in made] == [("user:boss@harborpine.example", "console")]


def test_an_administrator_is_removed_and_can_be_made_again(run, cast, log_in, client):
    run("create-admin", "boss@harborpine.example", "--password-stdin", input=NEW)
    boss = User.by_email("boss@harborpine.example")
    there, link = log_in(boss, NEW), ask_for_link(client, boss.email)
    assert run("remove-admin", "BOSS@harborpine.example").exit_code == 0
    assert there.get("/setup").location.startswith("/login")
    assert client.get(link, follow_redirects=True).status_code == 410
    assert send_form(client, "/login", email=boss.email, password=NEW).status_code == 422
    line = Audit.last("administrator_removed")
    assert (line.subject, line.actor) == (f"user:{boss.email}", "console")
    assert run("create-admin", boss.email, "--password-stdin", input=NEW).exit_code == 0
    assert log_in(boss, NEW).get("/setup").status_code == 200


def test_the_last_administrator_stays(run, cast):
    assert said(run("remove-admin", cast.ruth.email), "is the last administrator")
    assert said(run("remove-admin", cast.alice.email), "is not an administrator's login")
    assert User.get_by_id(cast.ruth.id).is_administrator and Audit.last("administrator_removed") is None


@pytest.mark.parametrize("password", ["", "short", "Password123!", COMMON])
def test_the_rules_hold_on_the_console_too(run, password):
    result = run("create-admin", "boss@harborpine.example", "--password-stdin", input=password)
    assert result.exit_code == 1 and User.by_email("boss@harborpine.example") is None


@pytest.mark.parametrize("email", ["", "boss", "a b@c.example", "x@y", "a\n@b.example"])
def test_invalid_email_address_is_refused(run, email):
    assert said(run("create-admin", email, "--password-stdin", input=NEW), "is not an email address")


def test_a_customers_login_does_not_become_an_administrator(run, cast):
    result = run("create-admin", cast.alice.email, "--password-stdin", input=NEW)
    assert said(result, "is a customer's login") and not User.by_email(cast.alice.email).is_administrator


def test_access_with_an_email(run, client):
    result = run("give-access", "81", DORA, "--name", "Dora Finch", "--send-email")
    assert result.exit_code == 0 and f"An email to {DORA} that says how to log in is queued" in result.output
    client.get(last_link(DORA))
    assert send_form(client, "/welcome", password=NEW).status_code == 303
    assert "Fennel" in client.get("/account").get_data(as_text=True)


def test_the_console_promises_no_email_while_no_mail_server_is_set(run, app):
    assert "the worker sends it" in run("give-access", "81", DORA, "--send-email").output
    app.config["PORTAL"] = app.config["PORTAL"].replace(environment="sandbox")
    printed = run("give-access", "81", DORA, "--send-email").output
    assert "the worker saves it to a file, until SMTP_URL is set" in printed and "sends it" not in printed


def test_access_is_given_with_a_warning_while_customer_access_is_off(run):
    assert "Customer Access" not in run("give-access", "81", DORA, "--send-email").output
    Company.update(customer_access=False).execute()
    result = run("give-access", "81", DORA, "--send-email")
    assert result.exit_code == 0 and f"Customer Access is off, so {DORA} can't log in yet." in result.output


def test_access_with_a_password_has_to_be_changed_at_the_first_login(run, log_in):
    assert run("give-access", "81", DORA, "--password-stdin", input=NEW).exit_code == 0
    assert mails_to(DORA) == []
    assert log_in(User.by_email(DORA), NEW).get("/invoices").location == "/account/password"


def test_in_the_demo_a_password_may_be_kept(run, log_in):
    run("give-access", "81", DORA, "--password-stdin", "--keep-password", input=NEW)
    assert log_in(User.by_email(DORA), NEW).get("/account").status_code == 200


def test_giving_it_again_changes_the_role_alone(run, cast, log_in):
    assert run("give-access", "77", cast.alice.email, "--role", "Customer Center (view only)").exit_code == 0
    access = Access.get(user=cast.alice)
    assert access.role.name == "Customer Center (view only)" and log_in(cast.alice, PASSWORD)


def test_access_that_was_taken_can_be_given_back(run, cast, log_in):
    assert run("give-access", "77", cast.nora.email).exit_code == 0
    assert log_in(cast.nora).get("/account").status_code == 200


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (["999", DORA, "--send-email"], "There is no customer with the number '999'."),
        (["81", DORA, "--role", "Boss", "--send-email"], "Choose one of: 'Customer Center'"),
        (["81", DORA], "has no password yet. Add --send-email or --password-stdin."),
        (["81", DORA, "--send-email", "--password-stdin"], "Choose one"),
        (["81", "ruth@harborpine.example", "--send-email"], "is an administrator"),
        (["81", "dora", "--send-email"], "is not an email address"),
    ],
)
def test_refused_command_says_why_and_changes_nothing(run, arguments, text):
    assert said(run("give-access", *arguments), text)
    assert User.by_email(DORA) is None


def test_email_to_a_user_with_password_has_no_setup_link(run, cast):
    run("give-access", "81", cast.alice.email, "--send-email")
    text = mails_to(cast.alice.email)[-1].text
    assert "Use it to log in" in text and "/welcome/" not in text and "/reset/" not in text


def test_open_page_is_stale_after_a_console_change(run, cast):
    run("give-access", "81", DORA, "--send-email")
    assert Customer.get(number="81").version == 2


def test_taking_access_logs_the_person_out(run, cast, log_in):
    client = log_in(cast.alice)
    assert run("take-access", "77", cast.alice.email).exit_code == 0
    assert client.get("/account").status_code == 303
    assert said(run("take-access", "77", cast.alice.email), "has no access to Cedar Lane Bakery")


def test_commands_are_audited(run, cast):
    run("give-access", "81", DORA, "--password-stdin", input=NEW)
    run("take-access", "81", DORA)
    lines = [(line.event, line.actor) for line in Audit.select().order_by(Audit.id)]
    expected = ("access_given", "password_changed", "customer_saved", "access_taken", "customer_saved")
    assert lines == [(event, "console") for event in expected]


def test_the_companys_own_length_counts_on_the_console(run):
    Company.update(password_min_length=20).execute()
    assert said(run("give-access", "81", DORA, "--password-stdin", input=NEW), "at least 20 characters")
