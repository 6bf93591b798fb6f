"""Simulated users: readers, payers, clerks and attackers. Each is a thread and records its requests."""

import contextlib
import itertools
import random
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from bench import deep, flood, servers
from bench.browser import Browser, Failed, Notes, fields_of, path_of
from bench.pages import PARTIAL, PORTS, public_id_of

VISA, DECLINED = "fake-valid-visa-nonce", "fake-processor-declined-visa-nonce"
RUTH = "ruth@harborpine.example"
PAGES_OF_A_VISIT, PAYMENTS_OF_A_VISIT = 200, 10
RECEIVED = "/transactions/customers/payments"
SORTS = ("due", "-due", "issued", "-issued", "number", "-number", "amount", "-amount")


@dataclass(frozen=True)
class Portal:
    """What the crowd knows about the portal: customer 1 has `first` invoices, each other customer `each`; of these
    the last `unpaid` are unpaid."""

    customers: int
    first: int
    each: int
    unpaid: int

    def size(self, customer: int) -> int:
        return self.first if customer == 1 else self.each

    def pick_person(self, draw: random.Random) -> int:
        """One in ten belongs to the large customer."""
        return 1 if draw.random() < 0.1 else draw.randint(2, self.customers)


def invoice_id(number: int, customer: int) -> str:
    return f"{number:07}{customer:x>9}"


class Crowd:
    """Runs `people`, functions of (browser, portal, draw), again and again until the end."""

    def __init__(self, portal: Portal, until: float, first_address: int):
        self.portal, self.until, self.notes = portal, until, Notes()
        self.addresses = itertools.count(first_address)

    def run(self, people: list[tuple[Callable, float]]) -> Notes:
        threads = [threading.Thread(target=self.live, args=one) for one in people]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return self.notes

    def live(self, visit: Callable, pause: float) -> None:
        draw, own = random.Random(next(self.addresses)), Notes()
        while time.time() < self.until:
            browser = Browser(own, f"10.{draw.randrange(100, 200)}.{draw.randrange(250)}.{draw.randrange(250)}")
            try:
                for _ in visit(browser, self.portal, draw):
                    time.sleep(draw.uniform(0.5, 1.5) * pause)
                    if time.time() >= self.until:
                        break
            except Failed:
                time.sleep(pause)
            except Exception as error:
                own.add(visit.__name__, 0, f"this program failed: {error!r}")
            browser.close()
        self.notes.merge(own)


# Each yields where a person reads what came.


def reader(browser: Browser, portal: Portal, draw: random.Random):
    person = portal.pick_person(draw)
    plain = Browser(browser.notes, "", PORTS["static"])
    browser.log_in_as(person)
    size = portal.size(person)
    with contextlib.closing(plain):
        for number in range(PAGES_OF_A_VISIT):
            yield
            if number % 4 == 0:
                plain.get("plain Flask", "/page-list", "invoice-list")
            read_a_page(browser, draw, person, size)


SHARES = {"list": 30, "filter": 20, "deep": 6, "fragment": 8, "search": 12, "invoice": 14, "PDF": 1, "other": 4}


def read_a_page(browser: Browser, draw: random.Random, person: int, size: int) -> None:
    one = draw.randrange(size)
    match draw.choices(list(SHARES), list(SHARES.values()))[0]:
        case "list":
            browser.get("list", "/invoices", 'id="invoice-list"')
        case "filter":
            day = f"{2026 - one % 9}-0{1 + one % 9}-15"
            query = f"view={draw.choice(('open', 'all', 'paid'))}&sort={draw.choice(SORTS)}"
            browser.get("filter", f"/invoices?{query}{draw.choice(('', f'&since={day}', f'&until={day}'))}", "Invoices")
        case "deep":
            sort = draw.choice(("due", "issued", "amount"))
            path = deep.path_of(size, f"view=all&sort={sort}", draw.random(), sort)
            browser.get("deep page", path, 'id="invoice-list"')
        case "fragment":
            browser.get("fragment", f"/invoices?view=all&sort={draw.choice(SORTS)}", 'id="invoice-list"', PARTIAL)
        case "search":
            text = draw.choice((f"INV-{one:07}", f"Delivery {one}", f"{one:05}", "shelf", "PO-77", "nowhere"))
            browser.get("search", f"/invoices?view=all&q={text.replace(' ', '+')}", "Invoices")
        case "invoice":
            browser.get("invoice", f"/invoices/{invoice_id(one, person)}", f"INV-{one:07}")
        case "PDF":
            browser.get("PDF", f"/invoices/{invoice_id(one, person)}.pdf", "%PDF")
        case "other":
            kind, path = draw.choice((("payments", "/payments"), ("statement", "/account/statement")))
            browser.get(kind, path, f"{kind.capitalize()}")


def payer(browser: Browser, portal: Portal, draw: random.Random):
    person = portal.pick_person(draw)
    size = portal.size(person)
    unpaid = [invoice_id(size - 1 - n, person) for n in range(min(portal.unpaid, size))]
    browser.log_in_as(person)
    for _ in range(PAYMENTS_OF_A_VISIT):
        yield
        browser.get("list", "/invoices", "Invoices")
        yield
        pay(browser, draw, draw.sample(unpaid, draw.randint(1, min(3, len(unpaid)))))


def pay(browser: Browser, draw: random.Random, chosen: list[str]) -> None:
    where = "&".join(f"invoice={one}" for one in chosen)
    page = browser.get("pay page", f"/payments/new?{where}", "<h1")
    if 'id="card-number"' not in page and "payment_method_nonce" not in page:
        return  # nothing is open: a colleague was faster
    fields = fields_of(page, "/payments")
    fields = [(name, value) for name, value in fields if name not in ("payment_method_nonce", "amount")]
    if draw.random() < 0.4:
        fields += [("pay", "part"), ("amount", f"{draw.randint(100, 900) / 100:.2f}")]
    is_declined = draw.random() < 0.05
    fields.append(("payment_method_nonce", DECLINED if is_declined else VISA))
    taken = {303: "/payments/PAY-", 409: "", 422: ""}
    if draw.random() < 0.1:
        submit_twice(browser, fields, taken)
        return
    status, target = browser.post("pay", "/payments", fields, taken)
    if status == 303:
        browser.get("paid page", path_of(target), "PAY-")
        if draw.random() < 0.1:
            browser.get("receipt PDF", f"{path_of(target)}.pdf", "%PDF")


def submit_twice(browser: Browser, fields: list, taken: dict[int, str]) -> None:
    """Submits the same form twice at the same moment, like a double click. Both answers must name the same payment."""
    other, targets = Browser(browser.notes, browser.address), []
    other.cookies = dict(browser.cookies)

    def send(one: Browser) -> None:
        with contextlib.suppress(Failed):
            targets.append(one.post("pay twice", "/payments", fields, taken))

    threads = [threading.Thread(target=send, args=[one]) for one in (browser, other)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    other.close()
    paid = {target for status, target in targets if status == 303}
    if len(paid) > 1:
        browser.notes.add("pay twice", 0, f"two payments of one form: {paid}")


def clerk(browser: Browser, portal: Portal, draw: random.Random):
    browser.log_in(RUTH)
    for _ in range(PAGES_OF_A_VISIT):
        customer = draw.randint(3, portal.customers)
        yield
        browser.get("clerk: customers", f"/customers?q=Customer+{customer}", f"Customer {customer}")
        yield
        browser.get("clerk: search", f"/search?q=C{customer}", f"Customer {customer}")
        yield
        record(browser, draw, public_id_of(customer))
        yield
        browser.get("clerk: received", RECEIVED, 'id="payments-received"')


def record(browser: Browser, draw: random.Random, customer: str) -> None:
    page = browser.get("clerk: form", f"{RECEIVED}/new?customer={customer}", "Payment received")
    if "has no open invoices" in page:
        return
    typed = {"reference": f"C-{draw.randrange(10**9)}", "amount": f"{draw.randint(100, 500) / 100:.2f}"}
    fields = [(name, typed.get(name, value)) for name, value in fields_of(page, f"{RECEIVED}/new")]
    taken = {303: "/customers/", 422: "online right now"}
    browser.post("clerk: record", f"{RECEIVED}/new", [*fields, ("method", "check")], taken)


# Those who want no good


def attackers(stop, flooders: int, slow: int, answers) -> None:
    """Wrong passwords, each for another account and from another address; and connections that send one byte a
    second. Puts {status: number of answers} to the passwords into `answers`, and how many of the connections were
    open at the end."""
    answered: dict = {}
    heads, bodies = (slow + 1) // 2, slow // 2
    with (
        servers.slow_connections(servers.SLOW_HEAD, heads) as first,
        servers.slow_connections(servers.slow_body(), bodies) as second,
    ):
        lanes = [(stop, answered, lane, "wrong", 0) for lane in range(flooders)]
        threads = [threading.Thread(target=flood.flood, args=lane) for lane in lanes]
        for thread in threads:
            thread.start()
        stop.wait()
        for thread in threads:
            thread.join()
        answered["slow connections still open"] = sum(map(servers.is_open, (*first, *second)))
    answers.put(answered)
