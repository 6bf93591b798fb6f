"""Routes of the first administrator, second factors, colleagues."""

from tests.ledger import CUSTOMER, LOGIN, PUBLIC, STAFF, Route

NEW_PASSWORD = "Amber-Kettle-77-drums"
ADMINISTRATOR = {"company": "X", "name": "X", "email": "x@harborpine.example", "password": NEW_PASSWORD}

ROUTES: tuple[Route, ...] = (
    Route("auth.ask_to_log_out", "GET", "/logout", LOGIN),
    Route("auth.choose", "GET", "/account/customers", LOGIN, fields=("next",)),
    Route("auth.invitation", "GET", "/account/invitations/1", LOGIN, ("missing",)),
    Route("auth.answer_invitation", "POST", "/account/invitations/1", LOGIN, ("missing",),
          form={"answer": "accept"}, fields=("answer",)),
    Route("auth.ask_to_leave", "GET", "/account/customers/999/leave", LOGIN, ("missing",)),
    Route("auth.leave", "POST", "/account/customers/999/leave", LOGIN, ("missing",)),
    Route("auth.people", "GET", "/account/people", CUSTOMER, ("missing",), fields=("customer",)),
    Route("auth.add_colleague", "POST", "/account/people", CUSTOMER, ("missing",),
          form={"email": "new@cedarlane.example", "role": "1"}, fields=("email", "name", "role")),
    Route("auth.ask_to_take_colleague", "GET", "/account/people/1/take", CUSTOMER, ("missing",)),
    Route("auth.take_colleague", "POST", "/account/people/1/take", CUSTOMER, ("missing",)),
    Route("auth.invite_again", "POST", "/account/people/1/again", CUSTOMER, ("missing",)),
    Route("auth.code", "GET", "/login/code", LOGIN, fields=("next",)),
    Route("auth.code", "POST", "/login/code", LOGIN, form={"code": "000000"}, fields=("code", "next")),
    Route("auth.two_factor", "GET", "/account/two-factor", STAFF),
    Route("auth.confirm_two_factor", "POST", "/account/two-factor", STAFF, form={"code": "000000", "password": "x"},
          fields=("code", "password")),
    Route("auth.change_two_factor", "POST", "/account/two-factor/change", STAFF, ("missing",),
          form={"wish": "codes", "code": "000000", "password": "x"}, fields=("wish", "code", "password")),
    Route("auth.first_administrator", "GET", "/first-administrator", PUBLIC, ("missing",)),
    Route("auth.open_first_administrator", "GET", f"/first-administrator/{'a' * 43}", PUBLIC, ("missing",)),
    Route("auth.make_first_administrator", "POST", "/first-administrator", PUBLIC, ("missing",), form=ADMINISTRATOR,
          fields=tuple(ADMINISTRATOR)),
)  # fmt: skip
