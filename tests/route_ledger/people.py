"""Routes of the first administrator, second factors, colleagues."""

from tests.ledger import CUSTOMER, LOGIN, PUBLIC, STAFF, Route

NEW_PASSWORD = "Amber-Kettle-77-drums"
ADMINISTRATOR = {"company": "X", "name": "X", "email": "x@harborpine.example", "password": NEW_PASSWORD}

ROUTES: tuple[Route, ...] = (
    Route("accounts.ask_to_log_out", "GET", "/logout", LOGIN),
    Route("memberships.choose", "GET", "/account/customers", LOGIN, fields=("next",)),
    Route("memberships.invitation", "GET", "/account/invitations/1", LOGIN, ("missing",)),
    Route(
        "memberships.answer_invitation",
        "POST",
        "/account/invitations/1",
        LOGIN,
        ("missing",),
        form={"answer": "accept"},
        fields=("answer",),
    ),
    Route("memberships.ask_to_leave", "GET", "/account/customers/999/leave", LOGIN, ("missing",)),
    Route("memberships.leave", "POST", "/account/customers/999/leave", LOGIN, ("missing",)),
    Route("colleagues.people", "GET", "/account/people", CUSTOMER, ("missing",), fields=("customer",)),
    Route(
        "colleagues.add_colleague",
        "POST",
        "/account/people",
        CUSTOMER,
        ("missing",),
        form={"email": "new@cedarlane.example", "role": "1"},
        fields=("email", "name", "role"),
    ),
    Route("colleagues.ask_to_take_colleague", "GET", "/account/people/1/take", CUSTOMER, ("missing",)),
    Route("colleagues.take_colleague", "POST", "/account/people/1/take", CUSTOMER, ("missing",)),
    Route("colleagues.invite_again", "POST", "/account/people/1/again", CUSTOMER, ("missing",)),
    Route("accounts.code", "GET", "/login/code", LOGIN, fields=("next",)),
    Route("accounts.code", "POST", "/login/code", LOGIN, form={"code": "000000"}, fields=("code", "next")),
    Route("accounts.two_factor", "GET", "/account/two-factor", STAFF),
    Route(
        "accounts.confirm_two_factor",
        "POST",
        "/account/two-factor",
        STAFF,
        form={"code": "000000", "password": "x"},
        fields=("code", "password"),
    ),
    Route(
        "accounts.change_two_factor",
        "POST",
        "/account/two-factor/change",
        STAFF,
        ("missing",),
        form={"wish": "codes", "code": "000000", "password": "x"},
        fields=("wish", "code", "password"),
    ),
    Route("accounts.first_administrator", "GET", "/first-administrator", PUBLIC, ("missing",)),
    Route("accounts.open_first_administrator", "GET", f"/first-administrator/{'a' * 43}", PUBLIC, ("missing",)),
    Route(
        "accounts.make_first_administrator",
        "POST",
        "/first-administrator",
        PUBLIC,
        ("missing",),
        form=ADMINISTRATOR,
        fields=tuple(ADMINISTRATOR),
    ),
)
