"""The pay form and its URL, whose values can't be trusted; and the administrator's forms."""

import re
from dataclasses import dataclass

from flask import abort
from wtforms import HiddenField, StringField

from app.models.payment_attempt import FORM_TOKEN
from app.notation import notation
from app.payments.quotes import Balance, Quote, quote, quote_all
from app.payments.unmatched import BookingPlan
from app.web.formatting import locale
from app.web.forms import Form, filled, stripped
from app.web.limits import LONGEST
from app.web.versioned_form import VersionedForm

# Pages opened before an update send no currency. Their balances then count as changed.
SHOWN = re.compile(r"([0-9a-z]{1,40}):([0-9]{1,15})(?::([A-Z]{3}))?")
NONCE = re.compile(r"[A-Za-z0-9_-]{1,255}")
DEVICE_DATA = re.compile(r"[ -~]*")
NO_REASON = "Enter a reason. It goes into the audit trail"


@dataclass(frozen=True)
class Selection:
    """What the payer selected and typed. The page shows it again if a payment is not made.

    Invoices by public id, or every open one in the currency `all_in`; in full, or the typed `amount`.
    """

    ids: tuple[str, ...] = ()
    all_in: str = ""
    part: bool = False
    amount: str = ""

    @classmethod
    def from_args(cls, args) -> "Selection":
        return cls(tuple(args.getlist("invoice")), args.get("all", ""), *amount_choice(args))

    @property
    def query(self) -> dict:
        return {"all": self.all_in} if self.all_in else {"invoice": list(self.ids)}

    def quote(self, viewer, company, amount_minor: int | None = None) -> Quote:
        """Raises CannotPay."""
        if not self.all_in:
            return quote(viewer, company, list(self.ids), amount_minor)
        whole = quote_all(viewer, company, self.all_in)
        return whole if amount_minor is None else quote(viewer, company, list(whole.shown), amount_minor)


@dataclass(frozen=True)
class PayForm:
    """The fields of the pay form. `shown` are the balances that the form showed, by public id."""

    selection: Selection
    token: str
    shown: dict[str, Balance]
    nonce: str
    device_data: str

    @classmethod
    def read(cls, form) -> "PayForm":
        """Aborts with 400 for values that only a manipulated form can have."""
        pairs = [SHOWN.fullmatch(text) for text in form.getlist("shown")]
        shown = {pair[1]: Balance(int(pair[2]), pair[3] or "") for pair in pairs if pair}
        token, nonce = form.get("token", ""), form.get("payment_method_nonce", "")
        device_data = form.get("device_data", "")
        readable = (
            len(shown) == len(pairs)
            and FORM_TOKEN.fullmatch(token)
            and (not nonce or NONCE.fullmatch(nonce))
            and len(device_data) <= LONGEST["device_data"]
            and DEVICE_DATA.fullmatch(device_data)
        )
        if not readable:
            abort(400)
        selection = Selection(tuple(shown), form.get("all", ""), *amount_choice(form))
        return cls(selection, token, shown, nonce, device_data)


def amount_choice(values) -> tuple[bool, str]:
    amount = values.get("amount", "")
    kept = amount if len(amount) <= LONGEST["amount"] else amount[: LONGEST["amount"]] + "…"
    return values.get("pay", "part" if amount else "full") == "part", kept


def read_amount(selection: Selection, currency: str) -> int | None:
    """The partial amount in minor units; None for paying in full. Raises money.AmountError."""
    return notation(currency, locale()).read(selection.amount) if selection.part else None


class ReasonForm(Form):
    reason = StringField(
        "Reason", filters=[stripped], validators=[filled(NO_REASON)], render_kw={"autocomplete": "off"}
    )


class BookForm(VersionedForm):
    """`customer` is a public id. The version is that of the plan that was shown, '' if none was shown yet."""

    account = StringField(
        "Account number", filters=[stripped], render_kw={"autocomplete": "off", "spellcheck": "false"}
    )
    customer = HiddenField()

    def version_of(self, source: BookingPlan) -> str:
        return source.version
