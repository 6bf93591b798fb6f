"""Giving access to many customers at once: who is ticked, a preview of who gets mail, and what was done."""

from dataclasses import dataclass

from flask import abort, make_response, render_template, request, url_for

from app.customers import bulk_access
from app.customers.access_grants import NO_ROLE
from app.customers.views import bp
from app.customers.views.index import here, via
from app.mail import state_labels
from app.models import Role, undelivered
from app.web.actor import current_actor
from app.web.formatting import company
from app.web.htmx import go_to
from app.web.security import staff_only

NO_CUSTOMER = "Check one or more customers in the list"
NOT_GIVEN = "Check Give Access to let these customers log in"


@dataclass(frozen=True)
class Wish:
    """What was ticked and chosen, from a URL or a form."""

    ids: list[str]
    role: Role | None
    give: bool
    notify: bool

    @classmethod
    def read(cls, fields) -> "Wish":
        role = next((one for one in Role.by_name() if str(one.id) == fields.get("role")), None)
        ids = bulk_access.read_ids(fields.getlist("customer"))
        return cls(ids, role, fields.get("give") == "1", fields.get("notify") == "1")

    @property
    def problem(self) -> str:
        """What is missing, in words; empty when nothing is."""
        checks = ((NO_CUSTOMER, self.ids), (NO_ROLE, self.role), (NOT_GIVEN, self.give))
        return next((words for words, passed in checks if not passed), "")


@bp.get("/access")
@staff_only
def preview():
    """?customer= for each one ticked, ?role=, ?give=1, ?notify=1: who would get access and mail, and who not."""
    return show(Wish.read(request.args))


@bp.post("/access")
@staff_only
def give():
    wish, token = Wish.read(request.form), request.form.get("token", "")
    if wish.problem or not bulk_access.TOKEN.fullmatch(token):
        return show(wish, 422)
    bulk_access.save(
        token,
        wish.ids,
        request.form.getlist("shared"),
        wish.role,
        current_actor(),
        notify=wish.notify,
        box="Give this shared mailbox access",
    )
    return go_to(url_for("customers.given", token=token, via=via() or None))


@bp.get("/access/<token>")
@staff_only
def given(token):
    result = bulk_access.result(token) or abort(404)
    emails = [email for _id, _name, email in result.saved] if result.notified else []
    mails = undelivered.latest(emails)
    return render_template(
        "customers/given.html",
        nav=here().path[0].lower(),
        here=here(),
        result=result,
        mails=mails,
        tally=state_labels.tally(mails.values()),
        sentence=state_labels.sentence,
    )


def show(wish: Wish, status: int = 200):
    found = bulk_access.candidates(wish.ids, notify=wish.notify)
    page = render_template(
        "customers/preview.html",
        nav=here().path[0].lower(),
        here=here(),
        wish=wish,
        via=via(),
        ready=[one for one in found if not one.reason and not one.is_shared],
        shared=[one for one in found if not one.reason and one.is_shared],
        skipped=[one for one in found if one.reason],
        token=bulk_access.new_token(),
        customer_access=company().customer_access,
    )
    return make_response(page, 422 if wish.problem else status)
