"""The page of a person on a customer's record: where they are logged in."""

from flask import abort, flash, render_template, request, url_for

from app.accounts import logins
from app.customers.views import bp
from app.customers.views.access import the_login
from app.customers.views.index import via
from app.customers.views.record import head, the_customer
from app.models import User
from app.web import sessions
from app.web.actor import current_actor
from app.web.htmx import go_to
from app.web.security import staff_only

LOGGED_OUT = "{email} is logged out everywhere."


@bp.get("/<public_id>/access/<who>/data")
@staff_only
def personal_data(public_id, who):
    user = the_person(public_id, who)
    return render_template(
        "customers/personal_data.html",
        **head(the_customer(public_id), "access"),
        who=who,
        user=user,
        logins=sessions.live_of(user.id),
    )


@bp.post("/<public_id>/access/<who>/logins")
@staff_only
def end_logins(public_id, who):
    """Log the person out everywhere, or with `session` in the form, in that browser."""
    user, chosen = the_person(public_id, who), request.form.get("session")
    if chosen:
        flash(logins.ENDED if logins.end(user, chosen, current_actor()) else logins.WAS_ENDED)
    else:
        logins.end_all(user, current_actor())
        flash(LOGGED_OUT.format(email=user.email))
    return go_to(page_of(public_id, who))


def the_person(public_id: str, who: str) -> User:
    """The person that `who` names on this record, whether they have access now or not. Aborts with 404."""
    login = the_login(the_customer(public_id), who)
    return login.user if login else abort(404)


def page_of(public_id: str, who: str) -> str:
    return url_for("customers.personal_data", public_id=public_id, who=who, via=via() or None)
