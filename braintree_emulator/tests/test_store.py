"""The store, shared by threads and processes."""

import os
import subprocess
import sys
import threading

import pytest

from braintree_emulator import Emulator
from braintree_emulator.store import Store
from braintree_emulator.testing import sdk_for

SELL = """
import sys
from braintree_emulator import Emulator
emulator = Emulator(sys.argv[1])
for number in range(int(sys.argv[2])):
    emulator.sales.finish(emulator.sales.begin({
        "type": "sale", "amount": "10.00", "order_id": f"{sys.argv[3]}-{number}",
        "payment_method_nonce": "fake-valid-nonce", "options": {"submit_for_settlement": True},
    }))
"""


def test_two_emulators_share_a_file(tmp_path, clock):
    first, second = (Emulator(tmp_path / "store.sqlite3", clock=clock) for _ in range(2))
    nonce = first.nonces.tokenize("4111111111111111", "12", "2030", "123")["nonce"]
    sdk = sdk_for(second)
    sold = sdk.transaction.sale({"amount": "10.00", "payment_method_nonce": nonce}).transaction
    assert [t["id"] for t in first.transactions()] == [sold.id]
    assert first.nonces.find(nonce)["state"] == "consumed"
    second.faults.add("error_503")
    assert [fault["name"] for fault in first.faults.pending()] == ["error_503"]
    token = second.client_token()["authorizationFingerprint"]
    assert first.nonces.authorization(token)


def test_processes_write_at_the_same_time(tmp_path):
    path = str(tmp_path / "store.sqlite3")
    command = [sys.executable, "-c", SELL, path, "25"]
    sellers = [subprocess.Popen([*command, str(n)]) for n in range(3)]
    assert [seller.wait(60) for seller in sellers] == [0, 0, 0]
    orders = [transaction["order_id"] for transaction in Emulator(path).transactions()]
    assert sorted(orders) == sorted(f"{n}-{number}" for n in range(3) for number in range(25))


@pytest.mark.parametrize("path", [":memory:", "file"])
def test_threads_share_a_store(tmp_path, path):
    store = Store(path if path == ":memory:" else tmp_path / "store.sqlite3")
    store.put("count", "x", {"n": 0})

    def add():
        for _ in range(50):
            with store.writing():
                store.put("count", "x", {"n": store.get("count", "x")["n"] + 1})

    threads = [threading.Thread(target=add) for _ in range(8)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    assert store.get("count", "x") == {"n": 400}


def test_time_can_pass_between_the_steps_of_a_sale(clock):
    def ticking():
        clock.advance(milliseconds=7)
        return clock.now

    emulator = Emulator(clock=ticking)
    sdk = sdk_for(emulator)
    nonce = emulator.nonces.tokenize("4111111111111111", "12", "2030", "123")["nonce"]
    sale = {"amount": "10.00", "payment_method_nonce": nonce, "api_request_key": "k"}
    assert sdk.transaction.sale(sale).is_success


def test_a_failed_transaction_leaves_nothing_behind():
    store = Store()
    with pytest.raises(RuntimeError), store.writing():
        store.put("thing", "a", {})
        with store.writing():
            store.put("thing", "b", {})
        raise RuntimeError
    assert store.all("thing") == []


def test_the_command_keeps_its_store(tmp_path, monkeypatch):
    for name in [name for name in os.environ if "proxy" in name.lower()]:
        monkeypatch.delenv(name)
    command = [sys.executable, "-m", "braintree_emulator", "--port", "0", "--store", str(tmp_path / "x.sqlite3")]
    for known in (0, 1):
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        try:
            port = int(process.stdout.readline().rsplit(":", 1)[1])
            emulator = Emulator(tmp_path / "x.sqlite3")
            assert len(emulator.transactions()) == known
            sale = {"amount": "10.00", "payment_method_nonce": "fake-valid-nonce", "order_id": str(known)}
            assert sdk_for(emulator, port).transaction.sale(sale).is_success
        finally:
            process.terminate()
            assert process.wait(10) == 0
