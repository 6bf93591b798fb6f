"""Fifty people log in at once, as after a mailing: `python -m bench.logins`.

The portal's real web server, bcrypt at its real cost, each person from another address.
"""

import os
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from urllib.parse import urlencode

from app.accounts.hashing import hash_password
from app.database import open_database
from app.extensions import db
from app.models import Access, Role, User
from bench.flood import FORM, PORT, environment, form_of, post, wait_for_a_page
from bench.pages import SMALL, fill, get, secret

PEOPLE, PASSWORD = 50, "Amber-Kettle-77-drums"


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        fill(folder, SMALL)
        add_people(folder)
        server = subprocess.Popen([sys.executable, "-m", "app.server"], env={**os.environ, **environment(folder)})
        try:
            wait_for_a_page()
            get(PORT, "/login")
            report(*log_in_at_once())
        finally:
            server.terminate()
            server.wait()


def add_people(folder: Path) -> None:
    db.initialize(open_database(f"sqlite:///{folder / 'portal.sqlite3'}"))
    with db.connection_context():
        access = Access.get()
        password_hash = hash_password(PASSWORD, secret())
        for n in range(PEOPLE):
            user = User.create(email=address_of(n), password_hash=password_hash, created_ms=1)
            Access.create(user=user, customer=access.customer_id, role=Role.get(), given=True)
    db.obj.close_all()


def address_of(n: int) -> str:
    return f"person{n}@example.com"


def log_in_at_once() -> tuple[float, list[tuple[int, float]]]:
    """Seconds until all have an answer, and (status, seconds) of each."""
    together, answers = threading.Barrier(PEOPLE), []

    def log_in(n: int) -> None:
        address = {"X-Forwarded-For": f"10.9.{n}.1"}
        cookie, token = form_of(address)
        body = urlencode({"csrf_token": token, "email": address_of(n), "password": PASSWORD})
        together.wait()
        began = time.perf_counter()
        status = post("/login", body, {**address, **FORM, **cookie})
        answers.append((status, time.perf_counter() - began))

    threads = [threading.Thread(target=log_in, args=[n]) for n in range(PEOPLE)]
    for thread in threads:
        thread.start()
    began = time.perf_counter()
    for thread in threads:
        thread.join()
    return time.perf_counter() - began, answers


def report(seconds: float, answers: list[tuple[int, float]]) -> None:
    waits = sorted(wait for _status, wait in answers)
    entered = sum(status == 303 for status, _wait in answers)
    print(
        f"{entered} of {PEOPLE} logged in (target: all)   {seconds:.1f} s   "
        f"median {waits[PEOPLE // 2]:.1f} s   longest {waits[-1]:.1f} s"
    )


if __name__ == "__main__":
    main()
