"""/outbox shows the demo's mail as its readers see it, and doesn't exist elsewhere."""

import re

import pytest

from app import create_app
from app.mail.compose import Mail
from app.models import OutboxMail

pytestmark = pytest.mark.usefixtures("cast")
HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(1)>"


@pytest.fixture
def queue(app, clock):
    def _queue(subject="Your payment", text="See http://localhost/payments/PAY-1\n", html="<p>Hello</p>"):
        with app.extensions["database"].connection_context():
            OutboxMail.queue(f"test:{subject}", "alice@cedarlane.example", Mail(subject, text, html), clock())

    return _queue


def page_of(response):
    assert response.status_code == 200
    return response.get_data(as_text=True)


def test_an_empty_outbox_says_so(client):
    assert "No emails yet" in page_of(client.get("/outbox"))


def test_mail_is_listed_newest_first(client, queue):
    queue("First"), queue("Second")
    page = page_of(client.get("/outbox"))
    assert page.index("Second") < page.index("First") and "alice@cedarlane.example" in page


def test_a_mail_shows_its_text_its_links_and_its_html_in_a_closed_frame(client, queue):
    queue()
    page = page_of(client.get("/outbox/1"))
    assert '<a href="http://localhost/payments/PAY-1">' in page
    frame = re.search("<iframe[^>]*>", page)[0]
    assert 'src="/outbox/1/html"' in frame and "allow-scripts" not in frame and "allow-same-origin" not in frame


def test_the_frame_runs_nothing_and_asks_for_nothing(client, queue):
    queue(html=f"<style>p{{color:red}}</style><p>{HOSTILE}</p>")
    response = client.get("/outbox/1/html")
    policy = response.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy and "script-src" not in policy and "sandbox allow-popups" in policy
    assert "style-src 'sha256-" in policy and "unsafe" not in policy
    assert response.headers["X-Frame-Options"] == "SAMEORIGIN"


def test_a_mail_without_a_style_gets_none(client, queue):
    queue()
    assert "style-src 'none'" in client.get("/outbox/1/html").headers["Content-Security-Policy"]


def test_hostile_text_is_text(client, queue):
    queue(subject=HOSTILE, text=HOSTILE)
    for path in ("/outbox", "/outbox/1"):
        assert "<script>alert" not in page_of(client.get(path))
        assert "<img src=x" not in page_of(client.get(path))


@pytest.mark.parametrize("number", ["2", "0", "-1", "x", "٣", "9223372036854775808", "9" * 5000, "1 OR 1", "%00"])
def test_a_mail_that_is_not_there_is_404(client, queue, number):
    queue()
    assert client.get(f"/outbox/{number}").status_code == 404
    assert client.get(f"/outbox/{number}/html").status_code == 404


@pytest.mark.parametrize("path", ["/outbox", "/outbox/1", "/outbox/1/html"])
def test_outside_the_demo_there_is_no_outbox(config, gateway, clock, queue, path):
    queue()
    live = create_app(config.replace(environment="sandbox"), gateway=gateway, clock=clock).test_client()
    assert live.get(path).status_code == 404
