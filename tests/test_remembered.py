"""Partials that are made once: they see what they are given, and nothing of who asks."""

from html import unescape

import pytest
from flask import Flask
from jinja2 import DictLoader, UndefinedError, nodes
from jinja2.exceptions import TemplateAssertionError

from app import bidi, formats, remembered
from tests.test_architecture import PAGES, TEMPLATES, Environment, FileSystemLoader, meta, references

GIVEN_TO_ALL = {"asset", "url_for", "ui"}


class Counted:
    """A value that knows how often a template asked for it."""

    asked = 0

    @property
    def word(self) -> str:
        self.asked += 1
        return "<word>"


def app_with(source: str) -> Flask:
    app = Flask(__name__)
    formats.init_app(app)
    app.jinja_env.loader = DictLoader({"_a.html": source, "_ui.html": ""})
    remembered.init_app(app)
    return app


def remember(app: Flask, **values):
    return app.jinja_env.globals["remembered"]("_a.html", **values)


def test_equal_values_are_made_once_and_others_anew():
    app, value = app_with("{{ value.word }} {{ name }}"), Counted()
    assert [remember(app, name=name, value=value) for name in ("a", "a", "b", "a")] == [
        "&lt;word&gt; a", "&lt;word&gt; a", "&lt;word&gt; b", "&lt;word&gt; a"]
    assert value.asked == 2
    assert remember(app, name="a", value=Counted()) == "&lt;word&gt; a"


@pytest.mark.parametrize("source", ["{{ current_user.email }}", "{{ company().name }}", "{{ x }}"])
def test_the_request_is_unknown_there(source):
    with pytest.raises(UndefinedError):
        remember(app_with(source))


def test_so_is_the_readers_locale():
    with pytest.raises(TemplateAssertionError):
        remember(app_with("{{ 1|money('USD') }}"))


def test_it_is_ascii_and_says_the_same():
    app = app_with("{{ name }} – 20\u00a0€")
    made = remember(app, name="Zoë 花 \U0001f600 &")
    assert made.isascii() and unescape(made) == "Zoë 花 \U0001f600 & – 20\u00a0€"


def test_what_no_reference_can_say_stays_as_it_is():
    """Text in Windows' encoding that was read as another one."""
    made = remember(app_with("{{ name }}"), name="it\x92s \u20ac5")
    assert made == "it\x92s \u20ac5"


def calls():
    environment = Environment(loader=FileSystemLoader(TEMPLATES))
    for path in PAGES:
        for call in environment.parse(path.read_text()).find_all(nodes.Call):
            if isinstance(call.node, nodes.Name) and call.node.name == "remembered":
                yield path, call.args[0].value, {keyword.key for keyword in call.kwargs}


def test_every_remembered_partial_is_given_all_that_it_uses():
    """Also in the branches that no test walks through."""
    environment, found = Environment(loader=FileSystemLoader(TEMPLATES)), []
    environment.filters["bdi"] = bidi.bdi
    for path, template, given in calls():
        for part in references(template) | {template}:
            used = meta.find_undeclared_variables(environment.parse((TEMPLATES / part).read_text()))
            set_there = {name.name for parent in references(template) | {template}
                         for name in environment.parse((TEMPLATES / parent).read_text()).find_all(nodes.Name)
                         if name.ctx in ("store", "param")}  # fmt: skip
            found.append((path.name, part, used - given - GIVEN_TO_ALL - set_there))
    assert found and [one for one in found if one[2]] == []
