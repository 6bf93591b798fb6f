"""Export runs: each entry in one of them, the same bytes for ever, and nothing lost between two clerks."""

from dataclasses import replace
from threading import Barrier, Thread

import pytest
from peewee import IntegrityError

from app.bookkeeping.formats import PLAIN
from app.bookkeeping.runs import export, export_all
from app.models import Attempt, Audit, Company, ExportLine, ExportRun, LedgerEntry
from app.models.audit import Actor
from tests.bookkeeping.conftest import PATH, rows_of
from tests.conftest import NOON
from tests.payments.conftest import pay
from tests.support.pages import text_of

ACTOR = Actor("ruth@harborpine.example", NOON, "http://localhost")


def post(client, path, **data):
    page = client.get("/account").get_data(as_text=True)
    token = page.split('name="csrf_token" value="')[1].split('"')[0]
    return client.post(path, data={"csrf_token": token, **data})


def test_an_entry_is_in_one_run(alice, owed, export_as):
    pay(alice, owed.late)
    (first,) = export_as("csv")
    assert export_as("netsuite") == []
    pay(alice, owed.due)
    (second,) = export_as("netsuite")
    assert (first.number, second.number) == (1, 2)
    assert [row["Invoice Number"] for row in rows_of(second)] == ["INV-1041"]


def test_page_beyond_the_first_run_leads_back(alice, owed, export_as, ruth):
    assert "No runs yet" in text_of(ruth.get(PATH))
    pay(alice, owed.late)
    (run,) = export_as("csv")
    assert "No runs on this page All runs" in text_of(ruth.get(f"{PATH}?before={run.id}"))


def test_the_database_keeps_an_entry_to_one_run(alice, owed, export_as):
    pay(alice, owed.late)
    (run,) = export_as("csv")
    with pytest.raises(IntegrityError):
        ExportLine.create(run=run, ledger_entry=LedgerEntry.get(), amount_minor=1, currency="USD")


def test_clerks_who_press_at_once_share_the_entries(app, alice, cast, make_invoice, database):
    for number in range(8):
        pay(alice, make_invoice(cast.cedar, f"INV-{number}", 1000))
    database.close()
    ready, made = Barrier(6), []

    def press():
        with app.extensions["database"].connection_context():
            company = Company.current()
            ready.wait()
            made.extend(export(PLAIN, company, ACTOR))

    clerks = [Thread(target=press) for _ in range(6)]
    for clerk in clerks:
        clerk.start()
    for clerk in clerks:
        clerk.join()
    database.connect(reuse_if_open=True)
    assert len(made) == ExportRun.select().count() == 1
    assert ExportLine.select().count() == LedgerEntry.select().count() == 8


def test_entries_over_the_limit_go_into_the_next_file(alice, cast, make_invoice, database):
    for number in range(5):
        pay(alice, make_invoice(cast.cedar, f"INV-{number}", 1000))
    small = replace(PLAIN, most_rows=2)
    runs = list(export_all(small, Company.current(), ACTOR))
    assert [len(rows_of(run)) for run in runs] == [2, 2, 1]


def test_a_run_gives_the_same_bytes_for_ever(alice, cast, owed, ruth, export_as):
    pay(alice, owed.late)
    (run,) = export_as("csv")
    before = ruth.get(f"{PATH}/1/payments.csv")
    assert before.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert before.headers["Content-Disposition"] == 'attachment; filename="payments-1-csv-2026-11-22.csv"'
    cast.cedar.name = "Renamed"
    cast.cedar.save()
    Company.update(locale="de_DE").execute()
    assert ruth.get(f"{PATH}/1/payments.csv").data == before.data == bytes(run.content)


def test_the_page_exports_and_lists_runs(alice, owed, ruth):
    pay(alice, owed.late)
    pay(alice, owed.due)
    assert "2 entries , $1,786.50" in text_of(ruth.get(PATH)).replace("entries,", "entries ,")
    response = post(ruth, PATH, format="xero")
    assert response.status_code == 303 and response.location == f"{PATH}/1"
    text = text_of(ruth.get(PATH))
    assert "Everything is exported." in text
    assert "Run 1 Xero Nov 22, 2026, 12:00 PM ruth@harborpine.example 2 Not confirmed $1,786.50" in text
    assert "Your books have not confirmed 2 entries yet, $1,786.50" in text
    line = Audit.last("payments_exported")
    assert (line.actor, line.subject, line.facts) == (
        "ruth@harborpine.example",
        "export:1",
        {"format": "xero", "payments": 2},
    )


def test_pressing_again_makes_no_empty_run(alice, owed, ruth, database):
    pay(alice, owed.late)
    post(ruth, PATH, format="csv")
    assert post(ruth, PATH, format="csv").location == PATH
    assert "Nothing is left to export." in text_of(ruth.get(PATH))
    assert ExportRun.select().count() == 1


@pytest.mark.parametrize("chosen", ["", "pdf", "CSV"])
def test_unknown_format_is_a_form_error(alice, owed, ruth, chosen, database):
    pay(alice, owed.late)
    response = post(ruth, PATH, format=chosen)
    assert response.status_code == 422 and "Choose the format of the file" in text_of(response)
    assert ExportRun.select().count() == 0


@pytest.mark.parametrize("number", ["0", "2", "-1", "x", "9" * 30])
@pytest.mark.parametrize("rest", ["", "/payments.csv"])
def test_a_run_that_is_not_there_is_not_found(alice, owed, ruth, export_as, number, rest):
    pay(alice, owed.late)
    export_as("csv")
    assert ruth.get(f"{PATH}/{number}{rest}").status_code == 404


def test_a_run_after_a_restored_backup_is_warned_of(alice, owed, ruth, export_as):
    pay(alice, owed.late)
    Audit.write("restored", 2_000_000_000_000)
    assert "Runs made after that backup are gone" in text_of(ruth.get(PATH))


def test_the_command_writes_files_and_says_nothing_when_there_is_nothing(alice, owed, app, tmp_path, database):
    def run(*options):
        return app.test_cli_runner().invoke(args=["export", "payments", "--to", str(tmp_path), *options])

    assert run().output == ""
    pay(alice, owed.late)
    path = tmp_path / "payments-1-netsuite-2026-11-22.csv"
    assert run("--format", "netsuite").output.strip() == str(path)
    assert path.read_bytes() == bytes(ExportRun.get().content)
    assert run("--format", "netsuite").output == ""
    path.unlink()
    assert run("--run", "1").output.strip() == str(path) and path.exists()
    assert "There is no run 7." in run("--run", "7").output
    path.unlink()
    path.mkdir()
    failed = run("--run", "1")
    assert failed.exit_code == 1 and "write its file with --run 1" in failed.output


def test_a_declined_payment_is_nothing_to_export(alice, owed, export_as):
    pay(alice, owed.late, nonce="fake-processor-declined-visa-nonce")
    assert Attempt.get().state == Attempt.DECLINED and export_as("csv") == []
