"""A real mail server on a local socket, and mail to send to it."""

import socket
import ssl
from contextlib import contextmanager
from urllib.parse import quote

import pytest
import trustme
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword

from app.database import open_database
from app.extensions import db
from app.mail.compose import Mail
from app.mail.transport import SmtpServer
from app.models import OutboxMail
from tests import people

# Not in LOOPBACK, so the rules for a server across a network apply to it.
FAR = "127.0.0.2"
USER, SECRET = "portal@harborpine.example", "p@ss/word:é"
HANG_UP = "250 taken, and then the line is cut"
REFUSED = {"gone@cedarlane.example": "550 no such person", "busy@cedarlane.example": "451 try later"}


class Sink:
    """What the server got: (envelope, was it encrypted, who was logged in). `answers` are given instead of OK, by
    SMTP command; DATA's may be a function of the server."""

    def __init__(self):
        self.got = []
        self.refusals = dict(REFUSED)
        self.answers = {}

    async def handle_MAIL(self, _server, _session, envelope, address, options):
        if "MAIL" not in self.answers:
            envelope.mail_from = address
            envelope.mail_options.extend(options)
        return self.answers.get("MAIL", "250 OK")

    async def handle_RCPT(self, _server, _session, envelope, address, _options):
        if address in self.refusals:
            return self.refusals[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        answer = self.answers.get("DATA", "250 OK")
        if answer.startswith("250"):
            self.got.append((envelope, server.transport.get_extra_info("sslcontext"), session.authenticated))
        if answer == HANG_UP:
            server.transport.abort()
        return answer


def authenticate(_server, _session, _envelope, _mechanism, login):
    right = isinstance(login, LoginPassword) and login == LoginPassword(USER.encode(), SECRET.encode())
    return AuthResult(success=right, handled=False)


@pytest.fixture
def certificate(tmp_path, monkeypatch):
    """A server certificate from an authority that this test trusts."""
    authority = trustme.CA()
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(FAR).configure_cert(context)
    return context


@pytest.fixture
def serve(config):
    """`with serve(host, …) as (sink, transport)`: a running server and a transport to it."""

    @contextmanager
    def _serve(host="127.0.0.1", scheme="smtp", login="", **options):
        if scheme == "smtps":
            options["ssl_context"] = options.pop("tls_context")
        sink = Sink()
        with socket.create_server((host, 0)) as free:
            port = free.getsockname()[1]
        listener = Controller(sink, hostname=host, port=port, **options)
        listener.start()
        try:
            account = f"{quote(USER, safe='')}:{quote(SECRET, safe='')}@" if login else ""
            yield sink, SmtpServer(config.replace(smtp_url=f"{scheme}://{account}{host}:{port}"), timeout=5)
        finally:
            listener.stop()

    return _serve


@pytest.fixture
def database(config):
    """Writing and sending mail needs a database and no web application."""
    database = open_database(config.database_url)
    db.initialize(database)
    with database.connection_context():
        yield database
    database.close_all()


@pytest.fixture
def company(database, clock):
    return people.build(clock(), "no password").company


@pytest.fixture
def queue(database, clock):
    """queue("alice@…") puts a mail into the outbox and gives its row."""

    def _queue(recipient="alice@cedarlane.example", key="receipt:1", subject="Your payment"):
        mail = Mail(subject, "Thank you, Zoë.\n", "<p>Thank you, Zoë.</p>")
        OutboxMail.queue(key, recipient, mail, clock())
        return OutboxMail.get(key=key)

    return _queue
