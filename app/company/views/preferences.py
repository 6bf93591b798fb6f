"""Setup > Company > General Preferences: passwords, links, the welcome message, the role of new customers."""

from functools import partial

from wtforms import SelectField, StringField, TextAreaField
from wtforms.validators import ValidationError

from app.accounts.password_policy import STRENGTHS, parse_min_length, parse_strength
from app.company.blueprint import bp
from app.company.company_form import CompanyForm, page_of
from app.models import Role
from app.web import field_parsers
from app.web.forms import parsed_by
from app.web.menu import GENERAL
from app.web.security import staff_only


class PreferencesForm(CompanyForm):
    password_policy = SelectField(
        "Password Policy",
        choices=[(key, one.label) for key, one in STRENGTHS.items()],
        validators=[parsed_by(parse_strength)],
        validate_choice=False,
    )
    password_min_length = StringField("Minimum Password Length", render_kw={"inputmode": "numeric"})
    invitation_hours = StringField(
        "User Registration Link Expiration In Hours",
        render_kw={"inputmode": "numeric"},
        validators=[parsed_by(field_parsers.invitation_hours)],
    )
    welcome_message = TextAreaField(
        "Customer Center Welcome Message", render_kw={"rows": "4"}, validators=[parsed_by(field_parsers.several_lines)]
    )
    default_role = SelectField("Default Role for New Customers", validate_choice=False)

    def __init__(self, *arguments, **options):
        super().__init__(*arguments, **options)
        self.company = options["obj"]
        self.default_role.choices = [(str(role.id), role.name) for role in Role.by_name()]
        if not self.is_submitted():
            self.default_role.data = str(Role.default_for(self.company).id)
            self.password_min_length.data = str(self.password_min_length.data)
            self.invitation_hours.data = str(self.invitation_hours.data)

    def validate_password_min_length(self, field):
        parsed_by(partial(parse_min_length, strength=self.password_policy.data))(self, field)

    def validate_default_role(self, field):
        if field.data not in dict(field.choices):
            raise ValidationError("Select a Customer Center role")

    def values(self) -> dict:
        """Keeping the built-in default role counts as no choice: then `default_role` is None."""
        chosen = int(self.default_role.data)
        is_chosen = self.company.default_role is not None or chosen != Role.default_for(self.company).id
        return {**super().values(), "default_role": chosen if is_chosen else None}


@bp.route("/setup/company/preferences", methods=["GET", "POST"])
@staff_only
def preferences():
    return page_of(PreferencesForm, "company/preferences.html", GENERAL)
