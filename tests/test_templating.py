import sys

import pytest
from jinja2 import DictLoader, Environment, UndefinedError

from app.web.templating import CompiledTemplates, compile_pages

READINGS = (
    "{% if document.is_untuched %}{% endif %}",
    "{{ document.is_untuched }}",
    "{% for line in document.linse %}{% endfor %}",
    "{% if document.kidn == 'invoice' %}{% endif %}",
)


@pytest.mark.parametrize("reading", READINGS)
def test_attribute_that_an_object_lacks_raises(app, reading):
    with pytest.raises(UndefinedError, match="has no attribute"):
        app.jinja_env.from_string(reading).render(document=object())


@pytest.mark.parametrize("reading", READINGS)
def test_name_or_key_that_was_left_out_reads_as_false(app, reading):
    assert app.jinja_env.from_string(reading).render(document={}) == ""


def test_pages_are_those_of_the_start(app, cast, client, monkeypatch):
    compile_pages(app)
    monkeypatch.setattr(app.jinja_loader, "searchpath", [])
    assert client.get("/login").status_code == 200


@pytest.fixture
def render(tmp_path, monkeypatch):
    """render(source, folder) by an environment of its own: the text, and whether the template was compiled."""
    monkeypatch.setattr(sys, "dont_write_bytecode", False)

    class Compiling(Environment):
        compiled = False

        def compile(self, *arguments, **named):
            self.compiled = True
            return super().compile(*arguments, **named)

    def _render(source, folder=tmp_path, cache=CompiledTemplates):
        environment = Compiling(loader=DictLoader({"page": source}), bytecode_cache=cache(str(folder)))
        return environment.get_template("page").render(), environment.compiled

    return _render


def test_template_is_compiled_once_and_again_when_it_or_the_code_has_changed(render):
    assert [render("one"), render("one"), render("two")] == [("one", True), ("one", False), ("two", True)]
    later = type("Later", (CompiledTemplates,), {"code": "of another version"})
    assert [render("two", cache=later), render("two", cache=later)] == [("two", True), ("two", False)]


def test_template_is_compiled_each_time_where_nothing_can_be_written(render, tmp_path):
    for _ in range(2):
        assert render("one", tmp_path / "missing") == ("one", True)
