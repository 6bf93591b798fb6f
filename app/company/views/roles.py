"""Setup > Users/Roles: the Customer Center roles with their rights and holders, and the administrators."""

from flask import abort, flash, make_response, render_template

from app.company.forms import RoleForm
from app.company.views import bp
from app.models import Access, Role, User, one_transaction
from app.web.actor import current_actor
from app.web.formatting import company
from app.web.htmx import go_to
from app.web.menu import ROLES
from app.web.security import staff_only
from app.web.versioned_form import Change

STANDARD = "This is a standard role and can't be changed. Add a role of your own instead"


@bp.get("/setup/users-roles")
@staff_only
def roles():
    return render_template(
        "company/roles.html",
        nav="setup",
        here=ROLES,
        roles=Role.by_name(),
        default=default_id(),
        holders=Access.holders(),
        administrators=User.administrators(),
    )


@bp.route("/setup/users-roles/new", methods=["GET", "POST"])
@staff_only
def new_role():
    form, role = add_role()
    if role is None:
        return show(form)
    flash(f"Saved. The role {role.name} can be given to customers.")
    return go_to(ROLES.url)


@one_transaction  # so that no other request can take the name in between
def add_role() -> tuple[RoleForm, Role | None]:
    form = RoleForm()
    return form, Role.add(**form.values(), actor=current_actor()) if form.validate_on_submit() else None


@bp.route("/setup/users-roles/<number>", methods=["GET", "POST"])
@staff_only
def role(number):
    form, found, valid, stale, changed = change_role(number)
    if not valid or stale:
        return show(form, found, stale)
    flash(
        f"Saved. This applies immediately to everyone with the role {found.name}."
        if changed
        else "Nothing was changed."
    )
    return go_to(ROLES.url)


@one_transaction  # so that no other request can take the name or change the role in between
def change_role(number: str) -> tuple[RoleForm, Role, bool, list[Change], bool]:
    found = the_role(number)
    form = RoleForm(found)
    valid = checked(form, found)
    stale = form.conflicts(found) if valid else []
    changed = valid and not stale and found.change(**form.values(), actor=current_actor())
    return form, found, valid, stale, changed


def checked(form: RoleForm, found: Role) -> bool:
    if form.is_submitted() and not found.is_custom:
        form.name.errors = [STANDARD]
        return False
    return form.validate_on_submit()


@bp.post("/setup/users-roles/<number>/delete")
@staff_only
def delete_role(number):
    found = the_role(number)
    why = undeletable(found)
    if not why and Access.delete_role(found, Role.default_for(company()), current_actor()):
        flash(f"The role {found.name} is deleted.")
        return go_to(ROLES.url)
    form = RoleForm(found, formdata=None)
    form.name.errors = [why or undeletable(found) or abort(404)]
    return show(form, found)


def undeletable(role: Role) -> str:
    """Why the role can't be deleted; '' if it can."""
    holders = Access.holders().get(role.id, 0)
    if not role.is_custom:
        return STANDARD
    if holders:
        return f"{'1 person has' if holders == 1 else f'{holders} people have'} this role. Give them another one first"
    if role.id == default_id():
        return "This is the Default Role for New Customers. Choose another one in General Preferences first"
    return ""


def show(form: RoleForm, found: Role | None = None, stale: list[Change] | None = None):
    if stale:
        form.carry_version(found, is_stale=True)
    page = render_template(
        "company/role.html",
        nav="setup",
        here=ROLES,
        form=form,
        role=found,
        stale=stale or None,
        holders=Access.holders().get(found.id, 0) if found else 0,
        is_default=bool(found) and found.id == default_id(),
    )
    return make_response(page, 409 if stale else 422 if form.errors else 200)


def the_role(number: str) -> Role:
    return next((role for role in Role.by_name() if str(role.id) == number), None) or abort(404)


def default_id() -> int:
    return Role.default_for(company()).id
