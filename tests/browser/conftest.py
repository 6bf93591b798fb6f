"""A real Chromium against a real server: waitress in a thread, its own database and demo gateway.

`page` is logged out; `log_in_page(page, cast.alice)` logs it in, `type_in` does so as a person. Every page fails
its test on a Content-Security-Policy violation, an uncaught exception or a console error;
`expected_problems` takes patterns of those that a test provokes on purpose.
"""

import os
import re
import socket
import threading
from pathlib import Path

import pytest
from playwright.sync_api import expect, sync_playwright
from waitress.server import create_server

from tests import people
from tests.conftest import csrf_of

# Blink, V8 and the network of Chromium without its windows, which are half of the work of opening a page.
CHROMIUM = Path("/usr/bin/chromium-headless-shell")
# Of two such lists the browser takes the last: these are Playwright's own, and renderers made ahead for pages to come.
OFF = """
    AvoidUnnecessaryBeforeUnloadCheckSync DestroyProfileOnBrowserClose HttpsUpgrades HttpsFirstBalancedModeAutoEnable
    LensOverlay MediaRouter PaintHolding ThirdPartyStoragePartitioning AvoidCorsURLLoaderRestartOnRedirect
    OptimizationHints NetworkTimeServiceQuerying AimEnabled PreconnectToSearch
    SpareRendererForSitePerProcess
""".split()  # noqa: SIM905
SWITCHES = [
    "--disable-features=" + ",".join(OFF),
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-proxy-server",
]
ANSWERS = re.compile(r"the server responded with a status of (401|403|404|409|422|429) ")
TELL_VIOLATIONS = """document.addEventListener('securitypolicyviolation', e => tellViolation(
    `${e.effectiveDirective} refused ${e.blockedURI} ${e.sample} on ${location.href}`))"""
PATIENCE_MS = 30_000  # of a busy machine; what happens at once is waited for no longer than it takes
expect.set_options(timeout=PATIENCE_MS)


def pytest_collection_modifyitems(items):
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def browser():
    root = hasattr(os, "geteuid") and os.geteuid() == 0
    own = {"executable_path": str(CHROMIUM)} if CHROMIUM.exists() else {}
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(args=SWITCHES + ["--no-sandbox"] * root, **own)
        yield browser
        browser.close()


@pytest.fixture
def listener():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        yield listener


@pytest.fixture
def portal_url(listener):
    """Where the portal is: http://127.0.0.1:PORT."""
    return f"http://127.0.0.1:{listener.getsockname()[1]}"


@pytest.fixture
def config(config, portal_url):
    return config.replace(portal_url=portal_url)


@pytest.fixture
def portal(app, listener, portal_url):
    """The running portal. Its value is its address."""
    server = create_server(app, sockets=[listener], threads=6, connection_limit=200)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    yield portal_url
    server.close()
    thread.join(10)


@pytest.fixture
def expected_problems():
    """Patterns of browser problems that this test provokes on purpose."""
    return []


@pytest.fixture
def new_page(browser, portal, expected_problems):
    """new_page(viewport=…, color_scheme=…, java_script_enabled=…): a page in its own context."""
    contexts, problems = [], []

    def note(message):
        if message.type == "error" and not ANSWERS.search(message.text):
            problems.append(f"console: {message.text} ({message.location.get('url')})")

    def open_page(**options):
        options.setdefault("reduced_motion", "reduce")  # page transitions are for people
        context = browser.new_context(base_url=portal, **options)
        contexts.append(context)
        context.set_default_timeout(PATIENCE_MS)
        context.expose_binding("tellViolation", lambda _, text: problems.append(f"CSP: {text}"))
        context.add_init_script(TELL_VIOLATIONS)
        context.on("console", note)
        context.on("weberror", lambda error: problems.append(f"uncaught: {error.error}"))
        return context.new_page()

    yield open_page
    for context in contexts:
        context.close()
    assert not [text for text in problems if not any(re.search(p, text) for p in expected_problems)]


@pytest.fixture
def page(new_page):
    return new_page(viewport={"width": 1280, "height": 900})


@pytest.fixture
def log_in_page():
    """log_in_page(page, cast.alice) logs in through the login form, with the browser's cookies but without drawing
    the pages, and leaves the page where it was."""

    def _log_in(page, user, password=people.PASSWORD):
        door = page.context.request
        token = csrf_of(door.get("/login").text())
        form = {"csrf_token": token, "email": user.email, "password": password}
        answer = door.post("/login", form=form, max_redirects=0)
        assert answer.status == 303, answer.text()

    return _log_in


@pytest.fixture
def type_in():
    """type_in(page, cast.alice) logs in as a person does, and waits for the page after it."""

    def _type_in(page, user, password=people.PASSWORD):
        page.goto("/login")
        page.get_by_label("Email address").fill(user.email)
        page.get_by_label("Password", exact=True).fill(password)
        page.get_by_role("button", name="Log in").click()
        page.wait_for_url(lambda url: "/login" not in url)

    return _type_in
