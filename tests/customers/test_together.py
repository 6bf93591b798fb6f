"""Two administrators at once, and one person on two records at once."""

import re
import threading

import pytest

from app.models import Access, Audit, Customer, User
from tests.conftest import csrf_of
from tests.customers.conftest import MAYA, NEW, access_of, details_of, given, send, unescaped
from tests.support.mailbox import mails_to
from tests.support.pages import text_of

BY_MAIL = {"role": "1", "give": "y", "notify": "y"}


def opened(client, url) -> dict:
    page = client.get(url).get_data(as_text=True)
    return {"csrf_token": csrf_of(page), "version": re.search(r'name="version"[^>]*value="(\d+)"', page)[1]}


def at_once(*posts) -> list:
    """The answers of (client, url, data), all sent at the same moment."""
    barrier, answers = threading.Barrier(len(posts)), [None] * len(posts)

    def run(number, client, url, data):
        barrier.wait()
        answers[number] = client.post(url, data=data)

    threads = [threading.Thread(target=run, args=(n, *post)) for n, post in enumerate(posts)]
    [thread.start() for thread in threads]
    [thread.join(30) for thread in threads]
    return answers


@pytest.fixture
def both(log_in, cast):
    """Ruth and Otto, both administrators."""
    otto = User.create(
        email="otto@harborpine.example",
        name="Otto",
        password_hash=cast.ruth.password_hash,
        is_administrator=True,
        created_ms=0,
    )
    return log_in(cast.ruth), log_in(otto)


def test_second_save_of_a_record_is_stale_and_keeps_its_input(both, saltbox):
    ruth, otto = both
    url = f"/customers/{saltbox.public_id}"
    seen = opened(ruth, url)
    send(otto, url, **details_of(saltbox, phone="555 OTTO"))
    response = ruth.post(url, data={**seen, **details_of(saltbox, address="Ruth typed this")})
    page = text_of(response)
    assert response.status_code == 409 and "Ruth typed this" in unescaped(response)
    assert "otto@harborpine.example" in page and "phone" in page and "555 OTTO" in page
    assert Customer.get_by_id(saltbox.id).address == "" and Customer.get_by_id(saltbox.id).phone == "555 OTTO"


def test_second_save_of_access_is_stale_and_sends_no_mail(both, saltbox):
    ruth, otto = both
    seen = opened(ruth, access_of(saltbox))
    send(otto, access_of(saltbox), role="2", give="y", manual="y", password=NEW, confirm_password=NEW)
    response = ruth.post(access_of(saltbox), data={**seen, **BY_MAIL})
    page = text_of(response)
    assert response.status_code == 409 and "otto@harborpine.example" in page and f"gave access to {MAYA}" in page
    assert NEW not in unescaped(response) and mails_to(MAYA) == [] and given(saltbox, MAYA).role_id == 2


def test_stale_form_is_saved_when_sent_again(both, saltbox):
    ruth, otto = both
    url = f"/customers/{saltbox.public_id}"
    seen = opened(ruth, url)
    send(otto, url, **details_of(saltbox, phone="1"))
    warning = unescaped(ruth.post(url, data={**seen, **details_of(saltbox, phone="2")}))
    version = re.search(r'name="version"[^>]*value="(\d+)"', warning)[1]
    assert ruth.post(url, data={**seen, **details_of(saltbox, phone="2"), "version": version}).status_code == 303
    assert Customer.get_by_id(saltbox.id).phone == "2"


@pytest.mark.parametrize("version", ["", "0", "x", "-1", "99999999999", "٣"])
def test_a_version_that_was_never_shown_saves_nothing(both, saltbox, version):
    ruth, _ = both
    url = f"/customers/{saltbox.public_id}"
    data = {**opened(ruth, url), **details_of(saltbox, phone="1"), "version": version}
    assert ruth.post(url, data=data).status_code == 409 and Customer.get_by_id(saltbox.id).phone == ""


def test_one_of_two_concurrent_saves_succeeds(both, saltbox):
    url = f"/customers/{saltbox.public_id}"
    for n in range(5):
        now = Customer.get_by_id(saltbox.id)
        posts = [
            (client, url, {**opened(client, url), **details_of(now, phone=f"{n} {who}")})
            for who, client in zip(("ruth", "otto"), both, strict=True)
        ]
        assert sorted(answer.status_code for answer in at_once(*posts)) == [303, 409]
    assert Customer.get_by_id(saltbox.id).version == 6


def test_one_address_on_two_records_at_once_is_one_person_with_both(both, saltbox):
    other = Customer.create(number="94", name="Saltbox Two", email=MAYA)
    posts = [
        (client, access_of(customer), {**opened(client, access_of(customer)), **BY_MAIL})
        for client, customer in zip(both, (saltbox, other), strict=True)
    ]
    assert [answer.status_code for answer in at_once(*posts)] == [303, 303]
    assert User.select().where(User.email == MAYA).count() == 1
    assert Access.select().where(Access.user == User.by_email(MAYA), Access.given).count() == 2
    assert Audit.select().where(Audit.event == "access_given").count() == 2


def test_the_same_form_sent_twice_at_once_sends_one_mail(both, saltbox):
    ruth, _ = both
    data = {**opened(ruth, access_of(saltbox)), **BY_MAIL}
    twin = both[0].application.test_client()
    twin._cookies.update(ruth._cookies)
    codes = sorted(a.status_code for a in at_once((ruth, access_of(saltbox), data), (twin, access_of(saltbox), data)))
    assert codes == [303, 409] and len(mails_to(MAYA)) == 1
