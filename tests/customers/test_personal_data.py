"""Exporting and erasing a person's data."""

import json
import re

import pytest
from peewee import CharField, IntegrityError

from app.customers import personal_data
from app.models import (
    MODELS,
    Access,
    Attempt,
    Audit,
    Customer,
    DocumentFile,
    Erasure,
    ImportRun,
    Invoice,
    OutboxMail,
    PaymentLink,
    ReceivedPayment,
    Session,
    User,
)
from app.models.audit import Actor
from app.models.erasure import ADDRESSES
from tests.conftest import NOON, csrf_of
from tests.people import PASSWORD
from tests.support.pages import post_form


@pytest.fixture
def page_of(cast):
    """page_of("erase") is that page about Alice, on Cedar's record."""

    def _page_of(last="data", user=None):
        access = Access.get(user=user or cast.alice, customer=cast.cedar)
        return f"/customers/{cast.cedar.public_id}/access/{access.id}/{last}"

    return _page_of


@pytest.fixture
def press(ruth, page_of):
    """press("erase") sends the form of that page as Ruth."""

    def _press(last, user=None):
        token = csrf_of(ruth.get(page_of(user=user)).get_data(as_text=True))
        return ruth.post(page_of(last, user), data={"csrf_token": token})

    return _press


def everything(app) -> str:
    """Every value of every table."""
    database = app.extensions["database"]
    rows = [row for table in database.get_tables() for row in database.execute_sql(f'SELECT * FROM "{table}"')]
    return "\n".join(str(value) for row in rows for value in row)


def undecide(reference: str) -> None:
    values = {"state": "sent", "settlement": "", "decided_ms": None}
    Attempt.update(values).where(Attempt.reference == reference).execute()


def test_file_has_what_is_stored_and_no_secret(world, press, cast):
    response = press("export")
    assert "attachment" in response.headers["Content-Disposition"]
    found = json.loads(response.get_data(as_text=True))
    assert found["person"]["email"] == cast.alice.email and found["person"]["has_password"] is True
    assert [one["customer"] for one in found["access"]] == [cast.cedar.number]
    assert [one["reference"] for one in found["payments"]] == [world.payments["cedar"]]
    assert {"receipt"} <= {one["kind"] for one in found["emails"]}
    assert {"login"} <= {one["event"] for one in found["audit_trail"]} and found["logins"]
    assert cast.charlie.email not in response.get_data(as_text=True)
    for session in Session.select():
        assert session.token_hash not in response.get_data(as_text=True)
    assert User.get_by_id(cast.alice.id).password_hash not in response.get_data(as_text=True)
    assert Audit.last("personal_data_exported").actor == cast.ruth.email


def test_page_asks_and_changes_nothing(ruth, page_of, cast):
    page = ruth.get(page_of("erase")).get_data(as_text=True)
    assert f"Erase the personal data of {cast.alice.email}?" in page and "Kept for the books" in page
    assert User.by_email(cast.alice.email) is not None and Audit.last("person_erased") is None


def test_nothing_names_the_person_afterwards(app, world, ruth, press, cast, log_in):
    User.update(name="Alice Okafor").where(User.id == cast.alice.id).execute()
    Customer.update(email=cast.alice.email.upper()).where(Customer.id == cast.cedar.id).execute()
    User.get_by_id(cast.alice.id).rename("Alice Okafor-Lind", Actor(cast.alice.email, NOON))
    before = Invoice.select().count(), Attempt.select().count(), Audit.select().count()
    alice = log_in(cast.alice)
    response = press("erase")
    assert response.location == f"/customers/{cast.cedar.public_id}/access"
    kept = everything(app)
    assert cast.alice.email not in kept.lower() and "Okafor" not in kept
    assert alice.get("/invoices").status_code == 303
    assert app.test_client().post("/login", data={"email": cast.alice.email, "password": PASSWORD}).status_code != 303
    assert (Invoice.select().count(), Attempt.select().count()) == before[:2] and Audit.select().count() > before[2]
    line = Audit.last("person_erased")
    pseudonym = line.subject.removeprefix("user:")
    assert line.actor == cast.ruth.email and Attempt.get(reference=world.payments["cedar"]).user.email == pseudonym
    assert "is erased" in ruth.get(response.location).get_data(as_text=True)


def test_nothing_names_a_former_administrator_afterwards(app, world, cast):
    run = app.test_cli_runner().invoke
    second, invoice_id = "kim@harborpine.example", Invoice.get().id
    actor = Actor(second, NOON, address="192.0.2.77")
    run(args=["create-admin", second, "--password-stdin"], input="Lantern-Cove-59-oak\n", catch_exceptions=False)
    ReceivedPayment.update(actor=second).execute()
    content = {"sha256": "0", "name": "a.pdf", "size": 1, "content": b"x", "added_ms": 1}
    DocumentFile.create(invoice=invoice_id, actor=second, **content)
    PaymentLink.create(invoice=invoice_id, token_hash="0", actor=second, created_ms=1, expires_ms=1, mail_key="")
    applied = ImportRun.add("customers", "a.csv", b"x", "0", actor)
    ImportRun.update(result=json.dumps({"applied_by": second, "new": 1})).where(ImportRun.id == applied.id).execute()
    run(args=["remove-admin", second], catch_exceptions=False)
    assert "erased person" in run(args=["erase-personal-data", second, "--yes"], catch_exceptions=False).output
    kept = everything(app)
    assert second not in kept and actor.address not in kept
    assert ImportRun.get_by_id(applied.id).findings["applied_by"] == ReceivedPayment.get().actor


def test_every_column_that_names_a_person_by_address_is_erased():
    named = re.compile("actor|recipient|payer_email|.*_by")
    of_their_own = {User, Audit, OutboxMail}
    found = {
        field
        for model in MODELS
        for field in model._meta.sorted_fields
        if isinstance(field, CharField) and named.fullmatch(field.name) and model not in of_their_own
    }
    assert found == set(ADDRESSES)


def test_network_address_of_a_session_that_was_ended_is_erased(app, press, cast, log_in):
    there, here = app.test_client(), log_in(cast.alice)
    there.environ_base["REMOTE_ADDR"] = "192.0.2.77"
    post_form(there, "/login", email=cast.alice.email, password=PASSWORD)
    session = Session.get(Session.address == "192.0.2.77")
    post_form(here, "/account/sessions", page="/account", session=str(session.id))
    assert Audit.last("session_ended").actor == cast.alice.email
    press("erase")
    assert [line for line in Audit.select() if "192.0.2.77" in f"{line.address} {line.detail}"] == []


def test_payment_of_an_erased_person_is_still_there(world, ruth, press, cast):
    press("erase")
    page = ruth.get(f"/customers/{cast.cedar.public_id}/payments")
    assert page.status_code == 200 and world.payments["cedar"] in page.get_data(as_text=True)
    audit = ruth.get("/audit")
    assert audit.status_code == 200 and "erased person" in audit.get_data(as_text=True)


def test_address_that_has_theirs_in_it_stays(world, press, cast):
    other = f"m{cast.alice.email}"
    cast.bob.email = other
    cast.bob.save()
    actor = Actor(cast.alice.email, NOON)
    Audit.write_by(actor, "access_invited", f"user:{other}", customer=cast.cedar.number, role="x", by=other)
    Audit.write_by(actor, "customer_saved", "customer:12", given=cast.alice.email, taken=other)
    mail = OutboxMail.get(OutboxMail.kind == "receipt", OutboxMail.user == cast.charlie)
    OutboxMail.update(text=f"to {other} and {cast.alice.email}.").where(OutboxMail.id == mail.id).execute()
    press("erase")
    pseudonym = Audit.last("person_erased").subject.removeprefix("user:")
    invited, saved = Audit.last("access_invited"), Audit.last("customer_saved")
    assert (invited.subject, invited.actor, invited.facts["by"]) == (f"user:{other}", pseudonym, other)
    saved = Audit.get(Audit.subject == "customer:12")
    assert saved.facts == {"given": pseudonym, "taken": other}
    assert OutboxMail.get_by_id(mail.id).text == f"to {other} and {pseudonym}."


def test_email_that_waits_is_not_sent(press, cast, log_in, client):
    page = client.get("/forgot").get_data(as_text=True)
    client.post("/forgot", data={"csrf_token": csrf_of(page), "email": cast.alice.email})
    mail = OutboxMail.get(OutboxMail.recipient == cast.alice.email)
    press("erase")
    after = OutboxMail.get_by_id(mail.id)
    assert (after.state, after.next_try_ms, after.text, after.html) == ("canceled", OutboxMail.NEVER, "", "")


def test_erased_emails_can_be_looked_at_and_not_sent_again(world, press, ruth, cast, client):
    page = client.get("/forgot").get_data(as_text=True)
    client.post("/forgot", data={"csrf_token": csrf_of(page), "email": cast.alice.email})
    theirs = [mail.id for mail in OutboxMail.select().where(OutboxMail.recipient == cast.alice.email)]
    press("erase")
    erased = list(OutboxMail.select().where(OutboxMail.id.in_(theirs)))
    assert "receipt" in {mail.kind for mail in erased} and "canceled" in {mail.state for mail in erased}
    for mail in erased:
        path = f"/setup/company/sent-email/{mail.id}"
        page = ruth.get(path).get_data(as_text=True)
        assert "Erased" in page and "Send again" not in page and "The text is not kept." in page
        data = {"csrf_token": csrf_of(page), "state": mail.state}
        assert ruth.post(f"{path}/again", data=data).status_code == 422
        assert client.get(f"/outbox/{mail.id}/html").status_code == 200


def test_unclear_payment_is_waited_for(world, press, cast):
    Attempt.update(state="sent", settlement="", decided_ms=None).where(
        Attempt.reference == world.payments["cedar"]
    ).execute()
    response = press("erase")
    page = response.get_data(as_text=True)
    assert response.status_code == 409 and "1 of their payments is not decided yet" in page
    assert User.by_email(cast.alice.email) is not None and Access.is_given(cast.alice.id, cast.cedar.id)


def test_person_of_another_customer_is_not_found(ruth, page_of, cast):
    other = Access.get(user=cast.charlie)
    assert ruth.get(f"/customers/{cast.cedar.public_id}/access/{other.id}/erase").status_code == 404


@pytest.mark.parametrize(
    "changes",
    [
        {"event": "logout"},
        {"at_ms": 5},
        {"actor": "another person"},
        {"subject": "user:someone"},
        {"detail": '{"a": 1}'},
        {"address": "192.0.2.1"},
    ],
)
def test_audit_trail_takes_no_other_change_while_a_person_is_erased(cast, changes):
    actor = Actor(cast.alice.email, NOON, address="192.0.2.9")
    Audit.write_by(actor, "login", f"user:{cast.alice.email}")
    line = Audit.last("login")
    Erasure.create(was=cast.alice.email, pseudonym="erased person x")
    theirs = {"subject": "user:erased person x", "actor": "erased person x", "address": ""}
    with pytest.raises(IntegrityError, match="append-only"):
        Audit.update({**theirs, **changes}).where(Audit.id == line.id).execute()
    Audit.update(theirs).where(Audit.id == line.id).execute()
    other = Audit.insert(event="login", at_ms=1, subject="user:x", actor="x", detail="{}").execute()
    with pytest.raises(IntegrityError, match="append-only"):
        Audit.update(address="").where(Audit.id == other).execute()


def test_console_exports_and_erases(app, cast):
    run = app.test_cli_runner().invoke
    assert (
        json.loads(run(args=["export-personal-data", cast.alice.email]).output)["person"]["email"] == cast.alice.email
    )
    assert "Aborted" in run(args=["erase-personal-data", cast.alice.email], input="n\n").output
    refused = run(args=["erase-personal-data", cast.ruth.email, "--yes"])
    assert refused.exit_code == 1 and "is an administrator" in refused.output
    assert "There is no login" in run(args=["erase-personal-data", "no@x.example", "--yes"]).output
    assert "erased person" in run(args=["erase-personal-data", cast.alice.email, "--yes"]).output
    assert User.by_email(cast.alice.email) is None and Audit.last("person_erased").actor == "console"


def test_undecided_payment_stops_the_console_too(app, world, cast, clock):
    Attempt.update(state="sent", settlement="", decided_ms=None).where(
        Attempt.reference == world.payments["cedar"]
    ).execute()
    with pytest.raises(personal_data.CannotErase):
        personal_data.erase(User.get_by_id(cast.alice.id), Actor("console", clock()))
