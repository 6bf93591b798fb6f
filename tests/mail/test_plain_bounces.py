"""Bounces without a part for machines, as mail systems write them: read only where they are certain."""

import pytest

from app.mail.bounces import report_of
from app.models import OutboxMail
from tests.mail.test_bounces import maildir, receive, sent, state  # noqa: F401

pytestmark = pytest.mark.usefixtures("database")
ALICE = "alice@cedarlane.example"
HEADERS = f"Received: from x by y; Mon, 2 Nov 2026\nMessage-ID: <ID@localhost>\nTo: {ALICE}\nSubject: Your payment\n"
EXIM = f"""\
Return-path: <>
From: Mail Delivery System <Mailer-Daemon@mx.example>
Subject: Mail delivery failed: returning message to sender
X-Failed-Recipients: {ALICE}
Auto-Submitted: auto-replied

This message was created automatically by mail delivery software.

A message that you sent could not be delivered to one or more of its
recipients. This is a permanent error. The following address(es) failed:

  {ALICE}
    host mx.cedarlane.example [192.0.2.7]
    SMTP error from remote mail server after RCPT TO:<{ALICE}>:
    550 5.1.1 unknown user

------ This is a copy of your message, including all the headers. ------

{HEADERS}
Thank you.
"""
QMAIL = f"""\
From: MAILER-DAEMON@mx.example
Subject: failure notice

Hi. This is the qmail-send program at mx.example.
I'm afraid I wasn't able to deliver your message to the following addresses.
This is a permanent error; I've given up. Sorry it didn't work out.

<{ALICE}>:
Sorry, no mailbox here by that name. (#5.1.1)

--- Below this line is a copy of the message.

Return-Path: <portal@harborpine.example>
{HEADERS}
Thank you.
"""
POSTFIX = f"""\
From: MAILER-DAEMON@mx.example (Mail Delivery System)
Subject: Undelivered Mail Returned to Sender
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary="b"

--b
Content-Type: text/plain; charset=us-ascii

This is the mail system at host mx.example.

I'm sorry to have to inform you that your message could not
be delivered to one or more recipients. It's attached below.

<{ALICE}>: host mx.cedarlane.example[192.0.2.7] said: 550 5.1.1
    unknown user (in reply to RCPT TO command)

--b
Content-Type: message/rfc822

{HEADERS}
Thank you.

--b--
"""
OFFICE = f"""\
From: Microsoft Outlook <MicrosoftExchange329e71ec88ae4615bbc36ab6ce41109e@cedarlane.example>
Subject: Undeliverable: Your payment
MIME-Version: 1.0
Content-Type: text/html; charset=utf-8

<html><body><p><b>Delivery has failed to these recipients or groups:</b></p><p><a href="mailto:{ALICE}">{ALICE}</a>
The email address you entered couldn&#39;t be found.</p><p>Diagnostic information for administrators:</p>
<p>Remote Server returned &#39;550 5.1.10 RESOLVER.ADR.RecipientNotFound; not found&#39;</p>
<p>Original message headers:</p><pre>{HEADERS.replace("<", "&lt;").replace(">", "&gt;")}</pre></body></html>
"""
GMAIL = f"""\
From: Mail Delivery Subsystem <mailer-daemon@googlemail.com>
Subject: Delivery Status Notification (Failure)
X-Failed-Recipients: {ALICE}
In-Reply-To: <ID@localhost>
References: <ID@localhost>

** Address not found **

Your message wasn’t delivered to {ALICE} because the address couldn’t be found, or is unable to receive mail.

The response from the remote server was:
550 5.1.1 The email account that you tried to reach does not exist.
"""
REASONS = {
    EXIM: "550 5.1.1 unknown user",
    QMAIL: "Sorry, no mailbox here by that name. (#5.1.1)",
    POSTFIX: "550 5.1.1 unknown user (in reply to RCPT TO command)",
    OFFICE: "550 5.1.10 RESOLVER.ADR.RecipientNotFound; not found",
    GMAIL: "550 5.1.1 The email account that you tried to reach does not exist.",
}
NAMES = ["exim", "qmail", "postfix", "office", "gmail"]


def naming(text: str, message_id: str) -> bytes:
    return text.replace("ID@localhost", f"{message_id}@localhost").encode()


@pytest.mark.parametrize(("text", "reason"), REASONS.items(), ids=NAMES)
def test_a_bounce_in_words_is_read(sent, receive, text, reason):  # noqa: F811
    assert receive(naming(text, sent.message_id)) == 1
    row = OutboxMail.get_by_id(sent.id)
    assert row.state == "bounced" and row.error.startswith(reason)


@pytest.mark.parametrize("text", REASONS, ids=NAMES)
def test_bounce_with_an_unknown_message_id_marks_nothing(sent, receive, text):  # noqa: F811
    assert receive(naming(text, "a" * 32), naming(text, str(sent.id))) == 0 and state(sent) == "sent"


@pytest.mark.parametrize(
    ("text", "old", "new"),
    [
        (EXIM, "could not be delivered to", "has not yet been delivered to"),
        (EXIM, "This is a permanent error.", "No action is required on your part. Delivery attempts will continue."),
        (QMAIL, "This is a permanent error; I've given up.", "The server will retry for 46 more hours."),
        (QMAIL, "#5.1.1", "#5.1.1. We will keep trying"),
        (POSTFIX, "550 5.1.1", "450 4.2.0"),
        (POSTFIX, "could not\nbe delivered", "is delayed, and was not\ndelivered yet"),
        (OFFICE, "550 5.1.10", "400 4.4.7"),
        (GMAIL, "(Failure)", "(Delay)"),
        (GMAIL, "** Address not found **", "There was a temporary problem. Gmail will retry for 22 more hours."),
    ],
)
def test_a_delay_is_no_failure(sent, receive, text, old, new):  # noqa: F811
    assert old in text
    assert receive(naming(text.replace(old, new), sent.message_id)) == 0 and state(sent) == "sent"


def test_mail_given_up_after_delays_is_a_failure(sent, receive):  # noqa: F811
    given_up = "(#4.4.1)\nI'm not going to try again; this message has been in the queue too long."
    text = QMAIL.replace("(#5.1.1)", given_up)
    assert receive(naming(text, sent.message_id)) == 1


@pytest.mark.parametrize("text", [QMAIL, GMAIL])
def test_forwarded_message_is_no_bounce(sent, receive, text):  # noqa: F811
    text = text.replace("MAILER-DAEMON@mx.example", ALICE).replace("mailer-daemon@googlemail.com", ALICE)
    assert receive(naming(text, sent.message_id)) == 0 and state(sent) == "sent"


def test_words_of_a_mail_that_is_quoted_or_attached_are_not_the_mail_systems(sent, receive):  # noqa: F811
    away = "From: postmaster@cedarlane.example\nReturn-Path: <>\n\nI am away.\n\n"
    quoted = f"{away}> This is a permanent error: 550 5.1.1\n> Message-ID: <ID@localhost>\n"
    copied = f"{away}Message-ID: <ID@localhost>\n\nThis is a permanent error: 550 5.1.1\n"
    assert receive(naming(quoted, sent.message_id), naming(copied, sent.message_id)) == 0


def test_a_read_receipt_is_no_bounce(sent, receive):  # noqa: F811
    text = POSTFIX.replace("Content-Type: message/rfc822", "Content-Type: message/disposition-notification")
    assert receive(naming(text, sent.message_id)) == 0


@pytest.mark.parametrize(
    "body",
    [
        "<" * 250_000,
        "5.1." * 60_000,
        "your message to " * 16_000,
        "\n " * 120_000,
        "(#5.1.1)\n\n" * 25_000,
        "&lt;" * 60_000,
        "<" + "a" * 32 + "@",
        "delivery will " * 18_000,
    ],
)
@pytest.mark.parametrize("kind", ["text/plain", "text/html", "text/plain; charset=punycode"])
def test_reading_is_bounded(body, kind):
    """Anything quadratic would take minutes here."""
    raw = f"From: MAILER-DAEMON@mx.example\nContent-Type: {kind}\n\n{body}\n\nThis is a permanent error\n".encode()
    report = report_of(raw)
    assert report is None or len(report.reason) <= 300
