"""The optimistic lock of edit forms: a form carries the version that it was made from. It is stale if another version
was saved since."""

import hashlib
import json
from typing import NamedTuple

from wtforms import BooleanField, HiddenField, SelectField

from app.models import Audit
from app.web.forms import Form


class Change(NamedTuple):
    """A change that was saved after a stale form was made. `actor` is '' and `at_ms` is 0 if they are not known."""

    text: str
    actor: str = ""
    at_ms: int = 0


class VersionedForm(Form):
    """A form that edits stored data. Subclasses define `version_of(source)`, which returns a text."""

    version = HiddenField()

    def version_of(self, source) -> str:
        raise NotImplementedError

    @property
    def sent_version(self) -> str:
        """The version in the request, '' if there is none. (`version.data` may come from the form's `obj`.)"""
        return (self.version.raw_data or [""])[0]

    def is_stale(self, source) -> bool:
        return self.sent_version != self.version_of(source)

    def carry_version(self, source, *, is_stale: bool = False) -> None:
        """Call it before rendering. A form that was sent keeps its version. A stale one gets the current version,
        because its page shows what changed."""
        was_sent = self.version.raw_data is not None
        self.version.data = self.sent_version if was_sent and not is_stale else self.version_of(source)


class RowForm(VersionedForm):
    """Each field has the name of the column that it sets. The version has a digest of every column, so that the form is
    refused only if it would overwrite a value that changed since."""

    @property
    def columns(self) -> list:
        return [field for field in self if field.name not in ("version", "csrf_token")]

    def values(self) -> dict:
        return {field.name: field.data for field in self.columns}

    def version_of(self, source) -> str:
        return "-".join(digest(source.__data__[field.name]) for field in self.columns)

    def conflicts(self, source) -> list[Change]:
        seen, values = self.sent_version.split("-"), self.values()
        if len(seen) != len(self.columns):
            seen = [""] * len(self.columns)
        return [
            self.change(source, field)
            for field, was in zip(self.columns, seen, strict=True)
            if was != digest(now := source.__data__[field.name]) and values[field.name] != now
        ]

    def change(self, source, field) -> Change:
        text = f"{field.label.text} is now {self.display_text(field, source.__data__[field.name])}"
        line = Audit.about(self.audit_subject(source, field.name)).first()
        return Change(text, line.actor, line.at_ms) if line else Change(text)

    def audit_subject(self, source, column: str) -> str:
        raise NotImplementedError

    def display_text(self, field, value) -> str:
        if isinstance(field, BooleanField):
            return "on" if value else "off"
        if isinstance(field, SelectField):
            value = next((label for key, label, *_ in field.iter_choices() if key == str(value)), value)
        return "empty" if value in (None, "") else str(value)


def digest(value) -> str:
    return hashlib.sha256(json.dumps(value).encode()).hexdigest()[:8]
