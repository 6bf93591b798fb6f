import csv
import io
import zipfile
from datetime import date, timedelta
from urllib.parse import unquote

import pytest

from app.documents import queries, statement
from app.documents.packs import MAX_FILES
from app.documents.statement import period_of
from app.extensions import db
from app.models import Company, Customer, Invoice, PaymentElsewhere, booking
from app.models.payment_attempt import Attempt
from tests.conftest import NOON
from tests.documents.conftest import Pdf
from tests.people import invoice
from tests.routes import pay
from tests.support.pages import text_of
from tests.support.statements import counted

pytestmark = pytest.mark.usefixtures("in_database")
TODAY = NOON.date()


def recorded(document: Invoice, minor: int, day: date, reference: str = "check 1041") -> None:
    PaymentElsewhere.create(
        invoice=document,
        customer=document.customer,
        amount_minor=minor,
        paid_on=day,
        listed_on=day,
        reference=reference,
    )


@pytest.fixture
def history(cast, log_in):
    """September: INV-1 of 100.00. October: INV-2 of 50.00, CM-1 of 20.00 with 5.00 left; 30.00 recorded on INV-1.
    November: 50.00 paid here on INV-2. Open: 55.00 of INV-1 (15.00 was credited)."""
    cedar = cast.cedar
    first = invoice(
        cedar,
        "INV-1",
        10000,
        date(2026, 9, 20),
        issued_on=date(2026, 9, 1),
        paid_elsewhere_minor=3000,
        credited_minor=1500,
    )
    recorded(first, 3000, date(2026, 10, 15))
    second = invoice(cedar, "INV-2", 5000, date(2026, 11, 5), issued_on=date(2026, 10, 5))
    invoice(
        cedar, "CM-1", 2000, date(2026, 10, 9), kind="credit_memo", issued_on=date(2026, 10, 9), credited_minor=1500
    )
    invoice(cast.fennel, "INV-9", 9900, date(2026, 10, 9))
    return pay(log_in(cast.alice), second.public_id)


def many_invoices(customer: Customer, count: int) -> None:
    with db.atomic():
        for number in range(count):
            invoice(customer, f"N-{number}", 100, date(2026, 11, 9), issued_on=date(2026, 10, 9))


def read(cast, since: date, until: date, kind: str = statement.ACTIVITY) -> statement.Section:
    company = Company.current()
    found = statement.read(cast.cedar.id, kind, period_of(since, until, company.time_zone), company)
    (section,) = found.sections
    return section


def test_activity_has_opening_lines_and_closing(cast, history):
    section = read(cast, date(2026, 10, 1), TODAY)
    assert section.opening_minor == 10000 and section.undated_minor == 0
    assert [(line.day, line.entry.number, line.entry.amount_minor, line.balance_minor) for line in section.lines] == [
        (date(2026, 10, 5), "INV-2", 5000, 15000),
        (date(2026, 10, 9), "CM-1", -2000, 13000),
        (date(2026, 10, 15), "INV-1", -3000, 10000),
        (TODAY, history, -5000, 5000),
    ]
    assert section.closing_minor == 5000
    assert dict(section.ageing) == {"Not yet due": 0, "1 to 30 days": 0, "31 to 60 days": 0, "Over 60 days": 5500}
    assert section.credit_minor == 500


def test_statement_goes_on_where_the_one_before_ended(cast, history):
    before = read(cast, date(2026, 1, 1), date(2026, 10, 9))
    after = read(cast, date(2026, 10, 10), TODAY)
    assert before.closing_minor == after.opening_minor == 13000


def test_past_statement_shows_balances_of_its_time(cast, history):
    section = read(cast, date(2026, 9, 1), date(2026, 10, 14), statement.OPEN)
    assert {item.number: item.open_minor for item in section.items} == {"INV-1": 8500, "INV-2": 5000, "CM-1": -500}


def test_open_items_are_those_of_the_invoice_list(cast, history):
    section = read(cast, TODAY, TODAY, statement.OPEN)
    assert [(item.number, item.open_minor) for item in section.items] == [("INV-1", 5500), ("CM-1", -500)]
    assert sum(item.open_minor for item in section.items) == section.closing_minor


def test_reversed_payment_is_not_in_it(cast, history):
    booking.void(Attempt.get(Attempt.reference == history), 1)
    section = read(cast, date(2026, 10, 1), TODAY)
    assert section.closing_minor == 10000 and history not in [line.entry.number for line in section.lines]


def test_void_invoice_is_not_in_it(cast, history):
    Invoice.update(is_void=True).where(Invoice.number == "INV-2").execute()
    void = invoice(cast.cedar, "INV-3", 700, TODAY, issued_on=date(2026, 10, 2))
    Invoice.update(is_void=True).where(Invoice.id == void.id).execute()
    Invoice.rebalance(Invoice.id == void.id)
    section = read(cast, date(2026, 10, 1), TODAY)
    assert "INV-3" not in [line.entry.number for line in section.lines]


def test_credit_without_a_memo_has_no_date_and_the_sums_still_add_up(cast):
    invoice(cast.cedar, "INV-1", 10000, TODAY, issued_on=date(2026, 10, 1), credited_minor=400)
    section = read(cast, date(2026, 9, 1), TODAY)
    assert (section.opening_minor, section.undated_minor, section.closing_minor) == (0, -400, 9600)
    assert sum(minor for _label, minor in section.ageing) - section.credit_minor == section.closing_minor == 9600


def test_payment_without_a_row_counts_on_the_date_of_its_invoice(cast):
    invoice(cast.cedar, "INV-1", 10000, TODAY, issued_on=date(2026, 10, 1), paid_elsewhere_minor=2500)
    section = read(cast, date(2026, 10, 1), TODAY)
    assert [line.entry.amount_minor for line in section.lines] == [10000, -2500]
    assert section.closing_minor == 7500
    invoice(cast.cedar, "INV-2", 5000, TODAY, issued_on=date(2026, 10, 2), paid_elsewhere_minor=1000)
    assert read(cast, date(2026, 11, 1), TODAY).opening_minor == 11500


def test_payment_counts_on_the_day_where_the_company_is(cast, history):
    late = period_of(TODAY, TODAY, "America/New_York")
    Attempt.update(decided_ms=late.end_ms - 1).execute()
    assert [line.day for line in read(cast, TODAY, TODAY).lines] == [TODAY]
    Attempt.update(decided_ms=late.end_ms).execute()
    assert read(cast, TODAY, TODAY).lines == []


def test_currencies_are_never_added_together(cast, history):
    invoice(cast.cedar, "INV-EUR", 700, TODAY, currency="EUR", issued_on=TODAY)
    company = Company.current()
    period = period_of(TODAY - timedelta(60), TODAY, company.time_zone)
    found = statement.read(cast.cedar.id, statement.ACTIVITY, period, company)
    assert [(one.currency, one.closing_minor) for one in found.sections] == [("EUR", 700), ("USD", 5000)]


def test_too_many_lines_ask_for_a_shorter_period(cast, log_in):
    many_invoices(cast.cedar, queries.MAX_LINES + 1)
    for address in ("/account/statement", "/account/statement.pdf"):
        response = log_in(cast.alice).get(f"{address}?since=2026-09-01&until=2026-11-22")
        assert response.status_code == 422 and "Choose a shorter one" in response.get_data(as_text=True)


def test_page_says_what_the_pdf_says(cast, history, log_in):
    Customer.update(locale="de_DE").where(Customer.id == cast.cedar.id).execute()
    alice, query = log_in(cast.alice), "?kind=activity&since=2026-10-01&until=2026-11-22"
    page = text_of(alice.get(f"/account/statement{query}").get_data(as_text=True))
    pdf = Pdf(alice.get(f"/account/statement.pdf{query}").data)
    for text in (
        "Balance before 01.10.2026",
        "Payment for INV-1, check 1041",
        f"Payment {history}",
        "130,00",
        "Over 60 days",
    ):
        assert text in page and text in pdf.words, text
    assert pdf.words.count("USD") >= 1 and "Statement 01.10.2026 to 22.11.2026" in pdf.words
    pdf.assert_accessible_archive()


def test_open_items_as_a_page_and_as_a_pdf(cast, history, log_in):
    alice = log_in(cast.alice)
    page = text_of(alice.get("/account/statement?kind=open").get_data(as_text=True))
    pdf = Pdf(alice.get("/account/statement.pdf?kind=open").data)
    for text in ("Invoice INV-1", "Credit memo CM-1", "55.00", "$50.00"):
        assert text in page and text in pdf.words, text
    assert "INV-2" not in page and "INV-9" not in page


def test_customer_without_documents_has_an_empty_statement(cast, log_in):
    alice = log_in(cast.alice)
    assert "Nothing in this period" in alice.get("/account/statement").get_data(as_text=True)
    assert "nothing is open" in Pdf(alice.get("/account/statement.pdf").data).words


@pytest.mark.parametrize(
    ("query", "error"),
    [
        ("since=soon", "Enter a date"),
        ("until=2026-13-01", "Enter a date"),
        ("since=2026-11-02&until=2026-11-01", "The To date must be on or after the From date"),
    ],
)
def test_wrong_period_says_what_to_enter(cast, log_in, query, error):
    response = log_in(cast.alice).get(f"/account/statement?{query}")
    assert response.status_code == 422 and error in response.get_data(as_text=True)
    assert log_in(cast.alice).get(f"/account/statement.pdf?{query}").status_code == 422


def test_account_and_record_lead_to_it(cast, history, log_in):
    assert 'href="/account/statement"' in log_in(cast.alice).get("/account").get_data(as_text=True)
    ruth, record = log_in(cast.ruth), f"/customers/{cast.cedar.public_id}"
    assert f'href="{record}/statement"' in ruth.get(record).get_data(as_text=True)
    page = ruth.get(f"{record}/statement").get_data(as_text=True)
    assert "INV-1" in page and f"{record}/statement.pdf?" in page
    assert "Statement" in Pdf(ruth.get(f"{record}/statement.pdf").data).words


def unzipped(response) -> dict[str, bytes]:
    assert response.status_code == 200 and response.mimetype == "application/zip"
    archive = zipfile.ZipFile(io.BytesIO(response.data))
    assert archive.testzip() is None
    return {name: archive.read(name) for name in archive.namelist()}


def test_selected_invoices_come_as_one_zip(cast, history, log_in):
    ids = [one.public_id for one in Invoice.select().order_by(Invoice.id)]
    files = unzipped(log_in(cast.alice).get("/invoices/selected.zip", query_string={"invoice": [*ids, ids[0]]}))
    assert sorted(files) == [f"{number} Harbor and Pine Supply.pdf" for number in ("CM-1", "INV-1", "INV-2")]
    assert "Invoice INV-1" in Pdf(files["INV-1 Harbor and Pine Supply.pdf"]).words


@pytest.mark.parametrize("name", ["Łódź Sp. z o.o.", "日本商事", "شركة", "Ünïcode Ø", 'A "quoted"; name'])
def test_name_of_a_file_may_be_of_any_script(cast, history, log_in, name):
    Company.update(name=name).execute()
    answer = log_in(cast.alice).get("/account/statement.zip?month=2026-11")
    header = answer.headers["Content-Disposition"]
    assert answer.status_code == 200 and header.isascii() and name.split()[0].strip('"') in unquote(header)


def test_zip_of_nothing_or_of_another_customer_s_invoices_is_not_found(cast, history, log_in):
    other = Invoice.get(Invoice.number == "INV-9").public_id
    assert log_in(cast.alice).get("/invoices/selected.zip").status_code == 404
    assert log_in(cast.alice).get(f"/invoices/selected.zip?invoice={other}").status_code == 404


def test_list_comes_as_one_zip_by_its_filters(cast, history, log_in):
    paid = invoice(cast.cedar, "INV-5", 500, TODAY, paid_elsewhere_minor=500)
    Invoice.rebalance(Invoice.id == paid.id)
    alice, record = log_in(cast.alice), f"/customers/{cast.cedar.public_id}/invoices"
    for client, address in ((alice, "/invoices"), (log_in(cast.ruth), record)):
        page = client.get(f"{address}?view=paid").get_data(as_text=True)
        url = page.partition(f'href="{address}/export.zip')[2].partition('"')[0].replace("&amp;", "&")
        assert list(unzipped(client.get(f"{address}/export.zip{url}"))) == ["INV-5 Harbor and Pine Supply.pdf"]
        assert len(unzipped(client.get(f"{address}/export.zip?view=all"))) == 4
        assert client.get(f"{address}/export.zip?view=all&since=x").status_code in (302, 303)
        assert client.get(f"{address}/export.zip?view=all&q=zebra").status_code == 404
    many_invoices(cast.cedar, MAX_FILES)
    answer = alice.get("/invoices/export.zip?view=all")
    assert answer.status_code == 422 and "More than 300 documents" in text_of(answer)


def test_invoice_and_memo_of_one_number_are_two_files(cast, log_in):
    ids = [invoice(cast.cedar, "7", 100, TODAY, kind=kind).public_id for kind in (Invoice.INVOICE, Invoice.CREDIT_MEMO)]
    files = unzipped(log_in(cast.alice).get("/invoices/selected.zip", query_string={"invoice": ids}))
    assert sorted(files) == ["7 Harbor and Pine Supply (2).pdf", "7 Harbor and Pine Supply.pdf"]


def test_month_pack_has_statement_documents_and_csv(cast, history, log_in):
    files = unzipped(log_in(cast.alice).get("/account/statement.zip?month=2026-10"))
    documents = {f"{number} Harbor and Pine Supply.pdf" for number in ("CM-1", "INV-2")}
    assert set(files) == {"Statement 2026-10.pdf", "Statement 2026-10.csv", *documents}
    rows = list(csv.reader(io.StringIO(files["Statement 2026-10.csv"].decode("utf-8-sig"))))
    assert rows[1] == ["2026-10-05", "Invoice", "INV-2", "", "USD", "50.00", "150.00", ""]
    assert rows[3] == ["2026-10-15", "Payment", "INV-1", "check 1041", "USD", "-30.00", "100.00", ""]
    record = f"/customers/{cast.cedar.public_id}/statement.zip?month=2026-10"
    assert set(unzipped(log_in(cast.ruth).get(record))) == set(files)


@pytest.mark.parametrize("month", ["", "2026", "2026-13", "0000-01", "9999-12", "2026-1", "2026-10\n"])
def test_no_month_is_not_found(cast, log_in, month):
    assert log_in(cast.alice).get("/account/statement.zip", query_string={"month": month}).status_code == 404


def test_pack_of_too_many_documents_is_refused(cast, log_in):
    many_invoices(cast.cedar, MAX_FILES + 1)
    response = log_in(cast.alice).get("/account/statement.zip?month=2026-10")
    assert response.status_code == 422 and "Search for some of them in the list" in response.get_data(as_text=True)


def test_pack_is_made_while_it_is_sent(cast, history, log_in):
    response = log_in(cast.alice).get("/account/statement.zip?month=2026-10", buffered=False)
    chunks = response.iter_encoded()
    with counted() as sent:
        next(chunks)
        assert lines_were_read(sent) == 0
        assert sum(map(len, chunks)) > 0 and lines_were_read(sent) == 2


def lines_were_read(sent: list[str]) -> int:
    return sum("invoice_line" in sql for sql in sent)


def test_credit_of_a_later_invoice_is_not_in_a_past_statement(cast):
    invoice(cast.cedar, "INV-1", 10000, date(2026, 9, 20), issued_on=date(2026, 9, 1))
    invoice(cast.cedar, "INV-2", 5000, date(2026, 11, 20), issued_on=date(2026, 11, 1), credited_minor=5000)
    section = read(cast, date(2026, 9, 1), date(2026, 9, 30))
    assert (section.undated_minor, section.closing_minor) == (0, 10000)
    section = read(cast, date(2026, 11, 1), date(2026, 11, 30))
    assert (section.undated_minor, section.closing_minor) == (-5000, 10000)


def test_memo_that_a_later_invoice_uses_is_a_credit_before_it(cast):
    invoice(
        cast.cedar, "CM-1", 2000, date(2026, 9, 9), kind="credit_memo", issued_on=date(2026, 9, 9), credited_minor=2000
    )
    invoice(cast.cedar, "INV-2", 5000, date(2026, 11, 20), issued_on=date(2026, 11, 1), credited_minor=2000)
    assert read(cast, date(2026, 9, 1), date(2026, 9, 30)).closing_minor == -2000
    assert read(cast, date(2026, 11, 1), date(2026, 11, 30)).closing_minor == 3000


def test_open_items_have_one_day(cast, history, log_in):
    page = log_in(cast.alice).get("/account/statement?kind=open&until=2026-09-15").get_data(as_text=True)
    assert 'name="since"' not in page and "As of" in page
    assert "INV-1" in page and "INV-2" not in page
