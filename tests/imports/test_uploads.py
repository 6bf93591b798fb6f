"""Uploads in the browser: read and applied by the worker, previewed, undone."""

import datetime
import io

import pytest

from app.clock import to_ms
from app.imports import messages, runs
from app.imports.customer_upsert import Details
from app.imports.staged_invoices import BOOKS, NUMBER_AND_IDS
from app.models import Customer, DocumentFile, ImportChange, ImportRow, ImportRun, Invoice, InvoiceLine, WorkerProcess
from app.models.audit import Actor
from app.models.import_row import forget_old_imports
from app.processes import MAX_FAST_EXITS
from app.web.menu import IMPORT
from app.worker import Worker
from tests.conftest import csrf_of
from tests.support.office_files import cii, pdf, xlsx, zipped

CUSTOMERS = "Customer number,Name,Email\nC-1,Quarry Kiln,ap@quarry.example\nC-2,Old Mill,\n"
INVOICES = "Customer number,Number,Date,Due date,Currency,Total,Amount due\n"


def row(number: str, total: str = "50.00", due: str = "50.00", customer: str = "77", date: str = "2026-11-03") -> str:
    return f"{customer},{number},{date},2026-12-03,USD,{total},{due}\n"


def test_customers_are_previewed_imported_and_undone(upload, page, press, database):
    before = Customer.select().count()
    url = upload(CUSTOMERS)
    text = page(url)
    assert "2 new" in text and "Quarry Kiln" in text
    assert Customer.select().count() == before
    assert press(url, "apply").status_code == 303
    assert Customer.get(number="C-1").email == "ap@quarry.example"
    assert "Imported" in page(url)
    press(url, "undo")
    assert Customer.select().count() == before
    assert "Undone" in page(url)


def test_every_column_of_a_change_has_its_title(upload, page, press, database):
    press(upload(CUSTOMERS), "apply")
    assert "Tax number: <del>empty</del>" in page(upload("Customer number,Name,Tax number\nC-1,Quarry Kiln,DE-1\n"))
    titles = set(messages.FIELDS)
    assert {*Details._fields, *BOOKS, *NUMBER_AND_IDS} - {"customer_id", "kind"} <= titles


def test_invoices_are_changed_and_put_back(upload, page, press, database):
    header = INVOICES.replace("Amount due", "Amount due,Memo,Description,Line amount")
    first = header + row("N-1")[:-1] + ",,Bread,50.00\n"
    press(upload(first), "apply")
    known = Invoice.select().where(Invoice.number == "N-1").dicts().get()
    lines = list(InvoiceLine.select().where(InvoiceLine.invoice == known["id"]).dicts())
    url = upload(header + row("N-1", "60.00", "20.00")[:-1] + ",Cake,Bread,40.00\n" + ",N-1,,,,,,,Rolls,20.00\n")
    text = page(url)
    assert "<del>$50.00</del>" in text and "<ins>$60.00</ins>" in text
    assert "; Total: 50.00 → 60.00; " in page(f"{url}/preview.csv").replace('"', ",")
    press(url, "apply")
    assert Invoice.get(Invoice.number == "N-1").open_minor == 2000
    assert InvoiceLine.select().where(InvoiceLine.invoice == known["id"]).count() == 2
    press(url, "undo")
    assert Invoice.select().where(Invoice.number == "N-1").dicts().get() == known | {"version": 3}
    assert list(InvoiceLine.select().where(InvoiceLine.invoice == known["id"]).dicts()) == lines


def test_amounts_of_zero_are_amounts_in_the_csv_file(upload, page, press, database):
    press(upload(INVOICES + row("N-1")), "apply")
    url = upload(INVOICES.replace("Amount due", "Amount due,PO number") + row("N-1", "50.00", "0.00")[:-1] + ",P-7\n")
    text = page(f"{url}/preview.csv")
    assert "Paid elsewhere: 0.00 → 50.00" in text and "PO number: empty → P-7" in text


def test_bad_rows_are_listed_and_keep_the_file_out(upload, page, press, database):
    url = upload(INVOICES + row("N-1") + row("N-2", "x", "") + row("N-3", date="2026-13-40"))
    text = page(url)
    assert "2 problems keep the file from being imported" in text
    assert "“x” is not an amount in USD" in text and "Row 4" in text
    assert press(url, "apply").status_code == 409
    assert not Invoice.get_or_none(Invoice.number == "N-1")


def test_more_than_fifty_bad_rows_are_all_listed(upload, page, ruth):
    url = upload(INVOICES + "".join(row(f"N-{n}", "x", "") for n in range(120)))
    assert "120 problems keep" in page(url) and "Page 1 of 3" in page(url)
    download = page(f"{url}/preview.csv")
    assert ruth.get(f"{url}/preview.csv").headers["Content-Type"] == "text/csv; charset=utf-8"
    assert download.count("is not an amount") == 120


def test_preview_is_made_again_when_the_portal_has_changed(upload, page, press, database):
    press(upload(INVOICES + row("N-1")), "apply")
    url = upload(INVOICES + row("N-1", "40.00", "40.00"))
    Invoice.update(memo="x", total_minor=4000, open_minor=4000).where(Invoice.number == "N-1").execute()
    press(url, "apply")
    text = page(url)
    assert "have changed since the preview" in text and "Everything in the file is here already" in text


def test_undo_is_refused_after_a_change(upload, page, press, database):
    url = upload(INVOICES + row("N-1"))
    press(url, "apply")
    Invoice.update(memo="corrected").where(Invoice.number == "N-1").execute()
    press(url, "undo")
    assert "Not undone: Document N-1 has changed since." in page(url)
    assert Invoice.get_or_none(Invoice.number == "N-1")


def test_undo_is_refused_after_access_was_given(upload, page, press, database, cast):
    from app.models import Access

    url = upload(CUSTOMERS)
    press(url, "apply")
    Access.update(customer=Customer.get(number="C-1")).where(Access.user == cast.alice).execute()
    press(url, "undo")
    assert "is in use: access was given" in page(url)
    assert Customer.get_or_none(number="C-1")


def test_columns_are_chosen_and_known_the_next_time(upload, page, press, database):
    header, values = "Client code;Doc;When;What it costs;Owed\n", "77;N-1;2026-11-03;50,00;50,00\n"
    url = upload(header + values, kind="invoices")
    assert "There is no column Customer number" in page(url) and "--map" not in page(url)
    form = page(f"{url}/columns")
    assert "Client code" in form and "What it costs" in form and "50,00" in form
    fields = ["customer", "number", "issued_on", "total", "due"]
    press(url, "columns", field=fields, name="Our till")
    press(url, "answers", currency="EUR")
    press(url, "apply")
    assert Invoice.get(Invoice.number == "N-1").total_minor == 5000
    again = upload(header + values.replace("N-1", "N-2"), kind="invoices")
    press(again, "answers", currency="EUR")
    assert "1 new" in page(again) and "Our till" in page(again)
    unsaid = upload(header + values.replace("N-1", "N-3"))
    press(unsaid, "answers", currency="EUR")
    assert "1 new" in page(unsaid) and "Our till" in page(unsaid)


def test_one_field_for_two_columns_is_refused(upload, press):
    url = upload("A,B,C,D\n1,2,3,4\n", kind="invoices")
    answer = press(url, "columns", field=["total", "total", "", ""])
    assert answer.status_code == 422 and "Total is chosen for two columns" in answer.get_data(as_text=True)


def test_kind_that_headings_do_not_tell_is_asked(upload, page, press):
    url = upload("A,B\n1,2\n")
    assert "What does this file hold?" in page(url)
    press(url, "answers", kind="customers")
    assert "There is no column Customer number" in page(url)


@pytest.mark.parametrize("content", [b"%PDF-1.7 x", b"\x00\x01\x02" * 50, b"a,\x00b\n1,2\n", b"PK\x03\x04xx"])
def test_missing_file_is_reported(upload, page, content):
    text = page(upload(content, kind="invoices"))
    assert "read as it is" in text or "the file from being imported" in text


def test_upload_without_a_file_is_asked_for_one(ruth):
    token = csrf_of(ruth.get(IMPORT.url).get_data(as_text=True))
    answer = ruth.post(IMPORT.url, data={"csrf_token": token})
    assert answer.status_code == 422 and "Choose a file." in answer.get_data(as_text=True)


def test_file_that_is_too_large_is_refused(ruth):
    token = csrf_of(ruth.get(IMPORT.url).get_data(as_text=True))
    data = {"csrf_token": token, "file": (io.BytesIO(b"x" * 20 * 2**20 + b"xx"), "big.csv")}
    answer = ruth.post(IMPORT.url, data=data, content_type="multipart/form-data")
    assert answer.status_code == 422 and "more than 20 MB" in answer.get_data(as_text=True)


def test_waiting_page_refreshes_itself(ruth, cast, database):
    run = ImportRun.create(file_name="a.csv", sha256="", size=1, content=b"x", actor="", created_ms=0)
    text = ruth.get(f"{IMPORT.url}/{run.public_id}").get_data(as_text=True)
    assert 'hx-trigger="every 2s"' in text and 'http-equiv="refresh"' in text


def test_examples_can_be_imported_as_they_are(upload, page, press, ruth):
    for kind, count in (("customers", 2), ("invoices", 2)):
        example = ruth.get(f"{IMPORT.url}/templates/{kind}.csv")
        assert example.headers["Content-Disposition"] == f'attachment; filename="{kind}.csv"'
        url = upload(example.data, f"{kind}.csv")
        assert f"{count} new" in page(url), page(url)
        press(url, "apply")


def test_removed_file_is_gone(upload, press, database):
    url = upload(CUSTOMERS)
    press(url, "delete")
    assert not ImportRun.select().exists() and not ImportRow.select().exists()


def test_old_files_are_forgotten(upload, press, work, database, clock):
    upload(CUSTOMERS)
    url = upload(INVOICES + row("N-1"))
    press(url, "apply")
    clock.advance(days=100)
    forget_old_imports(clock())
    work()
    (run,) = ImportRun.select()
    assert run.content is None and not ImportChange.select().exists()


def test_a_workbook_of_the_browser_names_its_sheet(upload, page, press, database):
    cells = [["Customer number", "Number", "Date", "Due date", "Currency", "Total"]]
    cells += [["77", "X-1", datetime.date(2026, 11, 3), datetime.date(2026, 12, 3), "USD", 50.0]]
    url = upload(xlsx({"Cover": [["Hello"]], "Open": cells}), "books.xlsx")
    press(url, "answers", sheet="Open")
    assert "The sheet “Open” was read." in page(url)
    press(url, "apply")
    assert Invoice.get(Invoice.number == "X-1").total_minor == 5000
    bad = page(upload(xlsx({"Open": [*cells, ["77", "X-2", *cells[1][2:5], "abc"]]}), "books.xlsx"))
    assert "Sheet “Open”, row 3, Total: “abc” is not an amount in USD." in bad


def test_pdfs_of_e_invoices_are_attached_and_taken_away_again(upload, page, press, database):
    customer = {"<ram:ID>C2<": "<ram:ID>77<"}
    url = upload(zipped({"a.pdf": pdf(cii("E-1", **customer))}), "books.zip")
    assert "PDFs that people will download instead of ours: 1." in page(url)
    press(url, "apply")
    assert DocumentFile.get().invoice.number == "E-1"
    press(url, "undo")
    assert not DocumentFile.select().exists() and not Invoice.select().where(Invoice.number == "E-1").exists()


def test_pdfs_of_known_e_invoices_are_imported_and_what_can_not_be_undone_is_said(upload, page, press, database):
    known = {"<ram:ID>C2<": "<ram:ID>77<"}
    press(upload(zipped({"a.xml": cii("E-1", **known)}), "books.zip"), "apply")
    url = upload(zipped({"a.pdf": pdf(cii("E-1", **known))}), "books.zip")
    text = page(url)
    assert "1 changed invoice or credit memo" in text and "PDF: <del>empty</del> → <ins>a.pdf</ins>" in text
    assert "You can undo this import" in text and "You can’t undo" not in text
    press(url, "apply")
    assert DocumentFile.get().invoice.number == "E-1"
    url = upload(zipped({"b.pdf": pdf(cii("E-1", **known))}), "books.zip")
    assert "You can’t undo this import: it replaces a PDF" in page(url)
    press(url, "apply")
    assert "You can’t undo this import: it replaced a PDF" in page(url) and "Undo import" not in page(url)
    assert press(url, "undo").status_code == 409 and DocumentFile.get().name == "b.pdf"


def test_pdfs_by_name_are_previewed_attached_and_taken_away_again(upload, page, press, database):
    press(upload(INVOICES + row("P-1") + row("P-2")), "apply")
    url = upload(zipped({"P-1.pdf": pdf(), "P-2.pdf": pdf()}), "pdfs.zip")
    assert "2 new PDFs will be imported" in page(url)
    press(url, "apply")
    press(url, "undo")
    assert not DocumentFile.select().exists()
    press(upload(zipped({"P-1.pdf": pdf(), "P-2.pdf": pdf()}), "pdfs.zip"), "apply")
    url = upload(zipped({"P-1.pdf": pdf("x", "a.txt"), "P-2.pdf": pdf()}), "pdfs.zip")
    assert "PDF" in page(url)
    press(url, "apply")
    press(url, "undo")
    assert DocumentFile.select().count() == 2 and "it replaced a PDF, and the old one was not kept." in page(url)


def test_a_pdf_without_a_document_is_a_bad_row(upload, page):
    text = page(upload(zipped({"P-9.pdf": pdf()}), "pdfs.zip"))
    assert "“P-9.pdf”: There is no document “P-9”." in text


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (zipped({"../a.xml": "<Invoice/>"}), "which leads out of the ZIP"),
        (b"\xd0\xcf\x11\xe0" + bytes(600), "an old Excel workbook (.xls)"),
        (b"%PDF-1.7", "The PDF is incomplete"),
        (b"PK\x03\x04", "is damaged or incomplete"),
        (xlsx({"S": []}, more={"xl/externalLinks/externalLink1.xml": ""}), "Break Link"),
    ],
)
def test_refused_upload_is_explained_on_the_page(upload, page, content, said):
    assert said in page(upload(content, "x"))


def test_undo_is_refused_after_a_pdf_or_documents_were_added(upload, page, press, database):
    customers = upload(CUSTOMERS)
    press(customers, "apply")
    invoices = upload(INVOICES + row("N-1", customer="C-1"))
    press(invoices, "apply")
    press(customers, "undo")
    assert "Customer Quarry Kiln is in use: documents were added." in page(customers)
    invoice = Invoice.get(Invoice.number == "N-1")
    values = {"sha256": "", "name": "a.pdf", "size": 1, "content": b"\xff", "added_ms": 1, "actor": ""}
    file = DocumentFile.create(invoice=invoice, **values)
    press(invoices, "undo")
    assert "Document N-1 is in use: a PDF was added." in page(invoices)
    file.delete_instance()
    press(invoices, "undo")
    press(customers, "undo")
    assert "Undone" in page(customers) and not Customer.by_number("C-1")


def test_stale_answer_is_refused(upload, press):
    url = upload(CUSTOMERS)
    for what in ("answers", "columns", "apply"):
        assert press(url, what, version="old").status_code == 409


def test_worker_reads_what_waits_in_a_thread_of_its_own(app, database, clock):
    run = ImportRun.add("", "may.csv", CUSTOMERS.encode(), "", Actor("ruth@harborpine.example", clock(), ""))
    worker = Worker(app)
    worker.import_files()
    worker.imports.join(30)
    assert ImportRun.by_public_id(run.public_id).state == ImportRun.PLANNED


def test_file_waits_for_the_one_that_is_worked_on(upload, page, database, clock):
    ruth, address = Actor("ruth@harborpine.example", clock(), ""), IMPORT.url
    first = ImportRun.add("", "first.csv", CUSTOMERS.encode(), "", ruth)
    second = ImportRun.add("", "second.csv", CUSTOMERS.encode(), "", ruth)
    assert "The file is being read." in page(f"{address}/{second.public_id}")  # the worker comes within a second
    assert ImportRun.claim_next(clock()).id == first.id
    text = page(f"{address}/{second.public_id}")
    assert "This file waits for" in text and "first.csv" in text and "Waiting" in text and "being read" not in text
    assert "No worker is running." in text
    WorkerProcess.note_heartbeat("host:1", to_ms(clock()), clock(), {})
    text = page(f"{address}/{first.public_id}")
    assert "The file is being read." in text and "waits for" not in text and "No worker" not in text
    assert "Waiting" in page(address) and "Being read" in page(address)


def test_file_is_given_up_before_the_portal_stops():
    assert runs.MAX_TRIES < MAX_FAST_EXITS


def test_file_that_ends_the_worker_again_and_again_is_given_up(upload, page, database, clock, work):
    run = ImportRun.add("", "may.csv", CUSTOMERS.encode(), "", Actor("ruth@harborpine.example", clock(), ""))
    for _ in range(runs.MAX_TRIES):
        assert ImportRun.claim_next(clock()).id == run.id
    work()
    assert "The worker stopped several times at this file." in page(f"{IMPORT.url}/{run.public_id}")


def test_payment_dated_in_the_future_is_refused(upload, page, press, database):
    header = INVOICES.replace("\n", ",Date paid\n")
    row_of = "77,N-{},2026-11-03,2026-12-03,USD,50.00,20.00,{}\n"
    url = upload(header + row_of.format(1, "2027-11-03") + row_of.format(2, "2026-11-04"))
    assert "Date paid: “2027-11-03” is in the future. Write the day on which the payment was received." in page(url)
    assert "1 problem keeps" in page(url)
    press(url, "rows", place="2:7", cell="2026-11-04")
    assert "2 new" in page(url)


def test_entered_document_stays_editable_when_nothing_is_imported(upload, page, press, database):
    press(upload(INVOICES + row("N-1")), "apply")
    Invoice.update(source="manual").where(Invoice.number == "N-1").execute()
    text = page(upload(INVOICES + row("N-1")))
    assert "Nothing to import" in text and "changed by imports alone" not in text
    url = upload(INVOICES + row("N-1") + row("N-2"))
    assert "N-1. They are the same documents: once this file is imported, they are changed by imports alone." in page(
        url
    )
    press(url, "apply")
    assert Invoice.get(number="N-1").source == "import"


def test_line_breaks_in_a_field_of_one_line_are_a_space(upload, press, database):
    header = "Customer number,Name,Address\n"
    press(upload(header + '"C-\n9","Quarry\r\n Kiln","1 Lane\nTown"\n'), "apply")
    found = Customer.get(name="Quarry Kiln")
    assert (found.number, found.address) == ("C- 9", "1 Lane\nTown")


def test_refused_file_offers_no_answers(upload, page):
    assert "Read the file again" not in page(upload(b"PK\x03\x04", "trunc.xlsx"))
    assert "Read the file again" in page(upload(pdf(), "a.pdf", kind="customers"))
    assert "Read the file again" in page(upload("A,B\n1,2\n"))


def test_skipped_rows_are_said_while_a_row_is_bad(upload, page, database):
    text = page(upload("Open invoices\n" + INVOICES + row("N-1", "x") + "TOTAL,,,,,50.00,\n"))
    assert "2 problems keep" in text and "Rows above the headings that were skipped: “Open invoices”." in text
    assert "were left out: row 4 (“TOTAL”)." in text


def test_imported_file_offers_no_choice_in_its_notes(upload, page, press, database):
    url = upload(INVOICES + row("N-1", date="28/11/2026").replace("2026-12-03", "29/12/2026"))
    assert "choose the order of the dates below" in page(url)
    press(url, "apply")
    assert "Dates were read with the day first" in page(url) and "dates below" not in page(url)


def test_payments_recorded_here_beyond_the_total_ask_for_no_column(upload, page, press, database):
    header = INVOICES.replace("Amount due", "Amount paid")
    press(upload(header + row("N-1", "50.00", "0")), "apply")
    Invoice.update(paid_elsewhere_minor=4000).where(Invoice.number == "N-1").execute()
    assert "Add the column" not in page(upload(header + row("N-1", "30.00", "0")))


def test_sheet_of_the_chosen_kind_is_read(upload, page, press, database):
    customers = [["Customer number", "Name", "Email"], ["C-1", "Old Mill", ""]]
    invoices = [INVOICES.strip().split(","), row("N-1").strip().split(",")]
    book = xlsx({"Customers": customers, "Invoices": invoices})
    url = upload(book, "book.xlsx", kind="invoices")
    press(url, "answers", sheet="Invoices")
    text = page(url)
    assert "The sheet “Invoices” was read." in text and "1 new invoice or credit memo will be imported" in text


@pytest.mark.parametrize("kind", ["customers", "invoices", "payments"])
def test_template_is_read_and_has_the_columns_that_the_page_names(upload, page, press, ruth, kind):
    for needed in ("customers", "invoices")[: ("customers", "invoices", "payments").index(kind)]:
        press(upload(ruth.get(f"{IMPORT.url}/templates/{needed}.csv").get_data()), "apply")
    text = ruth.get(f"{IMPORT.url}/templates/{kind}.csv").get_data().decode("utf-8-sig")
    url = upload(text)
    assert "problem keeps" not in page(url) and 'class="btn btn-primary" type="submit">Import<' in page(url)
    headings = text.splitlines()[0].split(",")
    assert len(set(headings)) == len(headings)
    named = {
        "customers": "Tax number,Confirm Password,Manually Assign or Change Password",
        "invoices": "Amount paid,Date paid,Payment method,Payment reference",
        "payments": "Date received",
    }
    assert set(named[kind].split(",")) <= set(headings)
