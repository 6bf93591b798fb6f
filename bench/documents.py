"""Time to render invoices as PDF: `python -m bench.documents [ROUNDS]`.

Milliseconds for invoices of 10 and of 400 lines, each with another number, and as a ratio to a page with only a title,
rendered by the same compiler in the same run. The first invoice includes reading the fonts. Medians.
"""

import resource
import statistics
import sys
import time
from datetime import UTC, date, datetime
from types import SimpleNamespace

from app.documents import typesetting
from app.documents.invoice import invoice_pdf
from app.invoices.queries.invoice_document import DOCUMENT, Document
from app.models import Company

NOW = datetime(2026, 11, 22, 17, tzinfo=UTC)
VALUES = {
    "id": 1,
    "kind": "invoice",
    "currency": "USD",
    "issued_on": date(2026, 10, 1),
    "due_on": date(2026, 12, 3),
    "customer_name": "Cedar Lane Bakery",
    "customer_address": "42 Cedar Lane\nBath, ME 04530",
    "total_minor": 1_234_500,
    "tax_minor": 94_500,
    "open_minor": 1_234_500,
}
NUMBERS = ("paid_elsewhere_minor", "paid_online_minor", "credited_minor", "processing_minor", "is_paid", "is_void")


def main(rounds: int = 20) -> None:
    company = Company(name="Harbor & Pine Supply", address="118 Wharf Street\nPortland, ME 04101")
    first, size = timed(document(0, 10), company)
    bare = statistics.median(bare_page(number) for number in range(rounds))
    print(f"{rounds} rounds; the first invoice took {first:,.0f} ms, with reading the fonts; a bare page {bare:.1f} ms")
    for lines in (10, 400):
        runs = [timed(document(number, lines), company) for number in range(1, rounds + 1)]
        took, size = (statistics.median(column) for column in zip(*runs, strict=True))
        print(f"{lines:4} lines {took:8.1f} ms   ratio to a bare page {took / bare:6.1f}   {size / 1024:6.0f} KB")
    print(f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024} MiB")


def document(number: int, lines: int) -> Document:
    head = dict.fromkeys(DOCUMENT, "") | dict.fromkeys(NUMBERS, 0) | VALUES | {"number": f"INV-{number}"}
    rows = [
        SimpleNamespace(description=f"Item {n} of {number}", quantity="2", unit_price="1.5", amount_minor=300)
        for n in range(lines)
    ]
    return Document(SimpleNamespace(**head), rows, [])


def timed(document: Document, company: Company) -> tuple[float, int]:
    began = time.perf_counter()
    content = invoice_pdf(document, company, locale="en_US", now=NOW)
    return (time.perf_counter() - began) * 1000, len(content)


def bare_page(number: int) -> float:
    source = b'#set document(title: sys.inputs.t)\n#set text(lang: "en")\n= #sys.inputs.t'
    options = {"font_paths": typesetting.fonts.fonts(), "format": "pdf", "pdf_standards": typesetting.STANDARDS}
    began = time.perf_counter()
    typesetting.typst.compile(source, root=typesetting.FOLDER, sys_inputs={"t": f"Page {number}"}, **options)
    return (time.perf_counter() - began) * 1000


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
