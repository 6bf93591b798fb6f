"""Hashes, and the queue for them."""

import threading
import time

import pytest

from app.accounts.hashing import (
    MAX_QUEUED,
    MAX_QUEUED_PER_ADDRESS,
    Busy,
    Hasher,
    decoy_hash,
    hash_password,
    verify_password,
)
from tests.accounts.conftest import send_form
from tests.people import PASSWORD

PEPPER = "a pepper that is only for this test"


@pytest.mark.parametrize("password", ["", "x", "x" * 100_000, "a\x00b", "\ud800", "пароль", "x" * 72 + "y"])
def test_any_text_can_be_a_password(password):
    stored = hash_password(password, PEPPER, 4)
    assert verify_password(password, stored, PEPPER)
    assert not verify_password(password + "z", stored, PEPPER)


def test_bytes_after_72_and_after_nul_count():
    stored = hash_password("a\x00" + "x" * 80, PEPPER, 4)
    assert not verify_password("a\x00" + "x" * 79 + "y", stored, PEPPER)
    assert not verify_password("a", stored, PEPPER)


def test_a_letter_is_the_same_however_it_was_composed():
    assert verify_password("caf\u00e9", hash_password("cafe\u0301", PEPPER, 4), PEPPER)


def test_a_hash_is_worthless_without_the_pepper():
    assert not verify_password("x", hash_password("x", PEPPER, 4), "another pepper of this length")


@pytest.mark.parametrize("stored", ["", "x", "$2b$99$x", "plain"])
def test_a_broken_hash_matches_nothing(stored):
    assert not verify_password("x", stored, PEPPER)


@pytest.mark.parametrize("rounds", [4, 5])
def test_the_decoy_has_the_cost_of_a_real_hash_and_no_password(rounds):
    real, decoy = hash_password("x", PEPPER, rounds), decoy_hash(rounds)
    assert decoy[:7] == real[:7] and len(decoy) == len(real)
    assert not verify_password("x", decoy, PEPPER)


def fill(hasher):
    """Take every place in the queue."""
    slots = [hasher.slot() for _ in range(4)]
    for slot in slots:
        slot.__enter__()
    return slots


def test_full_queue_refuses_at_once():
    hasher = Hasher(PEPPER, 4, slots=4, patience_seconds=60, max_queued=0)
    slots = fill(hasher)
    with pytest.raises(Busy), hasher.slot():
        pass
    slots[0].__exit__(None, None, None)
    with hasher.slot() as slot:
        assert slot.hash("x").startswith("$2b$04$")


def test_free_slot_goes_to_a_waiting_caller():
    hasher = Hasher(PEPPER, 4, slots=4, patience_seconds=60, max_queued=1)
    slots, hashes = fill(hasher), []

    def wait():
        with hasher.slot() as slot:
            hashes.append(slot.hash("x"))

    waiting = threading.Thread(target=wait)
    waiting.start()
    while hasher._queue._value:
        time.sleep(0.001)
    with pytest.raises(Busy), hasher.slot():
        pass
    slots[0].__exit__(None, None, None)
    waiting.join(10)
    assert hashes[0].startswith("$2b$04$")


def test_queue_wait_is_limited():
    hasher = Hasher(PEPPER, 4, slots=4, patience_seconds=0.05)
    slots = fill(hasher)
    for _ in range(2):
        with pytest.raises(Busy), hasher.slot():
            pass
    assert len(slots) == 4 and hasher._queue._value == MAX_QUEUED


def test_wait_for_a_hash_is_limited_but_a_begun_hash_finishes():
    hasher, begun, finish = Hasher(PEPPER, 4, patience_seconds=0.05, threads=1), threading.Event(), threading.Event()
    answers = []

    def slow():
        begun.set()
        finish.wait()
        return "done"

    first = threading.Thread(target=lambda: answers.append(hasher._compute(slow)))
    first.start()
    begun.wait()
    with pytest.raises(Busy), hasher.slot() as slot:
        slot.hash("x")
    finish.set()
    first.join()
    assert answers == ["done"]


@pytest.mark.parametrize("cores", [1, 2])
def test_as_many_hashes_are_computed_at_once_as_there_are_cores(cores):
    hasher, running, most = Hasher(PEPPER, 4, threads=cores), [], []

    def work():
        running.append(1)
        most.append(len(running))
        time.sleep(0.05)
        running.pop()

    threads = [threading.Thread(target=hasher._compute, args=[work]) for _ in range(4)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    assert max(most) == cores


def test_one_address_leaves_half_of_the_queue_to_others():
    hasher = Hasher(PEPPER, 4, slots=4, patience_seconds=60)
    slots, done = fill(hasher), []

    def wait(address):
        with hasher.slot(address):
            done.append(address)

    flood = [threading.Thread(target=wait, args=["192.0.2.7"]) for _ in range(MAX_QUEUED_PER_ADDRESS)]
    [thread.start() for thread in flood]
    while hasher._waiting["192.0.2.7"] < MAX_QUEUED_PER_ADDRESS:
        time.sleep(0.001)
    with pytest.raises(Busy), hasher.slot("192.0.2.7"):
        pass
    other = threading.Thread(target=wait, args=["192.0.2.8"])
    other.start()
    while not hasher._waiting["192.0.2.8"]:
        time.sleep(0.001)
    slots[0].__exit__(None, None, None)
    [thread.join(10) for thread in (*flood, other)]
    assert sorted(done) == ["192.0.2.7"] * MAX_QUEUED_PER_ADDRESS + ["192.0.2.8"] and not hasher._waiting


@pytest.fixture
def hasher(app, config):
    """The portal's, with an empty queue."""
    app.extensions["hasher"] = Hasher(config.secret_key, config.bcrypt_rounds, max_queued=0)
    return app.extensions["hasher"]


def test_a_busy_portal_answers_503_and_when_to_come_back(client, cast, hasher):
    slots = fill(hasher)
    response = send_form(client, "/login", email=cast.alice.email, password=PASSWORD)
    assert (response.status_code, response.headers["Retry-After"]) == (503, "2")
    assert "The portal is busy" in response.get_data(as_text=True)
    for slot in slots:
        slot.__exit__(None, None, None)
    assert send_form(client, "/login", email=cast.alice.email, password=PASSWORD).status_code == 303


def test_busy_answer_does_not_count_as_an_attempt(client, cast, hasher):
    slots = fill(hasher)
    for _ in range(9):
        send_form(client, "/login", email=cast.alice.email, password="wrong")
    slots[0].__exit__(None, None, None)
    assert send_form(client, "/login", email=cast.alice.email, password=PASSWORD).status_code == 303
