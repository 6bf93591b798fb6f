"""The signed cookie: a signature that was checked once is remembered, and nothing else changes by it."""

import pytest
from flask import Flask
from itsdangerous import BadSignature, SignatureExpired

from app.session_cookie import KEPT, LONGEST, SessionCookie

DAY = 24 * 3600


@pytest.fixture
def serializer():
    app = Flask(__name__)
    app.secret_key = "a key of this test"
    return SessionCookie().get_signing_serializer(app)


def test_what_was_said_comes_back_each_time(serializer):
    cookie = serializer.dumps({"_user_id": "token", "csrf_token": "abc"})
    for _ in range(3):
        assert serializer.loads(cookie, max_age=DAY) == {"_user_id": "token", "csrf_token": "abc"}
    assert serializer.verified.cache_info().hits == 2


def test_an_altered_cookie_is_refused_though_the_genuine_one_is_known(serializer):
    cookie = serializer.dumps({"_user_id": "token"})
    serializer.loads(cookie, max_age=DAY)
    for place in range(len(cookie)):
        with pytest.raises(BadSignature):
            serializer.loads(cookie[:place] + ("A" if cookie[place] != "A" else "Q") + cookie[place + 1 :], max_age=DAY)
    with pytest.raises(BadSignature):
        serializer.loads(cookie + "A", max_age=DAY)


def test_a_known_cookie_still_ages(serializer):
    cookie = serializer.dumps({"_user_id": "token"})
    serializer.loads(cookie, max_age=DAY)
    with pytest.raises(SignatureExpired):
        serializer.loads(cookie, max_age=-1)


def test_nobody_changes_what_the_next_request_gets(serializer):
    cookie = serializer.dumps({"_flashes": [("message", "Saved.")], "_user_id": "token"})
    for _ in range(2):
        values = serializer.loads(cookie, max_age=DAY)
        assert values["_flashes"] == [("message", "Saved.")]
        values["_flashes"].append(("message", "More."))
        values["_user_id"] = "other"
    assert serializer.loads(cookie, max_age=DAY)["_user_id"] == "token"


def test_what_is_remembered_is_bounded(serializer):
    for n in range(KEPT + 10):
        serializer.loads(serializer.dumps({"n": n}), max_age=DAY)
    assert serializer.verified.cache_info().currsize == KEPT


def test_padding_is_no_way_to_fill_the_memory(serializer):
    """Base64 is read leniently: whatever follows the signature's padding still verifies."""
    cookie = serializer.dumps({"_user_id": "token"})
    for n in range(3):
        assert serializer.loads(cookie + "=" + "!" * (LONGEST + n), max_age=DAY) == {"_user_id": "token"}
    assert serializer.verified.cache_info().currsize == 0


def test_flask_reads_it_and_writes_it():
    """Cookies of before the upgrade, and the other way round."""
    app = Flask(__name__)
    app.secret_key = "a key of this test"
    flasks, ours = app.session_interface.get_signing_serializer(app), SessionCookie().get_signing_serializer(app)
    assert ours.loads(flasks.dumps({"a": "1"}), max_age=DAY) == {"a": "1"}
    assert flasks.loads(ours.dumps({"a": "1"}), max_age=DAY) == {"a": "1"}
