"""The commands that pages name work as they are, for the portal that shows them."""

import html
import re
import subprocess

import pytest

from app.config import Config
from app.models import User
from app.web.console import command


def shown(page, arguments: str) -> str:
    found = re.findall(r"<code[^>]*>(cd [^<]*)</code>", page.get_data(as_text=True))
    return next(text for text in map(html.unescape, found) if text.endswith(arguments))


def test_command_of_the_roles_page_works_on_this_portals_database(app, log_in, cast, config):
    (config.instance / "secret_key").write_text(config.secret_key)
    text = shown(log_in(cast.ruth).get("/setup/users-roles"), "flask create-admin name@example.com")
    bare = {"PATH": "/usr/bin:/bin"}
    done = subprocess.run(
        ["/bin/sh", "-c", text.replace("name@example.com", "maya@harborpine.example")],
        env=bare,
        input="Amber-Kettle-77-drums\n" * 2,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    with app.extensions["database"].connection_context():
        assert User.by_email("maya@harborpine.example").is_administrator


@pytest.fixture
def live(config) -> Config:
    return config.replace(
        environment="production",
        portal_url="https://pay.example.com",
        merchant_id="harbor",
        public_key="public",
        private_key="a-private-key",
        smtp_url="smtp://u:a-password@h",
    )


def test_secrets_are_named_and_never_shown(live):
    made = command("worker", live)
    assert made.secrets == ("BRAINTREE_PRIVATE_KEY", "SMTP_URL", "SECRET_KEY")
    assert "PORTAL_URL=https://pay.example.com" in made.text and "BRAINTREE_ENVIRONMENT=production" in made.text
    for secret in (live.private_key, "a-password", live.secret_key):
        assert secret not in made.text


def test_a_folder_with_a_space_is_quoted(config, tmp_path):
    made = command("worker", config.replace(instance=tmp_path / "my portal"))
    assert f"INSTANCE_PATH='{tmp_path}/my portal'" in made.text
