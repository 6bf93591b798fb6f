"""The New Access Notification Email, read back as its reader gets it."""

import re

import pytest

from app.models import Company, Customer
from tests.customers.conftest import MAYA, access_of, unescaped
from tests.customers.test_access import BY_MAIL
from tests.support.mailbox import mails_to
from tests.support.pages import text_of

LOGIN = "http://localhost/login"


@pytest.mark.parametrize("hours", [1, 24, 72])
def test_notification_has_link_address_and_contact_in_both_parts(save, saltbox, hours):
    Company.update(invitation_hours=hours).execute()
    save(access_of(saltbox), name="Maya Ode", **BY_MAIL)
    mail = mails_to(MAYA)[0]
    assert mail.subject == "You can now see your Harbor & Pine Supply invoices"
    text, page = " ".join(mail.text.split()), re.sub(r"<[^>]+>", " ", mail.html)
    life = "60 minutes" if hours == 1 else f"{hours} hours"
    for words in (
        "Hello, ",
        "online access to invoices for Saltbox Kitchen",
        f"Log in with {MAYA}",
        f"expires in {life}",
        LOGIN,
        "After that, log in at",
        "ruth@harborpine.example gave you this access",
        "Customer Center Login",
    ):
        assert words in text and words in " ".join(page.replace("&amp;", "&").split())
    link = re.search(r"http://localhost/welcome/[\w-]{43}", mail.text)[0]
    assert f'href="{link}"' in mail.html and f'href="{LOGIN}"' in mail.html


def test_email_to_a_user_with_password_says_how_to_reset_it(save, cast, saltbox):
    Customer.update(email=cast.alice.email).where(Customer.id == saltbox.id).execute()
    save(access_of(saltbox), **BY_MAIL)
    mail = mails_to(cast.alice.email)[0]
    assert "Saltbox Kitchen" in mail.text and "Use it to log in" in mail.text
    assert "http://localhost/forgot" in mail.text and "/welcome/" not in mail.text + mail.html


def test_the_preview_is_what_is_sent_but_for_the_link(save, ruth, saltbox):
    page = ruth.get(access_of(saltbox))
    assert "You can now see your Harbor & Pine Supply invoices" in unescaped(page)
    preview = ruth.get(f"{access_of(saltbox)}/own/email").get_data(as_text=True)
    save(access_of(saltbox), **BY_MAIL)
    link = re.compile(r"/welcome/[\w-]{43}")
    assert link.sub("LINK", mails_to(MAYA)[0].html) == link.sub("LINK", preview)
    assert "x" * 43 in preview and "x" * 43 not in mails_to(MAYA)[0].html


def test_sending_again_makes_a_new_link_and_leaves_the_old_one(save, saltbox, client, clock):
    save(access_of(saltbox), **BY_MAIL)
    clock.advance(minutes=1)
    assert save(access_of(saltbox), **BY_MAIL).status_code == 303
    first, second = (re.search(r"(/welcome/\S{43})", mail.text)[1] for mail in mails_to(MAYA))
    assert client.get(first, follow_redirects=True).status_code == 200
    assert client.get(second, follow_redirects=True).status_code == 200


def test_a_link_that_is_too_old_sends_a_fresh_one_with_the_same_words(save, saltbox, client, clock):
    save(access_of(saltbox), **BY_MAIL)
    clock.advance(hours=25)
    page = client.get(re.search(r"(/welcome/\S{43})", mails_to(MAYA)[0].text)[1], follow_redirects=True)
    token = re.search(r'name="csrf_token" value="([^"]+)"', unescaped(page))[1]
    assert "new link" in text_of(client.post("/welcome/links", data={"csrf_token": token}))
    old, new = mails_to(MAYA)
    link = re.compile(r"/welcome/[\w-]{43}")
    assert link.sub("", old.text) == link.sub("", new.text) and old.text != new.text
