"""What became of a mail: queued, waiting, sent, refused, given up and canceled are distinguished by the fact."""

import socket
from datetime import timedelta

import pytest

from app.accounts import links
from app.mail.compose import Mail
from app.mail.transport import Folder, SmtpServer
from app.models import Audit, Company, Link, OutboxMail
from app.models.audit import Actor
from app.models.outbox import redacted
from tests import people
from tests.mail.conftest import HANG_UP, authenticate
from tests.support.mailbox import deliver_due, message_for

pytestmark = pytest.mark.usefixtures("database")


def reload(row):
    return OutboxMail.get_by_id(row.id)


def state_of(row):
    """The state and the reason."""
    return reload(row).state, reload(row).error


@pytest.fixture
def down(config):
    return SmtpServer(config.replace(smtp_url="smtp://127.0.0.1:1"))


def test_a_new_mail_is_queued_and_one_that_was_taken_is_sent(serve, queue, clock):
    row = queue()
    assert state_of(row) == ("queued", "")
    with serve() as (_, transport):
        deliver_due(transport, clock())
    assert state_of(row) == ("sent", "") and reload(row).sent_ms == int(clock().timestamp() * 1000)


def test_a_mail_put_off_by_the_server_waits_with_its_reason_and_the_next_time(serve, queue, clock):
    row = queue("busy@cedarlane.example")
    with serve() as (_, transport):
        deliver_due(transport, clock())
    assert state_of(row) == ("retrying", "451 try later")
    assert reload(row).next_try_ms == int((clock() + timedelta(minutes=1)).timestamp() * 1000)


@pytest.mark.parametrize(
    ("command", "answer"),
    [
        ("DATA", "552 5.3.4 message too large"),
        ("DATA", "554 5.7.1 looks like spam"),
        ("DATA", "550 5.1.1 unknown"),
        ("MAIL", "552 5.3.4 message size exceeds the limit"),
    ],
)
def test_a_permanent_answer_refuses_this_mail_alone(serve, queue, clock, command, answer):
    row = queue()
    with serve() as (sink, transport):
        sink.answers[command] = answer
        deliver_due(transport, clock())
        sink.answers.clear()
        other = queue(key="receipt:2")
        deliver_due(transport, clock())
    assert state_of(row) == ("refused", answer) and reload(other).state == "sent"
    assert Audit.get(event="mail_failed").facts["reason"] == answer


def test_relay_error_is_not_a_refused_recipient(serve, queue, clock):
    row = queue()
    with serve() as (sink, transport):
        sink.refusals[row.recipient] = "554 5.7.1 Relay access denied"
        deliver_due(transport, clock())
    assert state_of(row) == ("retrying", "554 5.7.1 Relay access denied")


@pytest.mark.parametrize(
    ("command", "answer"),
    [
        ("MAIL", "553 5.7.1 sender not yours"),
        ("MAIL", "530 5.7.0 log in first"),
        ("MAIL", "452 4.3.1 no space"),
        ("DATA", "421 4.3.2 closing for maintenance"),
    ],
)
def test_an_answer_about_the_sender_or_the_server_keeps_every_mail(serve, queue, clock, command, answer):
    rows = [queue(key=f"receipt:{n}") for n in range(3)]
    with serve() as (sink, transport):
        sink.answers[command] = answer
        assert deliver_due(transport, clock()) == 0
        assert {reload(row).state for row in rows} == {"retrying"}
        assert all(answer in reload(row).error for row in rows)
        sink.answers.clear()
        clock.advance(minutes=2)
        assert deliver_due(transport, clock()) == 3


def test_a_connection_that_ends_before_the_reply_is_retried_with_the_same_message_id(serve, queue, clock):
    row = queue()
    with serve() as (sink, transport):
        sink.answers["DATA"] = HANG_UP
        assert deliver_due(transport, clock()) == 0
        assert reload(row).state == "retrying" and "closed the connection" in reload(row).error
        sink.answers.clear()
        clock.advance(minutes=2)
        assert deliver_due(transport, clock()) == 1
    assert len(sink.got) == 2
    assert all(f"<{row.message_id}@".encode() in envelope.content for envelope, _, _ in sink.got)


def test_a_wrong_password_keeps_every_mail_and_says_so(serve, queue, clock):
    rows = [queue(key=f"receipt:{n}") for n in range(3)]
    with serve(login="yes", authenticator=authenticate, auth_require_tls=False) as (_, transport):
        transport.password = "wrong"
        deliver_due(transport, clock())
    assert all(state == "retrying" and "535" in reason for state, reason in map(state_of, rows))


def test_unknown_server_refusal_and_no_response_are_named(config, queue, clock):
    row = queue()
    with socket.create_server(("127.0.0.1", 0)) as silent:
        silent_port = silent.getsockname()[1]
        for url, words in (
            ("smtp://no-such-host.invalid:25", "there is no server with this name"),
            ("smtp://127.0.0.1:1", "it refused the connection"),
            (f"smtp://127.0.0.1:{silent_port}", "it did not answer in time"),
        ):
            deliver_due(SmtpServer(config.replace(smtp_url=url), timeout=0.2), clock())
            assert words in reload(row).error
            clock.advance(minutes=2)


def test_a_server_that_stays_off_for_days_ends_in_given_up(queue, clock, down):
    row = queue()
    for _ in range(100):
        deliver_due(down, clock())
        clock.advance(minutes=90)
    assert reload(row).state == "gave_up" and "refused the connection" in reload(row).error
    assert reload(row).tries == 0


def test_clock_jump_does_not_give_up_mail(queue, clock, down):
    row = queue()
    clock.advance(days=30)
    deliver_due(down, clock())
    assert reload(row).state == "retrying"


def test_a_mail_written_under_a_clock_that_was_ahead_is_given_up_too(queue, clock, down):
    clock.advance(days=365)
    row = queue()
    clock.advance(days=-365)
    OutboxMail.update(waits=5 * 24 * 60 - 2, state=OutboxMail.RETRYING).execute()
    states = []
    for _ in range(2):
        deliver_due(down, clock())
        states.append(reload(row).state)
        clock.advance(minutes=2)
    assert states == ["retrying", "gave_up"]


def test_a_folder_that_cannot_be_written_is_named(queue, clock, config):
    row = queue()
    (config.instance / "outbox").write_text("not a folder")
    deliver_due(Folder(config), clock())
    assert reload(row).state == "retrying" and f"{config.instance}/outbox can't be written" in reload(row).error


def test_non_ascii_mailbox_needs_smtputf8(serve, queue, clock):
    row = queue("zoë@cedarlane.example")
    with serve(enable_SMTPUTF8=False) as (_, transport):
        deliver_due(transport, clock())
    assert reload(row).state == "refused" and "does not take addresses like this" in reload(row).error


def test_non_ascii_domain_is_written_in_idna(serve, queue, clock):
    queue("zoe@bäckerei.example")
    with serve(enable_SMTPUTF8=False) as (sink, transport):
        assert deliver_due(transport, clock()) == 1
    assert sink.got[0][0].rcpt_tos == ["zoe@xn--bckerei-5wa.example"]


def test_a_mail_that_cannot_be_written_is_refused_and_holds_up_no_other(serve, queue, clock):
    rows = [queue(key=f"receipt:{n}") for n in range(2)]
    OutboxMail.update(recipient="a@x.example\r\nBcc: b@x.example").where(OutboxMail.id == rows[0].id).execute()
    with serve() as (_, transport):
        assert deliver_due(transport, clock()) == 1
    assert reload(rows[0]).state == "refused" and "could not be written" in reload(rows[0]).error


@pytest.fixture
def everyone(database, clock):
    return people.build(clock(), "no password")


def reset(user, clock):
    links.send(user, Link.RESET, links.RESET_LIFE, Actor("", clock(), "http://localhost"), Company.current())
    return OutboxMail.newest_first().get()


def test_a_newer_reset_link_cancels_the_mail_with_the_older_one(everyone, clock):
    older, newer = reset(everyone.alice, clock), reset(everyone.alice, clock)
    assert (reload(older).state, reload(newer).state) == ("canceled", "queued")


def test_a_link_that_has_expired_is_not_sent(everyone, clock, config):
    row = reset(everyone.alice, clock)
    clock.advance(minutes=61)
    assert deliver_due(Folder(config), clock()) == 0
    assert state_of(row) == ("gave_up", "Its link expired before the email could be sent.")


def test_a_link_that_was_used_is_not_sent(everyone, clock, config):
    row = reset(everyone.alice, clock)
    assert Link.get().use(clock())
    assert deliver_due(Folder(config), clock()) == 0 and reload(row).state == "canceled"


def test_mail_has_its_kind_person_and_customer(everyone, clock):
    row = reset(everyone.alice, clock)
    assert (row.kind, row.user, row.customer) == ("reset_link", everyone.alice, everyone.cedar)
    links.notify(everyone.charlie, [everyone.fennel], Actor("", clock(), "http://localhost"), Company.current())
    row = OutboxMail.newest_first().get()
    assert (row.kind, row.user, row.customer) == ("invitation", everyone.charlie, everyone.fennel)


def test_links_that_were_sent_are_not_kept(everyone, clock, serve):
    row = reset(everyone.alice, clock)
    assert redacted(row.text) != row.text
    with serve() as (_, transport):
        transport.config = transport.config.replace(environment="sandbox")
        assert deliver_due(transport, clock()) == 1
    assert "/reset/[removed]" in reload(row).text and reload(row).html == ""


def test_without_a_mail_server_a_mail_is_saved_to_a_file_and_not_sent(everyone, clock, config):
    row = reset(everyone.alice, clock)
    assert deliver_due(Folder(config.replace(environment="sandbox")), clock()) == 0
    assert state_of(row) == ("saved", "no mail server was set (SMTP_URL)")
    assert reload(row).sent_ms is None and list((config.instance / "outbox").glob("*.eml"))
    assert "/reset/[removed]" in reload(row).text and "/reset/[removed]" in reload(row).html
    assert not Audit.select().where(Audit.event == "mail_failed").exists()


def test_message_ids_tell_nothing_and_are_never_the_same(database, clock, config):
    for n in range(2):
        OutboxMail.queue(f"receipt:{n}", "alice@cedarlane.example", Mail("s", "t", "h"), clock())
    ids = [message_for(row, config)["Message-ID"] for row in OutboxMail.select()]
    assert len(set(ids)) == 2 and all(len(one.partition("@")[0]) == 33 for one in ids)
