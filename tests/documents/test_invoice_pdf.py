from datetime import date

import pypdfium2
import pytest

from app.company.logo import Logo
from app.documents import fonts, typesetting
from app.models import Company, CompanyLogo, Customer, Invoice, InvoiceLine
from app.models.audit import Actor
from tests import people
from tests.conftest import NOON
from tests.documents.conftest import Pdf
from tests.people import invoice

pytestmark = pytest.mark.usefixtures("in_database")
HOSTILE = (
    '#import "@preview/x:1.0.0": *',
    "*bold* _it_ @ref <label> $x^2$ = head",
    '#read("/etc/passwd") #sys.inputs',
    "\\u{41} \\ // comment /* more ] } )",
    "a\x00b\x1b[31m",
    "W" * 3000,
    "\N{GRINNING FACE} \ue000 \U00010380 a\u0940",
)


def add_lines(document: Invoice, *descriptions: str, **more) -> None:
    for position, description in enumerate(descriptions):
        values = {"quantity": "2", "unit_price": "61.5", "amount_minor": 12300, **more}
        InvoiceLine.create(invoice=document, position=position, description=description, **values)


@pytest.fixture
def get(log_in, cast):
    def get(document: Invoice, user=None) -> Pdf:
        response = log_in(user or cast.alice).get(f"/invoices/{document.public_id}.pdf")
        assert response.status_code == 200, response.get_data(as_text=True)
        return Pdf(response.data)

    return get


def test_invoice_says_in_reading_order_what_its_page_says(cast, get):
    Company.update(tax_number="EIN 98-7654321", bank_details='{"USD": "Harbor Bank\\nAccount 4711"}').execute()
    Customer.update(tax_number="US-12").where(Customer.id == cast.cedar.id).execute()
    document = invoice(cast.cedar, "INV-1048", 25830, date(2026, 12, 3), tax_minor=1230, terms="Net 30", po_number="P7")
    Invoice.update(memo="Thank you.").where(Invoice.id == document.id).execute()
    add_lines(document, "Rye flour\nSecond line", "Oats")
    pdf = get(document)
    expected = (
        "Harbor & Pine Supply 118 Wharf Street Portland, ME 04101 billing@harborpine.example, (555) 010-0142"
        " Tax number EIN 98-7654321 Invoice INV-1048 Bill to Cedar Lane Bakery 42 Cedar Lane Bath, ME 04530"
        " Tax number US-12 Issued Oct 1, 2026 Due Dec 3, 2026 Terms Net 30 PO number P7 Currency USD"
        " Description Quantity Rate Amount Rye flour Second line 2 61.50 123.00 Oats 2 61.50 123.00"
        " Subtotal 246.00 Sales tax 12.30 Balance due $258.30 Thank you."
        f" Pay online by card in your Customer Center: http://localhost/invoices/{document.public_id}"
        " How to pay by bank transfer Harbor Bank Account 4711 Reference: INV-1048, in USD"
    )
    assert pdf.words.startswith(expected), pdf.words
    assert pdf.words.endswith("Invoice INV-1048, Harbor & Pine Supply Page 1 of 1")


def test_invoice_is_tagged_and_can_be_archived(cast, get):
    document = invoice(cast.cedar, "INV-1", 12300, date(2026, 12, 3))
    add_lines(document, "Rye flour")
    pdf = get(document)
    pdf.assert_accessible_archive()
    assert pdf.reader.metadata.title == "Invoice INV-1"
    tags = pdf.tags()
    assert {"Document", "H1", "H2", "Table", "THead", "TH", "TD"} <= set(tags)
    assert tags.index("H1") < tags.index("H2") < tags.index("Table")


def test_two_readers_open_it(cast, get):
    document = invoice(cast.cedar, "INV-1", 12300, date(2026, 12, 3))
    opened = pypdfium2.PdfDocument(get(document).content)
    assert "INV-1" in opened[0].get_textpage().get_text_range()
    assert len(set(bytes(opened[0].render(scale=1).buffer))) > 1, "the page is blank"


def test_credit_memo_has_its_own_words(cast, get):
    memo = invoice(cast.cedar, "CM-7", 1200, date(2026, 12, 3), kind="credit_memo")
    words = get(memo).words
    assert "Credit memo CM-7" in words and "Credit left $12.00" in words
    assert "Due" not in words and "Pay online" not in words


def test_hundreds_of_lines_repeat_the_head(cast, get):
    document = invoice(cast.cedar, "INV-400", 40 * 12300, date(2026, 12, 3))
    add_lines(document, *(f"Item {number}" for number in range(400)))
    pdf = get(document)
    assert len(pdf.pages) > 8
    for number, page in enumerate(pdf.pages[:-1], 1):
        assert "Description Quantity Rate Amount" in " ".join(page.split())
        assert f"Page {number} of {len(pdf.pages)}" in page
    assert [f"Item {n} " in pdf.words for n in range(400)] == [True] * 400


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_text_is_text_everywhere(cast, get, text):
    number = text.replace("\x00", "")[:60]
    Customer.update(name=text[:200], address=text[:900], tax_number=text[:200]).execute()
    document = invoice(cast.cedar, number, 12300, date(2026, 12, 3))
    Invoice.update(memo=text * 3, terms=text[:200], po_number=text[:200], bill_to=text).execute()
    add_lines(document, text, f"{text}\n{text}", quantity=text[:200])
    pdf = get(document)
    pdf.assert_accessible_archive()
    plain = "".join(c for c in text if c.isascii() and c.isprintable() and not c.isspace())
    assert plain[:500] in "".join(pdf.text.split())


def test_memo_of_ten_thousand_characters_goes_over_pages(cast, get):
    document = invoice(cast.cedar, "INV-1", 12300, date(2026, 12, 3))
    memo = " ".join(f"word{number}" for number in range(1500))
    Invoice.update(memo=memo).execute()
    add_lines(document, memo)
    pdf = get(document)
    assert len(pdf.pages) > 2
    assert pdf.words.count("word1499") == 2


SCRIPTS = """
    مخبز מאפיית 株式会社東京 한국주식회사 中国公司 Ελλάς Київ ไทย ລາວ ខ្មែរ မြန်မာ हिन्दी বাংলা தமிழ் తెలుగు
    ગુજરાતી ਪੰਜਾਬੀ ಕನ್ನಡ മലയാളം
    ଓଡ଼ିଆ සිංහල ქართული ᲥᲐᲠᲗᲣᲚᲘ Հայերեն֏ አማርኛ
""".split()  # noqa: SIM905


@pytest.mark.parametrize("name", SCRIPTS)
def test_letters_of_many_scripts_have_a_font(cast, get, name):
    Customer.update(name=name).execute()
    pdf = get(invoice(cast.cedar, "INV-1", 12300, date(2026, 12, 3)))
    pdf.assert_accessible_archive()
    assert fonts.MISSING not in pdf.text and fonts.displayable(name).strip("\u2068\u2069") == name


def test_arabic_can_be_copied_out_of_it(cast, get):
    Customer.update(name="فاتورة").execute()
    assert "فاتورة" in get(invoice(cast.cedar, "INV-1", 12300, date(2026, 12, 3))).text


def test_character_without_a_font_is_replaced_visibly():
    assert fonts.displayable("a\ue000b \N{GRINNING FACE}") == "a□b □"
    assert fonts.displayable("α\u0e34") == "□", "no font has a Latin letter with this mark"
    assert fonts.displayable("क\u094d\u200dष") == "क\u094d\u200dष"


def test_customer_gets_their_own_formats(cast, get):
    Customer.update(locale="de_DE").execute()
    pdf = get(invoice(cast.cedar, "INV-1", 123456, date(2026, 12, 3)))
    assert "1.234,56" in pdf.text and "03.12.2026" in pdf.text
    assert [round(float(side)) for side in pdf.reader.pages[0].mediabox[2:]] == [595, 842]


def test_logo_is_on_it_and_a_damaged_one_is_left_out(cast, get, app, caplog):
    document = invoice(cast.cedar, "INV-1", 12300, date(2026, 12, 3))
    CompanyLogo.keep(Logo(people.PIXEL, "image/png"), Actor("", NOON))
    pdf = get(document)
    assert len(pdf.reader.pages[0].images) == 1
    pdf.assert_accessible_archive()
    assert "Figure" in pdf.tags()
    CompanyLogo.keep(Logo(people.PIXEL[:40], "image/png"), Actor("", NOON))
    assert len(get(document).reader.pages[0].images) == 0


def test_templates_can_read_nothing_outside_their_folder(tmp_path):
    (tmp_path / "secret").write_text("secret")
    (tmp_path / "templates").mkdir()
    (tmp_path / "templates" / "x.typ").write_text('#read("../secret")')
    with pytest.raises(typesetting.typst.TypstError):
        typesetting.compiled("x", {}, NOON, tmp_path / "templates")


def test_download_has_a_safe_name_and_is_not_kept(cast, log_in):
    Company.update(name='Härbor "&" Pine/../\r\nX: y').execute()
    document = invoice(cast.cedar, "INV/1\\..", 12300, date(2026, 12, 3))
    response = log_in(cast.alice).get(f"/invoices/{document.public_id}.pdf")
    disposition = response.headers["Content-Disposition"]
    assert disposition.startswith("attachment; filename=") and "filename*=UTF-8''INV-1-.." in disposition
    assert "/" not in disposition and "\n" not in disposition
    assert response.mimetype == "application/pdf" and response.headers["Cache-Control"] == "no-store"
    assert response.headers["X-Content-Type-Options"] == "nosniff"


def test_administrator_gets_it_in_the_customer_s_formats(cast, log_in):
    Customer.update(locale="de_DE").execute()
    document = invoice(cast.cedar, "INV-1", 123456, date(2026, 12, 3))
    page = log_in(cast.ruth).get(f"/customers/{cast.cedar.public_id}/invoices/{document.public_id}")
    assert f"/invoices/{document.public_id}.pdf" in page.get_data(as_text=True)
    address = f"/customers/{cast.cedar.public_id}/invoices/{document.public_id}.pdf"
    assert "1.234,56" in Pdf(log_in(cast.ruth).get(address).data).text


def test_page_links_to_it(cast, log_in):
    document = invoice(cast.cedar, "INV-1", 123456, date(2026, 12, 3))
    page = log_in(cast.alice).get(f"/invoices/{document.public_id}").get_data(as_text=True)
    assert f'href="/invoices/{document.public_id}.pdf"' in page and "Download PDF" in page


def test_moment_may_have_microseconds(cast, get, clock):
    clock.now = clock.now.replace(microsecond=1)
    get(invoice(cast.cedar, "INV-1", 123456, date(2026, 12, 3)))


def test_content_is_the_same_each_time(cast, get):
    document = invoice(cast.cedar, "INV-1", 123456, date(2026, 12, 3))
    assert get(document).content == get(document).content
