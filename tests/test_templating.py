import pytest
from jinja2 import UndefinedError

from app.web.templating import compile_pages

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
