"""Gives access to many customers at once: a preview of who gets an email, and the result."""

from flask import abort, make_response, render_template, request, url_for

from app.customers import bulk_access
from app.customers.forms import BulkAccessForm
from app.customers.views import bp
from app.customers.views.index import here, via
from app.mail import state_labels
from app.models import undelivered
from app.web.actor import current_actor
from app.web.formatting import company
from app.web.htmx import go_to
from app.web.security import staff_only


@bp.get("/access")
@staff_only
def preview():
    """?customer= for each selected customer, ?role=, ?give=1, ?notify=1"""
    form = BulkAccessForm(formdata=request.args, meta={"csrf": False})
    form.validate()
    return show(form)


@bp.post("/access")
@staff_only
def give():
    form = BulkAccessForm()
    token = form.token.data or ""
    if not form.validate_on_submit() or not bulk_access.TOKEN.fullmatch(token):
        return show(form, 422)
    bulk_access.save(
        token, form.ids, form.shared_ids, form.chosen_role(), current_actor(), company(), notify=form.notify.data
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


def show(form: BulkAccessForm, status: int = 200):
    candidates = bulk_access.candidates(form.ids, notify=form.notify.data)
    problem = next((field.errors[0] for field in form if field.errors), "")
    page = render_template(
        "customers/preview.html",
        nav=here().path[0].lower(),
        here=here(),
        via=via(),
        problem=problem,
        role=form.chosen_role(),
        notify=form.notify.data,
        ready=[one for one in candidates if not one.reason and not one.is_shared],
        shared=[one for one in candidates if not one.reason and one.is_shared],
        skipped=[one for one in candidates if one.reason],
        token=bulk_access.new_token(),
        customer_access=company().customer_access,
    )
    return make_response(page, 422 if problem else status)
