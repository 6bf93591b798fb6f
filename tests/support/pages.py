"""Reads pages and submits their forms like a browser. A `page` is a response or its HTML."""

import re
from html import unescape


def html_of(page) -> str:
    return page if isinstance(page, str) else page.get_data(as_text=True)


def text_of(page) -> str:
    """The visible text of a page, or of a part of one, in one line."""
    body = re.sub(r"<(script|style|head).*?</\1>", " ", html_of(page), flags=re.S)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", body)).split())


def title_of(page) -> str:
    return unescape(re.search(r"<title>(.*?)</title>", html_of(page), re.S)[1])


def csrf_of(page) -> str:
    return re.search(r'name="csrf_token"[^>]*value="([^"]+)"', html_of(page))[1]


def version_of(page) -> str:
    """The version in the page's form; '' if it edits nothing that is saved."""
    return re.search(r'name="version"[^>]*value="([^"]*)"', html_of(page))[1]


def fields_of(page, action: str) -> dict[str, str]:
    """What a browser would submit for the form with this action."""
    form = re.search(rf'<form[^>]* action="{re.escape(action)}".*?</form>', html_of(page), re.S)[0]
    fields = {}
    for tag in re.findall(r"<input[^>]*>", form):
        name, value = re.search(r' name="([^"]*)"', tag), re.search(r' value="([^"]*)"', tag)
        if name and not ("checkbox" in tag and " checked" not in tag):
            fields[name[1]] = unescape(value[1]) if value else ""
    return fields


def submit_form(client, url, action=None, headers=None, drop=(), **changes):
    """Open `url`, fill in its form and submit it, without the fields in `drop`. Returns the response."""
    action = action or url
    fields = {name: value for name, value in fields_of(client.get(url), action).items() if name not in drop}
    return client.post(action, data={**fields, **changes}, headers=headers or {})


def post_form(client, url, page=None, follow_redirects=False, **fields):
    """Submit only these fields, with the CSRF token of `page` (or of `url`). Returns the response."""
    token = csrf_of(client.get(page or url, follow_redirects=True))
    return client.post(url, data={"csrf_token": token, **fields}, follow_redirects=follow_redirects)
