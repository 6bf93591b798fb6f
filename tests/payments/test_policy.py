"""The pay page's Content-Security-Policy: wider than the rest, and no wider than it has to be."""

import pytest

from app.web.security import content_security_policy, pay_page_policy
from tests.browser.cards import make_invoice


def directives(policy):
    return {name: set(sources) for name, *sources in (part.split() for part in policy.split("; "))}


@pytest.fixture(params=["demo", "sandbox", "production"])
def policy(request, config):
    return directives(pay_page_policy(config.replace(environment=request.param)))


def test_content_security_policy_allows_nothing_unsafe(policy):
    every = set().union(*policy.values())
    assert not {source for source in every if "unsafe" in source or source in ("*", "data:", "blob:")}


def test_everything_that_is_not_about_cards_stays_as_strict(policy):
    base = directives(content_security_policy())
    same = {"default-src", "style-src", "font-src", "base-uri", "frame-ancestors"}
    assert {name: policy[name] for name in same} == {name: base[name] for name in same}


def test_scripts_come_from_named_hosts(policy):
    assert not {source for source in policy["script-src"] if "*" in source or source == "https:"}


def test_production_names_no_sandbox(config):
    policy = pay_page_policy(config.replace(environment="production"))
    assert "sandbox" not in policy and "songbirdstag" not in policy


def test_the_demo_reaches_this_machine_alone(config):
    policy = directives(pay_page_policy(config.replace(gateway_url="http://127.0.0.1:8001")))
    assert policy["script-src"] == {"'self'"}
    assert policy["connect-src"] == {"'self'", "http://127.0.0.1:8001", "http://localhost:8001"}


def test_only_the_pay_page_has_this_policy(app, cast, log_in):
    client, invoice = log_in(cast.alice), make_invoice(app, cast.cedar)
    paying = client.get(f"/payments/new?invoice={invoice.public_id}").headers["Content-Security-Policy"]
    assert "frame-src" in paying
    assert "frame-src" not in client.get("/payments").headers["Content-Security-Policy"]
