"""The headers of every response: closed by default, wider only where it is said, private pages kept nowhere."""

import logging

import pytest

from app import create_app
from app.web.security import content_security_policy, is_local_path, pay_page_policy
from app.web.static_files import asset
from tests.conftest import csrf_of
from tests.people import PASSWORD
from tests.routes import HTMX, ROUTES

GETS = [route for route in ROUTES if route.method == "GET"]
ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
SECRET_ADDRESSES = ("payment_link.", "mail_stops.show")
PREVIEWS = "; frame-src 'self'"  # of an email, in a page of the administrator's
WIDER = {
    "payments.new",
    "payments.split",
    "payments.create",
    "payment_link.new",
    "mail.show",
    "mail.html",
    "customers.email",
    "email_templates.show",
}


@pytest.fixture
def live(config, gateway, clock, cast):
    """The same portal as customers reach it in production: HTTPS, under its own name."""
    app = create_app(
        config.replace(environment="production", portal_url="https://pay.harborpine.example"),
        gateway=gateway,
        clock=clock,
    )
    client = app.test_client()
    client.environ_base["wsgi.url_scheme"] = "https"
    client.environ_base["HTTP_HOST"] = "pay.harborpine.example"
    return client


def log_in_live(live, cast):
    token = csrf_of(live.get("/login", base_url="https://pay.harborpine.example").get_data(as_text=True))
    return live.post(
        "/login",
        base_url="https://pay.harborpine.example",
        headers={"Referer": "https://pay.harborpine.example/"},
        data={"csrf_token": token, "email": cast.alice.email, "password": PASSWORD},
    )


@pytest.mark.parametrize("headers", [{}, HTMX], ids=["page", "partial"])
@pytest.mark.parametrize("who", ["alice", "ruth"])
def test_every_answer_is_closed_by_default(world, log_in, who, headers):
    client = log_in(getattr(world.cast, who))
    for route in GETS:
        response = client.open(**route.request(world, route.kinds[0]), headers=headers)
        expected = ALWAYS | ({"Referrer-Policy": "no-referrer"} if route.endpoint.startswith(SECRET_ADDRESSES) else {})
        if route.endpoint == "company.logo":  # for the sandboxed frames of emails
            expected = expected | {"Cross-Origin-Resource-Policy": "cross-origin"}
        assert {name: response.headers.get(name) for name in ALWAYS} == expected, route
        policy = response.headers["Content-Security-Policy"]
        assert policy.startswith("default-src 'none'") and "unsafe" not in policy and "data:" not in policy, route
        if route.endpoint not in WIDER:
            assert policy.removesuffix(PREVIEWS) == content_security_policy(), route
            assert response.headers["X-Frame-Options"] == "DENY", route


@pytest.mark.parametrize("who", ["alice", "ruth"])
def test_only_static_files_are_cached(world, log_in, who):
    client = log_in(getattr(world.cast, who))
    for route in GETS:
        response = client.open(**route.request(world, route.kinds[0]))
        if route.endpoint in ("static", "company.logo"):
            assert "no-store" not in response.headers.get("Cache-Control", ""), route
            assert set(response.vary) <= {"Accept-Encoding"}, route
        else:
            assert response.headers["Cache-Control"] == "no-store", route
            assert {"HX-Request", "HX-Request-Type", "Cookie"} <= set(response.vary), route


def test_a_static_file_named_by_its_content_is_kept_for_ever(client):
    def kept(path):
        return client.get(path).headers.get("Cache-Control", "")

    assert kept(asset("css/app.css")) == "public, max-age=31536000, immutable"
    for path in ("/static/css/app.css", "/static/css/app.css?v=1", asset("css/app.css") + "&x=1"):
        assert "immutable" not in kept(path)
    assert kept("/static/nothing.css?v=1") == "no-store"


@pytest.mark.parametrize("path", ["/nothing", "/static/nothing", "/outbox/0", "/invoices", "/static/../app/config.py"])
def test_errors_and_redirects_are_closed_too(client, path):
    response = client.get(path)
    assert response.status_code in (303, 404)
    assert {name: response.headers.get(name) for name in ALWAYS} == ALWAYS
    assert response.headers["Content-Security-Policy"] == content_security_policy()


def test_unexpected_error_reveals_only_a_code(config, gateway, clock, cast, caplog):
    app = create_app(config.replace(testing=False), gateway=gateway, clock=clock)
    app.add_url_rule("/broken", "broken", broken)
    response = app.test_client().get("/broken")
    page = response.get_data(as_text=True)
    assert response.status_code == 500 and "canary" not in page and "Traceback" not in page
    assert response.headers["Content-Security-Policy"] == content_security_policy()
    code = page.partition("with this code: ")[2][:6]
    assert code and code in caplog.text and caplog.records[-1].levelno == logging.ERROR


def broken():
    raise RuntimeError("canary")


broken.access = "public"


def test_production_is_https_only_with_a_host_cookie(live, cast):
    response = log_in_live(live, cast)
    assert response.status_code == 303, response.get_data(as_text=True)
    (cookie,) = [c for c in response.headers.getlist("Set-Cookie") if c.startswith("__Host-portal=")]
    assert {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"} <= set(cookie.split("; ")) and "Domain" not in cookie
    assert response.headers["Strict-Transport-Security"] == "max-age=31536000"


def test_hsts_is_for_subdomains_if_the_setting_says_so(live, cast):
    settings = live.application.config
    settings["PORTAL"] = settings["PORTAL"].replace(hsts_subdomains=True)
    assert log_in_live(live, cast).headers["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains"


def test_the_cookie_of_the_theme_has_its_prefix_too(live, cast):
    log_in_live(live, cast)
    base = "https://pay.harborpine.example"
    page = live.get("/account", base_url=base).get_data(as_text=True)
    answer = live.post(
        "/account/theme",
        base_url=base,
        data={"csrf_token": csrf_of(page), "theme": "dark"},
        headers={"Referer": f"{base}/account"},
    )
    new, old = sorted(c for c in answer.headers.getlist("Set-Cookie") if "theme=" in c)
    assert new.startswith("__Host-theme=dark;") and {"Secure", "Path=/"} <= set(new.split("; ")) and "Domain" not in new
    page = live.get("/account", base_url=base).get_data(as_text=True)
    assert old.startswith("theme=;") and 'data-theme="dark"' in page


@pytest.mark.parametrize(
    ("referrer", "status"),
    [
        ("https://pay.harborpine.example:8273/login", 303),
        ("https://pay.harborpine.example/login", 400),
        ("https://evil.example/", 400),
        ("http://pay.harborpine.example:8273/", 400),
        ("", 400),
        ("http://[x", 400),
    ],
)
@pytest.mark.parametrize("host", ["pay.harborpine.example", "pay.harborpine.example:8273"])
def test_a_form_is_sent_from_the_portals_own_address(config, gateway, clock, cast, host, referrer, status):
    """Whether or not the proxy passes the port of the address on."""
    app = create_app(
        config.replace(environment="production", portal_url="https://pay.harborpine.example:8273"),
        gateway=gateway,
        clock=clock,
    )
    client, base = app.test_client(), f"https://{host}"
    token = csrf_of(client.get("/login", base_url=base).get_data(as_text=True))
    data = {"csrf_token": token, "email": cast.alice.email, "password": PASSWORD}
    assert client.post("/login", base_url=base, headers={"Referer": referrer}, data=data).status_code == status


def test_the_cookie_is_new_after_logging_in(client, cast):
    token = csrf_of(client.get("/login").get_data(as_text=True))
    before = client.get_cookie("portal").value
    client.post("/login", data={"csrf_token": token, "email": cast.alice.email, "password": PASSWORD})
    assert client.get_cookie("portal").value != before


@pytest.mark.parametrize("environment", ["demo", "sandbox", "production"])
def test_the_pay_pages_policy_lets_no_script_in_but_named_hosts(config, environment):
    policy = pay_page_policy(config.replace(environment=environment))
    directives = dict(part.split(" ", 1) for part in policy.split("; "))
    assert "unsafe" not in policy and "*" not in directives["script-src"] and "data:" not in policy
    assert directives["frame-ancestors"] == directives["base-uri"] == directives["default-src"] == "'none'"
    assert all(source == "'self'" or source.count("/") == 2 for source in directives["script-src"].split())


@pytest.mark.parametrize(
    "target",
    [
        "",
        "//evil.example",
        "/\\evil.example",
        "\\/evil.example",
        "https://evil.example",
        "javascript:alert(1)",
        " /x",
        "/x\r\nSet-Cookie: a=b",
        "/\t/evil.example",
        "/\u2215evil",
        "evil.example",
        "/x\0",
        "///evil.example",
        None,
    ],
)
def test_login_redirects_only_to_our_own_site(target):
    assert not is_local_path(target)


@pytest.mark.parametrize("target", ["/", "/invoices", "/invoices?view=paid&q=a%20b", "/payments/PAY-1"])
def test_paths_of_our_own_are_fine(target):
    assert is_local_path(target)


def test_forged_proxy_header_is_ignored(client):
    response = client.get("/invoices", headers={"X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "https"})
    assert "evil.example" not in response.headers["Location"]
