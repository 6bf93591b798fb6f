"""Questions about an upload: answered on its page, and answered otherwise."""

from app.models import Company, Customer, ImportRun, Invoice
from tests.imports.test_uploads import CUSTOMERS, INVOICES, row


def test_questions_are_answered_on_the_page(upload, page, press, database):
    url = upload("Customer number,Number,Date,Total,Amount due\n77,N-1,03/04/2026,50.00,50.00\n")
    assert "Choose the order of the dates below." in page(url) and "--date" not in page(url)
    press(url, "answers", date_format="dd/mm/yyyy", currency="USD")
    assert "1 new" in page(url)
    press(url, "apply")
    assert Invoice.get(Invoice.number == "N-1").issued_on.isoformat() == "2026-04-03"


def test_number_in_doubt_is_answered_on_the_page(upload, page, press, database):
    press(upload(INVOICES + row("0017") + row("0018")), "apply")
    url = upload(INVOICES + row("17") + row("18"))
    assert "looks like “0017”" in page(url)
    press(url, "answers", answer=["same", "new"])
    assert "1 new" in page(url)
    press(url, "apply")
    assert {"0017", "0018", "18"} <= {each.number for each in Invoice}


def test_closed_documents_are_asked_about_on_the_page(upload, page, press, database):
    header = INVOICES.replace("Amount due", "Status")
    press(upload(header + row("N-1", due="Paid") + row("N-2", due="Paid")), "apply")
    url = upload(header + row("N-1", due="Open") + row("N-2", due="Open"))
    assert "“N-1” is settled here" in page(url) and "It stays closed" in page(url) and "--keep" not in page(url)
    press(url, "answers", answer=["reopen", ""], all="keep")
    press(url, "apply")
    assert {each.number: each.open_minor for each in Invoice if each.number in ("N-1", "N-2")} == {
        "N-1": 5000,
        "N-2": 0,
    }


def test_known_email_is_asked_about_on_the_page(upload, page, press, database):
    press(upload(CUSTOMERS), "apply")
    url = upload("Customer number,Name,Email\nC-9,Kiln Two,ap@quarry.example\n")
    assert "is the email of “Quarry Kiln”" in page(url)
    press(url, "answers", answer="email")
    press(url, "apply")
    assert Customer.by_number("C-9")


def test_lines_that_differ_are_kept_on_request(upload, page, press, database):
    header = INVOICES.replace("Amount due", "Amount due,Description,Line amount")
    url = upload(header + row("N-1")[:-1] + ",Bread,20.00\n")
    assert "is not what its line comes to" in page(url)
    press(url, "answers", lines="keep")
    press(url, "apply")
    assert Invoice.get(Invoice.number == "N-1").total_minor == 5000


def test_unknown_currency_is_named(upload, press):
    url = upload("Customer number,Number,Date,Total,Amount due\n77,N-1,2026-04-03,50.00,50.00\n")
    answer = press(url, "answers", currency="Taler")
    assert answer.status_code == 422 and "is not a currency" in answer.get_data(as_text=True)


def choices_of(url: str) -> dict:
    return ImportRun.by_public_id(url.rpartition("/")[2]).choices


def test_answer_is_taken_back(upload, page, press, database):
    press(upload(INVOICES + row("0017") + row("0018")), "apply")
    url = upload(INVOICES + row("17") + row("18"))
    press(url, "answers", answer=["same", "same"])
    text = page(url)
    assert "Take back: 17 – It is the same document as 0017" in text
    assert "0 new" not in text and "Nothing to import" in text
    press(url, "answers", take_back="same:17")
    assert choices_of(url) == {"same": {"18": "0018"}}
    assert "looks like “0017”" in page(url) and "looks like “0018”" not in page(url)
    press(url, "answers", answer="new")
    assert "1 new" in page(url) and "Take back: 17 – It is a different document" in page(url)
    press(url, "answers", take_back=["new:17", "keep:1", "odd", "same:99"])
    assert choices_of(url) == {"same": {"18": "0018"}}


def test_answer_for_customers_is_taken_back(upload, page, press, database):
    press(upload(CUSTOMERS), "apply")
    url = upload("Customer number,Name,Email\nC-9,Kiln Two,ap@quarry.example\n")
    press(url, "answers", answer="email")
    assert "Take back: C-9 – It is a different customer" in page(url)
    press(url, "answers", take_back="email:C-9")
    assert "is the email of “Quarry Kiln”" in page(url) and "Take back" not in page(url)


def test_answer_for_all_stays_until_it_is_unchecked(upload, page, press, database):
    press(upload(INVOICES + row("0017") + row("0018")), "apply")
    url = upload(INVOICES + row("17") + row("18"))
    press(url, "answers", all="same")
    assert 'value="same" checked' in page(url)
    press(url, "answers")
    assert "looks like “0017”" in page(url) and 'value="same" checked' not in page(url)


def test_payment_of_a_document_that_is_not_in_the_file_leaves_the_preview_true(upload, page, press, database):
    press(upload(INVOICES + row("N-1") + row("N-2")), "apply")
    url = upload(INVOICES + row("N-1", "40.00", "40.00"))
    assert "Not in the file" in page(url)
    Invoice.update(open_minor=0, paid_elsewhere_minor=5000).where(Invoice.number == "N-2").execute()
    press(url, "apply")
    assert "Imported" in page(url) and Invoice.get(Invoice.number == "N-1").open_minor == 4000


def test_question_about_the_file_names_its_headings_and_is_no_bad_row(upload, page, press, database):
    Company.update(currencies="USD EUR").execute()
    titles = "Harbor\n\nOpen items\n\n"
    url = upload(f"{titles}Customer number,Number,Date,Total,Amount due\n77,N-1,2026-04-03,50.00,50.00\n")
    text = page(url)
    assert "Row 5: There is no column Currency." in text and "Row 1" not in text and "Bad row" not in text
    press(url, "answers", currency="USD")
    assert "1 new" in page(url)
