"""The bar on every page says where emails really go."""

import pytest

from app.config import Config
from app.supervisor import mail_line

KEYS = {"BRAINTREE_MERCHANT_ID": "m", "BRAINTREE_PUBLIC_KEY": "p", "BRAINTREE_PRIVATE_KEY": "k"}


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({}, 'No card is charged, and <a href="/outbox">emails go to the outbox</a>.'),
        (
            {"smtp_url": "smtp://mail.example.com"},
            "No card is charged. Emails are sent to their readers, and also listed",
        ),
        ({"environment": "sandbox", "smtp_url": "smtp://mail.example.com"}, "Emails are sent to their readers."),
        ({"environment": "sandbox"}, "Cards are not charged. Emails are saved to files."),
    ],
)
def test_the_bar_says_where_emails_go(app, client, cast, changes, words):
    app.config["PORTAL"] = app.config["PORTAL"].replace(**changes)
    assert words in client.get("/login").get_data(as_text=True)


@pytest.mark.parametrize(
    ("smtp", "words"),
    [
        ({}, "Emails: http://127.0.0.1:8000/outbox"),
        (
            {"SMTP_URL": "smtp://u:secret@mail.example.com"},
            "Emails are sent to their readers through mail.example.com, and "
            "also listed at http://127.0.0.1:8000/outbox",
        ),
    ],
)
def test_the_greeting_of_the_start_says_where_emails_go(tmp_path, smtp, words):
    config = Config.from_env({"INSTANCE_PATH": str(tmp_path), "SECRET_KEY": "k" * 40, **smtp})
    assert mail_line(config) == words
