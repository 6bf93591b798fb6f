"""Every script is pinned and listed with its reason (static/vendor/README.md)."""

import hashlib
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
STATIC = ROOT / "static"
PDF_FONTS = ROOT / "app/documents/font_files"
COMMON_PASSWORDS = ROOT / "app/accounts/common_passwords"
INVENTORY = (STATIC / "vendor/README.md").read_text()
SUMS = [line.split() for line in (STATIC / "vendor/SHA256SUMS").read_text().splitlines()]
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
STAND_INS = ROOT / "braintree_emulator/assets"
LISTED = set(re.findall(r"`([^`\s]+\.js)`", INVENTORY))


def scripts_of(text: str) -> list[str]:
    """The opening tags and contents of every <script> in a template."""
    return re.findall(r"<script\b[^>]*>.*?</script>", text, re.DOTALL | re.IGNORECASE)


@pytest.mark.parametrize(("pinned", "name"), SUMS, ids=[name for _, name in SUMS])
def test_a_pinned_file_is_what_it_was(pinned, name):
    assert hashlib.sha256((STATIC / name).read_bytes()).hexdigest() == pinned


def test_every_font_of_pdf_files_is_pinned_and_has_its_license():
    pinned = dict(reversed(line.split()) for line in (PDF_FONTS / "SHA256SUMS").read_text().splitlines())
    found = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in PDF_FONTS.glob("*.ttf")}
    assert found == pinned and "SIL OPEN FONT LICENSE" in (PDF_FONTS / "LICENSE").read_text()


def test_list_of_common_passwords_is_pinned_and_has_its_license():
    digest, name = (COMMON_PASSWORDS / "SHA256SUMS").read_text().split()
    assert hashlib.sha256((COMMON_PASSWORDS / name).read_bytes()).hexdigest() == digest
    assert "Django Software Foundation" in (COMMON_PASSWORDS / "LICENSE").read_text()


def test_every_vendored_script_and_font_is_pinned():
    files = [*(STATIC / "vendor").rglob("*.js"), *(STATIC / "fonts").glob("*.woff2")]
    assert {str(path.relative_to(STATIC)) for path in files} == {name for _, name in SUMS}


def test_every_script_file_is_listed():
    served = {str(path.relative_to(STATIC)) for path in STATIC.rglob("*.js")}
    assert served <= LISTED


def test_every_listed_script_of_ours_exists():
    ours = {name for name in LISTED if not name.startswith(("/", "http"))}
    assert [n for n in ours if not (STATIC / n).exists() and not (STAND_INS / n).exists()] == []


def test_every_stand_in_is_listed():
    named = {Path(name).name for name in LISTED}
    assert {path.name for path in STAND_INS.glob("*.js")} <= named


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_template_loads_only_our_own_files(path):
    for script in scripts_of(path.read_text()):
        source = re.search(r'\bsrc="([^"]*)"', script)
        assert source and "{{" in source[1] and script.split(">", 1)[1] == "</script>", script
        assert not re.search(r"https?:|//", source[1]), script
        literal = re.findall(r"asset\('([^']*\.js)'\)", source[1])
        assert set(literal) <= LISTED, script


def test_the_pay_page_loads_the_listed_scripts_and_no_other(app, cast, log_in):
    from tests.browser.cards import make_invoice

    page = log_in(cast.alice).get(f"/payments/new?invoice={make_invoice(app, cast.cedar).public_id}")
    sources = re.findall(r'<script[^>]*\bsrc="([^"?]*)', page.get_data(as_text=True))
    loaded = {source.removeprefix("/static/") for source in sources}
    assert "/demo-gateway/client.js" in loaded and "js/pay.js" in loaded
    assert loaded <= LISTED
