"""Mail leaves by SMTP or into a folder, once if it can, and never gets lost."""

import email
from email import policy

import pytest

from app.mail.delivery import deliver
from app.mail.transport import Folder, SmtpServer, Transport
from app.models import Company, OutboxMail
from tests.mail.conftest import FAR, USER, authenticate
from tests.support.mailbox import deliver_due, message_for


def reload(row):
    return OutboxMail.get_by_id(row.id)


def read(envelope):
    return email.message_from_bytes(envelope.content, policy=policy.default)


def test_mail_arrives_with_both_parts(serve, queue, clock):
    queue()
    with serve() as (sink, transport):
        assert deliver_due(transport, clock()) == 1
    ((envelope, _, _),) = sink.got
    message = read(envelope)
    assert envelope.rcpt_tos == ["alice@cedarlane.example"]
    assert message["Subject"] == "Your payment" and message["Auto-Submitted"] == "auto-generated"
    assert message.get_body(("plain",)).get_content().strip() == "Thank you, Zoë."
    assert message.get_body(("html",)).get_content().strip() == "<p>Thank you, Zoë.</p>"


def test_sender_is_the_company_or_mail_from(company, queue, config):
    row = queue()
    assert str(message_for(row, config)["From"]) == "Harbor & Pine Supply <billing@harborpine.example>"
    other = config.replace(mail_from="Accounts <accounts@harborpine.example>")
    assert str(message_for(row, other)["From"]) == "Accounts <accounts@harborpine.example>"


def test_without_any_address_it_is_from_the_portals_host(queue, config):
    assert str(message_for(queue(), config)["From"]) == "no-reply@localhost"


def test_every_try_has_the_message_id_that_the_mail_got_when_it_was_queued(queue, config):
    one, other = queue(), queue(key="receipt:2")
    assert message_for(one, config)["Message-ID"] == message_for(reload(one), config)["Message-ID"]
    assert message_for(one, config)["Message-ID"] != message_for(other, config)["Message-ID"]
    assert message_for(one, config)["Message-ID"].endswith("@localhost>")


def test_one_key_is_one_mail_sent_once(serve, queue, clock):
    queue(), queue()
    with serve() as (sink, transport):
        assert [deliver_due(transport, clock()), deliver_due(transport, clock())] == [1, 0]
    assert len(sink.got) == 1


def test_starttls_is_used_when_offered_and_the_password_is_decoded(serve, queue, clock, certificate):
    queue()
    with serve(FAR, login="yes", tls_context=certificate, authenticator=authenticate) as (sink, transport):
        assert deliver_due(transport, clock()) == 1
    ((_, encrypted, logged_in),) = sink.got
    assert encrypted and logged_in


def test_smtps_is_encrypted_from_the_start(serve, queue, clock, certificate):
    queue()
    options = {"tls_context": certificate, "authenticator": authenticate, "auth_require_tls": False}
    with serve(FAR, "smtps", login="yes", **options) as (sink, transport):
        assert deliver_due(transport, clock()) == 1
    assert sink.got[0][1] and sink.got[0][2]


def test_untrusted_certificate_is_refused(serve, queue, clock, certificate, monkeypatch):
    row = queue()
    monkeypatch.delenv("SSL_CERT_FILE")
    with serve(FAR, tls_context=certificate) as (sink, transport):
        assert deliver_due(transport, clock()) == 0
    assert not sink.got and "CERTIFICATE_VERIFY_FAILED" in reload(row).error


def test_a_password_does_not_cross_a_network_in_the_clear(serve, queue, clock):
    row, heard = queue(), []

    def listen(*arguments):
        heard.append(arguments)
        return authenticate(*arguments)

    with serve(FAR, login="yes", authenticator=listen, auth_require_tls=False) as (sink, transport):
        assert deliver_due(transport, clock()) == 0
    assert not sink.got and not heard and "no encryption" in reload(row).error


def test_a_wrong_password_keeps_the_mail_and_stays_out_of_the_log(serve, queue, clock, caplog):
    row = queue()
    with serve(login="yes", authenticator=authenticate, auth_require_tls=False) as (_, transport):
        transport.password = "canary-password"
        assert deliver_due(transport, clock()) == 0
        transport.password = "p@ss/word:é"
        clock.advance(seconds=61)
        assert deliver_due(transport, clock()) == 1
    assert "canary" not in caplog.text and USER not in caplog.text and reload(row).sent_ms


def test_a_server_that_is_down_costs_no_tries_and_no_mail(config, queue, clock, serve):
    rows = [queue(key=f"receipt:{n}") for n in range(3)]
    down = SmtpServer(config.replace(smtp_url="smtp://127.0.0.1:1"))
    for _ in range(30):
        assert deliver_due(down, clock()) == 0
        clock.advance(minutes=2)
    assert [reload(row).tries for row in rows] == [0, 0, 0]
    with serve() as (_, transport):
        assert deliver_due(transport, clock()) == 3


def test_an_unreachable_server_is_asked_once_a_minute_for_all_mail(config, queue, clock):
    [queue(key=f"receipt:{n}") for n in range(3)]
    down = SmtpServer(config.replace(smtp_url="smtp://127.0.0.1:1"))
    deliver_due(down, clock())
    clock.advance(seconds=30)
    assert list(OutboxMail.due(clock())) == []


def test_a_recipient_the_server_does_not_know_is_refused(serve, queue, clock):
    row = queue("gone@cedarlane.example")
    queue(key="receipt:2")
    with serve() as (sink, transport):
        assert deliver_due(transport, clock()) == 1
    assert (reload(row).state, reload(row).error) == (OutboxMail.REFUSED, "550 no such person")
    assert sink.got[0][0].rcpt_tos == ["alice@cedarlane.example"]


def test_later_tries_come_after_growing_pauses_until_it_is_given_up(serve, queue, clock):
    row, pauses = queue("busy@cedarlane.example"), []
    with serve() as (_, transport):
        for _ in range(11):
            deliver_due(transport, clock())
            pauses.append((reload(row).next_try_ms - int(clock().timestamp() * 1000)) // 60_000)
            clock.advance(minutes=min(pauses[-1], 2000))
    assert reload(row).state == OutboxMail.GAVE_UP and pauses[:4] == [1, 2, 5, 15] and pauses == sorted(pauses)


def test_a_try_too_early_is_not_made(serve, queue, clock):
    row = queue("busy@cedarlane.example")
    with serve() as (sink, transport):
        deliver_due(transport, clock())
        sink.refusals.clear()
        clock.advance(seconds=59)
        assert deliver_due(transport, clock()) == 0 and reload(row).tries == 1
        clock.advance(seconds=2)
        assert deliver_due(transport, clock()) == 1


def test_two_workers_do_not_send_the_same_mail(queue, clock):
    row = queue()
    same = reload(row)
    assert row.claim(clock()) and not same.claim(clock())


def test_mail_claimed_by_another_worker_is_not_sent(queue, clock, config):
    mine = queue()
    assert reload(mine).claim(clock())
    assert not deliver(mine, Folder(config), Company.current(), clock()) and not (config.instance / "outbox").exists()


def test_a_mail_whose_worker_died_is_sent_by_the_next(queue, clock, config):
    row = queue()
    row.claim(clock())
    assert deliver_due(Folder(config), clock()) == 0
    clock.advance(minutes=5)
    assert deliver_due(Folder(config), clock()) == 1


def test_html_is_deleted_after_sending_outside_the_demo(serve, queue, clock, config):
    kept, dropped = queue(), queue(key="receipt:2")
    assert dropped.claim(clock()) and dropped.sent(clock(), keep=False) is None
    deliver_due(Folder(config), clock())
    assert "Thank you" in reload(kept).html
    assert ("Thank you" in reload(dropped).text, reload(dropped).html) == (True, "")


def test_a_live_portal_does_not_keep_what_it_sent(serve, queue, clock):
    row = queue()
    with serve() as (_, transport):
        transport.config = transport.config.replace(environment="sandbox")
        deliver_due(transport, clock())
    assert reload(row).html == "" and "Thank you" in reload(row).text


def test_the_folder_gets_whole_files_for_their_owner_alone(queue, clock, config):
    queue()
    assert deliver_due(Transport.from_config(config), clock()) == 1
    (path,) = (config.instance / "outbox").iterdir()
    assert path.suffix == ".eml" and path.stat().st_mode & 0o077 == 0
    message = email.message_from_bytes(path.read_bytes(), policy=policy.default)
    assert message["To"] == "alice@cedarlane.example"


def test_a_folder_that_cannot_be_written_keeps_the_mail(queue, clock, config):
    row = queue()
    (config.instance / "outbox").write_text("not a folder")
    assert deliver_due(Folder(config), clock()) == 0
    assert reload(row).sent_ms is None and reload(row).error


@pytest.mark.parametrize(
    "recipient",
    [
        "a@x.example\r\nBcc: b@x.example",
        "a@x.example, b@x.example",
        "A <a@x.example>",
        "no-address",
        "",
        "a@x.example\0",
        "a\ud800@x.example",
        "a@x@y.example",
        "a b@x.example",
    ],
)
def test_only_one_plain_address_is_a_recipient(queue, recipient):
    with pytest.raises(ValueError, match="not an email address"):
        queue(recipient)


def test_a_line_break_in_a_name_adds_no_header(queue, config, company):
    company.update(name="Harbor\r\nBcc: spy@x.example").execute()
    message = message_for(queue(subject="Hello\r\nBcc: spy@x.example"), config)
    read_back = email.message_from_bytes(message.as_bytes(), policy=policy.default)
    assert read_back["Bcc"] is None and read_back["Subject"] == "Hello Bcc: spy@x.example"


def test_unusable_address_does_not_stop_other_mail(queue, clock, config):
    bad = queue("a..b@x.example")
    queue(key="receipt:2")
    assert deliver_due(Folder(config), clock()) >= 1
    assert reload(bad).state in (OutboxMail.REFUSED, OutboxMail.SENT)


@pytest.mark.parametrize("login", ["", "yes"])
def test_server_without_encryption_gets_no_mail(serve, queue, clock, login):
    row = queue()
    with serve(FAR, login=login, authenticator=authenticate, auth_require_tls=False) as (sink, transport):
        assert deliver_due(transport, clock()) == 0
    assert not sink.got and "set SMTP_TLS=off" in reload(row).error


def test_a_relay_on_a_network_of_ones_own_may_be_sent_to_in_the_clear(serve, queue, clock, config):
    queue()
    with serve(FAR) as (sink, transport):
        transport.config = config.replace(smtp_tls=False)
        assert deliver_due(transport, clock()) == 1
    assert len(sink.got) == 1
