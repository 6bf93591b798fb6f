"""Partials that are made once: equal values give the same HTML, so it is kept.

A remembered partial sees the values it is given and nothing of the request: not who asks, not their locale, not the
company. Its templates live in an environment of their own, in which those names and filters don't exist, so one that
uses them fails at once instead of showing one person what was made for another. What it is given has to be hashable
and must not change; of an object without equality, the very same one has to be given again.

They are kept in ASCII, other characters as references (&#8211;), where that changes nothing: a page of one-byte
characters is put together and encoded in a third of the time.
"""

import re
from functools import lru_cache

from jinja2 import StrictUndefined
from jinja2.defaults import DEFAULT_FILTERS, DEFAULT_NAMESPACE
from markupsafe import Markup

from app.bidi import bdi
from app.formats import asset, path_of

KEPT = 256  # the longest, a page of the list, has 18 KB
NO_REFERENCE = re.compile("[\x80-\x9f]")  # a browser reads &#146; as another character


def init_app(app) -> None:
    """Give templates `remembered("folder/_partial.html", name=value)`."""
    pure = app.jinja_env.overlay(undefined=StrictUndefined)
    pure.globals = DEFAULT_NAMESPACE | {"asset": asset, "url_for": path_of}
    pure.filters = DEFAULT_FILTERS | {"bdi": bdi}
    pure.globals["ui"] = pure.get_template("_ui.html").module

    @lru_cache(KEPT)
    def made(template: str, values: tuple) -> Markup:
        return Markup(in_ascii(pure.get_template(template).render(values)))  # noqa: S704 (a template's output)

    def remembered(template: str, **values) -> Markup:
        return made(template, tuple(values.items()))

    app.jinja_env.globals["remembered"] = remembered


def in_ascii(html: str) -> str:
    return html if NO_REFERENCE.search(html) else html.encode("ascii", "xmlcharrefreplace").decode()
