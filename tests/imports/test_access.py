"""Access that a file of customers gives, changes and takes away."""

import csv
import io

import pytest

from app.models import Access, Audit, Company, Customer, ImportRow, ImportRun, OutboxMail, Role, User
from tests.people import COMMON
from tests.support.office_files import xlsx

PASSWORD = "Copper-Kettle-73-moss"
HEADER = "Customer number,Name,Email,Person name,Person email,Give Access,Role,Send New Access Notification Email\n"
NIA = "C-1,Quarry Kiln,ap@quarry.example,Nia Brook,nia@quarry.example,Yes,Customer Center,Yes\n"
OLE = "C-1,,,Ole Strand,ole@quarry.example,Yes,View only,Yes\n"
WITH_PASSWORD = "Customer number,Name,Email,Give Access,Password,Confirm Password\n"


@pytest.fixture
def view_only(database):
    return Role.create(name="View only", can_pay=False, is_custom=True)


def people(number: str = "C-1") -> dict[str, tuple[str, bool]]:
    """{email: (role, given)}"""
    query = Access.select().where(Access.customer == Customer.get(number=number))
    return {one.user.email: (one.role.name, bool(one.given)) for one in query}


def mails() -> list[str]:
    return [mail.recipient for mail in OutboxMail.select().order_by(OutboxMail.id)]


def run_of(url: str) -> ImportRun:
    return ImportRun.by_public_id(url.rpartition("/")[2])


def outcomes(url: str) -> dict[str, str]:
    return {one.number: one.outcome for one in ImportRow.select().where(ImportRow.run == run_of(url).id)}


def reasons(url: str) -> str:
    return " ".join(one.reason for one in ImportRow.select().where(ImportRow.run == run_of(url).id))


def test_people_of_a_customer_are_previewed_and_given_access(upload, page, press, database, view_only):
    url = upload(HEADER + NIA + OLE)
    text = page(url)
    assert outcomes(url) == {"C-1": "new", "nia@quarry.example": "new", "ole@quarry.example": "new"}
    assert "Give Access: <del>No</del> → <ins>Yes</ins>" in text
    assert "Role: <del>empty</del> → <ins>View only</ins>" in text
    assert "Access, Nia Brook of customer C-1" in text
    assert "Access: access given to 2 people, 2 notification emails." in text
    assert not Customer.get_or_none(number="C-1") and not mails()
    press(url, "apply")
    assert people() == {"nia@quarry.example": ("Customer Center", True), "ole@quarry.example": ("View only", True)}
    assert sorted(mails()) == ["nia@quarry.example", "ole@quarry.example"]
    assert User.by_email("ole@quarry.example").name == "Ole Strand"
    assert Customer.get(number="C-1").email == "ap@quarry.example"
    given = [line for line in Audit.select().where(Audit.event == "access_given") if "quarry" in line.subject]
    assert {line.actor for line in given} == {"ruth@harborpine.example"} and len(given) == 2


def test_same_file_again_changes_nothing(upload, page, press, database, view_only):
    press(upload(HEADER + NIA + OLE), "apply")
    url = upload(HEADER + NIA + OLE)
    assert set(outcomes(url).values()) == {"unchanged"}
    assert "Everything in the file is here already" in page(url)
    assert len(mails()) == 2


def test_role_is_changed_and_access_taken_only_by_no(upload, page, press, database, view_only):
    press(upload(HEADER + NIA + OLE), "apply")
    url = upload(HEADER + NIA.replace("Customer Center", "View only") + OLE.replace("Yes,View only,Yes", "No,,"))
    text = page(url)
    assert "Role: <del>Customer Center</del> → <ins>View only</ins>" in text
    assert "Give Access: <del>Yes</del> → <ins>No</ins>" in text
    assert "Access: 1 role changed, access taken from 1 person." in text
    press(url, "apply")
    assert people() == {"nia@quarry.example": ("View only", True), "ole@quarry.example": ("View only", False)}
    assert len(mails()) == 2


def test_empty_give_access_leaves_people_as_they_are(upload, page, press, database, view_only):
    press(upload(HEADER + NIA + OLE), "apply")
    url = upload(HEADER + NIA.replace(",Yes,Customer Center,Yes", ",,View only,"))
    assert "People whose access stays as it is, because Give Access is empty: 1." in page(url)
    assert set(outcomes(url).values()) == {"unchanged"}


def test_access_is_undone_with_its_customers(upload, page, press, database, view_only):
    url = upload(HEADER + NIA + OLE)
    press(url, "apply")
    assert "Emails that were sent can’t be taken back" in page(url)
    press(url, "undo")
    assert Audit.last("customer_saved").facts["undone_import"] == "may.csv"
    assert "Undone" in page(url) and "except emails that were sent" in page(url)
    assert not Customer.get_or_none(number="C-1")
    assert not User.by_email("nia@quarry.example").has_access_or_invitation()
    assert Audit.select().where(Audit.event == "access_taken").count() == 2


def test_undo_restores_revoked_access_and_the_previous_role(upload, page, press, database, view_only):
    press(upload(HEADER + NIA + OLE), "apply")
    url = upload(HEADER + NIA.replace("Customer Center", "View only") + OLE.replace("Yes,View only,Yes", "No,,"))
    press(url, "apply")
    press(url, "undo")
    assert people() == {"nia@quarry.example": ("Customer Center", True), "ole@quarry.example": ("View only", True)}
    trail = page("/audit")
    for person, role in (("nia", "Customer Center"), ("ole", "View only")):
        restored = f"Access of {person}@quarry.example to account C-1 restored as {role}"
        assert f"{restored} by undoing the import of may.csv" in trail


def test_undo_is_refused_when_access_has_changed_since(upload, page, press, database, view_only):
    url = upload(HEADER + NIA)
    press(url, "apply")
    Access.update(role=view_only).where(Access.customer == Customer.get(number="C-1")).execute()
    press(url, "undo")
    assert "Not undone: Access of nia@quarry.example to Quarry Kiln has changed since." in page(url)


def test_password_of_the_file_is_for_the_first_login(upload, page, press, database, log_in, app):
    url = upload(WITH_PASSWORD + f"C-1,Quarry Kiln,nia@quarry.example,Yes,{PASSWORD},{PASSWORD}\n")
    assert "Password: <del>empty</del> → <ins>assigned, until the first login</ins>" in page(url)
    press(url, "apply")
    user = User.by_email("nia@quarry.example")
    assert user.must_change_password and app.extensions["hasher"] and not mails()
    with app.extensions["hasher"].slot() as slot:
        assert slot.verify(PASSWORD, user.password_hash)
    User.update(password_hash="their own", must_change_password=False).where(User.id == user.id).execute()
    url = upload(WITH_PASSWORD + f"C-1,Quarry Kiln,nia@quarry.example,Yes,{PASSWORD},{PASSWORD}\n")
    assert "Passwords of the file that were not used, because the person has one already: 1." in page(url)
    assert set(outcomes(url).values()) == {"unchanged"}


@pytest.mark.parametrize("heading", ["Password", "Passwort", "Initial password (tell by phone)"])
def test_password_is_nowhere_in_clear(upload, page, press, ruth, database, app, heading):
    bad = "C-2,Old Mill,x@,Maybe,weak-Secret-9\n"
    header = f"Customer number,Name,Email,Give Access,{heading}\n"
    url = upload(header + f"C-1,Quarry Kiln,nia@quarry.example,Yes,{PASSWORD}\n" + bad)
    if heading != "Password":
        press(url, "columns", field=["number", "name", "email", "give_access", "password"], name="ours")
    texts = [ruth.get(f"{url}{part}").get_data(as_text=True) for part in ("", "/columns", "/rows", "/preview.csv")]
    rows = ruth.get(f"{url}/bad-rows.csv").get_data().decode("utf-8-sig")
    assert next(csv.DictReader(io.StringIO(rows)))[heading] == "" and "Correct passwords in the file itself" in texts[2]
    assert "passwords are not kept" in texts[1]
    press(url, "rows", place="3:4", cell="typed-Secret-9")
    press(url, "rows", place=["3:2", "3:3"], cell=["m@mill.example", "No"])
    press(url, "apply")
    assert people() == {"nia@quarry.example": ("Customer Center", True)}
    kept = dump(app)
    for secret in (PASSWORD, "weak-Secret-9", "typed-Secret-9"):
        assert not any(secret in text for text in [*texts, rows])
        assert secret.encode() not in kept
    assert run_of(url).bytes_of_file() == b""


ACCESS = "Customer number,Name,Person email,Give Access,Password,Role,Send New Access Notification Email\n"


@pytest.mark.parametrize(
    ("header", "cells", "why"),
    [
        (ACCESS, "C-2,Mill, Oven,nia@mill.example,Yes,{},Customer Center,No", "has 8 cells, but the header has 7"),
        (ACCESS, "C-2,nia@mill.example,Yes,{},Customer Center,No", "Give Access: “…” is neither Yes nor No."),
        (ACCESS, "C-2,Mill,nia@mill.example,Yes,,{},", "Role: There is no role of that name. Write one of “Customer"),
        (ACCESS, "C-2,Mill,nia@mill.example,{},,,", "Give Access: “…” is neither Yes nor No."),
        (ACCESS, "C-2,Mill,{},Yes,,,", "Person email: “…” is not an email address."),
        (ACCESS.replace("Password", "PIN"), "C-2,Mill,nia@mill.example,Maybe,{},,", "“Maybe” is neither Yes nor No."),
        (ACCESS.replace("Password", "login_key"), "C-2,Mill,nia@mill.example,Maybe,{},,", "“Maybe” is neither Yes nor"),
    ],
)
def test_password_in_the_wrong_column_is_nowhere_in_clear(upload, ruth, database, app, header, cells, why):
    secret = "Hidden-Kettle-73"
    url = upload(header + cells.format(secret) + "\n")
    assert why in reasons(url)
    paths = ("", "/columns", "/rows", "/preview.csv", "/bad-rows.csv")
    texts = [ruth.get(f"{url}{path}", follow_redirects=True).get_data(as_text=True) for path in paths]
    assert not any(secret in text for text in texts)
    assert secret.encode() not in dump(app)


def test_column_that_is_chosen_as_a_field_is_no_password(upload, page, press, database):
    url = upload("Code,Name,Person email,Give Access\nC-2,Mill,nia@mill.example,Maybe\n", kind="customers")
    press(url, "columns", field=["number", "name", "person_email", "give_access"])
    assert "“Maybe” is neither Yes nor No." in reasons(url) and 'value="C-2"' in page(f"{url}/rows")


def dump(app) -> bytes:
    """Every value of every table."""
    database = app.extensions["database"]
    found = []
    for table in database.get_tables():
        for row in database.execute_sql(f'SELECT * FROM "{table}"').fetchall():
            found += [value if isinstance(value, bytes) else str(value).encode() for value in row]
    return b"\n".join(found)


@pytest.mark.parametrize(
    ("cells", "why"),
    [
        ("Yes,Boss,Yes,", "There is no role of that name. Write one of “Customer Center”"),
        ("Yes,,,", "nia@quarry.example has no password yet. Write Yes under Send New Access Notification Email"),
        ("Perhaps,,Yes,", "“Perhaps” is neither Yes nor No."),
        (f"Yes,,Yes,{PASSWORD}", "Write No there to assign the password yourself"),
        (f"Yes,,,{COMMON}", "This is one of the commonest passwords"),
        ("Yes,,,quarry kiln", "Password must have three of these"),
    ],
)
def test_bad_row_says_why_and_what_to_do(upload, page, database, cells, why):
    header = "Customer number,Name,Email,Give Access,Role,Send New Access Notification Email,Password\n"
    url = upload(f"{header}C-1,Quarry Kiln,nia@quarry.example,{cells}\n")
    assert why in reasons(url)
    assert "1 problem keeps the file from being imported" in page(url)


def test_invalid_email_address_is_one_problem(upload, page, database):
    url = upload(HEADER.replace("Email,Person name", "Person name") + "C-1,Kiln,Nia,not-an-email,Yes,,Yes\n")
    assert "“not-an-email” is not an email address" in reasons(url) and "is empty" not in reasons(url)
    assert "1 problem keeps the file from being imported" in page(url)
    url = upload("Customer number,Name,Email,Give Access\nC-1,Kiln,not-an-email,Yes\n")
    assert "“not-an-email” is not an email address" in reasons(url) and "is empty" not in reasons(url)


def test_administrator_gets_no_access(upload, database):
    assert "ruth@harborpine.example is an administrator's login" in reasons(
        upload(HEADER + NIA.replace("nia@quarry.example", "ruth@harborpine.example"))
    )


def test_access_is_not_given_while_the_feature_is_off(upload, database):
    Company.update(customer_access=False).execute()
    assert "Customer Access is off. Turn it on under Setup > Company > Enable Features" in reasons(upload(HEADER + NIA))


def test_address_that_comes_twice_with_other_values_is_refused(upload, page, press, database, view_only):
    url = upload(HEADER + NIA + "C-1,,,Nia Brook,nia@quarry.example,Yes,View only,Yes\n")
    assert "“nia@quarry.example” is in row 2 already, for the same customer" in reasons(url)
    press(upload(HEADER + NIA + NIA), "apply")
    assert len(people()) == 1


def test_login_has_one_password(upload, database):
    other = f"C-2,Old Mill,nia@quarry.example,Yes,{PASSWORD}x,{PASSWORD}x\n"
    url = upload(WITH_PASSWORD + f"C-1,Quarry Kiln,nia@quarry.example,Yes,{PASSWORD},{PASSWORD}\n" + other)
    assert "“nia@quarry.example” has another password in row 2. A login has one password." in reasons(url)


def test_person_of_two_customers_gets_one_email(upload, press, database):
    press(upload(HEADER + NIA + NIA.replace("C-1,Quarry Kiln", "C-2,Old Mill")), "apply")
    assert mails() == ["nia@quarry.example"]
    assert people("C-2") == people("C-1")


def test_documented_file_names_known_customers_by_their_id(upload, page, press, database):
    Customer.create(number="C-7", name="Lamp Works", internal_id="1207", email="ida@lamps.example", phone="1")
    header = "Internal ID,Email,Give Access,Send New Access Notification Email,Role\n"
    press(upload(f"{header}1207,ida@lamps.example,Yes,Yes,Customer Center\n"), "apply")
    assert people("C-7") == {"ida@lamps.example": ("Customer Center", True)}
    known = Customer.get(number="C-7")
    assert (known.name, known.phone) == ("Lamp Works", "1")
    press(upload(HEADER + "C-7,,,Ole Strand,ole@lamps.example,Yes,,Yes\n"), "apply")
    assert Customer.get(number="C-7").email == "ida@lamps.example" and len(people("C-7")) == 2
    assert "“99” is not the ID of a customer here" in reasons(upload(f"{header}99,x@lamps.example,Yes,Yes,\n"))
    assert "There is no customer “C-99”" in reasons(
        upload("Customer number,Email,Give Access,Role\nC-99,x@lamps.example,Yes,\n")
    )


def test_file_about_access_alone_changes_nothing_of_its_customers(upload, page, press, database, view_only):
    known = Customer.create(number="C-7", name="Lamp Works", email="ida@lamps.example", phone="1")
    User.create(email="ole@lamps.example", password_hash="their own", created_ms=0)
    header = "Customer number,Person email,Give Access,Role\n"
    url = upload(f"{header}C-7,ole@lamps.example,Yes,View only\n")
    assert outcomes(url) == {"ole@lamps.example": "new"}, page(url)
    press(url, "apply")
    assert people("C-7") == {"ole@lamps.example": ("View only", True)}
    url = upload(f"{header}C-7,ole@lamps.example,No,\n")
    assert outcomes(url) == {"ole@lamps.example": "changed"}
    press(url, "apply")
    assert people("C-7") == {"ole@lamps.example": ("View only", False)}
    after = Customer.get(number="C-7")
    assert (after.name, after.email, after.phone) == (known.name, known.email, "1")


def test_people_without_a_column_give_access_are_left_alone(upload, page, press, database):
    url = upload("Customer number,Name,Contact,Role\nC-1,Quarry Kiln,Nia Brook,Customer Center\n")
    assert "Nothing about access was read: there is no column Give Access" in page(url)
    press(url, "apply")
    assert people() == {}


def test_workbook_gives_access(upload, press, database):
    rows = [HEADER.strip().split(","), NIA.strip().split(",")]
    press(upload(xlsx({"Customers": rows}), "customers.xlsx"), "apply")
    assert people() == {"nia@quarry.example": ("Customer Center", True)}


def test_console_gives_access(flask_import, write, database, cast):
    text = WITH_PASSWORD + f"C-1,Quarry Kiln,nia@quarry.example,Yes,{PASSWORD},{PASSWORD}\n"
    result = flask_import("customers", write("customers.csv", text))
    assert "Access: access given to 1 person, 1 password assigned." in result.output
    assert people() == {"nia@quarry.example": ("Customer Center", True)} and PASSWORD not in result.output


def test_many_passwords_are_several_files(upload, page, database):
    rows = "".join(f"C-{n},Mill {n},m{n}@mill.example,Yes,{PASSWORD},{PASSWORD}\n" for n in range(501))
    assert "The file has more than 500 passwords" in page(upload(WITH_PASSWORD + rows))
