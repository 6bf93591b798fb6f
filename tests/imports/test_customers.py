"""`flask import customers FILE`."""

from app.models import Audit, Customer

TWO = (
    "Customer number,Name,Email,Phone,Address,Locale\n"
    '77,Cedar Lane Bakery,orders@cedarlane.example,(555) 010,"42 Cedar Lane\nBath, ME 04530",en_US\n'
    "81,Fennel & Fig Café,,,,fr-CA\n"
)


def customers():
    return {c.number: c for c in Customer.select()}


def test_import_creates_customers(flask_import, write):
    result = flask_import("customers", write("customers.csv", TWO))
    assert "customers.csv, customers: 2 new, 0 changed, 0 unchanged." in result.output
    assert customers()["77"].address == "42 Cedar Lane\nBath, ME 04530"
    assert (customers()["81"].name, customers()["81"].locale) == ("Fennel & Fig Café", "fr_CA")
    assert len(customers()["81"].public_id) == 16


def test_the_same_file_twice_changes_nothing(flask_import, write):
    path = write("customers.csv", TWO)
    flask_import("customers", path)
    before = list(Customer.select().dicts())
    result = flask_import("customers", path)
    assert "0 new, 0 changed, 2 unchanged" in result.output
    assert list(Customer.select().dicts()) == before
    assert Audit.select().where(Audit.event == "import").count() == 1


def test_import_changes_details_and_keeps_missing_columns(flask_import, write):
    flask_import("customers", write("a.csv", TWO))
    result = flask_import(
        "customers", write("b.csv", "Number,Name,Email\n77,Cedar Lane Bakers,new@cedarlane.example\n")
    )
    assert "0 new, 1 changed, 0 unchanged" in result.output
    assert customers()["77"].name == "Cedar Lane Bakers"
    assert customers()["77"].phone == "(555) 010"


def test_an_address_in_parts_becomes_lines(flask_import, write):
    text = "Customer ID,Name,Street,City,State,ZIP code,Country\n9,Ann,1 Main St,Bath,ME,04530,USA\n"
    flask_import("customers", write("c.csv", text))
    assert customers()["9"].address == "1 Main St\nBath, ME 04530\nUSA"


def test_every_bad_row_is_named_and_nothing_is_written(flask_import, write):
    text = (
        "Customer number,Name,Email,Locale\n1,Fine,,\n,Ghost,,\n3,,,\n4,Four,two@a.example; three,\n5,Five,,xx_nope\n"
    )
    result = flask_import("customers", write("bad.csv", text))
    assert result.exit_code == 1
    assert customers() == {}
    for expected in (
        "Row 3, Customer number: is empty.",
        "Row 4, Name: is empty.",
        "Row 5, Email: “two@a.example; three” is not an email address: “three”. Write it like name@example.com",
        "Row 6, Locale: “xx_nope” is not a locale.",
        "Problems: 4.",
    ):
        assert expected in result.output


def test_only_fifty_bad_rows_are_shown_and_all_are_counted(flask_import, write):
    result = flask_import("customers", write("bad.csv", "Customer number,Name\n" + "1,\n" * 120))
    assert result.output.count("Name: is empty.") == 50
    assert "… and 70 more." in result.output


def test_a_number_that_comes_twice_must_agree_with_itself(flask_import, write):
    same = flask_import("customers", write("a.csv", "Customer number,Name\n1,Ann\n1,Ann\n"))
    assert ": 1 new, 0 changed" in same.output
    other = flask_import("customers", write("b.csv", "Customer number,Name\n2,Ann\n3,Bo\n2,Anna\n"))
    assert "Row 4, Customer number: “2” is in row 2 already, with other details." in other.output
    assert set(customers()) == {"1"}


def test_formulas_are_text(flask_import, write):
    flask_import("customers", write("a.csv", "Customer number,Name\n1,=HYPERLINK(A1)\n2,<b>O'Brien & Sons</b>\n"))
    assert [c.name for c in Customer.select().order_by(Customer.id)] == ["=HYPERLINK(A1)", "<b>O'Brien & Sons</b>"]


def test_command_names_the_company_it_imports_into(flask_import, write, config):
    result = flask_import("customers", write("c.csv", "Number,Name\n1,One\n"))
    where = f"http://localhost, demo, {config.database_name}"
    assert f"Importing into a company without a name yet, {where}" in result.stderr


def test_total_of_a_list_is_no_customer(flask_import, write):
    text = "Customer number;Name;Email;Phone\n9;Ann;;\nTotal;7;;\nTotal;Total Wine;a@wine.example;\n"
    result = flask_import("customers", write("c.csv", text))
    assert "left out: row 3 (“Total”)" in result.output
    assert {number: one.name for number, one in customers().items()} == {"9": "Ann", "Total": "Total Wine"}
