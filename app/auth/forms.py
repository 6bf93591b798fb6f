"""The forms of this package. Validators set no `required`: we check when the form is sent, in our words."""

from wtforms import EmailField, HiddenField, PasswordField, StringField
from wtforms.validators import StopValidation

from app.auth.policy import LONGEST
from app.email_addresses import is_email, normal_email
from app.forms import Form
from app.models.person_name import LONGEST_NAME, is_personal_name

EMAIL_FORMAT = "Enter an email address in the correct format, like name@example.com"
NEW_PASSWORD = {"password": LONGEST}
EMAIL_LIKE = {"autocomplete": "username", "spellcheck": "false", "autocapitalize": "none"}


def filled(message: str):
    """A validator: the field isn't empty. Passwords keep their spaces, so those don't count as empty."""

    def check(_form, field):
        if not field.data:
            raise StopValidation(message)

    return check


def one_line(_form, field):
    if len(field.data) > 200 or not field.data.isprintable():
        raise StopValidation(f"{field.label.text}: write it on one line, in 200 characters or fewer")


def personal_name(_form, field):
    if not is_personal_name(field.data):
        what = f"enter only a name, in {LONGEST_NAME} characters or fewer, without links, addresses or long numbers"
        raise StopValidation(f"{field.label.text}: {what}")


def stripped(text: str | None) -> str:
    return (text or "").strip()


def email_format(_form, field):
    if not is_email(field.data):
        raise StopValidation(EMAIL_FORMAT)


class EmailForm(Form):
    email = EmailField(
        "Email address", filters=[normal_email], render_kw=EMAIL_LIKE,
        validators=[filled("Enter your email address"), email_format],
    )


class LoginForm(EmailForm):
    password = PasswordField(
        "Password", render_kw={"autocomplete": "current-password"},
        validators=[filled("Enter your password")],
    )
    next = HiddenField()


class NewPasswordForm(Form):
    limits = NEW_PASSWORD
    password = PasswordField(
        "New password", id="new-password", render_kw={"autocomplete": "new-password"},
        validators=[filled("Enter a new password")],
    )


class ChangePasswordForm(Form):
    """In the order of the page, in which its errors are listed."""

    limits = NEW_PASSWORD

    current_password = PasswordField(
        "Current password", id="current-password", render_kw={"autocomplete": "current-password"},
        validators=[filled("Enter your current password")],
    )
    password = PasswordField(
        "New password", id="new-password", render_kw={"autocomplete": "new-password"},
        validators=[filled("Enter a new password")],
    )


class FirstAdministratorForm(Form):
    limits = NEW_PASSWORD
    company = StringField(
        "Company name", filters=[stripped], render_kw={"autocomplete": "organization"},
        validators=[filled("Enter the company name"), one_line],
    )
    name = StringField(
        "Your name", filters=[stripped], render_kw={"autocomplete": "name"},
        validators=[filled("Enter your name"), one_line],
    )
    email = EmailField(
        "Email address", filters=[normal_email], render_kw=EMAIL_LIKE,
        validators=[filled("Enter your email address"), email_format],
    )
    password = PasswordField(
        "Password", id="new-password", render_kw={"autocomplete": "new-password"},
        validators=[filled("Enter a password")],
    )
