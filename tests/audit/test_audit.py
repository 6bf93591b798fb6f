"""The audit trail: who did what, in words, criteria, and as a file."""

import csv
import io
import re

import pytest

from app.audit.descriptions import describe
from app.clock import to_ms
from app.models import Access, Audit, Company, Role
from app.models.audit import Actor


@pytest.fixture
def trail(cast, clock):
    """Some of everything, the oldest of two days ago."""
    now = clock()
    company = Company.current()
    company.set_feature("customer_access", False, Actor(cast.ruth.email, now, address="192.0.2.7"))
    company.change({"phone": "1"}, Actor(cast.ruth.email, now))
    Access.grant(cast.bob, cast.fennel, Role.get(name="Customer Center"), Actor(cast.ruth.email, now))
    Audit.write("password_changed", to_ms(now), subject="user:bob@cedarlane.example", actor="ruth", cause="ADMIN_RESET")
    Audit.write("login_failed", to_ms(now) - 2 * 86_400_000, subject="", address="192.0.2.8")


def text(client, **query):
    response = client.get("/audit", query_string=query)
    assert response.status_code == 200
    return response.get_data(as_text=True).partition('id="audit-lines"')[2]


def test_events_are_described_in_sentences(ruth, trail):
    page = text(ruth)
    for words in (
        "Customer Access turned off",
        "Phone changed from (555) 010-0142 to 1",
        "192.0.2.7",
        "Access given to bob@cedarlane.example for account 81 as Customer Center",
        "Password of bob@cedarlane.example set by hand",
        "Wrong password for an unknown person",
        "ruth@harborpine.example logged in",
    ):
        assert words in page


@pytest.mark.parametrize(
    ("query", "there", "gone"),
    [
        ({"kind": "settings"}, "Customer Access turned off", "Access given"),
        ({"kind": "access"}, "Access given", "turned off"),
        ({"kind": "passwords"}, "Password of bob", "turned off"),
        ({"q": "bob@cedarlane"}, "Password of bob", "turned off"),
        ({"q": "customer_access"}, "turned off", "Phone"),
        ({"since": "2026-11-22"}, "turned off", "Wrong password"),
        ({"until": "2026-11-21"}, "Wrong password", "turned off"),
        ({"kind": "payments"}, "Nothing found", "turned off"),
        ({"q": "%"}, "Nothing found", "turned off"),
    ],
)
def test_lines_are_filtered(ruth, trail, query, there, gone):
    page = text(ruth, **query)
    assert there in page and gone not in page


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ({"since": "2026-02-30"}, "Enter a date"),
        ({"since": "2026-11-02", "until": "2026-11-01"}, "The To date must be on or after the From date"),
    ],
)
def test_invalid_dates_are_reported(ruth, query, message):
    response = ruth.get("/audit", query_string=query)
    page = response.get_data(as_text=True)
    assert response.status_code == 422 and message in page
    kept = [day for day in query.values() if day != "2026-02-30"]  # a date field can't hold any other text
    assert re.findall('type="date"[^>]* value="([^"]+)"', page) == kept


def test_pages_go_there_and_back_and_show_every_line_once(ruth, clock):
    for number in range(120):
        Audit.write("import", to_ms(clock()), subject=f"file:{number:03}")
    seen, url = [], "/audit?q=file"
    while url:
        page = ruth.get(url).get_data(as_text=True)
        seen.append([line.partition("<")[0] for line in page.split("Import of ")[1:]])
        url = page.partition('rel="next" href="')[2].partition('"')[0].replace("&amp;", "&")
    assert [len(lines) for lines in seen] == [50, 50, 20]
    back = page.partition('rel="prev" href="')[2].partition('"')[0].replace("&amp;", "&")
    assert ruth.get(back).get_data(as_text=True).count("Import of ") == 50


def test_an_import_says_what_came_in(ruth, clock):
    Audit.write("import", to_ms(clock()), subject="file:may.csv", actor="console", new=1200, changed=3)
    Audit.write("import", to_ms(clock()), subject="file:all.csv", what="customers", new=0, changed=1)
    page = text(ruth)
    assert "Import of may.csv: 1,200 new, 3 changed" in page
    assert "Import of all.csv: customers, 0 new, 1 changed" in page


def test_the_page_has_words_and_no_codes(ruth, clock):
    Audit.write("payment.declined", to_ms(clock()), subject="attempt:PAY-2222222222")
    Audit.write("code_failed", to_ms(clock()), subject="user:ruth@harborpine.example", address="192.0.2.8")
    page = text(ruth)
    assert "Payment declined: PAY-2222222222" in page and ">Address<" in page
    assert ">System<" in page and ">Not logged in<" in page
    assert "payment.declined" not in page and "code_failed" not in page
    rows = list(csv.reader(io.StringIO(ruth.get("/audit.csv").get_data().decode("utf-8-sig"))))
    assert rows[0][2] == "Address" and {row[4] for row in rows} > {"payment.declined", "code_failed"}


@pytest.mark.parametrize(("cause", "words"), [("USER_CHANGE", "set by themselves"), ("ADMIN_SET", "set by hand<")])
def test_a_password_is_said_to_be_changed_only_if_it_has_to_be(ruth, clock, cause, words):
    Audit.write("password_changed", to_ms(clock()), subject="user:bob@cedarlane.example", cause=cause)
    assert words in text(ruth)


def test_the_file_has_every_line_and_no_formula(ruth, trail, clock):
    for number in range(1_100):
        Audit.write("import", to_ms(clock()), subject=f"file:{number}", actor="=cmd|' /C calc'!A0")
    response = ruth.get("/audit.csv")
    assert response.data.startswith(b"\xef\xbb\xbf") and response.mimetype == "text/csv"
    rows = list(csv.reader(io.StringIO(response.get_data().decode("utf-8-sig"))))
    assert len(rows) == 1 + Audit.select().count()
    assert rows[1][1] == "'=cmd|' /C calc'!A0" and rows[0][3] == "What"
    few = list(csv.reader(io.StringIO(ruth.get("/audit.csv?kind=passwords").get_data().decode("utf-8-sig"))))
    assert [row[4] for row in few[1:]] == ["password_changed"]


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_no_cell_of_the_file_is_a_formula_for_any_separator(ruth, clock, separator):
    for actor in ("Jo;=cmd|' /C calc'!A0", 'Jo\t"=cmd', "\uff1dcmd"):
        Audit.write("import", to_ms(clock()), subject=f"file:{actor}", actor=actor, what=f";{actor}")
    file = io.StringIO(ruth.get("/audit.csv").get_data().decode("utf-8-sig"), newline="")
    starts = {cell.strip(' "')[:1] for row in csv.reader(file, delimiter=separator) for cell in row}
    assert not starts & set("=+-@\uff1d")


@pytest.mark.parametrize(
    ("event", "facts", "said"),
    [
        ("payments_exported", {"payments": 1}, "1 payment exported for the books, run INV-1"),
        ("payments_exported", {"payments": 1200}, "1,200 payments exported for the books, run INV-1"),
        ("payment_link_made", {"customer": "C-2", "recipient": ""}, "Payment Link to INV-1 of account C-2 made"),
        ("payment_link_revoked", {"customer": "C-2", "recipient": ""}, "Payment Link to INV-1 of account C-2 revoked"),
        ("payment_link_made", {"recipient": ""}, "Payment Link to INV-1 made"),
        (
            "customer_saved",
            {"taken": "maya@x.example", "undone_import": "may.csv", "version": 2},
            "Access of maya@x.example to account INV-1 removed by undoing the import of may.csv",
        ),
    ],
)
def test_line_names_the_account_and_counts_with_its_noun(trail, clock, event, facts, said):
    Audit.write(event, to_ms(clock()), subject="invoice:INV-1", **facts)
    assert describe(Audit.last(event)) == said
