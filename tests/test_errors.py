"""Error pages: a logged-in user keeps the menu, and reads what is true of the page they wanted."""

from tests.support.pages import text_of

MENU = 'aria-label="Main"'


def test_an_invoice_that_is_not_theirs(log_in, cast):
    for url in ("/invoices/nothing", "/payments/new?invoice=nothing"):
        page = log_in(cast.alice).get(url).get_data(as_text=True)
        assert "We cannot find that invoice It may belong to another account. Back to invoices" in text_of(page)
        assert MENU in page and "Log out" in page


def test_a_page_that_does_not_exist(log_in, cast, client):
    for who, start in ((cast.alice, "Back to invoices"), (cast.ruth, "Back to the home page")):
        page = log_in(who).get("/nothing").get_data(as_text=True)
        assert "We cannot find that page" in page and MENU in page and start in page
    assert MENU not in client.get("/nothing").get_data(as_text=True)


def test_an_administrator_on_a_customers_page(log_in, cast):
    response = log_in(cast.ruth).get("/invoices")
    page = response.get_data(as_text=True)
    assert response.status_code == 403 and MENU in page
    assert "This page is for customers To see what a customer sees, open Customers >" in text_of(page)


def test_a_form_that_is_too_old(log_in, cast):
    response = log_in(cast.alice).post("/account/theme", data={"theme": "dark"})
    page = response.get_data(as_text=True)
    assert response.status_code == 400 and MENU in page
    assert "Go back, reload the page and try again. Nothing was changed." in page
