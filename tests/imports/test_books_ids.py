"""Internal ID and External ID of the accounting system: kept, and matched before numbers."""

import pytest

from app.models import Customer, Invoice

HEADER = "Customer number,Number,Date,Due date,Currency,Total,Amount due,Internal ID,External ID\n"
CUSTOMERS = "Customer number,Name,Internal ID,External ID\n"


def row(number: str, internal: str = "", external: str = "", customer: str = "77", total: str = "50.00") -> str:
    return f"{customer},{number},2026-11-03,2026-12-03,USD,{total},{total},{internal},{external}\n"


@pytest.fixture
def invoices(flask_import, write, cedar):
    def _invoices(*rows: str, header: str = HEADER):
        return flask_import("invoices", write("invoices.csv", header + "".join(rows)))

    return _invoices


@pytest.fixture
def customers(flask_import, write, database):
    return lambda *rows: flask_import("customers", write("customers.csv", CUSTOMERS + "".join(rows)))


def ids() -> dict[str, tuple[str, str]]:
    return {each.number: (each.internal_id, each.external_id) for each in Invoice}


def test_ids_of_documents_are_kept(invoices):
    assert invoices(row("17", "501", "X-1")).exit_code == 0
    assert ids() == {"17": ("501", "X-1")}
    assert "0 new, 0 changed, 1 unchanged" in invoices(row("17", "501", "X-1")).output


def test_renumbered_document_is_matched_by_id(invoices, pay):
    invoices(row("17", "501"))
    pay("17", 2000)
    assert "0 new, 1 changed" in invoices(row("INV-17", "501")).output
    known = Invoice.get()
    assert (known.number, known.paid_online_minor) == ("INV-17", 2000)


def test_external_id_matches_too(invoices):
    invoices(row("17", "", "X-1"))
    invoices(row("18", "501", "X-1"))
    assert ids() == {"18": ("501", "X-1")}


def test_file_without_ids_keeps_known_ids(invoices):
    invoices(row("17", "501", "X-1"))
    assert "1 unchanged" in invoices(row("17")).output
    header = HEADER.replace(",Internal ID,External ID", "")
    assert "1 changed" in invoices(row("17", total="60.00").replace(",,\n", "\n"), header=header).output
    assert ids() == {"17": ("501", "X-1")}


def test_contradicting_ids_are_refused(invoices, database):
    Customer.create(number="81", name="Fennel")
    invoices(row("17", "501"), row("18", "502"))
    for rows, reason in (
        ((row("19", "503"), row("20", "503")), "“503” is the id of two documents in the file."),
        ((row("17", "501", customer="81"),), "“501” is the id of another customer's document here."),
        ((row("18", "501"),), "has the number of another document here."),
        ((row("INV-17", "501"), row("17")), "comes again with another number."),
    ):
        result = invoices(*rows)
        assert result.exit_code == 1 and reason in result.output, result.output
    assert ids() == {"17": ("501", ""), "18": ("502", "")}


def test_ids_of_customers_are_kept_and_come_first(customers):
    customers("C-1,Quarry Kiln,7,\n")
    result = customers("C-9,Quarry Kiln Ltd,7,E-1\n")
    assert "0 new, 1 changed" in result.output and "recognized by their id: 1" in result.output
    known = Customer.get()
    assert (known.number, known.name, known.internal_id, known.external_id) == ("C-1", "Quarry Kiln Ltd", "7", "E-1")
    customers("C-1,Quarry Kiln Ltd,,\n")
    assert Customer.get().internal_id == "7"


def test_contradicting_ids_of_customers_are_refused(customers):
    customers("C-1,Quarry Kiln,7,\n", "C-2,Old Mill,8,\n")
    assert "“7” is the id of “C-1” here" in customers("C-2,Old Mill,7,\n").output
    assert "“9” is the id of “C-3” in the file too" in customers("C-3,A,9,\n", "C-4,B,9,\n").output
    assert Customer.select().count() == 2


VOIDS = HEADER.replace("Amount due", "Status")


def void(number: str, internal: str = "", external: str = "") -> str:
    return row(number, internal, external).replace(",50.00,50.00", ",50.00,Voided")


def test_renumbered_document_is_voided_by_its_id(invoices):
    invoices(row("17", "501"), row("18", "", "X-2"), row("19"))
    result = invoices(void("INV-17", "501"), void("INV-18", "", "X-2"), header=VOIDS)
    assert "0 new, 2 changed" in result.output
    assert {each.number: each.is_void for each in Invoice} == {"17": True, "18": True, "19": False}


def test_id_of_a_voided_document_comes_before_its_number(invoices):
    invoices(row("17", "501"), row("18", "502"))
    invoices(void("18", "501"), header=VOIDS)
    assert {each.number: each.is_void for each in Invoice} == {"17": True, "18": False}


def test_document_that_is_valid_in_the_file_too_stays_valid(invoices):
    invoices(row("17", "501"))
    invoices(void("17", "501"), row("INV-17", "501").replace(",50.00,50.00", ",50.00,Open"), header=VOIDS)
    assert {each.number: each.is_void for each in Invoice} == {"INV-17": False}


def test_conflict_names_the_external_id_if_there_is_no_internal_id(invoices):
    invoices(row("17", "", "X-1"))
    result = invoices(row("INV-17", "", "X-1"), row("17"))
    assert "“X-1” is a document that comes again with another number." in result.output
