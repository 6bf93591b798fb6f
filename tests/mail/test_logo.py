"""The company's logo goes along with emails, in the HTML part."""

import io

import pytest

from app.company.logo import read_logo
from app.mail.compose import LOGO, compose
from app.models import Company, CompanyLogo, OutboxMail
from app.models.audit import Actor
from tests.people import PIXEL
from tests.support.mailbox import message_for
from tests.support.pages import csrf_of

JPEG = b"\xff\xd8\xff\xc0\x00\x11\x08\x00\x10\x00\x10" + b"\x00" * 20 + b"\xff\xd9"


@pytest.fixture
def queue(database, clock):
    def _queue():
        mail = compose("test", Company.current(), person="Ruth", at_ms=0, login_url="http://localhost/login")
        OutboxMail.queue(f"test:{OutboxMail.select().count()}", "alice@cedarlane.example", mail, clock())
        return OutboxMail.select().order_by(OutboxMail.id.desc()).get()

    return _queue


@pytest.fixture
def keep(database, cast, clock):
    def _keep(content):
        CompanyLogo.keep(read_logo(content) if content else None, Actor("ruth@harborpine.example", clock()))

    return _keep


@pytest.mark.parametrize(("content", "kind"), [(PIXEL, "image/png"), (JPEG, "image/jpeg")])
def test_logo_is_inside_of_the_email(queue, keep, config, content, kind):
    keep(content)
    message = message_for(queue(), config)
    text, related = message.iter_parts()
    html, picture = related.iter_parts()
    assert [part.get_content_type() for part in (message, text, related, html, picture)] == [
        "multipart/alternative",
        "text/plain",
        "multipart/related",
        "text/html",
        kind,
    ]
    assert picture["Content-ID"] == f"<{LOGO}>" and picture["Content-Disposition"] == "inline"
    assert picture.get_content() == content
    assert f'src="cid:{LOGO}" alt="Harbor &amp; Pine Supply"' in html.get_content()
    assert message.get_body(("plain",)).get_content() == text.get_content() == OutboxMail.get().text


def test_email_without_a_logo_has_the_name(queue, cast, config):
    message = message_for(queue(), config)
    assert [part.get_content_type() for part in message.iter_parts()] == ["text/plain", "text/html"]
    assert "cid:" not in message.as_string() and "Harbor &amp; Pine Supply" in message.get_body(("html",)).get_content()


def test_email_that_waited_while_the_logo_was_removed_still_goes_out(queue, keep, config):
    keep(PIXEL)
    row = queue()
    keep(None)
    assert [part.get_content_type() for part in message_for(row, config).iter_parts()] == ["text/plain", "text/html"]


def test_outbox_shows_the_logo(client, queue, keep):
    keep(PIXEL)
    frame = client.get(f"/outbox/{queue().id}/html")
    address = f"/logo/{read_logo(PIXEL).digest}"
    assert f'src="{address}"' in frame.get_data(as_text=True) and client.get(address).data == PIXEL
    assert "img-src 'self'" in frame.headers["Content-Security-Policy"]


def test_preview_of_a_text_shows_the_logo(log_in, cast, keep):
    keep(PIXEL)
    page = log_in(cast.ruth).get("/setup/company/system-email-templates/receipt").get_data(as_text=True)
    assert f"/logo/{read_logo(PIXEL).digest}&#34; alt=" in page and "cid:" not in page


def test_upload_puts_the_logo_on_the_next_email(log_in, cast, queue, config, database):
    ruth = log_in(cast.ruth)
    data = {"csrf_token": csrf_of(ruth.get("/setup/company/information")), "logo": (io.BytesIO(PIXEL), "logo.png")}
    assert ruth.post("/setup/company/logo", data=data).status_code == 303
    assert b"image/png" in message_for(queue(), config).as_bytes()
