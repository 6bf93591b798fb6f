"""Partial updates. Only this file knows htmx's headers.

A page and its fragment share their markup: the fragment is a `_partial.html` that the page includes.
"""

from flask import current_app, make_response, redirect, render_template, request

VARY = ("HX-Request", "HX-Request-Type")


def wants_fragment() -> bool:
    """True if htmx asked for a part of the page. A history restore asks for all of it."""
    return request.headers.get("HX-Request-Type") == "partial"


def is_htmx() -> bool:
    return request.headers.get("HX-Request") == "true"


def render(page: str, fragment: str, status: int = 200, **context):
    """Renders `fragment` for a partial update, and otherwise `page`, which includes it."""
    template = fragment if wants_fragment() else page
    return current_app.response_class(render_template(template, **context), status)


def go_to(url: str):
    # fetch() would follow a 303 silently into a target.
    if is_htmx():
        return make_response("", 204, {"HX-Redirect": url})
    return redirect(url, 303)


def reload():
    return make_response("", 204, {"HX-Refresh": "true"})


def push_url(url: str, response):
    """`response`, with which htmx also shows `url` in the address bar."""
    response.headers["HX-Push-Url"] = url
    return response


def target_of(response) -> str:
    """The URL that go_to() put into this response; '' if it is not a redirect."""
    return response.headers.get("HX-Redirect") or response.location or ""


def problem(status: int, **context):
    return in_problems(make_response(render_template("errors/_problem.html", **context), status))


def in_problems(response):
    response.headers["HX-Retarget"] = "#problems"
    response.headers["HX-Reswap"] = "innerHTML"
    return response
