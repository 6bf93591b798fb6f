"""The error summary of a form that was sent empty names the fields in the order of the page."""

import re

from tests.conftest import csrf_of
from tests.routes import ROUTES

SUMMARY = re.compile(r'id="error-summary".*?</div>', re.S)


def test_summaries_name_fields_in_the_order_of_the_page(world, app, log_in):
    people = [log_in(world.cast.alice), log_in(world.cast.ruth), app.test_client()]
    seen, wrong = set(), []
    for client in people:
        token = csrf_of(client.get("/account", follow_redirects=True).get_data(as_text=True))
        for route in (r for r in ROUTES if r.method == "POST" and not r.changes_session):
            request = route.request(world, route.kinds[0])
            page = client.open(**{**request, "data": {"csrf_token": token}}).get_data(as_text=True)
            if summary := SUMMARY.search(page):
                seen.add(route.endpoint)
                wrong += [f"{route}: {text}" for text in disorder(page, re.findall(r'href="#([^"]+)"', summary[0]))]
    assert not wrong, "\n".join(wrong)
    assert len(seen) > 15


def disorder(page: str, ids: list[str]) -> list[str]:
    """Fields that this page doesn't have, because nothing sends the form from it, are left out."""
    places = [place for one in ids if (place := page.find(f'id="{one}"')) >= 0]
    return [f"{ids} are in another order"] * (places != sorted(places))


def test_disorder_is_found():
    page = '<p id="a"></p><p id="b"></p>'
    assert disorder(page, ["a", "b"]) == [] and disorder(page, ["b", "a"])
