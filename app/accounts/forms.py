"""The forms of this package."""

from wtforms import EmailField, HiddenField, PasswordField, StringField

from app.accounts.password_policy import LONGEST
from app.email_addresses import normal_email
from app.web import field_parsers
from app.web.forms import Form, email_format, filled, parsed_by, stripped

NEW_PASSWORD = {"password": LONGEST}
EMAIL_ATTRIBUTES = {"autocomplete": "username", "spellcheck": "false", "autocapitalize": "none"}


def email_field():
    return EmailField(
        "Email address",
        filters=[normal_email],
        render_kw=EMAIL_ATTRIBUTES,
        validators=[filled("Enter your email address"), email_format],
    )


def new_password_field(label: str = "New password", missing: str = "Enter a new password"):
    return PasswordField(
        label, id="new-password", render_kw={"autocomplete": "new-password"}, validators=[filled(missing)]
    )


class EmailForm(Form):
    email = email_field()


class LoginForm(EmailForm):
    password = PasswordField(
        "Password",
        render_kw={"autocomplete": "current-password"},
        validators=[filled("Enter your password")],
    )
    next = HiddenField()


class NewPasswordForm(Form):
    limits = NEW_PASSWORD
    password = new_password_field()


# Fields are in the order of the page, in which errors are listed.


class ChangePasswordForm(Form):
    limits = NEW_PASSWORD
    current_password = PasswordField(
        "Current password",
        id="current-password",
        render_kw={"autocomplete": "current-password"},
        validators=[filled("Enter your current password")],
    )
    password = new_password_field()


class FirstAdministratorForm(Form):
    limits = NEW_PASSWORD
    company = StringField(
        "Company name",
        filters=[stripped],
        render_kw={"autocomplete": "organization"},
        validators=[filled("Enter the company name"), parsed_by(field_parsers.one_line)],
    )
    name = StringField(
        "Your name",
        filters=[stripped],
        render_kw={"autocomplete": "name"},
        validators=[filled("Enter your name"), parsed_by(field_parsers.one_line)],
    )
    email = email_field()
    password = new_password_field("Password", "Enter a password")
