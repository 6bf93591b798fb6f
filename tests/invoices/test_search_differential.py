"""What the list's search finds, compared with a filter in plain Python over random documents."""

import random
import re
from datetime import date
from itertools import pairwise
from urllib.parse import quote

from app.extensions import db
from app.models import Invoice, InvoiceLine
from tests.people import invoice
from tests.sampling import SEED

WORDS = (
    "INV",
    "inv",
    "41",
    "0041",
    "2026",
    "%",
    "_",
    "\\",
    "'",
    '"',
    "*",
    "(",
    ")",
    "-",
    "AND",
    "NEAR",
    "OR",
    "NOT",
    "é",
    "É",
    "café",
    "CAFÉ",
    "ß",
    "SS",
    "ı",
    "İ",
    "Straße",
    "日本",
    "🙂",
    "e\u0301",
    "a b",
    ".",
    ":",
    "^",
    "{x}",
    "--",
    ";",
    "body:41",
    '"a" b',
    "a*",
    ", ",
    ", ",
)
DOCUMENTS, SEARCHES = 20, 40  # searches each time
CHANGED = ("new, item", "New item", "one more", "CAFé 2026")  # what `change` writes
chance = random.Random(f"{SEED} search")


def text(words: int) -> str:
    """Words, some of them with nothing between them; no whitespace at the ends or twice."""
    joined = "".join(chance.choice(WORDS) + chance.choice(("", " ")) for _ in range(words))
    return " ".join(joined.split())


def document(customer, n: int) -> dict:
    """A document of random texts, with one or two items; and what it was made of."""
    number, po, memo = f"{text(2)}{n}", text(chance.randrange(3)), text(chance.randrange(4))
    items = [text(3) for _ in range(chance.randrange(3))]
    made = invoice(customer, number, 100_000 + n, date(2026, 12, 1), po_number=po, memo=memo)
    for position, description in enumerate(items):
        InvoiceLine.create(invoice=made, position=position, description=description, amount_minor=1)
    return {
        "id": made.public_id,
        "row": made.id,
        "number": number,
        "po": po,
        "texts": [f"{number} {po} {memo}", *items],
    }


def folded(text: str) -> str:
    """In lower case as far as ASCII goes."""
    return re.sub("[A-Z]", lambda found: found[0].lower(), text)


def is_found(one: dict, typed: str) -> bool:
    return any(is_found_as(one, case) for case in (typed, typed.lower(), typed.upper()))


def is_found_as(one: dict, typed: str) -> bool:
    if any(folded(typed) in folded(text) for text in one["texts"]):
        return True
    if any(folded(typed) in folded(text.replace(",", "")) for text in one["texts"][1:]):
        return True
    groups = re.findall(r"[^\W\d_]+|\d+", typed)
    in_turn = all(a.isdecimal() != b.isdecimal() for a, b in pairwise(groups))
    if len(groups) < 2 or not in_turn:
        return False
    joined, digits = "".join(groups), max(filter(str.isdecimal, groups), key=len).lstrip("0")
    keys = [re.sub(r"[ \-/.#_:]", "", one[name]) for name in ("number", "po")]
    return folded(digits) in folded(one["texts"][0]) and any(folded(joined) in folded(key) for key in keys)


def typed_text(documents: list[dict]) -> str:
    """Part of a document's text, in either case of its letters, or something else."""
    if chance.random() < 0.3:
        return text(chance.randrange(1, 4))
    whole = chance.choice(chance.choice(documents)["texts"])
    start = chance.randrange(len(whole)) if whole else 0
    part = whole[start : start + chance.randrange(1, 12)].replace(",", chance.choice((",", "")))
    return " ".join("".join(c.swapcase() if chance.random() < 0.3 else c for c in part).split())


def change(customer, documents: list[dict]) -> None:
    """Other texts for some: in the document itself, in an item, another item, none at all; and one document goes."""
    lines = InvoiceLine.delete
    memo, item, more, bare, gone = chance.sample(documents, 5)
    memo["texts"][0] = f"{memo['number']} {memo['po']} café 2026"
    Invoice.update(memo="café 2026").where(Invoice.id == memo["row"]).execute()
    item["texts"][1:] = ["new, item"] * len(item["texts"][1:])
    InvoiceLine.update(description="new, item").where(InvoiceLine.invoice == item["row"]).execute()
    more["texts"].append("one more")
    InvoiceLine.create(invoice=more["row"], customer=customer, position=9, description="one more", amount_minor=1)
    del bare["texts"][1:]
    lines().where(InvoiceLine.invoice == bare["row"]).execute()
    documents.remove(gone)
    lines().where(InvoiceLine.invoice == gone["row"]).execute()
    Invoice.delete().where(Invoice.id == gone["row"]).execute()
    documents.append(document(customer, 99))  # on SQLite perhaps with the id of the one that has gone


def test_the_search_finds_what_a_plain_filter_finds(cast, log_in, in_database):
    """Of one's own documents: Charlie's have the same words. Before their texts are in an index, in it, and changed."""
    customers = {"alice": cast.cedar, "charlie": cast.fennel}
    documents = {who: [document(of, n) for n in range(DOCUMENTS)] for who, of in customers.items()}
    clients = {"alice": log_in(cast.alice), "charlie": log_in(cast.charlie)}
    for step in ("new", "indexed", "changed", "indexed again"):
        if step == "changed":
            for who, of in customers.items():
                change(of, documents[who])
        elif step != "new":
            db.index_texts(60)
        chosen = [chance.choice(("alice", "charlie")) for _ in range(SEARCHES)]
        searches = [(who, typed_text(documents[who])) for who in chosen] + [("alice", typed) for typed in CHANGED]
        for who, typed in searches:
            if typed:
                found = search(clients[who], typed)
                assert found == {one["id"] for one in documents[who] if is_found(one, typed)}, (step, typed)


def search(client, typed: str) -> set[str]:
    page = client.get(f"/invoices?view=all&q={quote(typed)}").get_data(as_text=True)
    return set(re.findall(r'class="rowlink" href="/invoices/([0-9a-z]+)', page))
