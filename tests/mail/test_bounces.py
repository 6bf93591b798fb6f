"""Reports of mail that came back: read from a mailbox, believed when they know the mail's Message-ID."""

import html
import re
import socket
import threading

import pytest

from app.config import Config, ConfigError
from app.mail.alerts import queue_failures
from app.mail.bounces import read_bounces, report_of
from app.mail.mailbox import MailboxUnreachable
from app.models import Audit, Company, OutboxMail
from app.worker import Worker
from tests.support.mailbox import message_for

pytestmark = pytest.mark.usefixtures("database")
REPORT = """\
From: Mail Delivery System <MAILER-DAEMON@mx.example>
To: bounces@harborpine.example
Subject: Undelivered Mail
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: text/plain

Sorry.

--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example
{envelope}
Final-Recipient: rfc822; alice@cedarlane.example
Action: {action}
Status: 5.1.1
Diagnostic-Code: smtp; 550 5.1.1 <alice@cedarlane.example>: unknown
 user

--b
Content-Type: {returned}

Message-ID: {message_id}
Subject: Your payment

--b--
"""


def report(message_id="<x@y>", action="failed", returned="text/rfc822-headers", envelope="X-Nothing: 1") -> bytes:
    text = REPORT.format(message_id=message_id, action=action, returned=returned, envelope=envelope)
    return text.replace("\n", "\r\n").encode()


@pytest.fixture
def sent(queue, clock):
    row = queue()
    row.claim(clock()), row.sent(clock(), keep=False)
    return row


@pytest.fixture
def maildir(tmp_path):
    for name in ("new", "cur", "tmp"):
        (tmp_path / "box" / name).mkdir(parents=True)
    return tmp_path / "box"


@pytest.fixture
def receive(maildir, clock):
    """receive(raw, …) puts messages into the mailbox and reads it; how many mails bounced."""

    def _receive(*raws):
        for n, raw in enumerate(raws):
            (maildir / "new" / f"{n}.mx").write_bytes(raw)
        return read_bounces(str(maildir), clock())

    return _receive


def state(row):
    return OutboxMail.get_by_id(row.id).state


@pytest.mark.parametrize("returned", ["text/rfc822-headers", "message/rfc822"])
def test_a_mail_that_came_back_is_bounced_with_the_servers_reason(sent, receive, config, maildir, returned):
    message_id = message_for(sent, config)["Message-ID"]
    assert receive(report(message_id, returned=returned)) == 1
    row = OutboxMail.get_by_id(sent.id)
    assert (row.state, row.error) == ("bounced", "550 5.1.1 <alice@cedarlane.example>: unknown user")
    assert Audit.get(event="mail_failed").facts["state"] == "bounced"
    assert not list((maildir / "new").iterdir()) and len(list((maildir / "cur").iterdir())) == 1


def test_the_envelope_id_names_the_mail_too(sent, receive):
    assert receive(report(envelope=f"Original-Envelope-Id: {sent.message_id}")) == 1 and state(sent) == "bounced"


def test_the_same_report_again_changes_nothing(sent, receive):
    raw = report(f"<{sent.message_id}@localhost>")
    assert receive(raw, raw) == 1 and Audit.select().where(Audit.event == "mail_failed").count() == 1


@pytest.mark.parametrize("action", ["delayed", "delivered", "relayed", "expanded", ""])
def test_a_report_of_anything_but_a_failure_is_left(sent, receive, action):
    assert receive(report(f"<{sent.message_id}@localhost>", action)) == 0 and state(sent) == "sent"


def test_bounce_with_an_unknown_id_marks_nothing(sent, receive):
    guesses = ["<receipt:1@localhost>", f"<{'a' * 32}@localhost>", f"<{sent.id}@localhost>", "<@>", ""]
    assert receive(*map(report, guesses)) == 0 and state(sent) == "sent"


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\0\xff",
        b"Content-Type: multipart/report; boundary=b\n\n--b\n",
        b"Subject: hello\n\nA letter.\n",
        b"Content-Type: multipart/report; boundary=b\n\n--b\nContent-Type: message/delivery-status\n\n\n--b--\n",
        b"Content-Type: multipart/mixed; boundary=b\n\n" + b"--b\nContent-Type: multipart/mixed; boundary=b\n\n" * 3000,
    ],
)
def test_a_message_that_is_no_report_holds_up_no_other(sent, receive, raw):
    assert receive(raw, report(f"<{sent.message_id}@localhost>")) == 1


def test_a_header_in_a_report_stays_one_short_line():
    raw = report("<x@y>").replace(b"unknown", b"\x1b[31m\0unknown " + b"x" * 9000)
    assert len(report_of(raw).reason) <= 300 and report_of(raw).reason.isprintable()


def test_a_folder_that_is_gone_is_said(clock, tmp_path):
    with pytest.raises(MailboxUnreachable):
        read_bounces(str(tmp_path / "none"), clock())


class ImapServer(threading.Thread):
    """One connection, one folder with one unread report. `answers` are given instead of OK, by command."""

    def __init__(self, raw: bytes, answers: dict[str, str] | None = None):
        super().__init__(daemon=True)
        self.raw, self.heard, self.answers = raw, [], answers or {}
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]

    def run(self):
        connection, _ = self.listener.accept()
        with connection, connection.makefile("rwb", buffering=0) as line:
            line.write(b"* OK ready\r\n")
            while request := line.readline().decode():
                tag, _, command = request.strip().partition(" ")
                self.heard.append(command)
                self.answer(line, command)
                line.write(f"{tag} {self.answers.get(command.split()[0], 'OK done')}\r\n".encode())

    def answer(self, line, command):
        if command.startswith("CAPABILITY"):
            line.write(b"* CAPABILITY IMAP4rev1 AUTH=PLAIN\r\n")
        elif command.startswith("AUTHENTICATE"):
            line.write(b"+ \r\n")
            self.heard.append(line.readline().decode().strip())
        elif command.startswith("SELECT"):
            line.write(b"* 1 EXISTS\r\n")
        elif "SEARCH" in command:
            line.write(b"* SEARCH 7\r\n")
        elif "FETCH" in command:
            line.write(b"* 1 FETCH (UID 7 BODY[]<0> {%d}\r\n%s)\r\n" % (len(self.raw), self.raw))
        elif command == "LOGOUT":
            line.write(b"* BYE\r\n")


def test_an_imap_folder_is_read_and_the_report_marked_as_seen(sent, clock):
    server = ImapServer(report(f"<{sent.message_id}@localhost>"))
    server.start()
    url = f"imap://bounces%40harborpine.example:p%C3%A4ss@127.0.0.1:{server.port}/Bounces"
    assert read_bounces(url, clock()) == 1 and state(sent) == "bounced"
    assert r"UID STORE 7 +FLAGS (\Seen)" in server.heard and 'SELECT "Bounces"' in server.heard
    server.join(10)


def test_an_imap_server_that_is_off_is_said(clock):
    with pytest.raises(MailboxUnreachable):
        read_bounces("imap://a:b@127.0.0.1:1/INBOX", clock())


def test_the_worker_reads_the_mailbox(app, sent, maildir):
    app.config["PORTAL"] = app.config["PORTAL"].replace(bounce_mailbox=str(maildir))
    (maildir / "new" / "1.mx").write_bytes(report(f"<{sent.message_id}@localhost>"))
    worker = Worker(app)
    worker.read_bounces()
    worker.bounces.join(10)
    assert state(sent) == "bounced"


@pytest.fixture
def read(app, log_in, cast, config):
    """read(url) has the worker read that mailbox, and gives the banner of Sent Email about it, or ''."""
    ruth = log_in(cast.ruth)

    def _read(url):
        app.config["PORTAL"] = app.config["PORTAL"].replace(bounce_mailbox=url)
        Worker(app).read_mailbox()
        page = html.unescape(ruth.get("/setup/company/sent-email").get_data(as_text=True))
        found = re.search("The portal has not been able to read.*?Check BOUNCE_MAILBOX.", page, re.S)
        return " ".join(re.sub("<[^>]+>", " ", found[0]).split()) if found else ""

    return _read


def test_unreadable_mailbox_is_reported_until_it_is_readable(read, maildir, clock):
    report = read(str(maildir.parent / "gone"))
    assert (
        f"{maildir.parent}/gone: there is no such Maildir folder" in report
        and "the mailbox for bounced emails since" in report
    )
    clock.advance(minutes=5)
    assert read(str(maildir.parent / "gone")) == report
    assert read(str(maildir)) == ""


@pytest.mark.parametrize(
    ("answers", "words"),
    [
        (
            {"AUTHENTICATE": "NO [AUTHENTICATIONFAILED] Invalid credentials"},
            "it refused the name or password ([AUTHENTICATIONFAILED] Invalid credentials)",
        ),
        ({"SELECT": "NO Mailbox does not exist"}, "it has no folder INBOX (Mailbox does not exist)"),
    ],
)
def test_imap_error_is_reported_without_the_password(read, answers, words):
    server = ImapServer(b"", answers)
    server.start()
    report = read(f"imap://bounces:a-password@127.0.0.1:{server.port}/INBOX")
    assert f"127.0.0.1:{server.port}: {words}" in report and "a-password" not in report
    server.join(10)


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("imap://a:b@127.0.0.1:1/INBOX", "127.0.0.1:1: it refused the connection"),
        ("imaps://a:b@no-such-host.invalid/INBOX", "no-such-host.invalid:993: there is no server with this name"),
    ],
)
def test_unreachable_mail_server_is_reported(read, url, words):
    assert words in read(url)


def test_removed_mailbox_is_not_reported(app, read, maildir, log_in, cast):
    assert read(str(maildir.parent / "gone"))
    app.config["PORTAL"] = app.config["PORTAL"].replace(bounce_mailbox=None)
    assert "Bounced emails" not in log_in(cast.ruth).get("/setup/company/sent-email").get_data(as_text=True)


def test_bounces_go_to_the_address_that_is_set(serve, queue, clock, config):
    from tests.support.mailbox import deliver_due

    queue()
    with serve() as (sink, transport):
        transport.config = config.replace(bounce_address="bounces@harborpine.example")
        deliver_due(transport, clock())
    assert sink.got[0][0].mail_from == "bounces@harborpine.example"


@pytest.mark.parametrize(
    "value",
    [
        "imap://a:b@mail.example.com/INBOX",
        "imaps://mail.example.com",
        "/no/such/folder",
        "pop3://a:b@h",
        "imaps://a:b@[x",
    ],
)
def test_a_mailbox_that_makes_no_sense_is_named_at_start(tmp_path, value):
    with pytest.raises(ConfigError, match="BOUNCE_MAILBOX") as caught:
        Config.from_env({"INSTANCE_PATH": str(tmp_path), "BOUNCE_MAILBOX": value})
    assert "a:b" not in str(caught.value)


def test_administrators_get_one_email_a_day_about_undelivered_mail(company, queue, clock):
    queue().fail(OutboxMail.REFUSED, clock(), "550 no such user")
    queue(key="alert:1:1").fail(OutboxMail.REFUSED, clock(), "550 not this one")
    for _ in range(2):
        queue_failures(Company.current(), clock(), "http://localhost")
    (mail,) = OutboxMail.select().where(OutboxMail.kind == "undelivered")
    assert mail.recipient == "ruth@harborpine.example" and mail.subject == "1 email was not delivered"
    assert "alice@cedarlane.example (Receipt): 550 no such user" in mail.text and "not this one" not in mail.text
    clock.advance(days=2)
    queue_failures(Company.current(), clock(), "http://localhost")
    assert OutboxMail.select().where(OutboxMail.kind == "undelivered").count() == 1
    queue(key="receipt:3").fail(OutboxMail.GAVE_UP, clock(), "no answer")
    queue_failures(Company.current(), clock(), "http://localhost")
    assert "no answer" in OutboxMail.newest_first().get().text
