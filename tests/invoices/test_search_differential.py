"""What the list's search finds, compared with a filter in plain Python over random documents."""

import random
import re
from datetime import date
from itertools import pairwise
from urllib.parse import quote

from app.models import InvoiceLine
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
    "number:41",
    '"a" b',
    "a*",
)
DOCUMENTS, SEARCHES = 20, 60
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
    return {"id": made.public_id, "number": number, "po": po, "texts": [f"{number} {po} {memo}", *items]}


def folded(text: str) -> str:
    """In lower case as far as ASCII goes."""
    return re.sub("[A-Z]", lambda found: found[0].lower(), text)


def is_found(one: dict, typed: str) -> bool:
    if any(folded(typed) in folded(text) for text in one["texts"]):
        return True
    if any(folded(typed) in folded(text.replace(",", "")) for text in one["texts"][1:]):
        return True
    groups = re.findall(r"[^\W\d_]+|\d+", typed)
    in_turn = all(a.isdecimal() != b.isdecimal() for a, b in pairwise(groups))
    if len(groups) < 2 or not in_turn:
        return False
    between = (".".join(map(re.escape, map(folded, groups))), re.escape(folded("".join(groups))))
    keys = (one["number"], one["po"])
    return any(re.search(pattern, folded(key), re.DOTALL) for pattern in between for key in keys)


def typed_text(documents: list[dict]) -> str:
    """Part of a document's text, in either case of its letters, or something else."""
    if chance.random() < 0.3:
        return text(chance.randrange(1, 4))
    whole = chance.choice(chance.choice(documents)["texts"])
    start = chance.randrange(len(whole)) if whole else 0
    part = whole[start : start + chance.randrange(1, 12)]
    return " ".join("".join(c.swapcase() if c.isascii() and chance.random() < 0.3 else c for c in part).split())


def test_the_search_finds_what_a_plain_filter_finds(cast, log_in, in_database):
    """Of one's own documents: Charlie's have the same words."""
    documents = {
        who: [document(customer, n) for n in range(DOCUMENTS)]
        for who, customer in (("alice", cast.cedar), ("charlie", cast.fennel))
    }
    clients = {"alice": log_in(cast.alice), "charlie": log_in(cast.charlie)}
    for _ in range(SEARCHES):
        who = chance.choice(("alice", "charlie"))
        typed = typed_text(documents[who])
        if not typed:
            continue
        page = clients[who].get(f"/invoices?view=all&q={quote(typed)}").get_data(as_text=True)
        found = set(re.findall(r'class="rowlink" href="/invoices/([0-9a-z]+)', page))
        assert found == {one["id"] for one in documents[who] if is_found(one, typed)}, typed
