"""A Payment Link opens one invoice, to read and to pay, and nothing else."""

import re
from contextlib import nullcontext
from datetime import date

import pytest

from app import create_app
from app.extensions import db
from app.invoices.queries import invoice_document
from app.mail import resend
from app.mail.delivery import deliver_due
from app.mail.transport import Folder
from app.models import (
    Access,
    Attempt,
    Company,
    Customer,
    Invoice,
    LinkHolder,
    OutboxMail,
    PaymentLink,
    PaymentLinkView,
    Session,
    Throttle,
    User,
)
from app.models.audit import Actor
from app.notices import payment_link_mail, recipients
from app.notices.views import pay_by_link
from app.payments.gateway.protocol import GatewayRefused
from app.worker import Worker
from tests.conftest import NOON
from tests.notices.conftest import HTMX, open_card_page, pay
from tests.payments.conftest import VISA
from tests.people import invoice
from tests.support.pages import csrf_of, text_of

DECLINED = "fake-processor-declined-visa-nonce"
NOT_CHARGED = "You have not been charged."
DEAD = "This link does not work"


def without_own_tokens(page) -> str:
    return re.sub(r'name="csrf_token" value="[^"]+"', "", page.get_data(as_text=True))


def test_link_opens_its_invoice_without_a_login(client, token, app):
    page = client.get(f"/pay/{token}")
    assert page.status_code == 200
    assert "INV-1041" in text_of(page) and "$1,186.50" in text_of(page) and "Pay this invoice" in text_of(page)
    assert page.headers["Cache-Control"] == "no-store"
    assert page.headers["Referrer-Policy"] == "no-referrer"
    assert page.headers["X-Robots-Tag"] == "noindex, nofollow"
    links = set(re.findall(r'<a [^>]*href="([^"#]*)"', page.get_data(as_text=True)))
    assert {link for link in links if not link.startswith(("mailto:", f"/pay/{token}", "/outbox"))} == {""} & links
    with app.extensions["database"].connection_context():
        assert Session.select().count() == 0


@pytest.fixture
def emailed(app, cast, owed, clock):
    """emailed(change) makes a Payment Link for Alice, whose email waits, then calls `change`; the emails of it that go
    out, and the row."""

    def _emailed(change):
        with app.extensions["database"].connection_context():
            actor = Actor("ruth@harborpine.example", clock(), "http://localhost")
            payment_link_mail.send_link(owed, cast.alice.email, actor, Company.current())
            change()
            folder = Folder(app.config["PORTAL"])
            deliver_due(folder, Company.current(), clock())
            found = [path.read_text() for path in folder.path.glob("*.eml")]
            return found, OutboxMail.get(OutboxMail.kind == "payment_link")

    return _emailed


def test_email_that_waits_says_what_is_due_when_it_is_sent(emailed, owed):
    sent, mail = emailed(Invoice.update(open_minor=100000).where(Invoice.id == owed.id).execute)
    assert len(sent) == 1 and "$1,000.00" in mail.subject and "$1,000.00" in mail.text and "1,186.50" not in mail.text
    sent, mail = emailed(Invoice.update(open_minor=0, is_paid=True).where(Invoice.id == owed.id).execute)
    assert "There is nothing left to pay." in OutboxMail.select().order_by(OutboxMail.id.desc()).get().text


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (Invoice.update(is_void=True), "The invoice is void."),
        (Access.update(given=False), recipients.STOPPED),
        (PaymentLink.update(expires_ms=1), payment_link_mail.ENDED),
    ],
)
def test_email_that_waits_is_canceled_when_its_link_is_of_no_use(emailed, change, reason):
    sent, mail = emailed(change.execute)
    assert (sent, mail.state, mail.error) == ([], OutboxMail.CANCELED, reason)
    with pytest.raises(resend.CannotResend) if reason != payment_link_mail.ENDED else nullcontext():
        resend.resend(mail, Actor("ruth@harborpine.example", NOON, "http://localhost"))


@pytest.mark.parametrize("path", ["/invoices", "/payments", "/account", "/payments/new", "/customers"])
def test_link_is_no_session(client, token, path):
    client.get(f"/pay/{token}")
    assert client.get(path).location.startswith("/login")


@pytest.mark.parametrize("dead", ["guessed", "short", "expired", "revoked", "closed", "early"])
def test_every_dead_link_gets_the_same_answer(app, client, token, clock, make_link, owed, dead):
    guessed = app.test_client().get(f"/pay/{'x' * 43}")
    address = token
    with app.extensions["database"].connection_context():
        if dead == "revoked":
            PaymentLink.find(token).revoke(Actor("ruth@harborpine.example", clock(), ""))
        if dead == "closed":
            Company.update(customer_access=False).execute()
    if dead in ("guessed", "short"):
        address = "y" * 43 if dead == "guessed" else token[:-1]
    if dead == "expired":
        clock.advance(days=30)
    if dead == "early":
        clock.advance(days=-3)
    for path in ("", "/card", "/invoice.pdf"):
        page = client.get(f"/pay/{address}{path}")
        assert page.status_code == 404 and DEAD in text_of(page)
        assert without_own_tokens(page) == without_own_tokens(guessed)
    assert "INV-1041" not in text_of(page) and "Cedar" not in text_of(page)


def test_scanner_does_not_use_up_the_link_and_is_logged(app, client, token):
    for address in ("192.0.2.7", "192.0.2.7", "198.51.100.9"):
        for method in ("HEAD", "GET"):
            answer = client.open(f"/pay/{token}", method=method, environ_base={"REMOTE_ADDR": address})
            assert answer.status_code == 200
    with app.extensions["database"].connection_context():
        views = list(PaymentLinkView.select())
        assert [view.address for view in views] == ["192.0.2.7", "198.51.100.9"]
        assert Attempt.select().count() == 0
    assert client.get(f"/pay/{token}").status_code == 200


def test_dead_links_are_throttled_and_live_ones_are_not(client, token):
    answers = [client.get(f"/pay/{'x' * 43}").status_code for _ in range(61)]
    assert answers == [404] * 60 + [429]
    assert client.get(f"/pay/{token}").status_code == 200


def test_holder_pays_and_gets_the_receipt(app, client, token, owed, fresh, demo_gateway):
    paid = pay(client, token, open_card_page(client, token))
    assert paid.status_code == 303 and paid.location.startswith(f"/pay/{token}/payments/PAY-")
    page = client.get(paid.location)
    assert "Payment received" in text_of(page) and "payer@elsewhere.example" in text_of(page)
    assert fresh(owed).open_minor == 0 and fresh(owed).processing_minor == 118650
    assert len(demo_gateway.transactions()) == 1
    with app.extensions["database"].connection_context():
        attempt = Attempt.get()
        receipt = OutboxMail.get(OutboxMail.kind == "receipt")
    assert (attempt.payer_email, attempt.user.email) == ("payer@elsewhere.example", User.PAYMENT_LINK)
    assert receipt.recipient == "payer@elsewhere.example" and "/payments/" not in receipt.text + receipt.html
    assert client.get(f"{paid.location}.pdf").data.startswith(b"%PDF")
    shown = text_of(client.get(f"/pay/{token}"))
    assert "being processed" in shown and "Pay this invoice" not in shown


def test_receipt_goes_to_the_customer_when_no_address_was_typed(app, client, token, cast):
    with app.extensions["database"].connection_context():
        Customer.update(email="office@cedarlane.example").where(Customer.id == cast.cedar.id).execute()
    assert pay(client, token, open_card_page(client, token), email="").status_code == 303
    with app.extensions["database"].connection_context():
        assert OutboxMail.get(OutboxMail.kind == "receipt").recipient == "office@cedarlane.example"


@pytest.mark.parametrize(
    "email", ["", "x", "a@b", "a@b.example, c@d.example", "a@b.example\r\nBcc: x@y.example", "a" * 300]
)
def test_wrong_address_is_refused_before_the_card(client, token, email, demo_gateway):
    refused = pay(client, token, open_card_page(client, token), email=email)
    assert refused.status_code == 422 and NOT_CHARGED in text_of(refused)
    assert 'href="#payer-email"' in refused.get_data(as_text=True)
    assert demo_gateway.transactions() == []


def test_same_form_again_leads_to_its_payment(client, token, demo_gateway):
    fields = open_card_page(client, token)
    first, second = (pay(client, token, fields) for _ in range(2))
    assert first.location == second.location and len(demo_gateway.transactions()) == 1


def test_two_pages_of_one_link_charge_once(client, app, token, demo_gateway):
    other = app.test_client()
    forms = [open_card_page(client, token), open_card_page(other, token)]
    assert pay(client, token, forms[0]).status_code == 303
    refused = pay(other, token, forms[1])
    assert refused.status_code == 409 and NOT_CHARGED in text_of(refused)
    assert len(demo_gateway.transactions()) == 1


def test_holder_and_customer_do_not_both_pay(client, token, owed, log_in, cast, demo_gateway):
    from tests.payments.conftest import pay as pay_logged_in

    form = open_card_page(client, token)
    assert pay_logged_in(log_in(cast.alice), owed).status_code == 303
    assert pay(client, token, form).status_code == 409
    assert len(demo_gateway.transactions()) == 1


def test_decline_is_explained_and_another_card_pays(client, token, fresh, owed):
    refused = pay(client, token, open_card_page(client, token), nonce=DECLINED, headers=HTMX)
    assert refused.status_code == 422 and NOT_CHARGED in text_of(refused)
    assert "/payments" not in re.sub(rf"/pay/{token}\S*", "", refused.get_data(as_text=True))
    assert pay(client, token, open_card_page(client, token)).status_code == 303
    assert fresh(owed).open_minor == 0


def test_declined_cards_are_throttled(client, token, demo_gateway):
    for _ in range(10):
        assert pay(client, token, open_card_page(client, token), nonce=DECLINED).status_code == 422
    asked = len(demo_gateway.transactions())
    refused = pay(client, token, open_card_page(client, token))
    assert refused.status_code == 429 and NOT_CHARGED in text_of(refused)
    assert len(demo_gateway.transactions()) == asked


def count_tries(key: str, tries: int) -> None:
    """As many were made under the keys that begin so."""
    with db.connection_context():
        assert Throttle.update(tries=tries).where(Throttle.key.startswith(key)).execute()


def test_declines_with_several_links_are_throttled_by_network(client, token, make_link, owed, demo_gateway):
    assert pay(client, token, open_card_page(client, token), nonce=DECLINED).status_code == 422
    count_tries("declines:network:", pay_by_link.MAX_DECLINES_OF_NETWORK - 1)
    second = make_link(owed)
    assert pay(client, second, open_card_page(client, second), nonce=DECLINED).status_code == 422
    third, asked = make_link(owed), len(demo_gateway.transactions())
    refused = pay(client, third, open_card_page(client, third))
    assert refused.status_code == 429 and NOT_CHARGED in text_of(refused)
    assert len(demo_gateway.transactions()) == asked
    data = open_card_page(client, third) | {"payment_method_nonce": VISA}
    paid = client.post(f"/pay/{third}/card", data=data, environ_base={"REMOTE_ADDR": "198.51.100.9"})
    assert paid.status_code == 303


def test_payment_that_was_taken_is_not_counted_as_a_decline(client, token):
    assert pay(client, token, open_card_page(client, token)).status_code == 303
    with db.connection_context():
        assert {row.key.rpartition(":")[0]: row.tries for row in Throttle if row.key.startswith("declines:")} == {
            "declines:link": 0,
            "declines:network": 0,
        }


def test_card_pages_of_one_link_are_throttled(client, token, make_link, owed, clock):
    assert client.get(f"/pay/{token}/card").status_code == 200
    count_tries("card_pages:link:", pay_by_link.CARD_PAGES - 1)
    assert client.get(f"/pay/{token}/card").status_code == 200
    assert client.get(f"/pay/{token}/card").status_code == 429
    assert client.get(f"/pay/{make_link(owed)}/card").status_code == 200
    clock.advance(minutes=31)
    assert client.get(f"/pay/{token}/card").status_code == 200


def test_decline_that_an_administrator_must_act_on_is_logged(client, app, make_link, cast, caplog):
    with app.extensions["database"].connection_context():
        token = make_link(invoice(cast.cedar, "INV-2042", 204200, date(2026, 11, 30)))  # Braintree's sandbox: code 2042
    refused = pay(client, token, open_card_page(client, token))
    assert refused.status_code == 422 and "This is our fault" in text_of(refused)
    assert "declined with 2042: check the merchant account" in caplog.text


def test_card_that_could_not_be_charged_for_our_fault_is_logged(client, app, token, gateway, caplog):
    class Refusing:
        def __getattr__(self, name):
            return getattr(gateway, name)

        def inspect_nonce(self, nonce):
            raise GatewayRefused("81528 the merchant account is closed")

    app.extensions["gateway"] = Refusing()
    refused = pay(client, token, open_card_page(client, token))
    assert refused.status_code == 422 and NOT_CHARGED in text_of(refused)
    assert "not charged (gateway): 81528" in caplog.text


def test_holder_reaches_nothing_else_of_the_customer(client, token, owed, app, cast, log_in):
    from tests.payments.conftest import pay as pay_logged_in

    with app.extensions["database"].connection_context():
        other = invoice(cast.cedar, "INV-1", 5000, date(2026, 11, 30))
        late = invoice(cast.cedar, "INV-2", 700, date(2026, 10, 1))
    reference = pay_logged_in(log_in(cast.alice), other).location.rpartition("/")[2]
    own = pay(client, token, open_card_page(client, token)).location.rpartition("/")[2]
    for path in (f"/pay/{token}/payments/{reference}", f"/pay/{token}/payments/{reference}.pdf"):
        assert client.get(path).status_code == 404
    with app.extensions["database"].connection_context():
        holder = LinkHolder.of(PaymentLink.find(token))
        ids = [one.public_id for one in (owed, other, late)]
        assert list(Invoice.mapped_by_public_id(holder, ids)) == [owed.public_id]
        assert (
            [one.id for one in Invoice.visible_to(holder)]
            == [one.id for one in Invoice.to_pay(holder, ids)]
            == [owed.id]
        )
        assert not list(Invoice.open_in(holder, "USD")) and Invoice.overdue(holder, "USD", date(2026, 11, 22)) == (0, 0)
        assert [one.reference for one in Attempt.visible_to(holder)] == [own]
        assert [one.reference for one in Attempt.older_than(holder)] == [own]
        found = [invoice_document.find(holder, one) for one in ids]
    assert [bool(one) for one in found] == [True, False, False]


def test_foreign_invoice_can_not_be_paid(client, token, make_link, app, cast, demo_gateway, owed):
    with app.extensions["database"].connection_context():
        others = [invoice(one, f"INV-{one.number}", 5000, date(2026, 11, 30)) for one in (cast.cedar, cast.fennel)]
    for other in others:
        fields = open_card_page(client, token)
        for shown in (f"{other.public_id}:5000:USD", [fields["shown"], f"{other.public_id}:5000:USD"]):
            refused = pay(client, token, fields, shown=shown)
            assert refused.status_code == 404 and NOT_CHARGED in text_of(refused)
    assert demo_gateway.transactions() == []


def test_payment_of_another_link_is_not_shown(client, app, token, make_link, owed, log_in, cast, demo_gateway):
    paid = pay(client, token, open_card_page(client, token))
    reference = paid.location.rpartition("/")[2]
    assert client.get(f"/pay/{make_link(owed)}/payments/{reference}").status_code == 404


def test_ended_link_never_charges(client, app, token, clock, demo_gateway):
    fields = open_card_page(client, token)
    clock.advance(days=31)
    refused = pay(client, token, fields)
    assert refused.status_code == 404 and NOT_CHARGED in text_of(refused)
    clock.advance(days=-31)
    assert pay(client, token, fields).status_code == 422  # its form was voided
    assert demo_gateway.transactions() == []


def test_payment_is_still_shown_after_the_link_ended(client, token, clock):
    fields = open_card_page(client, token)
    paid = pay(client, token, fields)
    clock.advance(days=31)
    page = client.get(paid.location)
    assert page.status_code == 200 and "Back to the invoice" not in text_of(page)
    assert pay(client, token, fields).location == paid.location


def test_link_that_is_revoked_while_the_card_is_entered_charges_nothing(
    client, app, token, clock, gateway, demo_gateway
):
    fields = open_card_page(client, token)

    class Revoking:
        def __getattr__(self, name):
            return getattr(gateway, name)

        def inspect_nonce(self, nonce):
            PaymentLink.find(token).revoke(Actor("ruth@harborpine.example", clock(), ""))
            return gateway.inspect_nonce(nonce)

    app.extensions["gateway"] = Revoking()
    refused = pay(client, token, fields)
    assert refused.status_code in (403, 404) and NOT_CHARGED in text_of(refused)
    assert demo_gateway.transactions() == []


@pytest.mark.parametrize("switch", ["customers_can_pay_online", "credit_card_payments"])
def test_features_rule(client, app, token, switch, demo_gateway):
    fields = open_card_page(client, token)
    with app.extensions["database"].connection_context():
        Company.update({switch: False}).execute()
    assert "Pay this invoice" not in text_of(client.get(f"/pay/{token}"))
    assert client.get(f"/pay/{token}/card").location == f"/pay/{token}"
    assert pay(client, token, fields).status_code == 403
    assert demo_gateway.transactions() == []


def test_payment_without_an_answer_is_found_later(client, app, token, demo_gateway, clock, fresh, owed):
    demo_gateway.faults.add("lost_response")
    paid = pay(client, token, open_card_page(client, token))
    assert "Do not pay again yet" in text_of(client.get(paid.location))
    clock.advance(minutes=5)
    Worker(app).run_due(0)
    assert "Payment received" in text_of(client.get(paid.location)) and len(demo_gateway.transactions()) == 1


def test_holder_sees_a_refund(client, app, token, gateway, demo_gateway):
    paid = pay(client, token, open_card_page(client, token))
    charge = demo_gateway.transactions()[0]["id"]
    demo_gateway.settle(charge)
    gateway.sdk.transaction.refund(charge, "12.50")
    with app.extensions["database"].connection_context():
        Worker(app).audit_daily()
    assert "Refunded $12.50," in text_of(client.get(paid.location))


def test_holder_sees_an_unapplied_charge(client, app, token, clock, demo_gateway):
    demo_gateway.faults.add("altered_sale", amount="90.00")
    paid = pay(client, token, open_card_page(client, token))
    demo_gateway.settle(demo_gateway.transactions()[0]["id"])
    clock.advance(minutes=2)
    Worker(app).run_due(0)
    page = text_of(client.get(paid.location))
    assert "$90.00, not applied to an invoice" in page and "Try again" not in page


def test_holder_whose_card_was_declined_may_try_again(client, token, clock):
    fields = open_card_page(client, token)
    pay(client, token, fields, nonce=DECLINED)
    declined = pay(client, token, fields).location
    again = f'href="/pay/{token}/card"'
    assert again in client.get(declined).get_data(as_text=True)
    clock.advance(days=31)
    assert again not in client.get(declined).get_data(as_text=True)


def test_form_without_the_token_of_its_page_is_refused(client, token, demo_gateway):
    refused = pay(client, token, open_card_page(client, token), csrf_token="")
    assert refused.status_code == 400 and NOT_CHARGED in text_of(refused)


def test_holder_who_sends_no_referrer_pays_over_https(config, gateway, clock, cast, token):
    base = "https://x.example"
    live = create_app(config.replace(environment="production", portal_url=base), gateway=gateway, clock=clock)
    client = live.test_client()
    page = client.get(f"/pay/{token}/card", base_url=base)
    data = {"csrf_token": csrf_of(page), "token": "a" * 24, "email": "payer@elsewhere.example"}

    def press(**headers):
        return client.post(f"/pay/{token}/card", data=data, headers=headers, base_url=base).status_code

    assert (press(), press(Referer="https://evil.example/"), press(Referer=f"{base}/pay")) == (404, 400, 404)
    data["csrf_token"] = ""
    assert press() == 400
    live.extensions["database"].close_all()


def test_administrator_copies_a_link_that_is_shown_once(log_in, cast, owed, client):
    ruth, page = log_in(cast.ruth), f"/customers/{cast.cedar.public_id}/invoices/{owed.public_id}"
    token = csrf_of(ruth.get(page))
    made = ruth.post(f"{page}/links", data={"csrf_token": token, "email": ""})
    url = re.search(r'value="http://localhost(/pay/[^"]+)"', made.get_data(as_text=True))[1]
    assert client.get(url).status_code == 200
    shown = ruth.get(page).get_data(as_text=True)
    assert "Viewed once" in text_of(shown) and url not in shown
    assert ruth.post(f"{page}/links/1/revoke", data={"csrf_token": token}).status_code == 303
    assert "Revoked" in text_of(ruth.get(page)) and client.get(url).status_code == 404


def test_administrator_emails_a_link(log_in, cast, owed, client, app):
    ruth, page = log_in(cast.ruth), f"/customers/{cast.cedar.public_id}/invoices/{owed.public_id}"
    token = csrf_of(ruth.get(page))
    sent = ruth.post(f"{page}/links", data={"csrf_token": token, "email": cast.alice.email}, follow_redirects=True)
    assert f"An email to {cast.alice.email} is queued." in text_of(sent)
    with app.extensions["database"].connection_context():
        mail = OutboxMail.get(OutboxMail.kind == "payment_link")
    assert mail.recipient == cast.alice.email and mail.customer == cast.cedar and mail.user == cast.alice
    url = re.search(r"http://localhost(/pay/\S+)", mail.text)[1]
    assert "$1,186.50" in mail.text and client.get(url).status_code == 200
    with app.extensions["database"].connection_context():
        PaymentLink.get_by_id(1).revoke(Actor("ruth", app.extensions["clock"](), ""))
        mail = OutboxMail.get_by_id(mail.id)
    assert mail.state == OutboxMail.CANCELED and "/pay/[removed]" in mail.text


@pytest.mark.parametrize(
    ("state", "said"),
    [
        (OutboxMail.SENT, "An email to alice@cedarlane.example was sent."),
        (OutboxMail.SAVED, "Email to alice@cedarlane.example saved to a file, not sent: no mail server was set"),
        (OutboxMail.REFUSED, "Email to alice@cedarlane.example not delivered: 550 no such user."),
        (OutboxMail.CANCELED, "An email to alice@cedarlane.example was canceled."),
    ],
)
def test_administrator_sees_what_became_of_the_email(log_in, cast, owed, database, clock, state, said):
    actor = Actor("ruth@harborpine.example", clock(), "http://localhost")
    payment_link_mail.send_link(owed, cast.alice.email, actor, Company.current())
    mail = OutboxMail.get()
    if state == OutboxMail.SENT:
        mail.sent(clock(), keep=False)
    elif state == OutboxMail.SAVED:
        mail.saved(clock())
    else:
        mail.end(state, clock(), "550 no such user")
    page = f"/customers/{cast.cedar.public_id}/invoices/{owed.public_id}"
    assert said in text_of(log_in(cast.ruth).get(page))


def test_link_is_emailed_to_addresses_of_the_customer_only(log_in, cast, owed, app):
    ruth, page = log_in(cast.ruth), f"/customers/{cast.cedar.public_id}/invoices/{owed.public_id}"
    token = csrf_of(ruth.get(page))
    for email in (cast.charlie.email, "x", cast.nora.email):
        refused = ruth.post(f"{page}/links", data={"csrf_token": token, "email": email}, follow_redirects=True)
        assert "No link was made" in refused.get_data(as_text=True)
    with app.extensions["database"].connection_context():
        assert PaymentLink.select().count() == OutboxMail.select().count() == 0


def test_link_that_was_not_delivered_is_replaced_when_it_is_sent_again(log_in, cast, owed, app, clock):
    actor = Actor("ruth@harborpine.example", clock(), "http://localhost")
    with app.extensions["database"].connection_context():
        payment_link_mail.send_link(owed, cast.alice.email, actor, Company.current())
        first = OutboxMail.get()
        first.fail(OutboxMail.REFUSED, clock(), "550 no")
        again = resend.resend(first, actor)
        states = [link.is_live(clock()) for link in PaymentLink.of_invoice(owed.id)]
    assert again.id != first.id and "/pay/" in again.text and states == [True, False]


def test_name_of_the_link_is_no_login(client, app, token, cast):
    pay(client, token, open_card_page(client, token))
    page = client.get("/login")
    answer = client.post("/login", data={"csrf_token": csrf_of(page), "email": User.PAYMENT_LINK, "password": "x"})
    assert answer.status_code == 422
    with app.extensions["database"].connection_context():
        assert not Access.select().join(User).where(User.email == User.PAYMENT_LINK).exists()


def test_customer_sees_the_payment_of_the_holder(client, log_in, cast, token, app):
    paid = pay(client, token, open_card_page(client, token), nonce=VISA)
    reference = paid.location.rpartition("/")[2]
    page = text_of(log_in(cast.alice).get(f"/payments/{reference}"))
    assert "Payment Link" in page and "payer@elsewhere.example" in page
    Worker(app).run_due(0)


def test_invoice_that_was_voided_while_the_card_page_was_open_says_so(app, client, token, owed):
    fields = open_card_page(client, token)
    with app.extensions["database"].connection_context():
        Invoice.update(open_minor=0, is_void=True).where(Invoice.id == owed.id).execute()
    response = pay(client, token, fields)
    assert response.status_code == 409
    assert f"{owed.number} is void. There is nothing to pay. You have not been charged." in text_of(response)
