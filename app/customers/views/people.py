"""A person's page on a customer's record: their sessions and their personal data."""

import json

from flask import abort, current_app, flash, make_response, render_template, request, url_for

from app.accounts import logins
from app.customers import personal_data as data
from app.customers.views import bp
from app.customers.views.access import the_login
from app.customers.views.index import via
from app.customers.views.record import head, the_customer
from app.models import Audit, User
from app.models import personal_data as stored
from app.web import sessions
from app.web.actor import current_actor
from app.web.downloads import as_attachment
from app.web.formatting import now
from app.web.htmx import go_to
from app.web.security import staff_only

LOGGED_OUT = "{email} is logged out everywhere."
ERASED = "The personal data of {email} is erased. In payments and in the audit trail they are now “{pseudonym}”."


@bp.get("/<public_id>/access/<who>/data")
@staff_only
def personal_data(public_id, who):
    user = the_person(public_id, who)
    return render_template(
        "customers/personal_data.html",
        **head(the_customer(public_id), "access"),
        who=who,
        user=user,
        logins=sessions.live_sessions(user.id),
    )


@bp.post("/<public_id>/access/<who>/logins")
@staff_only
def end_logins(public_id, who):
    """Log the person out everywhere or, with `session` in the form, in that browser."""
    user, chosen = the_person(public_id, who), request.form.get("session")
    if chosen:
        flash(logins.ENDED if logins.end(user, chosen, current_actor()) else logins.ENDED_BEFORE)
    else:
        logins.end_all(user, current_actor())
        flash(LOGGED_OUT.format(email=user.email))
    return go_to(page_of(public_id, who))


@bp.post("/<public_id>/access/<who>/export")
@staff_only
def export_personal_data(public_id, who):
    user = the_person(public_id, who)
    text = json.dumps(data.export(user, now()), indent=2, ensure_ascii=False)
    Audit.write_by(current_actor(), "personal_data_exported", f"user:{user.email}")
    response = current_app.response_class(text, content_type="application/json; charset=utf-8")
    return as_attachment(response, f"personal-data-{user.email}.json")


@bp.route("/<public_id>/access/<who>/erase", methods=["GET", "POST"])
@staff_only
def erase_personal_data(public_id, who):
    """GET asks for confirmation, POST erases."""
    user = the_person(public_id, who)
    email, problem = user.email, ""
    if request.method == "POST":
        try:
            pseudonym = data.erase(user, current_actor())
            flash(ERASED.format(email=email, pseudonym=pseudonym))
            return go_to(url_for("customers.access", public_id=public_id, via=via() or None))
        except data.CannotErase as error:
            problem = str(error)
    page = render_template(
        "customers/erase.html",
        **head(the_customer(public_id), "access"),
        who=who,
        user=user,
        problem=problem,
        accesses=[access for access in stored.accesses_of(user) if access.is_offered],
        records=stored.records_of(user),
    )
    return make_response(page, 409 if problem else 200)


def the_person(public_id: str, who: str) -> User:
    """The person `who` of this record, with current or former access. Aborts with 404 if there is none."""
    login = the_login(the_customer(public_id), who)
    return login.user if login else abort(404)


def page_of(public_id: str, who: str) -> str:
    return url_for("customers.personal_data", public_id=public_id, who=who, via=via() or None)
